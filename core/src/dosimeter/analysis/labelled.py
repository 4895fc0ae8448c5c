"""Replies with a label of people's and a mark of one rater: what a card is made of."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

from dosimeter.analysis.csvlabels import placed, read_labels
from dosimeter.analysis.report import make_evidence
from dosimeter.analysis.sampled import Batches
from dosimeter.analysis.voted import Reply, Said, said_of
from dosimeter.errors import CardRefused
from dosimeter.journal.design import Design, Known
from dosimeter.journal.reader import Reader
from dosimeter.model.rating import PERSON, SubjectKind, Value
from dosimeter.nearest import nearest

DRAWN = "drawn at random with known probability; weighted by it"
CHOSEN = "chosen by the people who read them, nobody knows how"
FAMILIES = f"""
SELECT u.k, i.category || '/' || i.family FROM subject u JOIN attempt a ON a.k = u.attempt
  JOIN item i ON i.k = a.item WHERE u.kind = '{SubjectKind.PATH}'
"""


@frozen(kw_only=True)
class Labelled:
    """One reply, as people and the rater have it.

    Attributes:
        weight: For how many replies it stands.
        confidence: The rater's own, that its mark is right; None if it states none.
    """

    reply: Reply
    label: Value
    mark: Value
    weight: float
    confidence: float | None


@frozen(kw_only=True)
class Sample:
    """What is known of one rater on one scale.

    Attributes:
        unmarked: Labelled replies without a mark of the rater.
        tied: Replies on which people are divided evenly.
        undrawn: Votes on replies that were not drawn, left out.
        table: What each of *people* says of each reply; None where they do not say.
        family: Of each reply of *table*.
    """

    rows: tuple[Labelled, ...]
    people: tuple[str, ...]
    drawn: str
    unmarked: int = 0
    tied: int = 0
    undrawn: int = 0
    table: tuple[tuple[Value | None, ...], ...] = ()
    family: tuple[str, ...] = ()


@frozen(kw_only=True)
class Vote:
    """What a person says of a reply, by its key."""

    reply: int
    person: str
    value: Value
    weight: float = 1.0
    drawn: bool = False


def rater_of(found: Design, name: str) -> Known:
    """Find a rule or a judge of the run by name.

    Raises:
        CardRefused: If there is none, or several identities of one name.
    """
    machines = [r for r in found.raters if r.kind != PERSON]
    mine = [r for r in machines if r.label == name] or [r for r in machines if r.name == name]
    if len(mine) == 1:
        return mine[0]
    if mine:
        msg = f"--rater {name}: it was changed under way; give one of {', '.join(r.label for r in mine)}"
        raise CardRefused(msg)
    labels = {r.label: r for r in machines}
    people = {r.label for r in found.raters if r.kind == PERSON}
    if name in people:
        msg = f"--rater {name}: that is a person; give a rule or a judge: {', '.join(labels) or 'none'}"
        raise CardRefused(msg)
    msg = f"--rater {name}: the run has no such rater; {nearest(name, labels, there='raters:')}"
    raise CardRefused(msg)


def samples(
    reader: Reader, found: Design, rater: Known, *, person: str = "", file: Path | None = None
) -> dict[str, Sample]:
    """Give what is known of *rater* on each scale that people labelled.

    Args:
        reader: The journal.
        found: Its design.
        rater: A rule or a judge.
        person: The only one whose labels are taken; empty for all.
        file: With labels; None for the votes of the journal.

    Raises:
        CardRefused: If there are none, or the file cannot be read.
    """
    marks: dict[int, dict[str, Said]] = {}
    for one in said_of(reader, found, rater.k):
        marks.setdefault(one.reply.k, {})[one.scale] = one
    votes = _of_file(reader, rater, file) if file else _of_journal(reader, found, rater)
    people = {v.person for some in votes.values() for v in some}
    if not votes:
        scales = ", ".join(s.name for s in rater.spec.scales)
        msg = f"nobody voted on {scales} in this run; draw a batch and have it read, or give --labels FILE"
        raise CardRefused(msg)
    if person and person not in people:
        msg = f"--person {person}: no labels of theirs; {nearest(person, people, there='people:')}"
        raise CardRefused(msg)
    family = dict(reader.rows(FAMILIES))
    return {
        scale: _sample([v for v in some if person in {"", v.person}], scale, marks, family)
        for scale, some in votes.items()
    }


def _of_journal(reader: Reader, found: Design, rater: Known) -> dict[str, list[Vote]]:
    batches, names = Batches(reader=reader), {r.k: r for r in found.raters}
    mine = {s.name for s in rater.spec.scales}
    out: dict[str, list[Vote]] = {}
    for one in said_of(reader, found):
        if names[one.rater].kind != PERSON or one.scale not in mine:
            continue
        there = one.batch is not None and one.batch not in batches.refused(
            one.reply.cell, SubjectKind.PATH.value
        )
        vote = Vote(reply=one.reply.k, person=names[one.rater].label, value=one.value,
                    weight=1 / one.pi if there else 1.0, drawn=there)  # fmt: skip
        out.setdefault(one.scale, []).append(vote)
    return out


def _of_file(reader: Reader, rater: Known, file: Path) -> dict[str, list[Vote]]:
    scales = {s.name: s for s in rater.spec.scales}
    labels = read_labels(file, scales)
    attempts: dict[str, list[int]] = {}
    for k, name in reader.rows(
        "SELECT u.k, lower(hex(a.id)) FROM subject u JOIN attempt a ON a.k = u.attempt"
        f" WHERE u.kind = '{SubjectKind.PATH}' ORDER BY u.k"
    ):
        attempts.setdefault(name, []).append(k)
    hashes = _hashes(reader, attempts) if any(one.hashed for one in labels) else {}
    out: dict[str, list[Vote]] = {}
    for one, key in placed(file, labels, attempts, hashes):
        if one.value is not None:
            vote = Vote(reply=key, person=one.person, value=one.value)
            out.setdefault(one.scale, []).append(vote)
    if not out:
        msg = f"{file}: every label is empty, so nothing is known of {rater.label}"
        raise CardRefused(msg)
    return out


def _hashes(reader: Reader, attempts: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Give the replies of each hash: attempts whose words are the same have one."""
    out: dict[str, list[int]] = {}
    for one in make_evidence(reader):
        if one.reply_hash and len(attempts.get(one.attempt_id, ())) == 1:
            out.setdefault(one.reply_hash, []).extend(attempts[one.attempt_id])
    return out


