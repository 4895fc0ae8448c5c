"""Parts that come with other files than those that a run was begun with."""

import time
from collections.abc import Sequence

from attrs import frozen

from dosimeter.errors import RunChanged
from dosimeter.journal.store import Store
from dosimeter.model.answering import Component
from dosimeter.model.specs import ScorerSpec

RAISE = "raise the revision of a rater that marks differently, which makes it another rater"
CODE_KINDS = ("provider", "attack", "category", "rater")


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
        if old is not None and new.kind in CODE_KINDS and old.files_hash != new.files_hash
    ]


def take_over(
    store: Store, found: Sequence[Change], raters: Sequence[ScorerSpec], *, fork: bool, by: str
) -> None:
    """Make room for the new files of *found*, unless what they give would be mixed with the old's.

    A rater has given nothing to mix where no mark of its id and revision stands.

    Args:
        store: Of the run.
        found: What `changes` gave.
        raters: Specs of those that are about to rate.
        fork: Go on although results are mixed, which is recorded.
        by: Code of that record.

    Raises:
        RunChanged: Naming the parts whose results would be mixed; nothing is written then.
    """
    revisions = {spec.id: spec.revision for spec in raters}
    mixed = [
        one
        for one in found
        if one.new.kind != "rater" or store.gave_marks(one.new.id, revisions[one.new.id])
    ]
    if mixed and not fork:
        told = "\n  ".join(one.told for one in mixed)
        rename = "give the run a new name (--set name=...)"
        raters_alone = {one.new.kind for one in mixed} == {"rater"}
        msg = (
            f"parts of this run have changed since they were used:\n  {told}\nInstall what it was"
            f" begun with, {RAISE if raters_alone else rename}, or go on all the same with --fork,"
            " which every number then says"
        )
        raise RunChanged(msg)
    if mixed:
        store.event(time.time(), "fork", None, by)
    for one in found:
        if one.new.kind == "rater":
            store.event(time.time(), "rater-updated", None, one.old.files_hash)
        store.forget_component(one.new.kind, one.new.id)
