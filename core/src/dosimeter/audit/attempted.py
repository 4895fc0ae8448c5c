"""How many items were attempted, where the file of results may not have them all."""

from pathlib import Path

from dosimeter.audit.columns import has, shown, text
from dosimeter.audit.files import SUFFIXES, opened
from dosimeter.audit.reader import reading
from dosimeter.errors import AuditError
from dosimeter.inert import safe


def listed(path: Path, column: str) -> frozenset[str]:
    """Give the items of a list: one a line, or a column of a file of rows.

    Args:
        path: Of the list.
        column: Of items, in a file of rows.

    Raises:
        AuditError: If there are none, or the file has no such column.
    """
    ends = [s.lower() for s in path.suffixes]
    if any(end in SUFFIXES for end in ends):
        found = _of_rows(path, column)
    else:
        with opened(path) as lines:
            found = frozenset(line.strip() for line in lines if line.strip())
    if not found:
        msg = f"{safe(path.name)} lists no items (--items)"
        raise AuditError(msg)
    return found


def _of_rows(path: Path, column: str) -> frozenset[str]:
    found = set()
    with reading(path) as source:
        for number, row in source.rows:
            if not has(row, column):
                msg = f"{source.name}, row {number}: no column {shown(column)}, which --item names"
                raise AuditError(msg)
            found.add(text(row, column))
    return frozenset(found - {""})
