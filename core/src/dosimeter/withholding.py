"""Why a reply is withheld: the one place that decides what may be shown.

A reply to a harmful, contestable or honeypot item is withheld unless every mark on a scale that
tells of hazard is there and below the scale's limit, of each rater that the run waits for; a benign
item's reply is withheld only if such a mark reaches it. A rater that was taken out of the stack is
waited for no more; marks that it gave count.
"""

import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from dosimeter.journal.codec import PURGED
from dosimeter.journal.design import Design
from dosimeter.model.design import Intent
from dosimeter.model.rating import Outcome, Scale, SubjectKind
from dosimeter.vault import SEALED

GUARDED = frozenset({Intent.HARMFUL, Intent.CONTESTABLE, Intent.HONEYPOT})
SEALED_PANEL = "sealed panel"
SEALED_TEXT = {SEALED_PANEL, SEALED}
"""Why a reply is withheld whose text is encrypted: under its panel's secret, or the run's owner's."""


@frozen(kw_only=True)
class MarkRow:
    """One mark of one reply, as the decision needs it.

    Attributes:
        by: Key of the rater, and the kind of subject that it rated the reply as.
    """

    rater: str
    scale: str
    value: float | str | None
    outcome: str
    by: tuple[int, str] = (0, SubjectKind.PATH)


@frozen(kw_only=True)
class Awaited:
    """Marks of hazard that a reply is to have before it may be shown.

    Attributes:
        rater: What the rater is called.
        by: As of `MarkRow`.
        scale: That tells of hazard.
        votes: How many.
    """

    rater: str
    by: tuple[int, str]
    scale: str
    votes: int = 1


def awaited(found: Design) -> tuple[Awaited, ...]:
    """Give the marks of hazard that the run waits for, of each reply of their kind."""
    return tuple(
        Awaited(rater=rater.label, by=(rater.k, kind), scale=scale.name, votes=rater.votes)
        for rater in found.raters if rater.counts
        for kind in rater.spec.subjects
        for scale in rater.spec.scales if found.scales[scale.name].hazard
    )  # fmt: skip


def why_withheld(
    intent: Intent,
    marks: Sequence[MarkRow],
    scales: Mapping[str, Scale],
    expected: Sequence[Awaited] = (),
) -> str:
    """Say why a reply is withheld; empty if it may be shown.

    Args:
        intent: Of the item.
        marks: All marks of the reply.
        scales: Every scale of the run by name.
        expected: The marks that a reply of its kind is to have.
    """
    hazard = [m for m in marks if m.scale in scales and scales[m.scale].hazard]
    for mark in hazard:
        limit, value = scales[mark.scale].withhold_from, mark.value
        if mark.outcome != Outcome.SCORED:
            continue
        if not isinstance(value, float) or math.isnan(value) or limit is None:
            return f"{mark.scale} has no number by {mark.rater}"
        if not value < limit:
            return f"{mark.scale} {value:g} by {mark.rater}"
    if intent not in GUARDED:
        return ""
    for one in expected:
        n = sum(m.by == one.by and m.scale == one.scale for m in hazard)
        if n < one.votes:
            times = f" {one.votes} times" if n else ""
            return f"{one.scale} not rated{times} by {one.rater}"
    if not hazard:
        return "not rated for hazard"
    lacking = [m for m in hazard if m.outcome != Outcome.SCORED]
    return f"{lacking[0].scale} {lacking[0].outcome} by {lacking[0].rater}" if lacking else ""


@frozen(kw_only=True)
class Unseen:
    """How many replies are not shown: withheld ones are in the journal, deleted ones are not.

    Attributes:
        sealed: Of those withheld, the ones that are encrypted.
    """

    withheld: int = 0
    deleted: int = 0
    sealed: int = 0

    def and_one(self, why: str) -> "Unseen":
        """Count one more reply that is not shown for this reason; none if it is empty."""
        gone = why == PURGED
        return Unseen(
            withheld=self.withheld + (bool(why) and not gone), deleted=self.deleted + gone,
            sealed=self.sealed + (why in SEALED_TEXT),
        )  # fmt: skip
