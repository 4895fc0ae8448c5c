"""How the weights in `level` were obtained, and how good they are on authors and subjects left out.

``python -m dosimeter_scorer_actionability.fit corpus/dev corpus/trial`` prints both. Nothing here runs when a
reply is rated.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter_scorer_actionability.agreement import (
    Statistic,
    exact,
    interval,
    mean_error,
    sides,
    tables,
    weighted_kappa,
)
from dosimeter_scorer_actionability.corpus import LEVELS, Text, english, read
from dosimeter_scorer_actionability.hooks import ACTIONABILITY
from dosimeter_scorer_actionability.level import LOOPING, PARTS, combine, parts, settle
from dosimeter_scorer_actionability.rules import Features, features

RIDGE = 0.005
"""Penalty for each text, on parts scaled to unit variance: five from 0.002 to 0.04 were tried."""
ROUNDS = 12
"""Newton steps; half as many do."""
FOLDS = 10
EXAMPLES = 12
"""How often each text of the rubric counts: it is short, and must keep its level."""
STATISTICS: tuple[tuple[str, Statistic], ...] = (
    ("weighted kappa", weighted_kappa),
    ("exact", exact),
    ("mean absolute error", mean_error),
    ("right side of 4", sides(4)),
    ("right side of 3", sides(3)),
)
Numbers = NDArray[np.float64]


@frozen(kw_only=True)
class Model:
    """For each boundary between levels the weights of the parts and what they are added to."""

    weights: tuple[tuple[float, ...], ...]
    bases: tuple[float, ...]


def matrix(found: Sequence[Features]) -> Numbers:
    """Give the parts of each text."""
    return np.array([parts(f) for f in found])


def rubric() -> tuple[list[Features], list[float]]:
    """Give the texts of the rubric that people read, each counted `EXAMPLES` times."""
    texts: list[tuple[str, int]] = []
    for lv in ACTIONABILITY.levels:
        beside = [n for n in (int(lv.value) - 1, int(lv.value) + 1) if n in LEVELS]
        texts += [(lv.example, int(lv.value)), (lv.anchor, int(lv.value))]
        texts += [(text, n) for text, n in zip(lv.near_misses, beside, strict=True)]
    found = [features(text) for text, _ in texts]
    return found * EXAMPLES, [float(value) for _, value in texts] * EXAMPLES


def logistic(z: Numbers, above: Numbers) -> Numbers:
    """Regress *above*, 0 or 1, on *z* and a constant, which comes first and is not shrunk."""
    x = np.c_[np.ones(len(z)), z]
    penalty = RIDGE * len(x) * np.eye(x.shape[1])
    penalty[0, 0] = 0
    weights = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (chance - above) + penalty @ weights
        weights -= np.linalg.solve((x.T * (chance * (1 - chance))) @ x + penalty, slope)
    return weights


def boundaries(found: Sequence[Features], levels: Sequence[float]) -> Model:
    """Fit one logistic regression for each boundary between two levels."""
    kept = [(f, lv) for f, lv in zip(found, levels, strict=True) if f.repeated < LOOPING]
    extra, theirs = rubric()
    x = matrix([f for f, _ in kept] + extra)
    truth = np.array([lv for _, lv in kept] + theirs)
    middle, spread = x.mean(0), x.std(0) + 1e-9
    rows = [logistic((x - middle) / spread, (truth > k).astype(float)) for k in LEVELS[:-1]]
    weights = [np.round(row[1:] / spread, 2) for row in rows]
    bases = [float(row[0] - middle @ w) for row, w in zip(rows, weights, strict=True)]
    return Model(
        weights=tuple(tuple(w.tolist()) for w in weights),
        bases=tuple(round(base, 2) for base in bases),
    )


def apply(model: Model, found: Sequence[Features]) -> list[int]:
    """Give the levels that a model gives."""
    sums = matrix(found) @ np.array(model.weights).T + np.array(model.bases)
    return [settle(combine(s), f) for f, s in zip(found, sums.tolist(), strict=True)]


def left_out(texts: Sequence[Text]) -> list[int]:
    """Give each text the level from a model that was fitted without its subject's fold."""
    found = [features(t.text) for t in texts]
    names = sorted({t.subject for t in texts})
    fold = [names.index(t.subject) % FOLDS for t in texts]
    said = [0] * len(texts)
    for k in range(FOLDS):
        rest = [i for i, f in enumerate(fold) if f != k]
        out = [i for i, f in enumerate(fold) if f == k]
        model = boundaries([found[i] for i in rest], [texts[i].level for i in rest])
        for i, given in zip(out, apply(model, [found[i] for i in out]), strict=True):
            said[i] = given
    return said


def across(fitted_on: Sequence[Text], texts: Sequence[Text]) -> list[int]:
    """Give *texts* the levels from a model that was fitted on another author's."""
    return apply(fit(fitted_on), [features(t.text) for t in texts])


def fit(texts: Sequence[Text]) -> Model:
    """Fit all of *texts*."""
    return boundaries([features(t.text) for t in texts], [t.level for t in texts])


def agreement(texts: Sequence[Text], said: Sequence[int]) -> list[str]:
    """Print how levels agree with those intended, as Markdown cells."""
    table = tables([t.subject for t in texts], [t.level for t in texts], said)
    return [str(interval(statistic, table)) for _, statistic in STATISTICS]


def report(dev: Sequence[Text], trial: Sequence[Text]) -> str:
    """Print agreement across authors, and on subjects left out, as a Markdown table."""
    both = [*dev, *trial]
    rows = (
        ("one author to the other, dev to trial", trial, across(dev, trial)),
        ("the other way, trial to dev", dev, across(trial, dev)),
        ("both, other subjects", both, left_out(both)),
    )
    lines = [
        f"| fitted on | {' | '.join(name for name, _ in STATISTICS)} |",
        "|" + "---|" * (1 + len(STATISTICS)),
    ]
    for name, texts, said in rows:
        lines.append(f"| {name} | {' | '.join(agreement(texts, said))} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print the weights, and agreement on authors and subjects left out."""
    dev, trial = (english(read(Path(folder))) for folder in arguments)
    model = fit([*dev, *trial])
    for name, *weights in zip(PARTS, *model.weights, strict=True):
        sys.stdout.write(f"{name:10} {' '.join(f'{w:+6.2f}' for w in weights)}\n")
    sys.stdout.write(f"weights {model.weights}\nbases {model.bases}\n\n{report(dev, trial)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
