"""What a batch was drawn from: a sample speaks for its frame, and for nothing that was left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from attrs import frozen

from dosimeter.errors import VoteRefused
from dosimeter.journal.reader import ATTEMPTS, Reader, chunks
from dosimeter.journal.subjects import subjects
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.design import Intent
from dosimeter.model.rating import Subject, SubjectKind
from dosimeter.serialize import from_json, to_json

READ = 200
EVEN, TINY = 0.2, 1e-9
Spot = tuple[Subject, int, int, int]
"""A subject with the keys of attempt, leaf and call."""
Cell = tuple[str, str, str, str]
"""Id of the target, category, intent and attack."""
Place = tuple[str, str, str, str, str]
"""A cell, and a kind of subject."""


@frozen(kw_only=True)
class Stratum:
    """The part of a frame that lies in one cell.

    Attributes:
        target: Id of the endpoint.
        units: Subjects that could have been drawn.
        there: Subjects of this kind that there were in the cell when the batch was drawn.
        least: The smallest probability of all units, drawn or not.
    """

    target: str
    category: str
    intent: Intent
    attack: str
    kind: SubjectKind
    units: int
    there: int
    least: float


@frozen(kw_only=True)
class SamplingFrame:
    """All that a batch could have drawn."""

    strata: tuple[Stratum, ...] = ()

    @property
    def size(self) -> int:
        """How many subjects could have been drawn."""
        return sum(s.units for s in self.strata)


def every_subject(reader: Reader) -> Iterator[tuple[Cell, Transcript, Subject, Turn]]:
    """Give the subjects of the finished attempts, in the order of the plan."""
    cells = {
        k: (target, category, intent, attack)
        for k, target, category, intent, attack in reader.rows(
            "SELECT a.k, lower(hex(t.id)), i.category, i.intent, r.attack"
            f" FROM {ATTEMPTS} WHERE a.state = 'done'"
        )
    }
    for ks in chunks(sorted(cells), READ):
        for one in reader.attempts(ks):
            for subject, turn in subjects(one):
                yield cells[one.k], one, subject, turn


def sampling_frame(
    places: Iterable[tuple[Place, float]], there: Mapping[Place, int]
) -> SamplingFrame:
    """Count by cell what a batch is drawn from.

    Args:
        places: Where each subject that may be drawn lies, with its probability.
        there: How many subjects there are.
    """
    units: Counter[Place] = Counter()
    least: dict[Place, float] = {}
    for place, pi in places:
        units[place] += 1
        least[place] = min(pi, least.get(place, 1.0))
    return SamplingFrame(
        strata=tuple(
            Stratum(
                target=at[0], category=at[1], intent=Intent(at[2]), attack=at[3],
                kind=SubjectKind(at[4]), units=units[at], there=there[at], least=least[at],
            )
            for at in sorted(units)
        )
    )  # fmt: skip


def survey(journal: Path, wanted: set[str]) -> tuple[dict[str, tuple[Spot, Place]], Counter[Place]]:
    """Find where subjects are and count all that there are, by cell and kind.

    Raises:
        VoteRefused: If one of *wanted* is not there.
    """
    out: dict[str, tuple[Spot, Place]] = {}
    there: Counter[Place] = Counter()
    with closing(Reader(journal)) as reader:
        for cell, one, subject, turn in every_subject(reader):
            place = (*cell, subject.kind.value)
            there[place] += 1
            if subject.id in wanted:
                out[subject.id] = ((subject, one.k, turn.leaf, turn.call), place)
    lacking = sorted(wanted - out.keys())
    if lacking:
        msg = f"{journal} has no finished reply {lacking[0]!r} ({len(lacking)} unknown in all)"
        raise VoteRefused(msg)
    return out, there


def even(pi: Sequence[float]) -> None:
    """Hold probabilities to a mixture with at least a fifth of the uniform one (VALIDITY 19).

    Raises:
        VoteRefused: If one is smaller.
    """
    least, mean = min(pi, default=1.0), sum(pi) / max(len(pi), 1)
    if least < EVEN * mean * (1 - TINY):
        msg = (
            f"pi is {least:.3g} at least and {mean:.3g} on average; mix the uniform probability into"
            f" all of them, by {EVEN:g} or more, so that none is under {EVEN * mean:.3g}"
        )
        raise VoteRefused(msg)


def frame_row(batch_id: str, frame: SamplingFrame) -> tuple[str, str]:
    """Give id and body as the table of specs keeps them."""
    return batch_id, to_json(frame).decode()


def read_frames(reader: Reader) -> dict[str, SamplingFrame]:
    """Give the frames of all batches by batch id, targets by id."""
    return {
        name: from_json(body, SamplingFrame)
        for name, body in reader.rows("SELECT id, body FROM spec WHERE kind = 'frame'")
    }
