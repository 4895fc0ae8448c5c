"""Writing down who was shown what is otherwise withheld."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dosimeter.journal.store import Store

SHOWN = "hazardous-shown"


def record_shown(journal: Path, outputs: Sequence[str]) -> None:
    """Note, as an event each, that *outputs* show withheld replies; engines may be at work.

    Raises:
        sqlite3.Error: If the journal cannot be written.
    """
    with closing(Store(journal)) as store:
        store.begin()
        for name in outputs:
            store.event(time.time(), SHOWN, None, name)
        store.db.execute("COMMIT")
