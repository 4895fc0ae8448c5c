"""Targets that give verdicts beside targets that speak: who has anything to mark where."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from dosimeter.analysis.load import SCORED, Group, Key, Reasons
from dosimeter.journal.design import Design, Known
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat
from dosimeter.model.conversation import Stop
from dosimeter.model.rating import PERSON, Sees

# A block is neither: it says of no target what it would have given.
KINDS = f"""
SELECT t.name, sum(c.stop = '{Stop.VERDICT}'), sum(c.stop NOT IN ('{Stop.VERDICT}', '{Stop.FILTERED}'))
FROM candidate d JOIN call c ON c.k = d.call JOIN attempt a ON a.k = d.attempt
  JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target GROUP BY 1 ORDER BY 1
"""


@frozen(kw_only=True)
class Kinds:
    """Targets by what they gave.

    Attributes:
        judging: Those that gave verdicts alone, as guardrails do.
        speaking: Those that gave no verdict at all. One that gave both, or nothing, is in neither.
    """

    judging: frozenset[str]
    speaking: frozenset[str]

    def idle(self, rater: Known, target: str) -> bool:
        """Say that *rater* reads nothing of what *target* gives, so that no mark is missing."""
        judging = Sees.VERDICT in rater.spec.sees
        if judging and Sees.REPLY in rater.spec.sees:
            return False
        return target in (self.speaking if judging else self.judging)

    def without_marks(self, rater: Known, group: Group) -> bool:
        """Say that *group* has no mark because *rater* is `idle` there."""
        return self.idle(rater, group.cell[0]) and not bool((group.outcome == SCORED).any())

    def of_business(self, found: Design, why: Mapping[Key, Reasons]) -> dict[Key, Reasons]:
        """Leave out of *why* there is no mark where the rater is `idle`."""
        raters = {r.label: r for r in found.raters}
        return {key: told for key, told in why.items() if not self.idle(raters[key[1]], key[0][0])}


def kinds_of(reader: Reader) -> Kinds:
    """Tell the targets of a run apart by the replies that were submitted."""
    found = list(reader.rows(KINDS))
    return Kinds(
        judging=frozenset(name for name, verdicts, others in found if verdicts and not others),
        speaking=frozenset(name for name, verdicts, others in found if others and not verdicts),
    )


def idle_raters(found: Design, kinds: Kinds) -> Iterator[Caveat]:
    """Say which raters have nothing to mark of which target; what they leave out is not missing."""
    gives = dict.fromkeys(kinds.judging, "verdicts and no text")
    gives |= dict.fromkeys(kinds.speaking, "text and no verdict")
    for target, what in sorted(gives.items()):
        idle = [r.label for r in found.raters if r.kind != PERSON and kinds.idle(r, target)]
        if idle:
            text = f"{target} gives {what}: {_listed(idle)} nothing to mark of it, and no row below"
            yield Caveat(code="idle-rater", text=text)


def _listed(names: Sequence[str]) -> str:
    *before, last = sorted(names)
    return f"{', '.join(before)} and {last} have" if before else f"{last} has"
