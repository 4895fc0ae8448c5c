"""People's votes: ratings checked against scales.

Nothing here takes the engine's lock: people vote while a run goes on. Every write is one short
transaction.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from dosimeter.errors import Sealed, VoteRefused
from dosimeter.ids import digest
from dosimeter.journal.batches import mark_served
from dosimeter.journal.codec import raw_id
from dosimeter.journal.design import design
from dosimeter.journal.frames import Spot, survey
from dosimeter.journal.raters import declare
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.journal.subjects import subjects
from dosimeter.journal.transaction import writing
from dosimeter.journal.transcripts import Turn
from dosimeter.model.design import Label
from dosimeter.model.rating import (
    PERSON,
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
from dosimeter.opinions import completed, fault_of
from dosimeter.serialize import from_json, to_json
from dosimeter.vault import SEALED, Vault


def declare_person(journal: Path, name: str, scales: Sequence[str | Scale]) -> str:
    """Declare a person as a rater on *scales*; give the rater's id.

    Args:
        journal: The journal's file.
        name: What the report calls the person; an alias will do.
        scales: Names of scales that the run declares, or scales of the reviewer's own.

    Raises:
        VoteRefused: For a name that the run does not declare, with the nearest; for a scale of
            one's own that the run declares otherwise; for the name of a rule or a judge of the run.
    """
    with closing(Reader(journal)) as reader:
        asked = design(reader)
    known = asked.scales
    if name in {rater.name for rater in asked.raters if rater.kind != PERSON}:
        msg = f"{name!r} is the name of a rater of this run; give the person another"
        raise VoteRefused(msg)
    if isinstance(scales, str):
        msg = f"scales is one text, {scales!r}; give a list of names"
        raise VoteRefused(msg)
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
    with writing(journal) as store:
        declare(store, rater_id, name, PERSON, to_json(spec).decode())
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
            confidence beyond 0 to 1, evidence beyond the text, a subject that was not drawn, a second
            vote that corrects none, or a rationale or evidence on sealed text without its seal.
    """
    with writing(journal) as store:
        spec = _spec(store, journal, rater_id)
        _check(spec, opinion, None)
        votes = store.db.execute(
            "SELECT lower(hex(g.id)), lower(hex(b.id)), EXISTS(SELECT 1 FROM rating h"
            " WHERE h.supersedes = g.id) FROM rating g JOIN subject u ON u.k = g.subject"
            " JOIN rater w ON w.k = g.rater LEFT JOIN batch b ON b.k = g.batch"
            " WHERE u.id = ? AND w.id = ? ORDER BY g.vote",
            (raw_id(subject_id), raw_id(rater_id)),
        ).fetchall()
        batch = _batch_of(votes, subject_id, batch_id, supersedes)
        place = _place(store, subject_id) or survey(journal, {subject_id})[0][subject_id][0]
        if opinion.evidence:
            _check(spec, opinion, _read(journal, place, seal))
        if batch is not None:
            mark_served(store, batch, subject_id)
        whole = completed(spec, opinion, Outcome.UNSCORABLE, "not-answered")
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
        " JOIN attempt a ON a.k = u.attempt WHERE u.id = ?", (raw_id(subject_id),)
    ).fetchone()  # fmt: skip
    if row is None:
        return None
    subject = Subject(id=subject_id, kind=SubjectKind(row[0]), owner_id=row[4])
    return subject, row[1], row[2], row[3]


def _spec(store: Store, journal: Path, rater_id: str) -> ScorerSpec:
    row = store.db.execute(
        "SELECT body FROM rater WHERE id = ? AND kind = ?", (raw_id(rater_id), PERSON)
    ).fetchone()
    if row is None:
        msg = f"{journal} knows no person {rater_id!r}; declare one first (declare_person)"
        raise VoteRefused(msg)
    return from_json(row[0], ScorerSpec)


def _check(spec: ScorerSpec, opinion: Opinion, turn: Turn | None) -> None:
    """Hold a vote to what its rater declares and, if *turn* is given, to what was read.

    Raises:
        VoteRefused: If it does not fit.
    """
    if turn is not None and turn.hidden:
        sealed = turn.hidden == SEALED
        what = "sealed; give its seal, or" if sealed else "deleted;"
        msg = f"{spec.id} quotes text that is {what} vote without evidence"
        raise VoteRefused(msg)
    fault = fault_of(spec, opinion, None if turn is None else partial(turn.lengths, spec))
    if fault:
        raise VoteRefused(f"{spec.id} {fault}")


def _read(journal: Path, place: Spot, seal: Seal) -> Turn:
    """Give what was read at *place*."""
    with closing(Reader(journal, [seal] if seal.key else ())) as reader:
        (one,) = reader.attempts([place[1]])
        return next(turn for subject, turn in subjects(one) if subject.id == place[0].id)
