"""What is asked where, by the design: which parts of which cells each measure is about."""

from collections.abc import Iterator, Sequence

from attrs import field, frozen

from dosimeter.analysis.factors import Factors
from dosimeter.analysis.load import Place
from dosimeter.contrasts import Levels, contrasts, levels_of, parted
from dosimeter.journal.design import Design
from dosimeter.model.across import shared
from dosimeter.model.contrasts import ATTACK, INTENT, Contrasted, factors_of
from dosimeter.model.measures import Measure
from dosimeter.model.questions import of_any, selects
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Cell


@frozen(kw_only=True)
class Asked:
    """The design of a run, as far as it says what is asked where."""

    found: Design
    cells: Sequence[Cell]
    factors: Factors
    _held: dict[tuple[Measure, str, str], tuple[Contrasted, ...]] = field(
        factory=dict, init=False, repr=False
    )
    _shared: dict[Measure, tuple[str, ...]] = field(factory=dict, init=False, repr=False)

    def compared(self, measure: Measure, target: str, category: str) -> tuple[Contrasted, ...]:
        """Give what *measure* compares, or is split into, of one target and category.

        Only that of which the plan has every cell: a measure that needs a factor which the items have
        not is not asked of them, nor is a split of a cell that has one part.
        """
        key = (measure, target, category)
        if key not in self._held:
            self._held[key] = tuple(parted(measure, self._compared(*key)))
        return self._held[key]

    def _compared(self, measure: Measure, target: str, category: str) -> Iterator[Contrasted]:
        places = self._places(measure, target, category)
        if not places:
            return
        known = self._known(measure, places)
        for one in contrasts(measure, known):
            planned = (
                (target, category, s.intent, s.attack) in places
                and self._planned(measure, (target, category, s.intent, s.attack), s.levels)
                for s in one.sides
            )
            if all(planned):
                yield one

    def _planned(self, measure: Measure, place: Place, levels: Sequence[tuple[str, str]]) -> bool:
        if measure.across and not self.factors.has(place, measure.across):
            return False
        return not levels or self.factors.planned(place, tuple(levels)) > 0

    def _places(self, measure: Measure, target: str, category: str) -> set[Place]:
        kind = measure.select.kind.value
        return {
            (c.target, c.category, c.intent.value, c.attack)
            for c in self.cells
            if (c.target, c.category) == (target, category) and selects(measure, c, kind)
        }

    def _known(self, measure: Measure, places: set[Place]) -> Levels:
        """Give the levels of the factors that *measure* names: as declared, else those that there are."""
        category = next(iter(places))[1]
        declared = levels_of([
            *(f for c in self.found.categories if c.id == category for f in c.factors),
            *(f for a in self.found.attacks for f in a.factors),
        ])  # fmt: skip
        levels = {n: declared.get(n) or self.factors.levels(n) for n in factors_of(measure)}
        return {
            **levels, INTENT: sorted({p[2] for p in places}), ATTACK: sorted({p[3] for p in places})
        }  # fmt: skip

    def parts(self, measure: Measure, cell: Cell) -> Iterator[Contrasted]:
        """Give the parts of one cell that a split measure is about."""
        for one in self.compared(measure, cell.target, cell.category):
            if (one.intent, one.attack) == (cell.intent.value, cell.attack):
                yield one

    def needs(self, measure: Measure, cell: Cell) -> bool:
        """Tell whether a comparison of *measure* has a side in *cell*."""
        return any(
            (s.intent, s.attack) == (cell.intent.value, cell.attack)
            for one in self.compared(measure, cell.target, cell.category)
            for s in one.sides
        )

    def ways(self, measure: Measure, target: str, category: str, intent: str) -> dict[str, Cell]:
        """Give the cells over whose attacks it is asked whether any succeeds; none if there is but one."""
        if not of_any(measure):
            return {}
        mine = {
            c.attack: c
            for c in sorted(self.cells, key=lambda c: c.attack)
            if (c.target, c.category, c.intent.value) == (target, category, intent)
            and selects(measure, c, SubjectKind.PATH)
        }
        return mine if len(mine) > 1 else {}

    def together(self, measure: Measure) -> tuple[str, ...]:
        """Give the categories that *measure* is asked of together; none if there are not two."""
        if measure not in self._shared:
            self._shared[measure] = shared(measure, self.found.categories)
        return self._shared[measure]

    def homes(self) -> list[tuple[str, str]]:
        """Give every target with each category that it is asked of."""
        return sorted({(c.target, c.category) for c in self.cells})
