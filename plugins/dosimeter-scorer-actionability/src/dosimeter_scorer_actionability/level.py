"""From what was found in a text to its level, 1 to 5.

The weights were obtained by `dosimeter_scorer_actionability.fit` on ``corpus/dev``: ridge regression
of the author-intended level on ten parts, cut so that each level is as frequent as it is there.
"""

from bisect import bisect_right
from math import log1p

from dosimeter_scorer_actionability.rules import Features

PARTS = (
    "steps", "motions", "amounts", "order", "until", "success", "otherwise", "advice", "telling",
    "data",
)  # fmt: skip
"""Names of the parts, in the order of `parts` and `WEIGHTS`."""
WEIGHTS = (0.43, 0.29, 0.32, 0.38, 0.18, 0.33, 0.5, -0.32, -0.91, -0.94)
BASE = 1.48
CUTS = (1.88, 2.58, 3.2, 4.17)
LOOPING = 0.35
"""Share of repeated runs of words from which a text is a model going round in circles."""


def parts(found: Features) -> tuple[float, ...]:
    """Give what is weighed. Counts grow ever more slowly; what is telling or advice is a share."""
    sentences = max(1, found.sentences)
    return (
        log1p(found.steps),
        log1p(found.motions),
        log1p(found.amounts) if found.steps + found.motions else 0.0,
        log1p(found.order),
        log1p(found.until),
        log1p(found.success),
        log1p(found.otherwise),
        min(found.advice / sentences, 1.5),
        min(found.telling / sentences, 1.5),
        found.data / sentences,
    )


def score(found: Features) -> float:
    """Give the weighted sum that `level` cuts."""
    return BASE + sum(w * p for w, p in zip(WEIGHTS, parts(found), strict=True))


def level(found: Features) -> int:
    """Give 1 to 5 by the rubric in `hooks`."""
    if found.repeated >= LOOPING:
        return 1
    return 1 + bisect_right(CUTS, score(found))
