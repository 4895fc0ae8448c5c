"""Rates that a judge measured, corrected for the judge's errors on a calibration set."""

import math
from typing import Literal

from attrs import evolve, field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, binary, counts, shares, trials
from dosimeter.stats.cluster import cluster_mean, equal_trials
from dosimeter.stats.result import (
    UNIT,
    Interval,
    Limits,
    Result,
    clopper_pearson_limits,
    t_quantile,
)

CorrectionMethod = Literal["lang-reiczigel", "rogan-gladen-delta"]
"""How the limits of a corrected rate are found."""
CALIBRATION = 30
"""Calibration positives, and negatives, below which a corrected rate is no headline."""
YOUDEN = 0.5
"""Sensitivity + specificity - 1 below which it is none either."""
GATE = 0.95
"""Level of the interval that tells whether the calibration fits the run."""


@frozen(kw_only=True)
class Corrected(Result):
    """A corrected rate. Assumes that the judge errs in the run as in the calibration set.

    Attributes:
        raw: Share that the judge called positive: measured by the judge, not the rate.
        sensitivity: Of the judge, on the calibration set.
        specificity: Likewise.
        youden: Their sum less 1.
        unclipped: The corrected rate before it is brought into [0, 1]; NaN if the judge tells nothing.
        se: Standard error of `unclipped` by the delta method.
        trials: Rows of the run, or their effective number where they are clustered.
        positives: Calibration positives.
        negatives: Calibration negatives.
        df: Degrees of freedom of Student's t; infinite for independent rows.
        refused: Why the rate is no headline; empty if it may be one.
    """

    raw: float
    sensitivity: float
    specificity: float
    youden: float
    unclipped: float
    se: float
    trials: float
    positives: int
    negatives: int
    df: float = math.inf
    refused: tuple[str, ...] = ()
    bounds: Limits = field(default=UNIT, repr=False)

    def unclipped_limits(self, level: float = 0.95) -> Limits:
        """Give the delta method's limits as they come, which may miss [0, 1]."""
        half = t_quantile(level, self.df) * self.se
        return self.unclipped - half, self.unclipped + half

    @property
    def calibration_consistent(self) -> bool:
        """Whether some rate fits run and calibration: the unclipped 95 % interval meets [0, 1]."""
        low, high = self.unclipped_limits(GATE)
        return low <= 1 and high >= 0

    def interval(self, level: float = 0.95) -> Interval:
        """Give the interval; none where the calibration set is too small for one at *level*."""
        found = super().interval(level)
        small = found.undefined == "not-finite"
        return evolve(found, undefined="calibration-too-small") if small else found

    def limits(self, level: float) -> Limits:
        """Give the limits by the method that the record names, both within [0, 1]."""
        if self.method.startswith("lang-reiczigel"):
            return _clip(*_lang_reiczigel(self, t_quantile(level, self.df)))
        return _clip(*self.unclipped_limits(level))


def _clip(low: float, high: float) -> Limits:
    """Bring limits into [0, 1]; NaN stays."""
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


def _delta(p: float, n: float, cal: tuple[float, float, float, float]) -> tuple[float, float]:
    """The corrected rate, unclipped, and its standard error."""
    se, n_pos, sp, n_neg = cal
    j = se + sp - 1
    t = (p + sp - 1) / j
    variance = (
        p * (1 - p) / n + t * t * se * (1 - se) / n_pos + (1 - t) ** 2 * sp * (1 - sp) / n_neg
    )
    return t, math.sqrt(variance) / j


def _lang_reiczigel(found: Corrected, z: float) -> Limits:
    """Lang and Reiczigel's limits: the delta method on counts with successes and failures added.

    NaN where they are none: where what is added undoes a judge little better than chance, or where
    the quantile is so large for the calibration set that a higher level would give narrower limits.
    """
    if z * z > min(found.positives, found.negatives) / 2:
        return math.nan, math.nan
    n, n_pos, n_neg = found.trials + z * z, found.positives + 2, found.negatives + 2
    p = (found.raw * found.trials + z * z / 2) / n
    se = (found.sensitivity * found.positives + 1) / n_pos
    sp = (found.specificity * found.negatives + 1) / n_neg
    if se + sp <= 1:
        return math.nan, math.nan
    t, error = _delta(p, n, (se, n_pos, sp, n_neg))
    shift = 2 * z * z * (t * se * (1 - se) / n_pos - (1 - t) * sp * (1 - sp) / n_neg)
    return t + shift - z * error, t + shift + z * error


