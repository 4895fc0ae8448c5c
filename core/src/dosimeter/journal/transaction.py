"""One short transaction in a journal that an engine may be writing too."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dosimeter.journal.store import Store


@contextmanager
def writing(journal: Path) -> Iterator[Store]:
    """Hold one transaction: committed at the end, undone at an error. Waits for the engine's.

    Raises:
        FileNotFoundError: If there is no journal.
        sqlite3.Error: If it cannot be written.
    """
    if not journal.exists():
        msg = f"no journal at {journal}"
        raise FileNotFoundError(msg)
    with closing(Store(journal)) as store:
        store.begin()
        try:
            yield store
        except BaseException:
            store.db.execute("ROLLBACK")
            raise
        store.db.execute("COMMIT")