def _sample(
    votes: Iterable[Vote], scale: str, marks: Mapping[int, Mapping[str, Said]],
    family: Mapping[int, str],
) -> Sample:  # fmt: skip
    given = list(votes)
    drawn = [v for v in given if v.drawn]
    taken = drawn or given
    by_reply: dict[int, list[Vote]] = {}
    for vote in taken:
        by_reply.setdefault(vote.reply, []).append(vote)
    rows, unmarked, tied = [], 0, 0
    for key, some in by_reply.items():
        label = _most(v.value for v in some)
        mark = marks.get(key, {}).get(scale)
        tied += label is None
        unmarked += label is not None and mark is None
        if label is not None and mark is not None:
            rows.append(Labelled(reply=mark.reply, label=label, mark=mark.value, weight=some[0].weight,
                                 confidence=_sure(mark)))  # fmt: skip
    people = tuple(sorted({v.person for v in taken}))
    said = [{v.person: v.value for v in some} for some in by_reply.values()]
    return Sample(
        rows=tuple(rows), people=people, table=tuple(tuple(s.get(p) for p in people) for s in said),
        family=tuple(family[k] for k in by_reply), drawn=DRAWN if drawn else CHOSEN,
        unmarked=unmarked, tied=tied, undrawn=len(given) - len(taken),
    )  # fmt: skip


def _most(values: Iterable[Value]) -> Value | None:
    """Give what most people say; None where they are divided evenly."""
    counted = Counter(values).most_common(2)
    even = len(counted) > 1 and counted[0][1] == counted[1][1]
    return None if even else counted[0][0]


def _sure(mark: Said) -> float | None:
    """Say how sure a rater is of its mark: what it states, or the share of its votes."""
    if mark.confidence is not None:
        return mark.confidence
    return mark.votes.count(mark.value) / len(mark.votes) if len(mark.votes) > 1 else None