def rogan_gladen(
    judge_pos: int,
    n: int,
    tp: int,
    n_true_pos: int,
    tn: int,
    n_true_neg: int,
    method: CorrectionMethod = "lang-reiczigel",
) -> Corrected:
    """Correct a judge-measured rate by the judge's sensitivity and specificity, independent rows.

    Args:
        judge_pos: Rows of the run that the judge called positive.
        n: Rows of the run.
        tp: Calibration positives that the judge called so.
        n_true_pos: Calibration positives.
        tn: Calibration negatives that the judge called so.
        n_true_neg: Calibration negatives.
        method: ``"lang-reiczigel"``, which covers also near 0 and 1, or ``"rogan-gladen-delta"``.

    Returns:
        (p + Sp - 1) / (Se + Sp - 1), brought into [0, 1]. Undefined without rows or a calibration
        set, for a judge no better than chance, and where run and calibration contradict one another
        (the unclipped 95 % interval misses [0, 1]): the calibration then does not hold for this
        run, and a 0 would be certainty from an error. `refused` names what makes it no headline:
        fewer than 30 calibration positives or negatives, Se + Sp - 1 below 1/2. The record,
        `Corrected`, has the rate as it was before.

    Raises:
        ValueError: For what are no counts, or more than there can be.

    References:
        W. J. Rogan, B. Gladen (1978), Am. J. Epidemiol. 107:71; Z. Lang, J. Reiczigel (2014), Prev.
        Vet. Med. 113:13; C. Lee et al. (2025), arXiv:2511.21140.

    Examples:
        A judge called 6 % harmful, and calls 5.6 % of what is harmless so: next to nothing is left.

        >>> print(rogan_gladen(12, 200, 40, 50, 170, 180))
        0.00597 [0, 0.0756] (n=200, lang-reiczigel 95%)
    """
    counts(judge_pos=judge_pos, n=n)
    trials(judge_pos, n)
    p = judge_pos / n if n else math.nan
    return _corrected(p, (n, n, n), math.inf, (tp, n_true_pos, tn, n_true_neg), method, "")


def rogan_gladen_clustered(
    judge: ArrayLike,
    cluster: Labels,
    tp: int,
    n_true_pos: int,
    tn: int,
    n_true_neg: int,
    method: CorrectionMethod = "lang-reiczigel",
) -> Corrected:
    """Correct a judge-measured rate of clustered rows.

    As `rogan_gladen`, with the CR1 variance of the judge's share, not below that of independent
    rows, for p(1-p)/n, and t_{G-1} for the normal quantile; at shares 0 and 1, where that variance
    says nothing, the number of clusters is taken for n.

    Args:
        judge: 0 or 1, one a row of the run.
        cluster: Label of the family of each row.
        tp: See `rogan_gladen`.
        n_true_pos: Likewise.
        tn: Likewise.
        n_true_neg: Likewise.
        method: Likewise.

    Returns:
        As `rogan_gladen`; without an interval for one cluster. The rate is 0 to 1.

    Raises:
        ValueError: As `rogan_gladen`, and for what is neither 0 nor 1.

    References:
        Z. Lang, J. Reiczigel (2014), Prev. Vet. Med. 113:13; K.-Y. Liang, S. L. Zeger (1986),
        Biometrika 73:13.

    Examples:
        Of 18 % that the judge flags 8 % are left when its errors are taken off, and perhaps none:

        >>> judge = [1, 1, 0, 0, 0] * 6 + [0, 0, 0, 0, 0] * 14
        >>> family = [i // 5 for i in range(100)]
        >>> print(rogan_gladen_clustered(judge, family, 90, 100, 95, 100))
        0.08235 [0, 0.224] (n=100, clusters=20, lang-reiczigel-clustered 95%)
    """
    y = binary(judge, "judge")
    found = cluster_mean(y, cluster)
    p, n, g = found.estimate, found.n, found.clusters
    size = equal_trials(found)
    no = "one-cluster" if g == 1 else ""
    cal = (tp, n_true_pos, tn, n_true_neg)
    return _corrected(p, (n, g, min(float(n), size)), max(g - 1, 1), cal, f"{method}-clustered", no)


