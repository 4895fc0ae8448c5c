"""Parts that come with other files than those that a run was begun with."""

import time
from collections.abc import Sequence

from attrs import frozen

from dosimeter.engine.parts import RaterPart
from dosimeter.errors import RunChanged
from dosimeter.journal.events import Event
from dosimeter.journal.raters import code_gave_marks, declared, gave_marks
from dosimeter.journal.store import Store
from dosimeter.model.facts import MEASURING, Component
from dosimeter.model.specs import ScorerSpec
from dosimeter.serialize import from_json

RAISE = "raise the revision of a rater that marks differently, which makes it another rater"


@frozen(kw_only=True)
class Change:
    """A part whose files are others than before."""

    old: Component
    new: Component

    @property
    def told(self) -> str:
        """Which part, and where its files came from and come from."""
        old, new = self.old, self.new
        return (
            f"{new.kind} {new.id!r} came from {old.distribution} {old.version}, now"
            f" {new.distribution} {new.version} with other files"
        )


def changes(store: Store, components: Sequence[Component]) -> list[Change]:
    """Give those of *components* whose files are others than the journal's."""
    pairs = ((store.supplier(new.kind, new.id), new) for new in components)
    return [
        Change(old=old, new=new)
        for old, new in pairs
        if old is not None and new.kind in MEASURING and old.files_hash != new.files_hash
    ]


def take_over(
    store: Store, found: Sequence[Change], raters: Sequence[RaterPart], *, fork: bool, by: str
) -> None:
    """Make room for the new files of *found*, unless what they give would be mixed with the old's.

    A rater has given nothing to mix where no mark of its id and revision stands.

    Args:
        store: Of the run.
        found: What `changes` gave.
        raters: Those that are about to rate.
        fork: Go on although results are mixed, which is recorded.
        by: Code of that record.

    Raises:
        RunChanged: Naming the parts whose results would be mixed, and with *fork* too the raters that
            declare other scales than those of their marks; nothing is written then.
    """
    revisions = {part.spec.id: part.spec.revision for part in raters}
    mixed = [
        one
        for one in found
        if one.new.kind != "rater" or code_gave_marks(store, one.new.id, revisions[one.new.id])
    ]
    rescaled = [part for part in raters if _has_other_scales(store, part)]
    if rescaled:
        raise _no_common_scale(rescaled)
    if mixed and not fork:
        raise _refusal(mixed)
    if mixed:
        store.event(time.time(), Event.FORK, None, by)
    for one in found:
        if one.new.kind == "rater":
            store.event(time.time(), Event.RATER_UPDATED, None, one.old.files_hash)
        store.forget_component(one.new.kind, one.new.id)


def _has_other_scales(store: Store, part: RaterPart) -> bool:
    """Whether a rater declares other scales than those that marks of its identity are on."""
    body = declared(store, part.id)
    if body is None or from_json(body, ScorerSpec).scales == part.spec.scales:
        return False
    return gave_marks(store, part.id)


def _no_common_scale(raters: Sequence[RaterPart]) -> RunChanged:
    told = [f"rater {part.spec.id!r}, revision {part.spec.revision}" for part in raters]
    return RunChanged(
        "\n  ".join(["raters declare other scales than those of their marks in this run:", *told])
        + "\nNobody could read old and new marks as one, or tell which replies are hazardous: install"
        f" what they rated with, or {RAISE}"
    )


def _refusal(mixed: Sequence[Change]) -> RunChanged:
    told = [one.told for one in mixed]
    rename = "give the run a new name (--set name=...)"
    raters_alone = {one.new.kind for one in mixed} <= {"rater"}
    return RunChanged(
        "\n  ".join(["parts of this run have changed since they were used:", *told])
        + f"\nInstall what it was begun with, {RAISE if raters_alone else rename}, or go on all the"
        " same with --fork, which every number then says"
    )
