"""The durable record of a run: one SQLite file, single writer, any number of readers.

What plugins may use: reading (`Reader`, `read_design`, `subjects_of`), people's votes (`ratable`,
`draw_batch`, `read_batch`, `serve`, `declare_person`, `cast_vote`) and `merge_journals`. Loaded on
first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosimeter.journal.batches import (
        Batch,
        Drawn,
        Ratable,
        draw_batch,
        ratable,
        read_batch,
        serve,
    )
    from dosimeter.journal.conflicts import Conflict
    from dosimeter.journal.design import Design, design as read_design
    from dosimeter.journal.merge import MergeResult, merge as merge_journals
    from dosimeter.journal.reader import Reader
    from dosimeter.journal.subjects import subjects as subjects_of
    from dosimeter.journal.transcripts import Transcript, Turn
    from dosimeter.journal.voting import cast_vote, declare_person

JOURNAL_NAME = "journal.sqlite"
"""What a journal is called in its run's folder."""
_NAMES = {
    "batches": "Batch Drawn Ratable draw_batch ratable read_batch serve",
    "design": "Design read_design=design",
    "conflicts": "Conflict",
    "merge": "MergeResult merge_journals=merge",
    "reader": "Reader Transcript Turn",
    "subjects": "subjects_of=subjects",
    "voting": "cast_vote declare_person",
}
"""A function that its module is named after has another name here, where the module stands."""
_HOME = {
    name.partition("=")[0]: (home, name.rpartition("=")[2])
    for home, names in _NAMES.items()
    for name in names.split()
}

__all__ = [
    "Batch", "Conflict", "Design", "Drawn", "MergeResult", "Ratable", "Reader", "Transcript",
    "Turn", "cast_vote", "declare_person", "draw_batch", "merge_journals", "ratable", "read_batch",
    "read_design", "serve", "subjects_of",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module 'dosimeter.journal' has no attribute {name!r}"
        raise AttributeError(msg)
    home, attr = _HOME[name]
    return getattr(import_module(f"dosimeter.journal.{home}"), attr)


def __dir__() -> list[str]:
    return sorted(_HOME)
