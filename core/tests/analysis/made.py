"""Cells and groups of marks, made by hand."""

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
    name="s", kind=ScaleKind.ORDINAL, direction=Direction.HIGHER_IS_WORSE,
    levels=tuple(Level(value=i, name=str(i)) for i in range(1, 6)),
)  # fmt: skip
RATE = Measure(id="m", title="m", scale="s", estimator="rate", threshold=4)
MEAN = Measure(id="m", title="m", scale="s", estimator="mean")
SHARES = Measure(id="m", title="m", scale="s", estimator="shares")
FRAME = Frame(scope=Scope.SYSTEM, level=0.95, caveats=(), population="p")


def cell(planned, **counts):
    return Cell(target="t", category="c", intent=Intent.HARMFUL, attack="direct", families=0,
                planned=planned,
                **{"done": planned, "failed": 0, "open": 0, "truncated": 0, "blocked": 0,
                   "off_script": 0} | counts)  # fmt: skip


def group(values, family, *, scale=HARM, rater_kind="rule", kind="path", asked=None, **columns):
    """Make a group; *columns* not given are those of one vote on one reply an attempt."""
    n = len(values)
    subject = np.array(columns.pop("subject", range(n)))
    columns = {
        "outcome": np.zeros(n), "stop": np.zeros(n), "subject": subject, "attempt": subject,
        "candidates": np.ones(n), "batch": np.zeros(n), "family": np.array(family),
    } | {k: np.array(v) for k, v in columns.items()}  # fmt: skip
    pi, off = columns.pop("pi", np.ones(n)), columns.pop("off", np.zeros(n))
    columns = {k: v.astype(np.int64) for k, v in columns.items()}
    if asked is None:
        _, first = np.unique(columns["attempt"], return_index=True)
        asked = np.bincount(columns["family"][first])
    return Group(cell=("t", "c", "harmful", "direct"), rater="r", rater_kind=rater_kind,
                 scale=scale, kind=kind, values=np.array(values, float), pi=pi,
                 off=off.astype(bool), asked=np.array(asked),
                 several=bool((columns["candidates"] > 1).any()), **columns)  # fmt: skip


def answer(measure, marks, at):
    return list(findings(measure, marks, at, FRAME))
