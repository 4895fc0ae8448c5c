"""What can be rated in a finished attempt, and what it is called."""

from collections.abc import Iterator

from dosimeter.ids import digest
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.rating import Aspect, Subject, SubjectKind


def subjects(one: Transcript) -> Iterator[tuple[Subject, Turn]]:
    """Give every path of *one* and every earlier turn of its paths, each once.

    A reply that ends one path and is passed on another is both a path and a turn.
    """
    seen: set[tuple[SubjectKind, int]] = set()
    for path in one.paths:
        for turn in path:
            kind = SubjectKind.PATH if turn is path[-1] else SubjectKind.TURN
            if (kind, turn.call) in seen:
                continue
            seen.add((kind, turn.call))
            name = digest("subject", (kind, one.attempt_id, turn.call_id, Aspect.ANSWER))
            yield (
                Subject(id=name, kind=kind, owner_id=one.attempt_id, leaf=turn.call_id),
                turn,
            )
