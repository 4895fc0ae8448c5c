"""Which models answered to a name, in one run and in those beside it (trap 23)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dosimeter.errors import DosimeterError
from dosimeter.journal import JOURNAL_NAME
from dosimeter.journal.reader import Reader

ANSWERED = """
SELECT DISTINCT t.name, t.provider || '/' || t.model, json_extract(t.body, '$.identity'), c.model
FROM (SELECT DISTINCT endpoint, model FROM call WHERE model != '') c JOIN endpoint t ON t.id = c.endpoint
ORDER BY t.name, c.model
"""
MOST = 3
"""Other runs that are named for one target."""


def aliases(path: Path) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """Give by model and its options the name of a target, and the ids that it answered under.

    Raises:
        DosimeterError: If the journal cannot be read; SQLite's errors and the system's likewise.
    """
    out: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    with closing(Reader(path)) as reader:
        for name, model, options, answered in reader.rows(ANSWERED):
            _, before = out.get((model, options), (name, ()))
            if answered not in before:
                out[model, options] = (name, (*before, answered))
    return out


def changed(path: Path) -> Iterator[str]:
    """Say of each target which runs beside this one met another model under the same name."""
    here = aliases(path)
    met: dict[tuple[str, str], list[str]] = {key: [] for key in here}
    for folder in sorted(path.parent.parent.iterdir()):
        there = folder / JOURNAL_NAME
        if there == path or not there.exists():
            continue
        try:
            found = aliases(there)
        except (DosimeterError, sqlite3.Error, OSError):
            continue  # `runs list` names it
        for key in here.keys() & found.keys():
            if set(here[key][1]) != set(found[key][1]):
                met[key].append(f"as {', '.join(found[key][1])} in run {folder.name}")
    for key, runs in met.items():
        if runs:
            name, answered = here[key]
            more = f", and otherwise in {len(runs) - MOST} more" if len(runs) > MOST else ""
            yield (
                f"{name} ({key[0]}) answered as {', '.join(answered)} here, {', '.join(runs[:MOST])}{more}:"
                " what differs between those runs may be the model's doing"
            )
