"""What rules say, reply by reply; and raters that hang, die or break their word: asked no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dosimeter.engine.opinions import broken, checked, without_value
from dosimeter.engine.rules import DIED, TIMEOUT, RuleFault
from dosimeter.errors import PluginBroken
from dosimeter.model.rating import Case, Opinion, Outcome
from dosimeter.plural import plural

if TYPE_CHECKING:
    from dosimeter.engine.rate import RaterPart, Task
    from dosimeter.model.specs import ScorerSpec

MOST_LOST = 3
"""Replies in a row on which a rule may hang or die; then it would on all, and each takes its time."""
LOST = {TIMEOUT: "took too long", DIED: "ended its process"}
Ask = Callable[[list[Case]], list[Any]]


class Conduct:
    """Which raters are still asked in this session.

    Attributes:
        told: What those did that are not, in words, by their id.
    """

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self._lost: Counter[str] = Counter()
        self._singly: set[str] = set()

    def singly(self, part: RaterPart) -> bool:
        """Say whether *part* has been lost before, so that its replies are put to it one by one."""
        return part.id in self._singly

    def set_aside(self, part: RaterPart, fault: PluginBroken) -> None:
        """Ask *part* no more."""
        self.told[part.id] = str(fault)

    def watched(self, part: RaterPart, ask: Ask) -> Ask:
        """Give *ask* with a count of the replies in a row on which *part* was lost."""

        def watching(cases: list[Case]) -> list[Any]:
            try:
                given = ask(cases)
            except RuleFault as exc:
                if exc.kind in LOST:
                    self._singly.add(part.id)
                    self._lost[part.id] += len(cases) == 1
                raise
            self._lost[part.id] = 0
            return given

        return watching

    def check(self, part: RaterPart, kind: str) -> None:
        """Say that *part* was lost too often, if it was.

        Raises:
            PluginBroken: Naming the rater and who supplies it.
        """
        if kind in LOST and self._lost[part.id] >= MOST_LOST:
            what = f"{LOST[kind]} on {plural(MOST_LOST, 'reply')} in a row"
            raise broken(part.spec, what, part.source)


def rate_pure(
    part: RaterPart, ask: Ask, todo: Sequence[Task], conduct: Conduct
) -> Iterator[tuple[Task, Opinion]]:
    """Ask a rule about several cases; on which of them it fails, only each alone can tell (trap 4).

    Raises:
        PluginBroken: If what it gives is not what it declares, or it is lost again and again.
    """
    asked = [t for t in todo if not t.unasked]
    alone = len(asked) < 2
    given: list[Any] = []
    kind = "lost-before"
    if alone or not conduct.singly(part):
        given, kind = _given(conduct.watched(part, ask), [t.case for t in asked])
    if kind and not alone:
        for one in todo:
            yield from rate_pure(part, ask, [one], conduct)
        return
    if kind:
        given = [without_value(part.spec, Outcome.FAILED, f"error:{kind}")] * len(asked)
    if len(given) != len(asked):
        n = plural(len(given), "opinion") if len(given) < len(asked) else "too many opinions"
        raise broken(part.spec, f"gave {n} for {plural(len(asked), 'case')}", part.source)
    opinions = iter(given)
    for task in todo:
        if task.unasked:
            yield task, unrated(part.spec, task.unasked)
        else:
            yield task, checked(part.spec, next(opinions), task.turn, part.source)
    conduct.check(part, kind)


def _given(ask: Ask, cases: list[Case]) -> tuple[list[Any], str]:
    """Give what a rule says of *cases*, or the kind of its fault."""
    try:
        return (ask(cases) if cases else []), ""
    except RuleFault as exc:
        return [], exc.kind


def unrated(spec: ScorerSpec, why: str) -> Opinion:
    """Give the opinion on what no rater is asked about."""
    outcome = Outcome.FAILED if why == "reply-failed" else Outcome.UNSCORABLE
    return without_value(spec, outcome, why)
