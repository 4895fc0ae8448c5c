"""Rows of numbers in the widest form that a terminal has room for; no number is ever broken."""

from collections.abc import Callable, Sequence
from itertools import product

from attrs import frozen
from rich.cells import cell_len

Pair = tuple[str, str]
"""Two short words that belong together, such as a number and its interval."""

SHORT = {"families": "fam", "attempts": "att", "missing": "miss", "caveats": "cav"}


@frozen(kw_only=True)
class Row:
    """What is told of one cell of a design."""

    names: tuple[str, ...]
    pairs: tuple[Pair, ...]


@frozen(kw_only=True)
class Grid:
    """Rows under one head."""

    names: tuple[str, ...]
    heads: tuple[Pair, ...]
    rows: tuple[Row, ...]


def lines(grid: Grid, width: int, *, ascii_only: bool = False) -> list[str]:
    """Lay *grid* out: a row a line; else numbers over intervals; else a block a row."""
    forms: tuple[Callable[[Grid, str, str], list[str]], ...] = (_flat, _stacked, _titled)
    for form, gap in product(forms, ("  ", " ")):
        made = form(grid, gap, "-" if ascii_only else "─")
        if max(map(cell_len, made)) <= width:
            return made
    return _blocks(grid)


def _flat(grid: Grid, gap: str, dash: str) -> list[str]:
    """A row a line; what has a head of its own has a column of its own."""
    apart = [bool(second) for _, second in grid.heads]
    head, *body = (
        [*names, *(cell for pair, two in zip(pairs, apart, strict=True)
                   for cell in (pair if two else (_joined(pair),)))]
        for names, pairs in ((grid.names, grid.heads), *((r.names, r.pairs) for r in grid.rows))
    )  # fmt: skip
    return _aligned([head, *body], gap, left=len(grid.names), rule=dash)


def _stacked(grid: Grid, gap: str, dash: str) -> list[str]:
    """Numbers over intervals, the last name under the others."""
    table: list[list[str]] = []
    for names, pairs in _with_short_heads(grid):
        upper, lower = ", ".join(names[:-1]), names[-1]
        table += [[upper, *(a for a, _ in pairs)], [lower, *(b for _, b in pairs)]]
    return _aligned(table, gap, left=1, rule=dash, under=2)


def _titled(grid: Grid, gap: str, dash: str) -> list[str]:
    """Like `_stacked`, each row's names on a line of their own."""
    table: list[list[str]] = []
    for _, pairs in _with_short_heads(grid):
        table += [["", *(a for a, _ in pairs)], ["", *(b for _, b in pairs)]]
    told = _aligned(table, gap, left=1, rule=dash, under=2)
    out = [", ".join(grid.names), *told[:3]]
    for i, row in enumerate(grid.rows):
        out += [", ".join(row.names), *told[3 + 2 * i : 5 + 2 * i]]
    return out


def _blocks(grid: Grid) -> list[str]:
    heads = [_joined(h) for h in grid.heads]
    widest = max(map(cell_len, heads))
    out = []
    for row in grid.rows:
        out += [", ".join(row.names)]
        out += [
            f"  {_padded(head, widest)}  {_joined(pair)}".rstrip()
            for head, pair in zip(heads, row.pairs, strict=True)
        ]
    return out


def _with_short_heads(grid: Grid) -> list[tuple[Sequence[str], Sequence[Pair]]]:
    short = [(SHORT.get(a, a), SHORT.get(b, b)) for a, b in grid.heads]
    return [(grid.names, short), *((r.names, r.pairs) for r in grid.rows)]


def _aligned(
    table: list[list[str]], gap: str, *, left: int, rule: str, under: int = 1
) -> list[str]:
    """Align columns, the first *left* of them to the left; draw a *rule* under *under* lines."""
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    told = [
        gap.join(
            _padded(cell, width, right=i >= left)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
    told.insert(under, rule * max(map(cell_len, told)))
    return [line.rstrip() for line in told]


def _joined(pair: Pair) -> str:
    return " ".join(filter(None, pair))


def _padded(text: str, width: int, *, right: bool = False) -> str:
    room = " " * (width - cell_len(text))
    return room + text if right else text + room
