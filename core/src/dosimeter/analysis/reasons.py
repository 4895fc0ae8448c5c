"""Why replies have no mark: the raters' own words, counted."""

from collections import Counter
from collections.abc import Iterator, Mapping

from dosimeter.analysis.load import Key, Reasons
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import MANY_MISSING, Caveat
from dosimeter.model.rating import PERSON, SubjectKind

# A block is counted as one; a reply with some votes is rated by those, and else has its first vote's reason.
REASONS = """
SELECT target, category, intent, attack, rater, scale, kind, reason, count(*) FROM (
SELECT t.name AS target, r.category, i.intent, r.attack, g.rater, m.scale, u.kind, m.reason,
  min(g.vote)
FROM mark m JOIN rating g ON g.k = m.rating JOIN subject u ON u.k = g.subject
  JOIN attempt a ON a.k = u.attempt JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm
  JOIN endpoint t ON t.k = r.target
WHERE m.outcome != 'scored' AND m.reason NOT LIKE 'blocked:%' AND g.batch IS NULL
  AND NOT EXISTS (SELECT 1 FROM rating h WHERE h.supersedes = g.id)
  AND NOT EXISTS (SELECT 1 FROM rating h JOIN mark x ON x.rating = h.k
    WHERE h.subject = g.subject AND h.rater = g.rater AND x.scale = m.scale
      AND x.outcome = 'scored')
GROUP BY u.k, g.rater, m.scale
) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
REPLIES = """
SELECT t.name, count(DISTINCT d.call) FROM candidate d JOIN attempt a ON a.k = d.attempt
  JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target GROUP BY 1
"""


def why_unmarked(reader: Reader, found: Design) -> dict[Key, Reasons]:
    """Count by cell, rater and scale why subjects have no mark."""
    raters = {r.k: (r.label, r.kind) for r in found.raters}
    out: dict[Key, Counter[str]] = {}
    for t, c, i, a, rater, scale, kind, reason, n in reader.rows(REASONS):
        key = ((t, c, i, a), *raters[rater], scale, kind)
        out.setdefault(key, Counter())[reason] += n
    return {key: _ordered(counts) for key, counts in out.items()}


def _ordered(counts: Counter[str]) -> Reasons:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def spelled(why: Reasons) -> str:
    """Give reasons in a row, such as ``11 echo, 4 language:de``."""
    return ", ".join(f"{n} {reason}" for reason, n in why)


def without_mark(reader: Reader, why: Mapping[Key, Reasons]) -> Iterator[Caveat]:
    """Say of each target and rater why many replies have no mark, over all ways of asking."""
    replies = dict(reader.rows(REPLIES))
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for (place, rater, rater_kind, scale, kind), given in why.items():
        if kind == SubjectKind.PATH and rater_kind != PERSON:
            found.setdefault((place[0], rater, scale), Counter()).update(dict(given))
    for (target, rater, scale), counts in sorted(found.items()):
        lost, asked = counts.total(), replies.get(target, 0)
        if lost > MANY_MISSING * asked:
            said = spelled(_ordered(counts))
            text = f"{target}: {rater} gave {lost} of {asked} replies no mark of {scale}: {said}"
            yield Caveat(code="unmarked", text=text)
