"""Marks of replies that people read, beside those of rules and judges: one a rater, reply and scale."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from dosimeter.analysis.load import Place
from dosimeter.analysis.stops import BLOCKED, STOP
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.design import ANSWER
from dosimeter.model.rating import PERSON, ScaleKind, SubjectKind, Value

VOTED = f"""u.k IN (SELECT g.subject FROM rating g JOIN rater w ON w.k = g.rater
  WHERE w.kind = '{PERSON}')"""
# A provider's block is no judgement of anybody.
MARKS = f"""
SELECT u.k, lower(hex(a.id)), t.name, i.category, i.intent, r.attack,
  i.category || '/' || i.family, coalesce((SELECT f.value FROM arm_factor f WHERE f.arm = r.k
  AND f.name = '{ANSWER}'), i.language), t.model, g.rater, m.scale, m.num, m.label, g.batch, d.pi,
  g.confidence
FROM subject u JOIN attempt a ON a.k = u.attempt JOIN item i ON i.k = a.item
  JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target JOIN call c ON c.k = u.call
  JOIN rating g ON g.subject = u.k JOIN rater w ON w.k = g.rater
  JOIN mark m ON m.rating = g.k AND m.outcome = 'scored'
  LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k
WHERE u.kind = '{SubjectKind.PATH}' AND {{which}} AND {STOP} != {BLOCKED}
  AND NOT EXISTS (SELECT 1 FROM rating h WHERE h.supersedes = g.id)
ORDER BY a.k, u.k, w.name, w.id, m.scale, g.batch, g.vote
"""


@frozen(kw_only=True)
class Reply:
    """A reply that was rated.

    Attributes:
        k: Key of its subject.
        model: Name of the model that replied, as it was configured.
        language: That it was to be in.
    """

    k: int
    attempt: str
    cell: Place
    family: str
    language: str
    model: str


@frozen(kw_only=True)
class Said:
    """What one rater says of one reply on one scale: of several votes what most of them say.

    Attributes:
        rater: Key of the rater.
        value: As the scale has it.
        votes: All that were given.
        batch: Key of the first drawn batch that it was given in; None for no batch.
        pi: Probability that this drew the reply.
        confidence: The rater's own, of its first vote; None if it states none.
    """

    reply: Reply
    rater: int
    scale: str
    value: Value
    votes: tuple[Value, ...]
    batch: int | None = None
    pi: float = 1.0
    confidence: float | None = None


def said_of(reader: Reader, found: Design, every: int | None = None) -> Iterator[Said]:
    """Give what raters say of the replies that people voted on, in the order of the plan.

    Args:
        reader: The journal.
        found: Its design.
        every: Key of a rater of whom alone it is given, and of all replies: also those on which
            nobody voted.
    """
    held: dict[tuple[int, int, str], list[Said]] = {}
    kinds = {at: scale.kind for at, scale in found.own.items()}
    which = VOTED if every is None else f"g.rater = {every}"
    for k, attempt, *rest in reader.rows(MARKS.format(which=which)):
        cell, (family, language, model, rater, scale, num, label, batch, pi, sure) = (
            rest[:4],
            rest[4:],
        )
        if (rater, scale) not in kinds:
            continue
        value = _value(kinds[rater, scale], num, label)
        reply = Reply(k=k, attempt=attempt, cell=(cell[0], cell[1], cell[2], cell[3]),
                      family=family, language=language, model=model)  # fmt: skip
        one = Said(reply=reply, rater=rater, scale=scale, value=value, votes=(value,), batch=batch,
                   pi=1.0 if pi is None else pi, confidence=sure)  # fmt: skip
        held.setdefault((k, rater, scale), []).append(one)
    yield from map(_of_votes, held.values())


def _value(kind: ScaleKind, num: float | None, label: str | None) -> Value:
    """Give a mark as its scale has it."""
    if num is None:
        return label or ""
    if kind is ScaleKind.BOOLEAN:
        return bool(num)
    return num if kind is ScaleKind.REAL or num != int(num) else int(num)


def _of_votes(votes: list[Said]) -> Said:
    """Put several votes into one: those of the first drawn batch; what most of them say."""
    drawn = [v for v in votes if v.batch is not None]
    first = drawn[0] if drawn else votes[0]
    mine = tuple(v.value for v in votes if v.batch == first.batch)
    counted = Counter(map(_key, mine))
    most = max(counted.values())
    value = next(v for v in mine if counted[_key(v)] == most)
    return Said(reply=first.reply, rater=first.rater, scale=first.scale, value=value, votes=mine,
                batch=first.batch, pi=first.pi, confidence=first.confidence)  # fmt: skip


def _key(value: Value) -> tuple[type, Value]:
    """Tell 1 from true."""
    return type(value), value


def by_reply(said: Iterable[Said]) -> Mapping[int, list[Said]]:
    """Give what was said of each reply, by its key."""
    out: dict[int, list[Said]] = {}
    for one in said:
        out.setdefault(one.reply.k, []).append(one)
    return out
