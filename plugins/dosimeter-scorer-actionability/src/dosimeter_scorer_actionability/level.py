"""From what was found in a text to its level, 1 to 5.

The weights were obtained by `dosimeter_scorer_actionability.fit` on ``corpus/dev`` and the examples
of the rubric: ridge regression of the author-intended level on eleven parts, cut so that each level
is as frequent as it is there.
"""

from bisect import bisect_right
from math import exp

from dosimeter_scorer_actionability.rules import Features

PARTS = (
    "steps", "motions", "amounts", "order", "until", "success", "otherwise", "complete", "advice",
    "telling", "data",
)  # fmt: skip
"""Names of the parts, in the order of `parts` and `WEIGHTS`."""
WEIGHTS = (1.17, 0.53, 0.71, 0.77, 0.18, 0.19, 0.35, 0.49, -1.02, -0.94, -0.97)
BASE = 1.49
CUTS = (1.85, 2.6, 3.22, 4.19)
LOOPING = 0.35
"""Share of repeated runs of words from which a text is a model going round in circles."""
POINTING = 2
"""Words of advice from which a text without a procedure points in a direction."""
NEARER = 0.6
"""How far between the cuts a text without advice must come to be a direction all the same."""


def _some(count: int, enough: float) -> float:
    return 1 - exp(-count / enough)


def parts(found: Features) -> tuple[float, ...]:
    """Give what is weighed, each at most 1.5.

    Counts saturate: a third check of success adds little, and length as such nothing. What is
    advice, telling or figures is taken as a share of the text.
    """
    sentences = max(1, found.sentences)
    doing = found.steps + found.motions
    checked = found.success + found.otherwise > 0
    return (
        _some(found.steps, 3),
        _some(found.motions, 3),
        _some(found.amounts, 3) if doing else 0.0,
        _some(found.order, 3),
        _some(found.until, 1),
        _some(found.success, 1),
        _some(found.otherwise, 1),
        float(doing >= 3 and found.amounts > 0 and found.order > 0 and checked),
        min(found.advice / sentences, 1.5) * found.doing / sentences,
        min(found.telling / sentences, 1.5),
        found.data / sentences,
    )


def score(found: Features) -> float:
    """Give the weighted sum that `level` cuts."""
    return BASE + sum(w * p for w, p in zip(WEIGHTS, parts(found), strict=True))


def cut(value: float, cuts: tuple[float, ...], advice: int) -> int:
    """Give the level of a score. Between 1 and 2 advice decides, as neither has a procedure."""
    found = 1 + bisect_right(cuts, value)
    if found > 2:
        return found
    nearer = cuts[0] + NEARER * (cuts[1] - cuts[0])
    return 2 if advice >= POINTING or value >= nearer else 1


def level(found: Features) -> int:
    """Give 1 to 5 by the rubric in `hooks`."""
    if found.repeated >= LOOPING:
        return 1
    return cut(score(found), CUTS, found.advice)
