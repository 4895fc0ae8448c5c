"""Audits of rows that a test writes down."""

import csv
import json

from dosimeter.audit.claims import parse
from dosimeter.audit.columns import Columns
from dosimeter.audit.load import Asked
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.run import audit

USUAL = Columns(item="item", outcome="y", system="system")


def table(path, rows, head=("item", "system", "y")):
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(rows)
    return path


def lines(path, rows):
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def read(*paths, claims=(), columns=USUAL, where=(), outcomes=None, **more):
    """Audit files with claims as they are typed."""
    asked = Asked(files=paths, columns=columns, where=where, outcomes=outcomes or Outcomes())
    return audit(asked, [parse(c) for c in claims], **more)


def cell(found, system, group=""):
    """Give the cell of a system and a group."""
    (one,) = [c for c in found.cells if (c.system, c.group) == (system, group)]
    return one
