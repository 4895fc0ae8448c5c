"""What the cells of a column look like."""

from dosimeter_harm_file.table import Table
from dosimeter_harm_file.words import LONGEST

MOST_LEVELS = 30
"""Different values of a column that may be a factor."""


def values(table: Table, column: str) -> list[str]:
    """Give the different values of a column, in their order."""
    return list(dict.fromkeys(r.cells[column].strip() for r in table.rows if column in r.cells))


def texts_in(table: Table, column: str) -> bool:
    """Tell whether most cells of a column have several words."""
    held = [row.cells[column].strip() for row in table.rows if column in row.cells]
    return sum(" " in cell for cell in held) * 2 > len(held)


def splits(table: Table, column: str) -> bool:
    """Tell whether a column has few values, some of them in several rows, and none that may be a request."""
    found = values(table, column)
    rows = sum(column in row.cells for row in table.rows)
    return 1 < len(found) <= MOST_LEVELS and len(found) < rows and max(map(len, found)) <= LONGEST
