"""Replies on the way that a rater has not rated: they are there, so they are missing."""

from collections.abc import Iterator

from dosimeter.analysis.stops import STOP
from dosimeter.journal.design import Design
from dosimeter.journal.reader import CHUNK, Reader, chunks
from dosimeter.journal.schema import placeholders
from dosimeter.model.rating import PERSON, SubjectKind

# As `journal.subjects` has them: each reply that another one on a candidate's path comes after.
LACKING = f"""
WITH RECURSIVE up(attempt, m) AS (
  SELECT d.attempt, m.parent FROM candidate d JOIN message m ON m.k = d.leaf
  WHERE d.attempt IN ({{}}) AND m.parent IS NOT NULL
  UNION SELECT up.attempt, m.parent FROM up JOIN message m ON m.k = up.m
  WHERE m.parent IS NOT NULL)
SELECT a.arm, a.item, {STOP}, max(c.k), a.k FROM up JOIN attempt a ON a.k = up.attempt
  JOIN scope s ON s.id = a.id JOIN call c ON c.scope = s.k AND c.reply = up.m
WHERE NOT EXISTS (SELECT 1 FROM subject u JOIN rating g ON g.subject = u.k
  WHERE u.attempt = a.k AND u.kind = 'turn' AND u.call = c.k AND g.rater = ?)
GROUP BY a.k, up.m ORDER BY a.k, c.step, c.idx
"""
Lacking = tuple[int, int, int, tuple[str, ...], int, int, int]


def unrated_turns(reader: Reader, found: Design) -> Iterator[Lacking]:
    """Give arm, item, rater, the rater's scales, stop, call and attempt of each."""
    for rater in found.raters:
        # One vote is a rating, as it is of a path; that others are lacking is said of the run.
        if rater.kind == PERSON or SubjectKind.TURN not in rater.spec.subjects:
            continue
        scales = tuple(s.name for s in rater.spec.scales)
        for ks in chunks(reader.unrated(rater.id, 1, (SubjectKind.TURN,)), CHUNK):
            sql = LACKING.format(placeholders(len(ks)))
            for arm, item, stop, call, attempt in reader.rows(sql, (*ks, rater.k)):
                yield arm, item, rater.k, scales, stop, call, attempt
