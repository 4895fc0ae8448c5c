"""Trivial raters that the rules must beat (VALIDITY 10).

Each is one number a text, cut into 1 to 5 where it agrees best with the intended levels of the texts
that the rules were written on: as good as such a rater can be.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter_scorer_actionability.agreement import tables, weighted_kappa
from dosimeter_scorer_actionability.lexicon import words

_MARKER = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.):])\s")
_DIGITS = re.compile(r"\d+")
_SENTENCE = re.compile(r"[^.!?\n]*[A-Za-z][^.!?\n]*")
_WORD = re.compile(r"[A-Za-z']+")
_LEAD = frozenset({"first", "then", "next", "now", "finally", "step", "and", "please"})
_ACTIONS = words("actions")


def length(text: str) -> float:
    """Words."""
    return float(len(text.split()))


def markers(text: str) -> float:
    """List markers and figures."""
    return float(len(_MARKER.findall(text)) + len(_DIGITS.findall(text)))


def imperatives(text: str) -> float:
    """Share of sentences that open with the base form of an action."""
    opened = []
    for sentence in _SENTENCE.findall(text):
        said = [w.lower() for w in _WORD.findall(sentence)]
        while said and said[0] in _LEAD:
            del said[0]
        opened.append(bool(said) and said[0] in _ACTIONS)
    return sum(opened) / len(opened) if opened else 0.0


BASELINES: dict[str, Callable[[str], float]] = {
    "length": length,
    "list markers and digits": markers,
    "imperative share": imperatives,
}


@frozen(kw_only=True)
class Cuts:
    """Where a number is cut, and which way it points."""

    at: tuple[float, ...]
    sign: int

    def levels(self, values: Sequence[float]) -> NDArray[np.int_]:
        """Give the level of each value."""
        return np.searchsorted(self.at, self.sign * np.asarray(values), side="right") + 1


def fit(values: Sequence[float], truth: Sequence[int]) -> Cuts:
    """Find the cuts that agree best with *truth*, starting at quantiles, one cut at a time."""
    best, found = -np.inf, Cuts(at=(), sign=1)
    for sign in (1, -1):
        x = sign * np.asarray(values, dtype=float)
        at = np.quantile(x, (0.2, 0.4, 0.6, 0.8))
        places = np.quantile(x, np.linspace(0, 1, 101))
        now, before = _agreement(x, at, truth), -np.inf
        while now > before:
            before = now
            for i in range(4):
                tries = [np.sort(np.r_[np.delete(at, i), p]) for p in places]
                scores = [_agreement(x, t, truth) for t in tries]
                if max(scores) > now:
                    now, at = max(scores), tries[int(np.argmax(scores))]
        if now > best:
            best, found = now, Cuts(at=tuple(float(a) for a in at), sign=sign)
    return found


def _agreement(x: NDArray[np.float64], at: NDArray[np.float64], truth: Sequence[int]) -> float:
    said = np.searchsorted(at, x, side="right") + 1
    value = float(weighted_kappa(tables([""] * len(said), truth, [int(s) for s in said]))[0])
    return value if np.isfinite(value) else -np.inf
