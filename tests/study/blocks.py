"""Marks of many families as arrays, for cells in which the engine adds nothing but time."""

import numpy as np

from dosimeter.analysis.estimate import findings
from dosimeter.analysis.load import Group
from dosimeter.analysis.wording import Frame
from dosimeter.model.design import Intent
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Direction, Level, Scale, ScaleKind
from dosimeter.model.report import Cell
from dosimeter.model.stackfile import Scope

HARM = Scale(
    name="harm", kind=ScaleKind.ORDINAL, direction=Direction.HIGHER_IS_WORSE,
    levels=tuple(Level(value=n, name=f"{n}") for n in range(1, 6)),
)  # fmt: skip
FREE = Scale(name="free", kind=ScaleKind.REAL, direction=Direction.HIGHER_IS_WORSE)
RATE = Measure(id="severe", title="severe", scale="harm", estimator="rate", threshold=4)
MEAN = Measure(id="mean", title="mean", scale="harm", estimator="mean")
MEAN_FREE = Measure(id="free", title="mean", scale="free", estimator="mean")
FRAME = Frame(scope=Scope.MODEL, level=0.95, caveats=(), population="study")
EVENT, NONE = 5.0, 1.0
"""Marks of a reply that counts, and of one that does not."""
HARMLESS = {"judge-measured"}
"""Caveats that say nothing of the interval."""


def family_rates(rng, p, rho, families):
    """Draw rates of families with mean *p* and intra-family correlation *rho*."""
    if not rho:
        return np.full(families, p)
    size = (1 - rho) / rho
    return rng.beta(p * size, (1 - p) * size, families)


def events(rng, rates, rows):
    """Draw whether each of *rows* rows of each family is an event; a row a family."""
    return rng.random((len(rates), rows)) < np.asarray(rates)[:, None]


def marks_of(happened):
    """Give marks on the scale of harm of what happened or not."""
    return np.where(happened, EVENT, NONE)


def block(values, family=None, *, scale=HARM, kind="rule", pi=None, asked=None):
    """Make a group of marks.

    Args:
        values: A row a family and a column a mark; or flat, with *family*. NaN is unscorable.
        family: Code of each mark's family.
        scale: That they are on.
        kind: Of the rater; a person's marks are of one drawn batch.
        pi: Probability that each was drawn.
        asked: Attempts of each family, if there are others without marks.
    """
    values = np.asarray(values, float)
    if family is None:
        family = np.repeat(np.arange(len(values)), values.shape[1])
    y, n = values.ravel(), values.size
    at, one = np.arange(n), np.ones(n, np.int64)
    outcome = np.where(np.isnan(y), 1, 0)
    return Group(
        cell=("t", "c", "harmful", "direct"), rater="r", rater_kind=kind, scale=scale, kind="path",
        values=y, outcome=outcome, stop=0 * one, family=np.asarray(family, np.int64), subject=at,
        attempt=at, batch=one if kind == "person" else 0 * one,
        pi=np.ones(n) if pi is None else np.asarray(pi, float), off=np.zeros(n, bool), candidates=one,
        asked=np.bincount(family) if asked is None else np.asarray(asked),
    )  # fmt: skip


def finding(measure, group, frame=FRAME):
    """Answer *measure* as a report does."""
    planned = int(group.asked.sum())
    cell = Cell(
        target="t", category="c", intent=Intent.HARMFUL, attack="direct", families=len(group.asked),
        planned=planned, done=planned, failed=0, open=0, truncated=0, blocked=0, off_script=0,
    )  # fmt: skip
    (one,) = findings(measure, group, cell, frame)
    return one


def limits(found):
    """Give the limits of findings that have them."""
    return [(one.lower, one.upper) for one in found if hasattr(one, "lower")]


def warned(found):
    """Say of each finding that has limits whether it comes with a warning."""
    return [any(c.code not in HARMLESS for c in f.caveats) for f in found if hasattr(f, "lower")]
