"""Sides of contrasts, made by hand."""

import numpy as np
from attrs import evolve
from made import FRAME, cell, group

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.contrast import Question, difference
from dosimeter.contrasts import contrasts
from dosimeter.model.design import Intent
from dosimeter.model.measures import Contrast, Measure, Selection
from dosimeter.model.rating import Level, Scale, ScaleKind

REFUSAL = Scale(
    name="s", kind=ScaleKind.NOMINAL,
    levels=tuple(Level(value=v, name=v) for v in ("none", "partial", "full")),
)  # fmt: skip
BENIGN = Selection(intents=(Intent.BENIGN,))
BOTH = Selection(intents=(Intent.HARMFUL, Intent.BENIGN))
TRIGGER = Contrast(factor="trigger", first="0", second="1")
MEANT = Contrast(factor="intent", first="benign", second="harmful")
KNOWN = {
    "trigger": ("0", "1"), "phrasing": ("everyday", "academic"), "intent": ("benign", "harmful"),
    "attack": ("direct", "scene"),
}  # fmt: skip


def of(contrast, select=BENIGN, **more):
    return Measure(**{"id": "m", "title": "m", "scale": "s", "estimator": "rate", "threshold": "full",
                      "select": select, "contrast": contrast} | more)  # fmt: skip


KEYWORD = of(TRIGGER)
KEYWORD_BOTH = of(evolve(TRIGGER, within=("intent",)), BOTH)
INTENT = of(evolve(MEANT, within=("trigger",)), BOTH)
INTERACTION = of(evolve(TRIGGER, between=MEANT), BOTH)


def side(intent, attack, values, family, *, frame=FRAME, scale=REFUSAL, **columns):
    """Give the marks of one side; *values* are indices of levels."""
    asked = columns.pop("asked", None)
    at = evolve(cell(columns.pop("planned", len(values))), intent=Intent(intent), attack=attack)
    marks = group(values, family, scale=scale, asked=asked, **columns)
    return Arm(group=evolve(marks, cell=("t", "c", intent, attack)), cell=at, frame=frame)


def answer(measure, sides, attack="direct", known=KNOWN):
    """Answer *measure* by marks of (intent, level of the trigger), or of what else *sides* are keyed by."""
    (one,) = [c for c in contrasts(measure, known) if c.attack == attack or " " in c.attack]
    arms = []
    for s in one.sides:
        values, family, *more = sides[s.intent, *(v for _, v in s.levels)]
        arms.append(side(s.intent, s.attack, values, family, **(more[0] if more else {})))
    at = (("target", "t"), ("category", "c"), ("intent", one.intent), ("attack", one.attack),
          ("rater", "r"), *one.levels)  # fmt: skip
    (found,) = difference(Question(measure=measure, compared=one, at=at, arms=tuple(arms)))
    return found


def four(h1, h0, b1, b0, repeats=1):
    """Give the four cells of the 2x2 by the refusals (0 or 1) of each family."""
    cells = {("harmful", "1"): h1, ("harmful", "0"): h0, ("benign", "1"): b1, ("benign", "0"): b0}
    return {
        key: (2.0 * np.asarray(y).ravel(), np.repeat(np.arange(len(y)), repeats))
        for key, y in cells.items()
    }
