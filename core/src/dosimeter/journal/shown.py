"""Writing down who was shown what is otherwise withheld."""

import time
from collections.abc import Sequence
from pathlib import Path

from dosimeter.journal.events import Event
from dosimeter.journal.transaction import writing


def record_shown(journal: Path, outputs: Sequence[str]) -> None:
    """Note, as an event each, that *outputs* show withheld replies; engines may be at work.

    Raises:
        FileNotFoundError: If there is no journal.
        sqlite3.Error: If the journal cannot be written.
    """
    with writing(journal) as store:
        for name in outputs:
            store.event(time.time(), Event.SHOWN, None, name)
