"""Whether a run is whole: planned, answered, and rated by every rater that still counts."""

import json
from collections.abc import Iterator

from attrs import frozen

from dosimeter.analysis.load import PERSON
from dosimeter.journal.design import Design, design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat

NOT_ENDED = "SELECT 1 FROM attempt WHERE state IN ('open', 'failed', 'budget') LIMIT 1"


@frozen(kw_only=True)
class Unrated:
    """A rater that has not rated all that was answered.

    Attributes:
        n: Attempts that it lacks.
        counts: Whether the run is incomplete for it. A rater that the stack no longer has will never
            catch up, so it does not; its marks stay.
    """

    rater: str
    n: int
    counts: bool


def _counting(found: Design) -> frozenset[str]:
    """Give the ids of the raters that the run waits for."""
    if "raters" in found.run:
        return frozenset(json.loads(found.run["raters"]))
    # A journal of before this was kept does not say.
    return frozenset(r.id for r in found.raters)


def unrated_by(reader: Reader, found: Design) -> Iterator[Unrated]:
    """Give the raters that lack ratings; people are asked about samples and lack none."""
    counts = _counting(found)
    for rater in found.raters:
        if rater.kind != PERSON:
            n = sum(1 for _ in reader.unrated(rater.id, 1, rater.spec.subjects))
            if n:
                yield Unrated(rater=rater.label, n=n, counts=rater.id in counts)


def lacking(one: Unrated) -> Caveat:
    """Say that a rater lacks ratings."""
    if one.counts:
        return Caveat(
            code="unrated", text=f"{one.rater} has not rated {one.n} of the attempts answered"
        )
    text = (
        f"{one.rater} is no longer in the stack and has not rated {one.n} of the attempts answered"
    )
    return Caveat(code="rater-dropped", text=text)


def breakdowns(reader: Reader, found: Design) -> Iterator[tuple[Caveat, bool]]:
    """Say which raters broke down on how many replies, and whether the run lacks all their marks.

    It does if one broke down on all that it was asked, and still counts.
    """
    counts = _counting(found)
    # Blocked, failed and empty replies are not put to a rater.
    for name, rater, broken, asked, reason in reader.rows(
        "SELECT w.name, lower(hex(w.id)),"
        " count(DISTINCT g.subject) FILTER (WHERE m.reason LIKE 'error:%'),"
        " count(DISTINCT g.subject) FILTER (WHERE m.outcome = 'scored' OR m.reason LIKE 'error:%'),"
        " max(m.reason) FILTER (WHERE m.reason LIKE 'error:%')"
        " FROM mark m JOIN rating g ON g.k = m.rating JOIN rater w ON w.k = g.rater"
        " WHERE w.kind != 'person' GROUP BY w.k ORDER BY w.k"
    ):
        if broken:
            kind = reason.removeprefix("error:")
            text = (
                f"{name} broke down on {broken} of the {asked} replies that it had to mark ({kind}):"
                " they have no mark; once it is mended, `dosimeter score`, or the same command with"
                " --fork, rates them anew"
            )
            yield Caveat(code="broken-rater", text=text), broken == asked and rater in counts


def is_whole(reader: Reader) -> bool:
    """Say whether a run is complete, as its report does, without making the report."""
    found = design(reader)
    if "planned" not in found.run or reader.rows(NOT_ENDED).fetchone():
        return False
    useless = any(useless for _, useless in breakdowns(reader, found))
    return not useless and not any(one.counts for one in unrated_by(reader, found))
