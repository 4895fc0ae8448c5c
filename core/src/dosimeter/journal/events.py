"""What can happen to a run."""

from enum import StrEnum


class Event(StrEnum):
    """Kind of an event; ``docs/journal.md`` says what each means."""

    FORK = "fork"
    CONFLICT = "conflict"
    AUTH = "auth"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    RESTING = "resting"
    LATE = "late"
    RATER_ADDED = "rater-added"
    RATER_UPDATED = "rater-updated"
    RERATED = "rerated"
    SHOWN = "hazardous-shown"
    PURGED = "purged"
    SEALED = "sealed"
    OPENED = "opened"
    BEGUN_ANEW = "begun-anew"
