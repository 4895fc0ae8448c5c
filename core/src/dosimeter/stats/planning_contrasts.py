"""What a difference within families could show: of two cells of a design, or of more.

A family's difference is the sum of its cells' means by weights that add up to 0: 1 and -1 of two cells,
halves of two such differences averaged, 1, -1, -1 and 1 of an interaction.
"""

import math
from collections.abc import Sequence

import numpy as np

from dosimeter.stats.checks import array, counts, shares
from dosimeter.stats.paired_means import unseen_limits
from dosimeter.stats.paired_scores import PairedScore
from dosimeter.stats.planning_checks import check_test
from dosimeter.stats.planning_paired import power_paired_mean
from dosimeter.stats.result import t_quantile
from dosimeter.stats.roots import root
from dosimeter.stats.severity import BoundedMean

SLACK = 1e-9
PLANNED = "planned"
"""Method of a record that is made for its width and told to nobody."""


def contrast_sd(weights: Sequence[float], discordant: float, difference: float = 0.0) -> float:
    """Standard deviation of a family's contrast of events, if any two of its cells differ as often.

    Its mean square is discordant / 2 x the sum of squared weights: of two cells *discordant*, of two
    differences averaged half of it, of an interaction twice it. That holds of cells of like rates whose
    outcomes correlate alike, every two of them. Of two cells the square of the difference is taken
    off, as Connor does; of more it is not, which is at most a little too careful.

    Args:
        weights: Of the cells; they add up to 0.
        discordant: Share of families with the event in one of two cells only, 0 to 1. It is raised to
            what the difference takes.
        difference: The true one, of either sign.

    Returns:
        The deviation, at least 0, in units of the contrast.

    Raises:
        ValueError: For weights that do not add up to 0, or a share that is none.

    References:
        R. J. Connor (1987), Biometrics 43:207; of more than two cells the variance of a contrast under
        compound symmetry, B. J. Winer (1971), Statistical Principles in Experimental Design, 4.

    Examples:
        A difference of two cells, the mean of two such, and their difference, which spreads most:

        >>> [round(contrast_sd(w, .5), 2) for w in ([1, -1], [.5, -.5, .5, -.5], [1, -1, -1, 1])]
        [0.71, 0.5, 1.0]
    """
    shares(discordant=discordant)
    w = _weights(weights)
    least = 2 * abs(difference) / float(np.abs(w).sum())
    square = max(discordant, least) / 2 * float(w @ w)
    return math.sqrt(max(0.0, square - difference * difference if len(w) == 2 else square))


def _weights(weights: Sequence[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    w = array(weights, "weights")
    if len(w) < 2 or not abs(float(w.sum())) < SLACK or not np.abs(w).sum() > 0:
        msg = f"weights of a contrast are of two cells or more and add up to 0, got {list(weights)}"
        raise ValueError(msg)
    return w


def mde_contrast(
    families: int,
    weights: Sequence[float],
    discordant: float,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """Smallest contrast of events that *families* would see, by t.

    Args:
        families: With every cell.
        weights: As `contrast_sd`.
        discordant: Likewise.
        alpha: Two-sided level of the test.
        power: Probability that the test sees it.

    Returns:
        The contrast; NaN if even the largest that there is would not be seen. One above
        *discordant* is told as if cells differed just as often as it takes. It is at least 0, in
        units of the contrast.

    Raises:
        ValueError: As `contrast_sd`, and for a number, level or power that is none.

    References:
        Our own: the t test of a mean whose deviation is that of `contrast_sd`.

    Examples:
        An interaction takes a difference twice as large, or four times the families:

        >>> round(mde_contrast(80, [1, -1], .5), 2), round(mde_contrast(80, [1, -1, -1, 1], .5), 2)
        (0.21, 0.32)
    """
    counts(families=families)
    check_test(alpha, power)
    most = float(np.abs(_weights(weights)).sum()) / 2

    def lacking(d: float) -> float:
        return power - power_paired_mean(families, d, contrast_sd(weights, discordant, d), alpha)

    if lacking(most) > 0:
        return math.nan
    return root(lacking, 0.0, most)


def half_width_within(
    families: int, sd: float, span: float = math.inf, level: float = 0.95
) -> float:
    """Half of the interval of a difference within families that comes out as 0.

    Of differences with ends by the record that gives the interval of them
    (`dosimeter.stats.paired_scores.paired_score`), as if those families that differ at all did so by the
    whole *span*, as events in two cells do; else by t.

    Args:
        families: That the difference is averaged over.
        sd: Standard deviation of a family's difference.
        span: The most that a difference can be, either way.
        level: Confidence level, between 0 and 1.

    Returns:
        The half-width; NaN for fewer than 2 families. It is in units of the scale.

    Raises:
        ValueError: For a number or level that is none.

    References:
        Student (1908), Biometrika 6:1; R. G. Newcombe (1998), Stat. Med. 17:2635.

    Examples:
        Forty families leave .15 either way on a scale of 1, and .13 by t, which knows of no ends:

        >>> round(half_width_within(40, .4, 1), 2), round(half_width_within(40, .4), 2)
        (0.15, 0.13)
    """
    counts(families=families)
    if not span > 0:
        msg = f"span must be above 0, got {span}"
        raise ValueError(msg)
    if families < 2:
        return math.nan
    if not math.isfinite(span):
        return t_quantile(level, families - 1) * sd / math.sqrt(families)
    if sd <= 0:
        return unseen_limits(0.0, families, span, level)[1]
    half = min(1.0, (sd / span) ** 2) / 2
    side = _side(families, half)
    se = sd / math.sqrt(families)
    found = PairedScore(
        estimate=0.0, method=PLANNED, n=families, clusters=families, df=families - 1,
        units=float(families), bounds=(-span, span), se=se, se_iid=se, se_cr0=se, deff=1.0,
        effective_n=float(families), span=span, rises=side, falls=side, phi=-half / (1 - half),
    )  # fmt: skip
    return found.interval(level).width / 2


def _side(families: int, share: float) -> BoundedMean:
    """Give the record of what rises, or falls, in a share of families by the whole of the span."""
    se = math.sqrt(share * (1 - share) / (families - 1))
    return BoundedMean(
        estimate=share, method="bounded-mean", n=families, clusters=families, bounds=(0.0, 1.0), se=se,
        deff=1.0, trials=share * (1 - share) / se**2, df=families - 1,
    )  # fmt: skip
