"""Where scores stand among others: what areas under curves and orders of marks are made of."""

import numpy as np

from dosimeter.stats.checks import Floats


def placements(scores: Floats, among: Floats) -> Floats:
    """Give the share of *among* that each score is above, ties counting half."""
    ranked = np.sort(among)
    left, right = (np.searchsorted(ranked, scores, side=side) for side in ("left", "right"))
    return np.asarray((left + right) / (2 * len(among)))
