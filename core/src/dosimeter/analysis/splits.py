"""How many numbers each gate looks at, by the design: of as many the worst fails it."""

from collections.abc import Iterable, Iterator, Sequence

from dosimeter.analysis.asked import Asked
from dosimeter.analysis.gates import is_at
from dosimeter.analysis.several import Split
from dosimeter.analysis.threats import OF_CONTRASTS, answers
from dosimeter.analysis.verdicts import Kinds
from dosimeter.journal.design import Known
from dosimeter.model.attacks import any_of, mean_of
from dosimeter.model.contrasts import Contrasted
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_apart, is_compared, is_cost, selects, unaskable, unbuilt
from dosimeter.model.report import Cell


def splits(
    asked: Iterable[Measure], design: Asked, raters: Sequence[Known], kinds: Kinds
) -> dict[str, Split]:
    """Say of each measure what alpha is split over where gates on it are decided.

    Known before any mark is: a count that depended on them could be chosen by them. What turns out to
    have no number counts all the same.

    Args:
        asked: The measures.
        design: What is asked where, and the gates.
        raters: Those that mark.
        kinds: Who has nothing to mark where.
    """
    gates = design.found.gates
    out = {}
    for measure in asked:
        mine = [g for g in gates if g.measure == measure.id and not g.baseline]
        at = list(_places(measure, design, raters, kinds)) if mine else []
        counts = {sum(is_at(g, one) for one in at) for g in mine}
        numbers = tuple(sorted(n for n in counts if n > 1))
        out[measure.id] = Split(gates=len(gates), numbers=numbers)
    return out


def beside(
    asked: Sequence[Measure], design: Asked, raters: Sequence[Known], kinds: Kinds
) -> dict[str, int]:
    """Say of each measure how many numbers answer a question of the validity panel together with its own."""
    out: dict[str, int] = {}
    for _, word, *_ in OF_CONTRASTS:
        mine = [m for m in asked if answers(m, word)]
        n = sum(sum(1 for _ in _places(m, design, raters, kinds)) for m in mine)
        out |= {m.id: max(n, 1) for m in mine}
    return out


def marking(measure: Measure, raters: Iterable[Known]) -> Iterator[Known]:
    """Give the raters that mark what *measure* asks about."""
    for rater in raters:
        names = {s.name for s in rater.spec.scales}
        if measure.scale in names and measure.select.kind in rater.spec.subjects:
            yield rater


def placed(compared: Contrasted, home: tuple[str, str], rater: str) -> Pairs:
    """Give the group of the finding of a comparison."""
    return (("target", home[0]), ("category", home[1]), ("intent", compared.intent),
            ("attack", compared.attack), ("rater", rater), *compared.levels)  # fmt: skip


def _places(
    measure: Measure, design: Asked, raters: Iterable[Known], kinds: Kinds
) -> Iterator[Pairs]:
    """Give the group of each finding that *measure* may have."""
    for rater in marking(measure, raters):
        if is_compared(measure) and not (unaskable(measure) or unbuilt(measure)):
            for home in design.homes():
                if not kinds.idle(rater, home[0]):
                    for one in design.compared(measure, *home):
                        yield placed(one, home, rater.label)
            continue
        mine = [
            c for c in design.cells
            if selects(measure, c, measure.select.kind.value) and not kinds.idle(rater, c.target)
        ]  # fmt: skip
        for cell in mine:
            yield from _of_cell(measure, design, cell, rater)
        yield from _over_attacks(measure, design, mine, rater)


def _of_cell(measure: Measure, design: Asked, cell: Cell, rater: Known) -> Iterator[Pairs]:
    at = (("target", cell.target), ("category", cell.category), ("intent", cell.intent.value),
          ("attack", cell.attack), ("rater", rater.label))  # fmt: skip
    if is_cost(measure) and measure.contrast is not None and cell.attack == measure.contrast.second:
        return
    if is_apart(measure) and not (unaskable(measure) or unbuilt(measure)):
        yield from ((*at, *one.levels) for one in design.parts(measure, cell))
    elif measure.estimator == "shares":
        (scale,) = (s for s in rater.spec.scales if s.name == measure.scale)
        yield from ((*at, ("level", str(level.value))) for level in scale.levels)
    else:
        yield at


def _over_attacks(
    measure: Measure, design: Asked, cells: Sequence[Cell], rater: Known
) -> Iterator[Pairs]:
    for target, category, intent in sorted({(c.target, c.category, c.intent.value) for c in cells}):
        ways = design.ways(measure, target, category, intent)
        for called in (any_of(ways), mean_of(ways)) if ways else ():
            yield (("target", target), ("category", category), ("intent", intent),
                   ("attack", called), ("rater", rater.label))  # fmt: skip
