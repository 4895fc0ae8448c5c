"""How the weights in `level` were obtained, and how good they are on subjects left out.

``python -m dosimeter_scorer_actionability.fit corpus/dev`` prints both. Nothing here runs when a
reply is rated.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter_scorer_actionability.agreement import (
    exact,
    interval,
    mean_error,
    sides,
    tables,
    weighted_kappa,
    within_one,
)  # fmt: skip
from dosimeter_scorer_actionability.corpus import Text, english, read
from dosimeter_scorer_actionability.hooks import ACTIONABILITY
from dosimeter_scorer_actionability.level import LOOPING, PARTS, parts, settle
from dosimeter_scorer_actionability.rules import Features, features

RIDGE = 0.03
"""Penalty for each text, on parts scaled to unit variance."""
FOLDS = 10
EXAMPLES = 8
"""How often each example of the rubric counts: it is short, and must keep its level."""
Numbers = NDArray[np.float64]


@frozen(kw_only=True)
class Model:
    """Weights of the parts, the level where all are zero, and where the sum is cut."""

    weights: tuple[float, ...]
    base: float
    cuts: tuple[float, ...]


def matrix(found: Sequence[Features]) -> Numbers:
    """Give the parts of each text."""
    return np.array([parts(f) for f in found])


def rubric() -> tuple[list[Features], list[float]]:
    """Give the examples that people read, each counted `EXAMPLES` times, and their levels."""
    levels = ACTIONABILITY.levels * EXAMPLES
    return [features(lv.example) for lv in levels], [float(lv.value) for lv in levels]


def ridge(found: Sequence[Features], levels: Sequence[float]) -> Model:
    """Regress *levels* on the parts; cut the sum into levels as frequent as they are."""
    kept = [(f, lv) for f, lv in zip(found, levels, strict=True) if f.repeated < LOOPING]
    extra, theirs = rubric()
    x = matrix([f for f, _ in kept] + extra)
    truth = np.array([lv for _, lv in kept] + theirs)
    middle, spread = x.mean(0), x.std(0) + 1e-9
    z = (x - middle) / spread
    gram = z.T @ z + RIDGE * len(z) * np.eye(x.shape[1])
    weights = np.round(np.linalg.solve(gram, z.T @ (truth - truth.mean())) / spread, 2)
    base = round(float(truth.mean() - middle @ weights), 2)
    shares = np.cumsum([np.mean(truth == lv) for lv in (1, 2, 3, 4)])
    cuts = np.round(np.quantile(base + x @ weights, shares), 2)
    return Model(weights=tuple(weights.tolist()), base=base, cuts=tuple(cuts.tolist()))


def apply(model: Model, found: Sequence[Features]) -> list[int]:
    """Give the levels that a model gives."""
    values = model.base + matrix(found) @ np.array(model.weights)
    return [settle(float(v), model.cuts, f) for f, v in zip(found, values, strict=True)]


def left_out(texts: Sequence[Text]) -> list[int]:
    """Give each text the level from a model that was fitted without its subject's fold."""
    found = [features(t.text) for t in texts]
    names = sorted({t.subject for t in texts})
    fold = [names.index(t.subject) % FOLDS for t in texts]
    said = [0] * len(texts)
    for k in range(FOLDS):
        rest = [i for i, f in enumerate(fold) if f != k]
        out = [i for i, f in enumerate(fold) if f == k]
        model = ridge([found[i] for i in rest], [texts[i].level for i in rest])
        for i, given in zip(out, apply(model, [found[i] for i in out]), strict=True):
            said[i] = given
    return said


def fit(texts: Sequence[Text]) -> Model:
    """Fit all of *texts*."""
    return ridge([features(t.text) for t in texts], [t.level for t in texts])


def main(arguments: Sequence[str]) -> int:
    """Print the weights, and agreement on subjects left out."""
    texts = english(read(Path(arguments[0])))
    model = fit(texts)
    for name, weight in zip(PARTS, model.weights, strict=True):
        sys.stdout.write(f"{name:10} {weight:+.2f}\n")
    sys.stdout.write(f"weights {model.weights}\nbase {model.base}\ncuts {model.cuts}\n\n")
    said = left_out(texts)
    table = tables([t.subject for t in texts], [t.level for t in texts], said)
    for label, statistic in (
        ("weighted kappa", weighted_kappa), ("exact", exact), ("within one", within_one),
        ("mean absolute error", mean_error), ("4 or more", sides(4)), ("3 or more", sides(3)),
    ):  # fmt: skip
        sys.stdout.write(f"{label:20} {interval(statistic, table)}\n")
    sys.stdout.write(f"{table.sum(0).astype(int)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
