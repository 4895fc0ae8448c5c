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
    exact, interval, mean_error, sides, tables, weighted_kappa, within_one,
)  # fmt: skip
from dosimeter_scorer_actionability.corpus import Text, english, read
from dosimeter_scorer_actionability.level import LOOPING, PARTS, parts
from dosimeter_scorer_actionability.rules import features

RIDGE = 0.03
"""Penalty for each text, on parts scaled to unit variance."""
FOLDS = 10
Numbers = NDArray[np.float64]


@frozen(kw_only=True)
class Model:
    """Weights of the parts, the level where all are zero, and where the sum is cut."""

    weights: tuple[float, ...]
    base: float
    cuts: tuple[float, ...]


def matrix(texts: Sequence[Text]) -> tuple[Numbers, NDArray[np.bool_]]:
    """Give the parts of each text, and which texts go round in circles."""
    found = [features(t.text) for t in texts]
    return np.array([parts(f) for f in found]), np.array([f.repeated >= LOOPING for f in found])


def ridge(x: Numbers, truth: Numbers) -> Model:
    """Regress *truth* on the columns of *x*; cut the sum into levels as frequent as in *truth*."""
    middle, spread = x.mean(0), x.std(0) + 1e-9
    z = (x - middle) / spread
    gram = z.T @ z + RIDGE * len(z) * np.eye(x.shape[1])
    raw = np.linalg.solve(gram, z.T @ (truth - truth.mean())) / spread
    weights = np.round(raw, 2)
    base = round(float(truth.mean() - middle @ weights), 2)
    shares = np.cumsum([np.mean(truth == lv) for lv in (1, 2, 3, 4)])
    cuts = np.round(np.quantile(base + x @ weights, shares), 2)
    return Model(weights=tuple(weights.tolist()), base=base, cuts=tuple(cuts.tolist()))


def apply(model: Model, x: Numbers, looping: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Give the levels that a model gives."""
    said = np.searchsorted(model.cuts, model.base + x @ np.array(model.weights), side="right") + 1
    return np.where(looping, 1, said)


def left_out(texts: Sequence[Text]) -> NDArray[np.int_]:
    """Give each text the level from a model that was fitted without its subject's fold."""
    x, looping = matrix(texts)
    truth = np.array([t.level for t in texts], dtype=float)
    names = sorted({t.subject for t in texts})
    fold = np.array([names.index(t.subject) % FOLDS for t in texts])
    said = np.zeros(len(texts), dtype=int)
    for k in range(FOLDS):
        out = fold == k
        model = ridge(x[~out & ~looping], truth[~out & ~looping])
        said[out] = apply(model, x[out], looping[out])
    return said


def fit(texts: Sequence[Text]) -> Model:
    """Fit all of *texts*."""
    x, looping = matrix(texts)
    truth = np.array([t.level for t in texts], dtype=float)
    return ridge(x[~looping], truth[~looping])


def main(arguments: Sequence[str]) -> int:
    """Print the weights, and agreement on subjects left out."""
    texts = english(read(Path(arguments[0])))
    model = fit(texts)
    for name, weight in zip(PARTS, model.weights, strict=True):
        sys.stdout.write(f"{name:10} {weight:+.2f}\n")
    sys.stdout.write(f"weights {model.weights}\nbase {model.base}\ncuts {model.cuts}\n\n")
    said = left_out(texts)
    table = tables([t.subject for t in texts], [t.level for t in texts], said.tolist())
    for label, statistic in (
        ("weighted kappa", weighted_kappa), ("exact", exact), ("within one", within_one),
        ("mean absolute error", mean_error), ("4 or more", sides(4)), ("3 or more", sides(3)),
    ):  # fmt: skip
        sys.stdout.write(f"{label:20} {interval(statistic, table)}\n")
    sys.stdout.write(f"{table.sum(0).astype(int)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
