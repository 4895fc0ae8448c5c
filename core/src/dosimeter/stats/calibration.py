"""Whether stated probabilities come true, and how well a score tells two classes apart."""

import math
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.bootstrap import Bootstrap, cluster_bootstrap, cluster_totals
from dosimeter.stats.checks import Floats, Ints, Labels, binary, same_length, within
from dosimeter.stats.cluster import cluster_mean
from dosimeter.stats.rate import wilson
from dosimeter.stats.result import UNIT, Limits, Share, Wald
from dosimeter.stats.roc import Auroc, AurocDifference, auroc, auroc_difference

__all__ = [
    "Auroc",
    "AurocDifference",
    "Binning",
    "Brier",
    "ReliabilityCurve",
    "ReliabilityPoint",
    "auroc",
    "auroc_difference",
    "brier",
    "expected_calibration_error",
    "reliability_curve",
]

Binning = Literal["equal-width", "equal-mass"]
"""How probabilities are put into bins: by value, or in order with about as many each."""


@frozen(kw_only=True)
class Brier(Wald):
    """The mean squared error of probabilities, and its parts: reliability - resolution + uncertainty.

    Attributes:
        reliability: What miscalibration adds; 0 where every probability comes true as often as said.
        resolution: What telling cases apart takes away.
        uncertainty: What the base rate alone would give.
    """

    reliability: float
    resolution: float
    uncertainty: float
    bounds: Limits = field(default=UNIT, repr=False)


def brier(y: ArrayLike, prob: ArrayLike, cluster: Labels | None = None) -> Brier:
    """Brier score with Murphy's decomposition over the distinct probabilities.

    Args:
        y: 0 or 1, what came true.
        prob: Stated probability of 1, 0 to 1.
        cluster: Family of each row; None takes rows as independent.

    Returns:
        The score, 0 (sure and right) to 1 (sure and wrong), with t on the clusters less 1;
        undefined for no rows, without an interval for one cluster or where all errors are equal.
        Its decomposition is in `Brier`.

    Raises:
        ValueError: For what is no outcome or no probability, or unlike lengths.

    References:
        G. W. Brier (1950), Mon. Weather Rev. 78:1; A. H. Murphy (1973), J. Appl. Meteorol. 12:595.

    Examples:
        A judge that says 50 % of everything is calibrated, and of no use:

        >>> found = brier([0, 1, 0, 1], [.5, .5, .5, .5])
        >>> print(f"{found.estimate}, reliability {found.reliability}, resolution {found.resolution}")
        0.25, reliability 0.0, resolution 0.0
    """
    true, p = _outcomes(y, prob)
    n = len(true)
    mean = cluster_mean((p - true) ** 2, cluster)
    parts = (math.nan,) * 3
    if n:
        said, code = np.unique(p, return_inverse=True)
        size = np.bincount(code).astype(float)
        share, base = np.bincount(code, weights=true) / size, float(true.mean())
        parts = (float(size @ (said - share) ** 2) / n, float(size @ (share - base) ** 2) / n,
                 base * (1 - base))  # fmt: skip
    return Brier(
        estimate=mean.estimate, method="cr1-t", n=n, clusters=mean.clusters, undefined=mean.undefined,
        no_interval=mean.no_interval, se=mean.se, df=mean.df, reliability=parts[0],
        resolution=parts[1], uncertainty=parts[2],
    )  # fmt: skip


def _outcomes(y: ArrayLike, prob: ArrayLike) -> tuple[Floats, Floats]:
    true, p = binary(y, "y"), within(prob, 0, 1, "prob")
    same_length(y=true, prob=p)
    return true, p


@frozen
class ReliabilityPoint:
    """One bin of a reliability curve.

    Attributes:
        lowest: Lowest probability in it.
        highest: Highest.
        stated: Mean probability.
        observed: Share that came true, with Wilson's limits.
    """

    lowest: float
    highest: float
    stated: float
    observed: Share

    def __str__(self) -> str:
        return f"stated {self.stated:.4g}, came true {self.observed}"


@frozen
class ReliabilityCurve:
    """How often what was stated came true, by bins.

    Attributes:
        points: The bins that are not empty, ascending.
        ece: Expected calibration error: mean of |stated - observed|, bins weighing as they hold; NaN
            for no rows. It is biased upward, the more so the more bins: quote `bins` and `n` with it,
            and take `expected_calibration_error` for an interval.
        mce: Largest of them.
        bins: Bins that were asked for.
        binning: How.
        n: Rows.
        undefined: Why there is neither error; empty if there are both.
    """

    points: tuple[ReliabilityPoint, ...]
    ece: float
    mce: float
    bins: int
    binning: Binning
    n: int
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined}, n={self.n})"
        return f"ECE {self.ece:.4g}, largest {self.mce:.4g} ({self.bins} bins, {self.binning}, n={self.n})"


