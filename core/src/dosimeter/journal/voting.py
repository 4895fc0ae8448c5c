"""People's votes: a drawn batch, units served in random order, ratings checked against scales.

Nothing here takes the engine's lock: people vote while a run goes on. Every write is one short
transaction. The probability that somebody was asked belongs to the draw, so that units which were
drawn and never answered are counted too.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen

from dosimeter.errors import Sealed, VoteRefused
from dosimeter.ids import derive_seed, digest
from dosimeter.journal.design import design
from dosimeter.journal.frames import (
    SamplingFrame,
    Spot,
    cells_of,
    even,
    frame_row,
    read_frames,
    sampling_frame,
    survey,
)
from dosimeter.journal.reader import Reader, chunks
from dosimeter.journal.store import Store
from dosimeter.journal.subjects import subjects
from dosimeter.model.design import Intent, Label
from dosimeter.model.rating import (
    PERSON,
    Mark,
    Opinion,
    Outcome,
    Rating,
    Scale,
    Sees,
    Subject,
    SubjectKind,
)
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.work import OPEN, Seal
from dosimeter.nearest import nearest
from dosimeter.serialize import from_json, to_json
from dosimeter.vault import Vault

READ = 200


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
    with _reading(journal) as reader:
        cells = cells_of(reader)
        for ks in chunks(sorted(cells), READ):
            for one in reader.attempts(ks):
                for subject, _ in subjects(one):
                    if subject.kind in kinds:
                        yield Ratable(
                            subject_id=subject.id, kind=subject.kind, attempt_id=one.attempt_id,
                            target=one.target, category=one.category, family=one.family,
                            intent=one.intent, attack=cells[one.k][3],
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
        VoteRefused: For an unknown subject, a probability that is none or one that is too uneven.
    """
    given = sorted(dict(pi).items())
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
    with _writing(journal) as store:
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
    with _reading(journal) as reader:
        row = reader.rows(
            "SELECT k, policy, seed FROM batch WHERE id = ?", (_raw(batch_id),)
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
    with _writing(journal) as store:
        _served(store, batch_id, subject_id)


def _served(store: Store, batch_id: str, subject_id: str) -> None:
    done = store.db.execute(
        "UPDATE draw SET served_at = coalesce(served_at, ?) WHERE batch = (SELECT k FROM batch"
        " WHERE id = ?) AND subject = (SELECT k FROM subject WHERE id = ?)",
        (time.time(), _raw(batch_id), _raw(subject_id)),
    )
    if not done.rowcount:
        msg = f"batch {batch_id!r} did not draw subject {subject_id!r}"
        raise VoteRefused(msg)


def declare_person(journal: Path, name: str, scales: Sequence[str | Scale]) -> str:
    """Declare a person as a rater on *scales*; give the rater's id.

    Args:
        journal: The journal's file.
        name: What the report calls the person; an alias will do.
        scales: Names of scales that the run declares, or scales of the reviewer's own.

    Raises:
        VoteRefused: For a name that the run does not declare, with the nearest; for a scale of
            one's own that the run declares otherwise.
    """
    with _reading(journal) as reader:
        known = design(reader).scales
    spec = ScorerSpec(
        id=f"person:{name}",
        summary="A person's own reading",
        factory="",
        scales=tuple(_scale(one, known) for one in scales),
        sees=frozenset({Sees.CONVERSATION, Sees.GOAL, Sees.RUBRIC}),
        languages=("*",),
        subjects=(SubjectKind.PATH, SubjectKind.TURN),
    )
    rater_id = digest("rater", (PERSON, name, spec.scales))
    with _writing(journal) as store:
        store.rater(rater_id, name, PERSON, to_json(spec).decode())
    return rater_id


def _scale(one: str | Scale, known: dict[str, Scale]) -> Scale:
    if isinstance(one, str):
        if one not in known:
            msg = f"the run declares no scale {one!r}; {nearest(one, known, there='scales:')}"
            raise VoteRefused(msg)
        return known[one]
    if known.get(one.name, one) != one:
        msg = f"the run declares scale {one.name!r} otherwise; give it by name, or another name"
        raise VoteRefused(msg)
    return one


def cast_vote(
    journal: Path,
    *,
    rater_id: str,
    subject_id: str,
    opinion: Opinion,
    batch_id: str | None = None,
    supersedes: str | None = None,
    seal: Seal = OPEN,
) -> Rating:
    """Write a person's vote; give it as stamped. Durable when this returns.

    Args:
        journal: The journal's file.
        rater_id: From `declare_person`.
        subject_id: What was read.
        opinion: Marks on the rater's scales; a scale left out is unscorable, `not-answered`.
        batch_id: The batch that drew the subject. Without one the vote is kept and shown, but
            enters no estimate: nobody knows how its subject came to be chosen.
        supersedes: Id of the person's own earlier vote that this one corrects.
        seal: Of the panel (`dosimeter.make_seal`), if its items are not public: a rationale may
            quote what was read, so it is sealed like that.

    Raises:
        VoteRefused: For a scale that the rater does not declare, a value that is not on it, a
            subject that was not drawn, a second vote that corrects none, or a rationale on sealed
            text without its seal.
    """
    with _writing(journal) as store:
        whole = _completed(_spec(store, journal, rater_id), opinion)
        votes = store.db.execute(
            "SELECT lower(hex(g.id)), lower(hex(b.id)), EXISTS(SELECT 1 FROM rating h"
            " WHERE h.supersedes = g.id) FROM rating g JOIN subject u ON u.k = g.subject"
            " JOIN rater w ON w.k = g.rater LEFT JOIN batch b ON b.k = g.batch"
            " WHERE u.id = ? AND w.id = ? ORDER BY g.vote",
            (_raw(subject_id), _raw(rater_id)),
        ).fetchall()
        batch = _batch_of(votes, subject_id, batch_id, supersedes)
        place = _place(store, subject_id) or survey(journal, {subject_id})[0][subject_id][0]
        if batch is not None:
            _served(store, batch, subject_id)
        rating = Rating(
            id=digest("rating", (subject_id, rater_id, len(votes))), subject_id=subject_id,
            rater_id=rater_id, vote=len(votes), opinion=whole, batch_id=batch,
            supersedes=supersedes,
        )  # fmt: skip
        store.rating(*place, rating, _owner(store, place[1], opinion, seal))
    return rating


def _owner(store: Store, attempt: int, opinion: Opinion, seal: Seal) -> Seal:
    """Give the owner of what is said about an attempt."""
    category, label = store.db.execute(
        "SELECT i.category, i.label FROM attempt a JOIN item i ON i.k = a.item WHERE a.k = ?",
        (attempt,),
    ).fetchone()
    if not opinion.rationale:
        return OPEN
    try:
        return Vault([seal] if seal.key else ()).owner(category, Label(label))
    except Sealed as exc:
        msg = f"{exc}; give its seal, or vote without a rationale"
        raise VoteRefused(msg) from exc


def _batch_of(
    votes: Sequence[tuple[str, str | None, int]],
    subject_id: str,
    batch_id: str | None,
    supersedes: str | None,
) -> str | None:
    """Say which batch a vote belongs to, and refuse one that would count twice."""
    standing = {name: batch for name, batch, gone in votes if not gone}
    if supersedes is None:
        for name, batch in standing.items():
            if batch == batch_id:
                msg = f"subject {subject_id} has a vote by this rater: correct it (supersedes={name!r})"
                raise VoteRefused(msg)
        return batch_id
    if supersedes not in standing:
        there = ", ".join(standing) or "none"
        msg = (
            f"supersedes={supersedes!r} is no standing vote of this rater on subject {subject_id};"
            f" standing: {there}"
        )
        raise VoteRefused(msg)
    held = standing[supersedes]
    if batch_id not in {None, held}:
        msg = f"a correction stays in the batch of the vote it corrects, {held!r}, not {batch_id!r}"
        raise VoteRefused(msg)
    return held


def _place(store: Store, subject_id: str) -> Spot | None:
    row = store.db.execute(
        "SELECT u.kind, u.attempt, u.leaf, u.call, lower(hex(a.id)) FROM subject u"
        " JOIN attempt a ON a.k = u.attempt WHERE u.id = ?", (_raw(subject_id),)
    ).fetchone()  # fmt: skip
    if row is None:
        return None
    subject = Subject(id=subject_id, kind=SubjectKind(row[0]), owner_id=row[4])
    return subject, row[1], row[2], row[3]


def _spec(store: Store, journal: Path, rater_id: str) -> ScorerSpec:
    row = store.db.execute(
        "SELECT body FROM rater WHERE id = ? AND kind = 'person'", (_raw(rater_id),)
    ).fetchone()
    if row is None:
        msg = f"{journal} knows no person {rater_id!r}; declare one first (declare_person)"
        raise VoteRefused(msg)
    return from_json(row[0], ScorerSpec)


def _completed(spec: ScorerSpec, opinion: Opinion) -> Opinion:
    """Hold a vote to the scales that its rater declares."""
    scales = {s.name: s for s in spec.scales}
    for mark in opinion.marks:
        if mark.scale not in scales:
            msg = (
                f"{spec.id} votes on scale {mark.scale!r}, which it does not declare;"
                f" {nearest(mark.scale, scales, there='scales:')}"
            )
            raise VoteRefused(msg)
        fault = "" if mark.value is None else scales[mark.scale].fault(mark.value)
        if fault:
            msg = f"{spec.id} gives {mark.value!r} on scale {mark.scale!r}: {fault}"
            raise VoteRefused(msg)
    given = [m.scale for m in opinion.marks]
    if len(set(given)) != len(given):
        msg = f"{spec.id} gives two marks on one scale; give one a scale"
        raise VoteRefused(msg)
    more = tuple(
        Mark(scale=n, outcome=Outcome.UNSCORABLE, reason="not-answered")
        for n in scales
        if n not in given
    )
    return evolve(opinion, marks=opinion.marks + more)


def _raw(name: str) -> bytes:
    try:
        return bytes.fromhex(name)
    except ValueError:
        msg = f"{name!r} is no id: an id is 32 hex digits"
        raise VoteRefused(msg) from None


@contextmanager
def _reading(journal: Path) -> Iterator[Reader]:
    reader = Reader(journal)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def _writing(journal: Path) -> Iterator[Store]:
    """Hold one transaction; waits for the engine's, which are short."""
    if not journal.exists():
        msg = f"no journal at {journal}"
        raise FileNotFoundError(msg)
    store = Store(journal)
    try:
        store.begin()
        try:
            yield store
        except BaseException:
            store.db.execute("ROLLBACK")
            raise
        store.db.execute("COMMIT")
    finally:
        store.close()
