"""Rows of a file as text, with the number that each has there."""

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Row:
    """One row.

    Attributes:
        number: As a person counts it in the file: 1 is the first line.
        cells: Text by column; a column that is empty here is left out.
        no_texts: Columns whose cell is a number, a list or a table, by what it is.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    no_texts: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Table:
    """A file that was read whole: a team's panel has thousands of rows, not millions."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)