def reliability_curve(
    y: ArrayLike, prob: ArrayLike, bins: int = 10, binning: Binning = "equal-width"
) -> ReliabilityCurve:
    """Reliability curve with its expected and largest calibration error.

    Args:
        y: 0 or 1, what came true.
        prob: Stated probability of 1, 0 to 1.
        bins: Number of bins, at least 1.
        binning: ``"equal-width"``, closed on the right and the first on both sides, or
            ``"equal-mass"``, by the order of probabilities.

    Returns:
        The points and both errors, each 0 to 1; undefined for no rows.

    Raises:
        ValueError: As `brier`, for fewer than one bin or an unknown binning.

    References:
        C. Guo et al. (2017), ICML; A. H. Murphy, R. L. Winkler (1977), J. R. Stat. Soc. C 26:41.

    Examples:
        Of what is called 90 % sure, half comes true:

        >>> curve = reliability_curve([1, 0] * 20 + [0] * 60, [.9] * 40 + [.05] * 60)
        >>> print(round(curve.ece, 2), curve.points[-1].observed)
        0.19 0.5 [0.352, 0.648] (n=40, wilson 95%)
    """
    true, p = _outcomes(y, prob)
    code = _bins(p, bins, binning)
    n = len(p)
    points = []
    for one in np.unique(code):
        here = code == one
        points.append(
            ReliabilityPoint(float(p[here].min()), float(p[here].max()), float(p[here].mean()),
                             wilson(float(true[here].sum()), int(here.sum())))
        )  # fmt: skip
    gaps = [abs(one.stated - one.observed.estimate) for one in points]
    ece = (
        sum(g * one.observed.n for g, one in zip(gaps, points, strict=True)) / n if n else math.nan
    )
    return ReliabilityCurve(tuple(points), ece, max(gaps, default=math.nan), bins, binning, n,
                            "" if n else "no-observations")  # fmt: skip


def _bins(p: Floats, bins: int, binning: Binning) -> Ints:
    """Number the bin of each probability."""
    if bins < 1 or binning not in {"equal-width", "equal-mass"}:
        msg = f"bins must be at least 1, of equal-width or equal-mass, got {bins} of {binning!r}"
        raise ValueError(msg)
    if binning == "equal-width":
        found = np.searchsorted(np.linspace(0, 1, bins + 1), p, side="left") - 1
        return np.maximum(found, 0).astype(np.int64)
    code = np.empty(len(p), dtype=np.int64)
    for one, rows in enumerate(np.array_split(np.argsort(p, kind="stable"), bins)):
        code[rows] = one
    return code


def expected_calibration_error(
    y: ArrayLike,
    prob: ArrayLike,
    bins: int = 10,
    binning: Binning = "equal-width",
    cluster: Labels | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Bootstrap:
    """Expected calibration error with a bootstrap interval.

    Args:
        y: 0 or 1, what came true.
        prob: Stated probability of 1, 0 to 1.
        bins: See `reliability_curve`.
        binning: Likewise; equal-mass bins are those of the data, in every resample.
        cluster: Family of each row; None takes rows as independent.
        resamples: Of the bootstrap, at least 1,000.
        seed: Of its random numbers.

    Returns:
        The error, 0 to 1, of these bins, with a bias-corrected interval. The estimate is biased
        upward: of a calibrated judge it is about sqrt(bins / n) / 3, never 0. Undefined for no rows,
        without an interval for fewer than 10 clusters.

    Raises:
        ValueError: As `reliability_curve`.

    References:
        A. Kumar, P. Liang, T. Ma (2019), NeurIPS; B. Efron (1987), JASA 82:171.

    Examples:
        A judge that says p where p squared comes true is off by a sixth, which 400 marks show:

        >>> rng = np.random.default_rng(1)
        >>> p = rng.random(400)
        >>> print(expected_calibration_error(rng.random(400) < p**2, p))
        0.1741 [0.1383, 0.2086] (n=400, cluster-bca 95%)
    """
    true, p = _outcomes(y, prob)
    n = len(p)
    apart = np.zeros((n, bins + 1))
    apart[np.arange(n), _bins(p, bins, binning)] = p - true
    apart[:, bins] = 1
    totals = cluster_totals(apart, cluster)
    return cluster_bootstrap(totals, _ece, resamples=resamples, seed=seed, bounds=UNIT)


def _ece(totals: Floats) -> Floats:
    """The error from the sums of stated less true in each bin, and the rows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(totals[..., :-1]).sum(axis=-1) / totals[..., -1])
