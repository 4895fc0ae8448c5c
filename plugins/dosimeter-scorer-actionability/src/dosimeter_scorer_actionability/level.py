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
WEIGHTS = (1.21, 0.51, 0.64, 0.87, 0.12, 0.19, 0.36, 0.5, -1.15, -0.94, -0.93)
BASE = 1.49
CUTS = (1.84, 2.6, 3.25, 4.23)
LOOPING = 0.35
"""Share of repeated runs of words from which a text is a model going round in circles."""
POINTING = 2
"""Words of advice from which a text without a procedure points in a direction."""
BARE = (4, 0.6)
"""Steps, and share of sentences that hold one, from which a text is bare instructions."""
MOSTLY = 0.5
"""Share of sentences with an exclamation mark, or with words of telling, from which it counts."""
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


def settle(value: float, cuts: tuple[float, ...], found: Features) -> int:
    """Give the level of a score, after what the parts cannot say.

    Circles are 1 and slogans at most 2, whatever they hold. Bare instructions, step upon step, are
    at least 3. Between 1 and 2 advice decides, as neither has a procedure.
    """
    if found.repeated >= LOOPING:
        return 1
    slogans = found.shouted >= MOSTLY * found.sentences
    given = 1 + bisect_right(cuts, value)
    if given > 2:
        return 2 if slogans else given
    bare = found.steps >= BARE[0] and found.doing >= BARE[1] * found.sentences
    told = found.telling >= MOSTLY * found.sentences or found.advice >= POINTING
    if bare and not told and not slogans:
        return 3
    nearer = cuts[0] + NEARER * (cuts[1] - cuts[0])
    return 2 if found.advice >= POINTING or value >= nearer else 1


def level(found: Features) -> int:
    """Give 1 to 5 by the rubric in `hooks`."""
    return settle(score(found), CUTS, found)
