"""Drawing what people are asked: a probability sample, served in random order.

The probability that somebody was asked belongs to the draw, so that units which were drawn and never
answered are counted too.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from attrs import frozen

from dosimeter.errors import VoteRefused
from dosimeter.ids import derive_seed, digest
from dosimeter.journal.codec import raw_id
from dosimeter.journal.frames import (
    SamplingFrame,
    even,
    every_subject,
    frame_row,
    read_frames,
    sampling_frame,
    survey,
)
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.journal.transaction import writing
from dosimeter.model.design import Intent
from dosimeter.model.rating import SubjectKind


@frozen(kw_only=True)
class Ratable:
    """One subject that can be drawn, with what a drawing policy may go by. No text."""

    subject_id: str
    kind: SubjectKind
    attempt_id: str
    target: str
    category: str
    family: str
    intent: Intent
    attack: str


@frozen(kw_only=True)
class Drawn:
    """One unit of a batch.

    Attributes:
        pi: Probability, over 0 and at most 1, that this unit was drawn.
        order: Place in the random order of serving, from 0.
        served_at: Unix time, seconds; None if nobody was shown it.
    """

    subject_id: str
    pi: float
    order: int
    served_at: float | None = None


@frozen(kw_only=True)
class Batch:
    """A probability sample of subjects, drawn before anybody votes.

    Attributes:
        frame: What it was drawn from. It speaks for the cells of which this holds all.
    """

    id: str
    policy: str
    seed: int
    units: tuple[Drawn, ...]
    frame: SamplingFrame = SamplingFrame()


def ratable(journal: Path, kinds: Sequence[SubjectKind] = (SubjectKind.PATH,)) -> Iterator[Ratable]:
    """Give every subject of the finished attempts, in the order of the plan."""
    with closing(Reader(journal)) as reader:
        for cell, one, subject, _ in every_subject(reader):
            if subject.kind in kinds:
                yield Ratable(
                    subject_id=subject.id, kind=subject.kind, attempt_id=one.attempt_id,
                    target=one.target, category=one.category, family=one.family,
                    intent=one.intent, attack=cell[3],
                )  # fmt: skip


def draw_batch(
    journal: Path, *, policy: str, seed: int, pi: Iterable[tuple[str, float]]
) -> Batch:  # fmt: skip
    """Draw each subject with its own probability, and write the batch.

    Whether a subject is drawn depends on *seed* and its id alone. The same draw made again is the
    same batch. The frame is kept with it: the report gives numbers of those cells only of which
    every reply is in *pi*.

    Args:
        journal: The journal's file.
        policy: How *pi* was made, in words that a reader of the report can follow.
        seed: Of the draw and of the order of serving.
        pi: Subject ids and probabilities, of all that the batch shall speak for; none may be under
            a fifth of their mean (VALIDITY 19).

    Raises:
        VoteRefused: For an unknown subject, one given twice, a probability that is none or one that
            is too uneven.
    """
    given = sorted(pi)
    for (name, _), (other, _) in pairwise(given):
        if name == other:
            msg = f"subject {name} is given twice; give each subject one pi"
            raise VoteRefused(msg)
    for name, p in given:
        if not 0 < p <= 1:
            msg = f"subject {name}: pi is {p!r}; it must be over 0 and at most 1"
            raise VoteRefused(msg)
    even([p for _, p in given])
    batch_id = digest("batch", (policy, seed, tuple(given)))
    drawn = [(n, p) for n, p in given if random.Random(derive_seed("draw", seed, n)).random() < p]
    drawn.sort(key=lambda unit: derive_seed("serve", seed, unit[0]))
    places, there = survey(journal, {name for name, _ in given})
    frame = sampling_frame([(places[name][1], p) for name, p in given], there)
    with writing(journal) as store:
        raw = bytes.fromhex(batch_id)
        new = store.db.execute(
            "INSERT OR IGNORE INTO batch(id, policy, seed) VALUES (?, ?, ?)", (raw, policy, seed)
        ).rowcount
        (k,) = store.db.execute("SELECT k FROM batch WHERE id = ?", (raw,)).fetchone()
        if new:
            keys = [store.subject(*places[name][0]) for name, _ in drawn]
            store.db.execute(
                "INSERT OR REPLACE INTO spec VALUES ('frame', ?, ?)", frame_row(batch_id, frame)
            )
            store.db.executemany(
                "INSERT INTO draw VALUES (?, ?, ?, ?, NULL)",
                [(k, s, p, i) for i, (s, (_, p)) in enumerate(zip(keys, drawn, strict=True))],
            )
    return read_batch(journal, batch_id)


def read_batch(journal: Path, batch_id: str) -> Batch:
    """Give a batch with its units in the order of serving.

    Raises:
        VoteRefused: If there is none of that id; the message names those that there are.
    """
    with closing(Reader(journal)) as reader:
        row = reader.rows(
            "SELECT k, policy, seed FROM batch WHERE id = ?", (raw_id(batch_id),)
        ).fetchone()
        if row is None:
            known = [r[0] for r in reader.rows("SELECT lower(hex(id)) FROM batch ORDER BY k")]
            msg = f"{journal} has no batch {batch_id!r}; batches: {', '.join(known) or 'none'}"
            raise VoteRefused(msg)
        frame = read_frames(reader).get(batch_id, SamplingFrame())
        units = tuple(
            Drawn(subject_id=s, pi=p, order=o, served_at=at)
            for s, p, o, at in reader.rows(
                "SELECT lower(hex(u.id)), d.pi, d.ord, d.served_at FROM draw d"
                " JOIN subject u ON u.k = d.subject WHERE d.batch = ? ORDER BY d.ord", (row[0],)
            )
        )  # fmt: skip
    return Batch(id=batch_id, policy=row[1], seed=row[2], units=units, frame=frame)


def serve(journal: Path, batch_id: str, subject_id: str) -> None:
    """Note that a unit was shown to somebody; the first time counts.

    Raises:
        VoteRefused: If the batch did not draw it.
    """
    with writing(journal) as store:
        mark_served(store, batch_id, subject_id)


def mark_served(store: Store, batch_id: str, subject_id: str) -> None:
    """Note, in a transaction that is open, what `serve` notes in one of its own.

    Raises:
        VoteRefused: If the batch did not draw it.
    """
    done = store.db.execute(
        "UPDATE draw SET served_at = coalesce(served_at, ?) WHERE batch = (SELECT k FROM batch"
        " WHERE id = ?) AND subject = (SELECT k FROM subject WHERE id = ?)",
        (time.time(), raw_id(batch_id), raw_id(subject_id)),
    )
    if not done.rowcount:
        msg = f"batch {batch_id!r} did not draw subject {subject_id!r}"
        raise VoteRefused(msg)
