"""What rules say, reply by reply; and raters that hang, die or break their word: asked no more."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dosimeter.engine.opinions import broken, checked, without_value
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.rules import DIED, TIMEOUT, RuleFault
from dosimeter.engine.tasks import Task
from dosimeter.errors import PluginBroken
from dosimeter.model.rating import Case, Opinion, Outcome
from dosimeter.model.specs import ScorerSpec
from dosimeter.plural import plural

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

    def answered(self, part: RaterPart) -> None:
        """Note that *part* came to an end with a reply: the next loss is the first."""
        self._lost[part.id] = 0

    def lost(self, part: RaterPart, kind: str, replies: int = 1) -> None:
        """Note that *part* did not come to an end with so many *replies* at once, and why."""
        if kind not in LOST:
            return
        self._singly.add(part.id)
        self._lost[part.id] += replies == 1
        if self._lost[part.id] >= MOST_LOST:
            what = f"{LOST[kind]} on {plural(MOST_LOST, 'reply')} in a row"
            self.set_aside(part, broken(part.spec, what, part.source))


def rate_pure(
    part: RaterPart, ask: Ask, todo: Sequence[Task], conduct: Conduct
) -> Iterator[tuple[Task, Opinion]]:
    """Ask a rule about several cases; on which of them it fails, only each alone can tell (trap 4).

    Raises:
        PluginBroken: If what it gives is not what it declares.
    """
    asked = [t.case for t in todo if not t.unasked]
    given: list[Any] = []
    kind = "lost-before"
    if len(asked) < 2 or not conduct.singly(part):
        given, kind = _given(part, ask, asked, conduct)
    if kind and len(asked) > 1:
        for one in todo:
            if part.id not in conduct.told:
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


def _given(part: RaterPart, ask: Ask, cases: list[Case], conduct: Conduct) -> tuple[list[Any], str]:
    """Give what a rule says of *cases*, or the kind of its fault."""
    try:
        given = ask(cases) if cases else []
    except RuleFault as exc:
        conduct.lost(part, exc.kind, len(cases))
        return [], exc.kind
    if cases:
        conduct.answered(part)
    return given, ""


def unrated(spec: ScorerSpec, why: str) -> Opinion:
    """Give the opinion on what no rater is asked about."""
    outcome = Outcome.FAILED if why == "reply-failed" else Outcome.UNSCORABLE
    return without_value(spec, outcome, why)