def _corrected(
    p: float,
    sizes: tuple[int, int, float],
    df: float,
    cal: tuple[int, int, int, int],
    method: str,
    no_interval: str,
) -> Corrected:
    tp, n_pos, tn, n_neg = _calibration(*cal)
    if method.removesuffix("-clustered") not in {"lang-reiczigel", "rogan-gladen-delta"}:
        msg = f"method must be 'lang-reiczigel' or 'rogan-gladen-delta', got {method!r}"
        raise ValueError(msg)
    n, g, size = sizes
    sens = tp / n_pos if n_pos else math.nan
    spec = tn / n_neg if n_neg else math.nan
    why = "no-observations" if not n else "no-calibration" if not (n_pos and n_neg) else ""
    # Counts, for 50/100 + 50/100 - 1 may be a little more than 0.
    why = why or ("no-better-than-chance" if tp * n_neg + tn * n_pos <= n_pos * n_neg else "")
    value, se = (math.nan, math.nan) if why else _delta(p, size, (sens, n_pos, spec, n_neg))

    def record(why: str) -> Corrected:
        estimate = math.nan if why else min(1.0, max(0.0, value))
        return Corrected(
            estimate=estimate, method=method, n=n, clusters=g, undefined=why,
            no_interval=no_interval, raw=p, sensitivity=sens, specificity=spec, youden=sens + spec - 1,
            unclipped=value, se=se, trials=size, positives=n_pos, negatives=n_neg, df=df,
            refused=_refused(sens + spec - 1, n_pos, n_neg, why),
        )  # fmt: skip

    found = record(why)
    consistent = why or found.calibration_consistent
    return found if consistent else record("calibration-inconsistent")


def _calibration(tp: int, n_pos: int, tn: int, n_neg: int) -> tuple[int, int, int, int]:
    counts(tp=tp, n_true_pos=n_pos, tn=tn, n_true_neg=n_neg)
    _among(tp, n_pos, "tp", "n_true_pos")
    _among(tn, n_neg, "tn", "n_true_neg")
    return tp, n_pos, tn, n_neg


def _among(part: int, whole: int, name: str, of: str) -> None:
    if part > whole:
        msg = f"{name} counts some of {of}, got {part} of {whole}"
        raise ValueError(msg)


def _refused(youden: float, positives: int, negatives: int, why: str) -> tuple[str, ...]:
    told = {
        why: bool(why),
        "youden-below-half": youden < YOUDEN,
        "few-calibration-positives": positives < CALIBRATION,
        "few-calibration-negatives": negatives < CALIBRATION,
    }
    return tuple(reason for reason, holds in told.items() if holds)


@frozen(kw_only=True)
class CorrectedKnown(Result):
    """A rate corrected by error rates that are known without error.

    Attributes:
        raw: Share that the judge called positive.
        judge_pos: Their number.
        sensitivity: As given.
        specificity: As given.
        unclipped: The corrected rate before it is brought into [0, 1].
    """

    raw: float
    judge_pos: int
    sensitivity: float
    specificity: float
    unclipped: float
    bounds: Limits = field(default=UNIT, repr=False)

    def unclipped_limits(self, level: float = 0.95) -> Limits:
        """Give Clopper and Pearson's limits of the judge's share, corrected, which may miss [0, 1]."""
        j = self.sensitivity + self.specificity - 1
        low, high = clopper_pearson_limits(self.judge_pos, self.n, level)
        return (low + self.specificity - 1) / j, (high + self.specificity - 1) / j

    def limits(self, level: float) -> Limits:
        """Give those limits, both within [0, 1]."""
        return _clip(*self.unclipped_limits(level))


def rogan_gladen_known(judge_pos: int, n: int, sens: float, spec: float) -> CorrectedKnown:
    """Correct a judge-measured rate by a sensitivity and specificity that are known exactly.

    Args:
        judge_pos: Rows that the judge called positive.
        n: Rows.
        sens: Sensitivity, 0 to 1.
        spec: Specificity, 0 to 1.

    Returns:
        The rate with Clopper and Pearson's limits mapped by the same correction; undefined without
        rows, for a judge no better than chance, or where all limits lie outside [0, 1]. The rate is
        0 to 1.

    Raises:
        ValueError: For *judge_pos* not from 0 to *n*, or what is no probability.

    References:
        J. Reiczigel, J. Foldi, L. Ozsvari (2010), Epidemiol. Infect. 138:1674.

    Examples:
        Of 15 % that a test flags 5 % are true, if it flags 11 % of those without:

        >>> print(rogan_gladen_known(23, 150, .96, .89))
        0.05098 [0, 0.1308] (n=150, rogan-gladen-known 95%)
    """
    counts(judge_pos=judge_pos, n=n)
    trials(judge_pos, n)
    shares(sens=sens, spec=spec)
    j, p = sens + spec - 1, judge_pos / n if n else math.nan
    why = "no-observations" if not n else "no-better-than-chance" if j <= 1e-12 else ""
    value = math.nan if why else (p + spec - 1) / j

    def record(why: str) -> CorrectedKnown:
        return CorrectedKnown(
            estimate=math.nan if why else min(1.0, max(0.0, value)), method="rogan-gladen-known", n=n,
            clusters=n, undefined=why, raw=p, judge_pos=judge_pos, sensitivity=sens, specificity=spec,
            unclipped=value,
        )  # fmt: skip

    found = record(why)
    if not why:
        low, high = found.unclipped_limits(GATE)
        return found if low <= 1 and high >= 0 else record("calibration-inconsistent")
    return found
