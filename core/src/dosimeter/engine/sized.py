"""Attempts of each family where a rate or a mean is asked: cells, parts of them, attacks together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import define, evolve, field

from dosimeter.engine.census import Census, Group, Rows
from dosimeter.engine.languages import undeclared
from dosimeter.model.attacks import any_of, mean_of
from dosimeter.model.contrasts import is_split
from dosimeter.model.measures import Measure
from dosimeter.model.questions import of_any, selected
from dosimeter.model.rating import SubjectKind
from dosimeter.model.specs import ScorerSpec

Where = tuple[Group, tuple[int, ...]]
"""Where a number is asked, and the attempts of each family that has any there."""


@define
class Sized:
    """A plan's families, kept by rater once they are counted; targets are alike in them.

    Args:
        counted: Census of the plan.
    """

    counted: Census
    _held: dict[tuple[Group, str, bool], Rows] = field(factory=dict, init=False)

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], Group]:
        """Give a cell of each category, intent and attack: of the first target."""
        found: dict[tuple[str, str, str], Group] = {}
        for group in self.counted.sizes:
            found.setdefault((group.category, group.intent, group.attack), group)
        return found

    def of(self, measure: Measure, rater: str, spec: ScorerSpec | None) -> Iterator[Where]:
        """Give where *measure*, which is no difference, is asked of the marks of a rater.

        Args:
            measure: A rate, shares or a mean.
            rater: Its name in the stack.
            spec: What it declares; None if it is not known.
        """
        if is_split(measure):
            yield from self._parts(measure, spec)
            return
        found = {
            group: self._rows(group, rater, spec, measure.select.kind)
            for group in self._places.values()
            if selected(measure, group.intent, group.attack)
        }
        every = {**found, **(_over(found) if of_any(measure) else {})}
        yield from ((group, tuple(rows.values())) for group, rows in every.items() if rows)

    def _rows(self, group: Group, rater: str, spec: ScorerSpec | None, kind: SubjectKind) -> Rows:
        """Count the attempts of each family in languages that *spec* declares; of turns, those with any."""
        at = (group, rater, kind is SubjectKind.TURN)
        if at not in self._held:
            families = self.counted.sizes[group]
            if kind is SubjectKind.TURN:
                turns = (f for (g, _), f in self.counted.turns.items() if g == group)
                families = {family: families[family] for family in sorted(set().union(*turns))}
            rows = {
                family: sum(
                    n for tag, n in tags.items() if spec is None or not undeclared(spec, tag)
                )
                for family, tags in families.items()
            }
            self._held[at] = {family: n for family, n in rows.items() if n}
        return self._held[at]

    def _parts(self, measure: Measure, spec: ScorerSpec | None) -> Iterator[Where]:
        """Give the parts of cells that a measure is split into, or selects."""
        raters = None if spec is None else [spec]
        homes = {group.category: group.target for group in reversed(self._places.values())}
        for category, target in sorted(homes.items()):
            for one, (rows,) in self.counted.cells(measure, target, category, raters):
                if rows:
                    group = Group(category=category, intent=one.intent, attack=one.attack,
                                  target=target, levels=one.levels)  # fmt: skip
                    yield group, tuple(rows.values())


def _over(found: Mapping[Group, Rows]) -> dict[Group, Rows]:
    """Give the attacks of each category and intent together: any of them, and the mean of each by itself.

    Of families that each attack asks; whether any succeeds is one yes or no a family, however often it
    is tried.
    """
    ways: dict[tuple[str, str], dict[str, Rows]] = {}
    first: dict[tuple[str, str], Group] = {}
    for group, rows in found.items():
        first.setdefault((group.category, group.intent), group)
        ways.setdefault((group.category, group.intent), {})[group.attack] = rows
    out: dict[Group, Rows] = {}
    for at, by in ways.items():
        if len(by) > 1:
            each = frozenset.intersection(*map(frozenset, by.values()))
            summed = sum(map(Counter, by.values()), Counter[str]())
            out[evolve(first[at], attack=any_of(sorted(by)))] = dict.fromkeys(sorted(each), 1)
            out[evolve(first[at], attack=mean_of(sorted(by)))] = {
                f: summed[f] for f in sorted(each)
            }
    return out
