"""Which models answered to a name, in one run and in those beside it (trap 23)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from dosimeter.errors import DosimeterError
from dosimeter.ids import UNCLEAR
from dosimeter.journal import JOURNAL_NAME
from dosimeter.journal.opening import peek

ANSWERED = """
SELECT DISTINCT t.name, t.provider || '/' || t.model, json_extract(t.body, '$.identity'), c.model
FROM (SELECT DISTINCT endpoint, model FROM call WHERE model != '') c JOIN endpoint t ON t.id = c.endpoint
ORDER BY t.name, c.model
"""
TRIAL = "SELECT 1 FROM run WHERE key = 'limited' AND value != ''"
MOST = 3
"""Other runs that are named for one target."""


Aliases = dict[tuple[str, str], tuple[str, tuple[str, ...]]]
"""By model and its options the name of a target, and the ids that it answered under."""


def aliases(path: Path) -> Aliases:
    """Read the aliases of one journal, of whatever version.

    Raises:
        DosimeterError: If it cannot be read; SQLite's errors likewise.
    """
    out: Aliases = {}
    with closing(peek(path)) as db:
        for name, model, options, answered in db.execute(ANSWERED):
            _, before = out.get((model, options), (name, ()))
            if answered not in before:
                out[model, options] = (name, (*before, answered))
    return out


def _is_trial(path: Path) -> bool:
    """Tell whether a run was limited to some families, to see what a stack does."""
    with closing(peek(path)) as db:
        return db.execute(TRIAL).fetchone() is not None


def _beside(path: Path) -> Iterator[tuple[str, Aliases]]:
    """Give the whole runs in the same folder that can be read: no trials of some families.

    `runs list` names those that cannot.
    """
    with suppress(OSError):
        for folder in sorted(path.parent.parent.iterdir()):
            there = folder / JOURNAL_NAME
            with suppress(DosimeterError, sqlite3.Error, OSError):
                if there != path and there.is_file() and not _is_trial(there):
                    yield folder.name, aliases(there)


def _has_more(one: set[str], other: set[str]) -> bool:
    """Tell whether *one* has an id that *other* lacks: ``unclear``, beside sealed text, may be any."""
    return UNCLEAR not in other and bool(one - other - {UNCLEAR})


def changed(path: Path) -> Iterator[str]:
    """Say of each target which whole runs beside this one met another model under the same name."""
    here = aliases(path)
    met: dict[tuple[str, str], list[str]] = {key: [] for key in here}
    for run, found in _beside(path):
        for key in here.keys() & found.keys():
            one, other = set(here[key][1]), set(found[key][1])
            if _has_more(one, other) or _has_more(other, one):
                met[key].append(f"as {', '.join(found[key][1])} in run {run}")
    for key, runs in met.items():
        if runs:
            name, answered = here[key]
            more = f", and otherwise in {len(runs) - MOST} more" if len(runs) > MOST else ""
            yield (
                f"{name} ({key[0]}) answered as {', '.join(answered)} here, {', '.join(runs[:MOST])}{more}:"
                " what differs between those runs may be the model's doing"
            )
