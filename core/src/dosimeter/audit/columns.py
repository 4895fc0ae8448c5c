"""Which column of a file of results says what, and what stands in a cell."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs
from attrs import frozen

from dosimeter.errors import AuditError
from dosimeter.inert import safe
from dosimeter.nearest import nearest

Cells = Mapping[str, Any]
"""One row: what stands in each column."""
LONGEST = 40
"""Characters of a value that a message may show; what is longer may be a prompt or a reply."""
WORDS = 3
"""Spaces in such a value."""


@frozen(kw_only=True)
class Columns:
    """Columns by what they say; empty where a file has none such.

    Attributes:
        item: What was asked: rows of one item are one question put again.
        outcome: What is counted or averaged.
        system: What was asked of.
        group: An attack, a language, a half of the benchmark: never pooled.
        cluster: What items belong together; without it each item stands alone.
        repeat: Which repeat a row is.
        submitted: 1 where there was something to judge.
        raters: Labels of several people, or of people and machines.
        judges: Labels of machines, to be held against the outcome.
    """

    item: str = ""
    outcome: str = ""
    system: str = ""
    group: str = ""
    cluster: str = ""
    repeat: str = ""
    submitted: str = ""
    raters: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()

    def over(self, usual: "Columns") -> "Columns":
        """Give these columns, and for those that are not named the *usual* ones."""
        filled = {a.name: getattr(self, a.name) or getattr(usual, a.name)
                  for a in attrs.fields(Columns)}  # fmt: skip
        return Columns(**filled)

    def used(self) -> tuple["Used", ...]:
        """Give each that is named, as a record."""
        return tuple(Used(flag=flag, column=column) for flag, column in self.named())

    def named(self) -> tuple[tuple[str, str], ...]:
        """Give flag and column of each that is named."""
        one = [(n, getattr(self, n)) for n in ("item", "outcome", "system", "group", "cluster",
                                                "repeat", "submitted")]  # fmt: skip
        several = [("rater", c) for c in self.raters] + [("judge", c) for c in self.judges]
        return tuple((flag, column) for flag, column in [*one, *several] if column)


@frozen(kw_only=True)
class Used:
    """A column that is read.

    Attributes:
        flag: What it was named with.
        column: Its name.
    """

    flag: str
    column: str


def has(row: Cells, column: str) -> bool:
    """Tell whether a row has *column*, by name or by a path with dots."""
    return column in row or _at(row, column) is not None


def text(row: Cells, column: str) -> str:
    """Give a cell as text without spaces around it; empty for null, NaN and what is not there."""
    value = row[column] if column in row else _at(row, column)
    if isinstance(value, str):
        return value.strip()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _at(row: Cells, path: str) -> Any:  # noqa: ANN401  JSON
    """Give what stands at a path of names with dots between them; None if nothing does."""
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def check_there(
    file: str, looked: Iterable[tuple[str, str]], unseen: Collection[str], row: Cells
) -> None:
    """Refuse columns that no row of a file has.

    Args:
        file: Its name.
        looked: Flag and column of each that is looked for.
        unseen: Columns among them that are not there.
        row: One of its rows, whose columns may be meant.

    Raises:
        AuditError: Naming flag and column, and the nearest one.
    """
    for flag, column in looked:
        if column in unseen:
            near = nearest(column, tuple(map(str, row)), there="it has")
            msg = f"{file} has no column {shown(column)} (--{flag}); {near}"
            raise AuditError(msg)


def shown(value: str) -> str:
    """Give a value for a message: what may be a prompt or a reply by its length alone."""
    if len(value) > LONGEST or value.count(" ") > WORDS:
        return f"a text of {len(value):,} characters"
    return repr(safe(value))
