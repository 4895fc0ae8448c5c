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


def unrated_by(reader: Reader, found: Design) -> Iterator[Unrated]:
    """Give the raters that lack ratings; people are asked about samples and lack none."""
    # A journal of before this was kept does not say: all of its raters count.
    current = json.loads(found.run["raters"]) if "raters" in found.run else None
    for rater in found.raters:
        if rater.kind != PERSON:
            n = sum(1 for _ in reader.unrated(rater.id, 1, rater.spec.subjects))
            if n:
                yield Unrated(rater=rater.label, n=n, counts=current is None or rater.id in current)


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


def is_whole(reader: Reader) -> bool:
    """Say whether a run is complete, as its report does, without making the report."""
    found = design(reader)
    if "planned" not in found.run or reader.rows(NOT_ENDED).fetchone():
        return False
    return not any(one.counts for one in unrated_by(reader, found))
