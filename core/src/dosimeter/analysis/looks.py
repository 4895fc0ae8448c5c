"""Runs that stop once their gates are decided: limits that hold at every look, and what was saved."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from attrs import evolve

from dosimeter.analysis.load import Floats, Ints
from dosimeter.journal.costs import told
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat, Look
from dosimeter.model.stackfile import StopRule
from dosimeter.plural import plural
from dosimeter.serialize import from_json
from dosimeter.stats.confidence_sequences import BoundedSequence, betting

PEEKED = ("peeked", "the run looked at its gates on the way, and this has no limits that hold at every look",
          'a run of the whole plan (stop = "plan-done")')  # fmt: skip
"""Why a number of such a run has no interval."""
OF_LOOKS = (
    "This run stopped, or would have, once its gates were decided: it shows on which side of their"
    " thresholds they are, and no difference between targets."
)
"""What such a run demonstrates."""
ORDER = """
SELECT i.category || '/' || i.family, min(a.wave), min(a.k) FROM attempt a JOIN item i ON i.k = a.item
GROUP BY 1 ORDER BY 1
"""


def looked(found: Design) -> bool:
    """Tell a run that looks at its gates on the way: fixed intervals of its numbers would not hold."""
    return found.config.stop is StopRule.WHEN_DECIDED


def looks(found: Design) -> tuple[Look, ...]:
    """Give what it saw at each look."""
    return tuple(
        from_json(json.dumps(one), Look) for one in json.loads(found.run.get("looks", "[]"))
    )


def planned_order(reader: Reader) -> Ints:
    """Give the place of each family in the order in which they were planned, by its code."""
    rows = reader.rows(ORDER).fetchall()
    order = sorted(range(len(rows)), key=lambda i: rows[i][1:])
    out = np.empty(len(rows), np.int64)
    out[order] = np.arange(len(rows))
    return out


def sequence(
    y: Floats, family: Ints, order: Ints, ends: tuple[float, float], method: str
) -> BoundedSequence:
    """Give the mean of family means with limits that hold at every look (VALIDITY 31).

    Args:
        y: What is averaged, a row a unit.
        family: Code of each.
        order: Place of each family in the plan, by code.
        ends: Lowest and highest value of *y*.
        method: What it is called in a report.
    """
    codes, at = np.unique(family, return_inverse=True)
    means = np.bincount(at, weights=y) / np.bincount(at)
    ranked = np.clip(means[np.argsort(order[codes])], *ends)
    return evolve(betting(ranked, scale=ends), n=len(y), method=method)


def see(journal: Path) -> Look:
    """Look at the gates of a run whose last wave is answered and rated."""
    from dosimeter.analysis.report import make_report
    from dosimeter.withholding import Unseen

    with closing(Reader(journal)) as reader:
        report = make_report(reader, unseen=Unseen())
    families = {c.category: max(x.families for x in report.cells if x.category == c.category)
                for c in report.cells}  # fmt: skip
    limits = tuple(
        None if g.lower is None or g.upper is None else (g.lower, g.upper) for g in report.gates
    )
    states = tuple(g.state for g in report.gates)
    return Look(families=sum(families.values()), states=states, limits=limits)


def of_looks(reader: Reader, found: Design) -> Iterator[Caveat]:
    """Say of a run that looked how often it did, where it stopped, and what that saved."""
    if not looked(found):
        return
    seen = looks(found)
    times = plural(len(seen), "look")
    made, saved = _made_and_saved(reader)
    if not saved:
        text = f"the run looked at its gates on the way ({times}); its limits hold at every look"
        yield Caveat(code="looked", text=text)
        return
    families = seen[-1].families if seen else 0
    text = (
        f"stopped early: every gate was decided after {plural(families, 'family')} ({times}); limits hold"
        f" at every look. {plural(saved, 'attempt')} of the plan were not made:"
        f" about {spared(reader, made, saved)}"
    )
    yield Caveat(code="stopped-early", text=text)


def _made_and_saved(reader: Reader) -> tuple[int, int]:
    """Count the attempts that were made, and those that were not needed."""
    made, saved = reader.rows(
        "SELECT sum(state NOT IN ('not-needed', 'open')), sum(state = 'not-needed') FROM attempt"
    ).fetchone()
    return int(made or 0), int(saved or 0)


def spared(reader: Reader, made: int, saved: int) -> str:
    """Estimate in words what *saved* attempts would have taken, by what those *made* took."""
    (requests,) = reader.rows("SELECT count(*) FROM try").fetchone()
    _, _, money = told(reader.db)
    share = saved / max(made, 1)
    calls = f"{plural(round(requests * share), 'call')}"
    return calls if not money else f"{calls} and {money * share:.2f} in money"
