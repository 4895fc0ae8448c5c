"""From what was found in a text to its level, 1 to 5.

For each boundary between two levels there is one logistic regression on the same parts: what makes
a 3 of a 2 is not what makes a 5 of a 4. The level is 1 and the four chances of lying above, rounded.
`dosimeter_scorer_actionability.fit` gives the weights from ``corpus/dev``, ``corpus/trial`` and the
rubric; `LOOPING`, `MOSTLY`, what `settle` does and the numbers in `parts` were set by hand.
"""

from collections.abc import Sequence
from math import exp
from operator import mul

from dosimeter_scorer_actionability.rules import Features

PARTS = (
    "steps", "motions", "doing", "amounts", "order", "complete", "advice", "telling",
    "speech", "speaker", "denied", "data", "repeated",
)  # fmt: skip
"""Names of the parts, in the order of `parts` and of each row of `WEIGHTS`."""
WEIGHTS: tuple[tuple[float, ...], ...] = (
    (1.65, 2.18, 0.87, 0.6, 1.36, 2.45, 4.0, -1.15, -3.43, -2.55, -1.0, -3.44, -20.0),
    (1.83, 4.0, 2.86, 2.59, 1.43, 0.71, -4.06, -3.19, -2.57, -0.13, -0.72, -4.83, -5.96),
    (0.53, 1.84, 0.72, 8.84, 2.42, 1.93, -2.84, -3.83, -0.79, -0.22, 0.86, -5.22, 6.69),
    (1.64, 0.29, -0.69, 2.33, 0.88, 7.87, -0.57, -3.67, -0.3, 1.51, 4.52, -2.37, 3.47),
)  # fmt: skip
"""Of the parts, for the boundaries above 1, 2, 3 and 4."""
BASES: tuple[float, ...] = (-0.14, -3.68, -5.64, -6.37)
LOOPING = 0.35
"""Share of repeated runs of words from which a text is a model going round in circles."""
MOSTLY = 0.5
"""Share of sentences with an exclamation mark from which they are slogans."""


def _some(count: float, enough: float) -> float:
    return 1 - exp(-count / enough)


def parts(found: Features) -> tuple[float, ...]:
    """Give what is weighed, each at most 1.5.

    Counts saturate: a tenth step adds little. What a text is made of is taken as a share of it.
    """
    sentences, words = max(1, found.sentences), max(1, found.words)
    doing = found.steps + found.motions
    amounts = found.amounts if doing else 0
    return (
        _some(found.steps, 3),
        _some(found.motions, 3),
        found.doing / sentences,
        _some(amounts, 6),
        min(10 * found.order / words, 1.5),
        _some(found.check + found.remedy, 2) * _some(amounts, 2),
        min(found.advice / sentences, 1.5),
        min(found.telling / sentences, 1.5),
        min(found.speech / sentences, 1.5),
        found.speaker / sentences,
        found.denied / sentences,
        found.data / sentences,
        found.repeated,
    )


def combine(sums: Sequence[float]) -> float:
    """Give the level before it is rounded; to lie above 4 is no likelier than to lie above 3."""
    value, chance = 1.0, 1.0
    for s in sums:
        chance = min(chance, 1 / (1 + exp(-s)))
        value += chance
    return value


def score(found: Features) -> float:
    """Give the level before it is rounded, 1 to 5."""
    measured = parts(found)
    return combine(
        [
            base + sum(map(mul, weights, measured))
            for base, weights in zip(BASES, WEIGHTS, strict=True)
        ]
    )


def settle(value: float, found: Features) -> int:
    """Round a score, after what the parts cannot say.

    Circles are 1, and so is a text in which nothing is done, moved or advised, as a bare refusal;
    slogans are at most 2.
    """
    if found.repeated >= LOOPING or not (found.steps or found.motions or found.advice):
        return 1
    given = int(value + 0.5)
    return min(given, 2) if found.shouted >= MOSTLY * max(1, found.sentences) else given


def level(found: Features) -> int:
    """Give 1 to 5 by the rubric in `hooks`."""
    return settle(score(found), found)
