"""The card of a rater in words, for a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dosimeter.inert import safe
from dosimeter.model.cards import Card, CardScale, CardSlice
from dosimeter.model.facts import CardLine
from dosimeter.numbers import Unit, as_interval, as_number, percent
from dosimeter.plural import plural


def in_words(card: Card) -> str:
    """Put a card into lines."""
    return "\n".join(map(safe, _lines(card)))


def _lines(card: Card) -> Iterator[str]:
    yield f"{card.rater}, revision {card.revision}, on run {card.run}, asked {card.dates}"
    yield f"Labels: {card.drawn}."
    for one in card.scales:
        yield ""
        yield from _scale(one)


def _scale(one: CardScale) -> Iterator[str]:
    yield (
        f"{one.scale}: {plural(one.replies, 'reply')} of {plural(one.families, 'family')}, labelled by"
        f" {' and '.join(one.people)}{_left_out(one)}"
    )
    yield from (f"  {_line(line)}" for line in one.lines if line.stated is None)
    several = Counter(part.by for part in one.slices)
    for part in one.slices:
        if part.by == "all" or several[part.by] > 1:
            yield from _slice(one, part)
    if one.curve:
        yield "  how sure it was, and how often it was right:"
        yield from (
            f"    {percent(p.stated)}: {percent(p.observed)} ({as_interval(p.lower, p.upper, Unit.SHARE)})"
            f" of {p.n}"
            for p in one.curve
        )
    yield from (f"  ! {note}" for note in one.notes)


def _left_out(one: CardScale) -> str:
    """Say which labels count for nothing."""
    told = [
        f"{n} {what}"
        for n, what in (
            (one.unmarked, "without a mark of the rater"),
            (one.tied, "on which people are divided"),
            (one.undrawn, "not drawn as the others were"),
        ) if n
    ]  # fmt: skip
    return f"; left out: {', '.join(told)}" if told else ""


def _line(line: CardLine) -> str:
    unit = Unit.MEAN if line.counts is None else Unit.SHARE
    number, ends = as_number(line.value, unit), as_interval(line.lower, line.upper, unit)
    return f"{line.statistic}: {number} ({ends}) of {plural(line.n, 'reply')}"


def _slice(one: CardScale, part: CardSlice) -> Iterator[str]:
    """Give the table of a part: people's label down, the rater's mark across."""
    name = "all" if part.by == "all" else f"{part.by} {part.name}"
    f1 = f"no macro-F1 ({part.why})" if part.why else "no macro-F1"
    if part.macro_f1 is not None and part.lower is not None and part.upper is not None:
        f1 = f"macro-F1 {part.macro_f1:.2f} ({part.lower:.2f} to {part.upper:.2f})"
    yield f"  {name}: {plural(part.replies, 'reply')}, {f1}"
    if part.by == "all":
        yield "    people's label down, the rater's mark across"
    yield from (f"    {row}" for row in _aligned(one.levels, part.table))


def _aligned(levels: Sequence[str], table: Sequence[Sequence[int]]) -> Iterator[str]:
    rows = [
        ["", *levels],
        *([name, *map(str, row)] for name, row in zip(levels, table, strict=True)),
    ]
    width = max(len(cell) for row in rows for cell in row)
    yield from (" ".join(cell.rjust(width) for cell in row) for row in rows)
