"""Attack by category: a square a cell, with its number in it and its interval when it is pointed at."""

from collections.abc import Iterator, Mapping, Sequence

from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Box,
    Chart,
    Said,
    Shape,
    Word,
    column_of,
    lines,
    way,
)
from dosimeter_sink_html.figures import DIRECT
from dosimeter_sink_html.questions import Answer, Question

LEFT, MOST_LABEL, ROW, BINS = 112.0, 180.0, 28.0, 5
MOST_COLUMNS, MOST_ROWS, MOST_CHARTS = 8, 30, 6
Column = tuple[str, str]
"""Category and target."""
Cells = Mapping[tuple[str, Column], Answer]
"""By attack and column."""


def of_attacks(asked: Sequence[Question], series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw the first rate of harmful requests of each category: a chart a target, or one of all.

    Of one category columns are targets; of several each target has a chart with a column a category.
    """
    chosen: dict[str, Question] = {}
    for q in asked:
        if q.estimator == "rate" and q.worse:
            chosen.setdefault(q.category, q)
    cells = {
        (a.attack, (q.category, a.target)): a for q in chosen.values() for a in q.answers
    }  # fmt: skip
    targets = sorted({t for _, (_, t) in cells}, key=lambda t: series.get(t, 0))
    several = len({attack for attack, _ in cells}) > 1 or len(chosen) > 1
    if not several or not any(a.figure.known for a in cells.values()):
        return
    if len(chosen) == 1:
        (category,) = chosen
        yield _chart(
            f"{category}, by attack", [(category, t) for t in targets], cells, chosen, by=1
        )
        return
    for target in targets[:MOST_CHARTS]:
        columns = [(category, target) for category in chosen]
        yield _chart(f"{target}, by attack and category", columns, cells, chosen, by=0)


def _chart(
    title: str, columns: Sequence[Column], cells: Cells, chosen: Mapping[str, Question], *, by: int
) -> Chart:
    """Draw one map; *by* says which part of a column names it."""
    shown = columns[:MOST_COLUMNS]
    there = {attack for attack, column in cells if column in shown}
    attacks = sorted(there, key=lambda a: (a != DIRECT, a))[:MOST_ROWS]
    left = 6 + column_of((way(a, MOST_LABEL) for a in attacks), LEFT - 6, MOST_LABEL)
    room = (WIDTH - left) / max(1, len(shown))
    top = 9.0 + 13 * max((len(lines(c[by], room, 2)) for c in shown), default=1)
    shapes: list[Shape] = []
    for i, column in enumerate(shown):
        for k, words in enumerate(lines(column[by], room, 2)):
            shapes.append(Word(left + room * (i + 0.5), 14 + 13 * k, words, "small", "middle"))
    for j, attack in enumerate(attacks):
        y = top + ROW * j
        shapes.append(Word(0, y + 18, way(attack, left - 6)))
        for i, column in enumerate(shown):
            shapes.append(
                _cell(
                    cells.get((attack, column)),
                    (left + room * i, y),
                    room,
                    f"{attack}, {column[by]}",
                )
            )
    titles = "; ".join(dict.fromkeys(chosen[c].title for c, _ in shown))
    left_out = len(columns) - len(shown) + len(there) - len(attacks)
    return Chart(
        title=title, finding=_found(titles, [a for (_, c), a in cells.items() if c in shown]),
        height=top + 4 + ROW * len(attacks), shapes=tuple(shapes), table="every",
        note=f"In each square: {titles}. The stronger the colour, the worse."
        + (f" {left_out} more rows and columns stand in the tables." if left_out else ""),
    )  # fmt: skip


def _cell(a: Answer | None, at: tuple[float, float], room: float, where: str) -> Said:
    x, y = at
    if a is None or not a.figure.known:
        why = "not asked" if a is None else f"no number: {a.figure.interval}"
        box = Box(x + 1, y + 1, room - 2, ROW - 2, "nil")
        return Said(f"{where}: {why}", (box, Word(x + room / 2, y + 18, "–", "", "middle")))
    shade = min(BINS - 1, int(a.figure.at * BINS))
    return Said(
        f"{where}: {a.figure.value} ({a.figure.interval}), {a.families} goals",
        (
            Box(x + 1, y + 1, room - 2, ROW - 2, f"heat{shade}"),
            Word(x + room / 2, y + 18, a.figure.value, f"on{shade}", "middle"),
        ),
    )  # fmt: skip


def _found(titles: str, answers: Sequence[Answer]) -> str:
    known = [a for a in answers if a.figure.known]
    none = len(answers) - len(known)
    gone = f"; {none} without a number" if none else ""
    if not known:
        return f"{titles}: no number{gone}."
    high = max(known, key=lambda a: a.figure.at)
    low = min(known, key=lambda a: a.figure.at)
    return (
        f"{titles}: from {low.figure.value} ({low.attack}, {low.target}; {low.figure.interval}) to"
        f" {high.figure.value} ({high.attack}, {high.target}; {high.figure.interval}){gone}."
    )
