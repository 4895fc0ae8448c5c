"""Two by two: a number for each intent, with and without what a factor adds."""

from collections.abc import Iterator, Mapping

from dosimeter import Estimate, Intent, Measure, Pairs, Report, unit_of
from dosimeter_sink_html.charts.shapes import WIDTH, Box, Chart, Said, Shape, Word, clip
from dosimeter_sink_html.figures import DIRECT, axis_of, between, ordered, short

LEFT, ROW, HEAD, MOST = 90.0, 30.0, 44.0, 6
BINS = 5
INTENTS = (Intent.HARMFUL, Intent.BENIGN)
Cells = dict[tuple[str, str], Estimate]
"""By intent and level."""


def of_cells(report: Report, series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw the four cells of each measure that is taken by one factor of two levels, a square a target."""
    for measure in ordered(report):
        if len(measure.by) != 1:
            continue
        squares: dict[Pairs, Cells] = {}
        for f in report.findings:
            if f.measure == measure.id and isinstance(f, Estimate):
                g = dict(f.group)
                place = tuple(p for p in f.group if p[0] not in {"intent", measure.by[0]})
                cell = (g.get("intent", ""), g.get(measure.by[0], ""))
                squares.setdefault(place, {})[cell] = f
        whole = [(place, cells) for place, cells in squares.items() if _two_by_two(cells)]
        if whole:
            whole.sort(key=lambda one: _order(one[0], series))
            yield _chart(report, measure, dict(whole))


def _order(place: Pairs, series: Mapping[str, int]) -> tuple[bool, str, int]:
    """Put requests as they are first, of every target."""
    at = dict(place)
    attack = at.get("attack", "")
    return attack != DIRECT, attack, series.get(at.get("target", ""), 0)


def _two_by_two(cells: Cells) -> bool:
    """Tell four numbers of both intents and of two levels."""
    levels = {level for _, level in cells}
    return len(levels) == 2 and set(cells) == {(i.value, v) for i in INTENTS for v in levels}


def _chart(report: Report, measure: Measure, squares: Mapping[Pairs, Cells]) -> Chart:
    low, high = axis_of(measure, report)
    shapes: list[Shape] = []
    top, told = 0.0, []
    for place, cells in list(squares.items())[:MOST]:
        where = ", ".join(v for k, v in place if k != "category")
        levels = sorted({level for _, level in cells})
        shapes.append(Word(0, top + 14, clip(where, WIDTH), "strong"))
        shapes += _heads(measure.by[0], levels, top + 34)
        for i, intent in enumerate(INTENTS):
            y = top + HEAD + ROW * i
            shapes.append(Word(8, y + 19, intent.value))
            for j, level in enumerate(levels):
                one = cells[intent.value, level]
                tone = int(BINS * min(0.999, max(0.0, (one.value - low) / (high - low))))
                shapes.append(_cell(one, measure, f"{where}, {intent.value}", level, (j, y), tone))
        told.append(f"{where}: {_told(cells, levels, measure)}")
        top += HEAD + 2 * ROW + 12
    left = len(squares) - MOST
    rest = f" {left} more are not drawn." if left > 0 else ""
    return Chart(
        title=f"{measure.title}, by intent and {measure.by[0]}", height=top, shapes=tuple(shapes),
        finding=f"{'; '.join(told)}.", table="every",
        note=f"What intent changes stands one above the other, what {measure.by[0]} changes side by side; how"
        f" sure their differences are stands where conditions are compared.{rest}",
    )  # fmt: skip


def _heads(factor: str, levels: list[str], base: float) -> Iterator[Word]:
    for j, level in enumerate(levels):
        room = (WIDTH - LEFT) / 2
        yield Word(
            LEFT + room * (j + 0.5), base, clip(f"{factor} {level}", room), "small", "middle"
        )


def _cell(
    one: Estimate, measure: Measure, where: str, level: str, at: tuple[int, float], tone: int
) -> Said:
    room, (column, y) = (WIDTH - LEFT) / 2, at
    x, unit = LEFT + room * column, unit_of(measure, one)
    number = f"{short(one.value, unit)} [{between(one.lower, one.upper, unit)}]"
    return Said(
        f"{where}, {measure.by[0]} {level}: {number}, {one.families} goals",
        (
            Box(x + 1, y + 1, room - 2, ROW - 2, f"heat{tone}"),
            Word(x + room / 2, y + 19, number, f"on{tone}", "middle"),
        ),
    )  # fmt: skip


def _told(cells: Cells, levels: list[str], measure: Measure) -> str:
    unit = unit_of(measure)
    rows = (
        (i.value, " and ".join(short(cells[i.value, v].value, unit) for v in levels))
        for i in INTENTS
    )
    return ", ".join(f"{intent} {both}" for intent, both in rows)
