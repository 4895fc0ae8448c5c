"""Observations as numbers: one row is one observation of an item under a system, and a group."""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.audit.columns import Columns
from dosimeter.audit.outcomes import Scale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@frozen(kw_only=True)
class Where:
    """Which rows are taken.

    Attributes:
        column: What is looked at.
        pattern: What it must be, with ``*`` and ``?``.
        unlike: Whether it must not be that.
    """

    column: str
    pattern: str
    unlike: bool = False

    def __str__(self) -> str:
        return f"{self.column}{'!=' if self.unlike else '='}{self.pattern}"


@frozen(kw_only=True)
class FileFacts:
    """What was read of a file.

    Attributes:
        name: Of the file.
        form: What it was taken for.
        rows: Rows that it has.
        left_out: Rows that `Where` leaves out.
        notes: How it was read, where there is something to say.
    """

    name: str
    form: str
    rows: int
    left_out: int
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Table:
    """All observations; arrays have one entry a row that is taken.

    Attributes:
        files: Where they are from.
        columns: Which column said what.
        scale: Lowest and highest mark; None for events.
        systems: Names, sorted; *system* has the place of each row's in it. *groups* likewise.
        items: Different items; *item* has a number for each row. *clusters* likewise.
        outcome: 0, 1 or a mark; NaN where it is missing.
        submitted: 0 or 1; NaN where nothing says.
        raters: Labels of each rater; *labels* has the number of each row's, -1 where there is none.
        judges: Of each judge, its outcome for each row.
        item_names: Name of each item, by number.
        copies: Rows that are in every cell another one of the same item, system, group and repeat.
    """

    files: tuple[FileFacts, ...]
    columns: Columns
    scale: Scale | None
    systems: tuple[str, ...]
    groups: tuple[str, ...]
    items: int
    clusters: int
    system: Ints = field(repr=False)
    group: Ints = field(repr=False)
    item: Ints = field(repr=False)
    cluster: Ints = field(repr=False)
    outcome: Floats = field(repr=False)
    submitted: Floats = field(repr=False)
    raters: tuple[tuple[str, ...], ...] = ()
    labels: tuple[Ints, ...] = field(default=(), repr=False)
    judges: tuple[Floats, ...] = field(default=(), repr=False)
    copies: int = 0
    item_names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def rows(self) -> int:
        """How many rows are taken."""
        return len(self.outcome)

    def cells(self) -> list[tuple[int, int]]:
        """Give the pairs of system and group that have rows, in the order of their names."""
        both = np.unique(self.system * len(self.groups) + self.group)
        return [divmod(int(one), len(self.groups)) for one in both]

    def of(self, system: int, group: int) -> NDArray[np.bool_]:
        """Tell which rows are of a system and a group."""
        return np.asarray((self.system == system) & (self.group == group))


class Codes:
    """Numbers for names, in the order in which they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self.rows = array("q")

    def add(self, name: str) -> int:
        """Note the name of a row; give its number."""
        code = self._codes.setdefault(name, len(self._codes))
        self.rows.append(code)
        return code

    @property
    def names(self) -> tuple[str, ...]:
        """Names by number."""
        return tuple(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def array(self) -> Ints:
        """Give the number of each row."""
        return np.array(self.rows, dtype=np.int64)

    def sorted(self) -> tuple[tuple[str, ...], Ints]:
        """Give names in their order, and the place of each row's among them."""
        names = self.names
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(names), dtype=np.int64)
        place[order] = np.arange(len(names))
        return tuple(names[i] for i in order), place[self.array()]


def called(paths: Sequence[Path]) -> list[str]:
    """Give a name to each file: its own without suffixes, with its folder where two have one name."""
    short = [p.name.split(".")[0] or p.name for p in paths]
    if len(set(short)) == len(short):
        return short
    long = [f"{p.absolute().parent.name}/{p.name}" for p in paths]
    return long if len(set(long)) == len(long) else [f"{n} ({i})" for i, n in enumerate(long, 1)]


def doubled(keys: Sequence[Ints], content: Ints) -> tuple[Ints, Ints]:
    """Find rows that share all keys with an earlier one.

    Returns:
        Places of those rows, and of those among them that hold the same as the first of their kind.
    """
    order = np.lexsort((np.arange(len(content)), *keys))
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    again = np.concatenate([[False], same]) if len(order) else np.zeros(0, dtype=bool)
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    copies = again & (content[order] == content[order][first])
    return np.sort(order[again]), np.sort(order[copies])
