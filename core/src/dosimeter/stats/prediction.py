"""Prediction-powered inference: a judge's marks on all rows, and a person's on a random few of them."""

import math

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Ints, Labels, binary, codes, numbers, same_length, within
from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.influence import cr1
from dosimeter.stats.leaning import leaning_limit
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.result import (
    REAL,
    SIGNED,
    UNIT,
    Limits,
    Result,
    Wald,
    beyond_rounding,
    t_quantile,
)

EVENTS = 10
"""Labels of the rarer kind, and errors of the judge, below which PPI covers too little."""
HALF = 0.5
"""Difference of label and mark from which the judge is called wrong."""


@frozen(kw_only=True)
class Predicted(Wald):
    """A mean by prediction-powered inference.

    Attributes:
        unclipped: The mean before it is brought into its bounds.
        lam: Weight of the judge's marks, 0 (they do not count) to 1.
        labelled: Rows with a label.
        unlabelled: Rows with the judge's mark only.
        events: Labelled rows of the rarer kind (other than the commonest label), or families with one.
        errors: Labelled rows where the judge's mark is not the label, or families with one.
        fallback: What is taken where PPI cannot be: the labelled rows alone; else None.
    """

    unclipped: float
    lam: float
    labelled: int
    unlabelled: int
    events: int
    errors: int
    fallback: Result | None = field(default=None, repr=False)

    def limits(self, level: float) -> Limits:
        """Give t or normal limits, or those of the logit where wider; or of the labelled rows alone."""
        if self.fallback is not None:
            return self.fallback.limits(level)
        half = t_quantile(level, self.df) * self.se
        low, high = (leaning_limit(self.unclipped, reach, self.bounds) for reach in (-half, half))
        return max(self.bounds[0], low), min(self.bounds[1], high)


def ppi_mean(
    labels: ArrayLike,
    judge_labelled: ArrayLike,
    judge_unlabelled: ArrayLike,
    *,
    lam: float | None = None,
    cluster_labelled: Labels | None = None,
    cluster_unlabelled: Labels | None = None,
    bounds: Limits = REAL,
) -> Predicted:
    """Mean of what a person would say, from labels of a random subset and a judge's marks of all.

    theta = lam mean(f_U) + mean(Y - lam f_L). The labelled rows must be a random sample of the same
    run: with a selected queue use `active_mean`, with labels from elsewhere
    `dosimeter.stats.correction.rogan_gladen`.

    Args:
        labels: A person's marks, Y.
        judge_labelled: The judge's marks of the same rows, f_L.
        judge_unlabelled: The judge's marks of the other rows of the run, f_U.
        lam: Weight of the judge's marks; 1 is plain PPI, None estimates the best, within [0, 1].
        cluster_labelled: Family of each labelled row; None takes rows as independent.
        cluster_unlabelled: Family of each other row; families may have rows of both kinds.
        bounds: What the mean can be.

    Returns:
        The mean, with the normal distribution, or with t_{G-1} on family sums of influence values;
        undefined without labels or without other rows, without an interval for one label, one
        family, or where nothing varies. It covers too little with few events: rates take
        `ppi_rate`. It is in units of the labels (`Predicted`).

    Raises:
        ValueError: For unlike lengths, NaN, labels outside *bounds*, or families of one kind of rows
            only.

    References:
        A. N. Angelopoulos et al. (2023), Science 382:669; A. N. Angelopoulos, J. C. Duchi, T. Zrnic
        (2023), arXiv:2311.01453.

    Examples:
        The judge marks 30 % of all rows, but is too strict by a tenth where a person looked:

        >>> labels, judge = [1] * 20 + [0] * 80, [1] * 30 + [0] * 70
        >>> print(ppi_mean(labels, judge, [1] * 300 + [0] * 700))
        0.2 [0.1463, 0.2537] (n=1100, ppi++ 95%)
    """
    y, fl = within(labels, *bounds, "labels"), numbers(judge_labelled, "judge_labelled")
    fu = numbers(judge_unlabelled, "judge_unlabelled")
    same_length(labels=y, judge_labelled=fl)
    if lam is not None and not math.isfinite(lam):
        msg = f"lam must be a number or None, got {lam}"
        raise ValueError(msg)
    code, g = _families(len(y), len(fu), cluster_labelled, cluster_unlabelled)
    found = _nothing_yet(y, fl, fu, code, g, _method(lam, code), bounds)
    if found.undefined:
        return found
    n, m = len(y), len(fu)
    weight = _best_weight(y, fl, fu) if lam is None else float(lam)
    residual, predicted = y - weight * fl, weight * fu
    value = float(predicted.mean() + residual.mean())
    influence = np.concatenate(
        [(residual - residual.mean()) / n, (predicted - predicted.mean()) / m]
    )
    size = float(max(np.abs(residual).max(), np.abs(predicted).max()))
    se = beyond_rounding(_error(influence, code), size, n + m)
    no = "one-label" if n < 2 else "one-cluster" if g < 2 else "" if se > 0 else "no-variation"
    return attrs.evolve(
        found, estimate=min(bounds[1], max(bounds[0], value)), unclipped=value, se=se, lam=weight,
        no_interval=no, df=math.inf if code is None else max(g - 1, 1),
    )  # fmt: skip


def events_of(labels: Floats, judge: Floats, code: Ints) -> tuple[int, int]:
    """Count the families with a label other than the commonest, and those where the mark is not it.

    What falls together in a family is one event: ten rows of one family tell what one does.

    Args:
        labels: Of the labelled rows.
        judge: The judge's marks of them.
        code: Their families, or a number of its own for each.
    """
    if not len(labels):
        return 0, 0
    values, count = np.unique(labels, return_counts=True)
    rarer, wrong = labels != values[count.argmax()], np.abs(labels - judge) >= HALF
    return len(np.unique(code[rarer])), len(np.unique(code[wrong]))


def _method(lam: float | None, code: Ints | None) -> str:
    return ("ppi++" if lam is None else "ppi") + ("" if code is None else "-cr1-t")


def _nothing_yet(
    y: Floats, fl: Floats, fu: Floats, code: Ints | None, clusters: int, method: str, bounds: Limits
) -> Predicted:
    """Count what was given; the estimate is still to come, or undefined."""
    events, errors = events_of(y, fl, np.arange(len(y)) if code is None else code[: len(y)])
    return Predicted(
        estimate=math.nan, se=math.nan, unclipped=math.nan, lam=math.nan, method=method,
        n=len(y) + len(fu), clusters=clusters, bounds=bounds, labelled=len(y), unlabelled=len(fu),
        events=events, errors=errors,
        undefined="no-labels" if not len(y) else "" if len(fu) else "no-unlabelled-rows",
    )  # fmt: skip


def _families(
    n: int, m: int, labelled: Labels | None, unlabelled: Labels | None
) -> tuple[Ints | None, int]:
    """Number the families of labelled and other rows together, and count them."""
    if labelled is None and unlabelled is None:
        return None, n + m
    if labelled is None or unlabelled is None:
        msg = "give the families of labelled and of other rows, or of neither"
        raise ValueError(msg)
    first, second = np.asarray(labelled), np.asarray(unlabelled)
    for one, rows in ((first, n), (second, m)):
        codes(one, rows)
    both = np.concatenate([first, second]) if n and m else first if n else second
    return codes(both, n + m)


def _best_weight(y: Floats, fl: Floats, fu: Floats) -> float:
    """The weight of least variance, within [0, 1]; 0 for a judge whose marks are all alike."""
    n, m = len(y), len(fu)
    with np.errstate(over="ignore"):
        spread = float(np.concatenate([fl, fu]).var(ddof=1))
    if not 0 < spread < math.inf:
        return 0.0
    together = float((y - y.mean()) @ (fl - fl.mean())) / n
    return min(1.0, max(0.0, together / ((1 + n / m) * spread)))


def _error(influence: Floats, code: Ints | None) -> float:
    """Standard error from influence values, by family if there are families."""
    if code is None:
        return math.sqrt(float(influence @ influence))
    return math.sqrt(cr1(influence, code, int(code.max()) + 1))


def ppi_rate(
    labels: ArrayLike,
    judge_labelled: ArrayLike,
    judge_unlabelled: ArrayLike,
    *,
    lam: float | None = None,
    cluster_labelled: Labels | None = None,
    cluster_unlabelled: Labels | None = None,
) -> Predicted:
    """Rate of what a person would call positive: `ppi_mean` where events suffice, else labels alone.

    With fewer than 10 labelled rows of the rarer kind, or fewer than 10 errors of the judge (families
    with such, where there are families), the normal distribution does not hold; Clopper and Pearson's
    exact interval of the labelled rows (Korn and Graubard's, where there are families) is then taken,
    and named in `method`.

    Args:
        labels: 0 or 1, a random sample of the run.
        judge_labelled: The judge's marks of these rows, 0 to 1.
        judge_unlabelled: The judge's marks of the other rows.
        lam: See `ppi_mean`.
        cluster_labelled: Likewise.
        cluster_unlabelled: Likewise.

    Returns:
        The rate, 0 to 1; undefined as `ppi_mean` is.

    Raises:
        ValueError: As `ppi_mean`, and for labels that are neither 0 nor 1 or marks outside [0, 1].

    References:
        A. N. Angelopoulos, J. C. Duchi, T. Zrnic (2023), arXiv:2311.01453. The rule is ours.

    Examples:
        Three positives are too few for a correction: what the person saw is all that is known.

        >>> labels, judge = [1] * 3 + [0] * 97, [1] * 8 + [0] * 92
        >>> print(ppi_rate(labels, judge, [1] * 80 + [0] * 920))
        0.03 [0.00623, 0.08518] (n=100, 1000 left out, clopper-pearson-labelled 95%)
    """
    y = binary(labels, "labels")
    fl = within(judge_labelled, 0, 1, "judge_labelled")
    fu = within(judge_unlabelled, 0, 1, "judge_unlabelled")
    found = ppi_mean(y, fl, fu, lam=lam, cluster_labelled=cluster_labelled,
                     cluster_unlabelled=cluster_unlabelled, bounds=UNIT)  # fmt: skip
    if found.undefined or min(found.events, found.errors) >= EVENTS:
        return found
    alone: Result = (
        clopper_pearson(float(y.sum()), len(y))
        if cluster_labelled is None
        else korn_graubard(y, cluster_labelled)
    )
    return attrs.evolve(
        found, estimate=alone.estimate, unclipped=alone.estimate, se=math.nan, df=math.inf,
        method=f"{alone.method}-labelled", n=alone.n, clusters=alone.clusters, left_out=len(fu),
        no_interval=alone.no_interval, fallback=alone,
    )  # fmt: skip


def ppi_difference(
    labels: tuple[ArrayLike, ArrayLike],
    judge_labelled: tuple[ArrayLike, ArrayLike],
    judge_unlabelled: tuple[ArrayLike, ArrayLike],
    *,
    lam: float | None = None,
    cluster_labelled: Labels | None = None,
    cluster_unlabelled: Labels | None = None,
    bounds: Limits = SIGNED,
) -> Predicted:
    """Paired difference between two models, second less first, corrected for the judge's errors.

    A judge who errs more on one of the models is corrected too, for both arms have labels.

    Args:
        labels: A person's marks of the first and of the second model's replies to the same items, a
            random sample of the run.
        judge_labelled: The judge's marks of the same replies.
        judge_unlabelled: The judge's marks of both models' replies to the other items.
        lam: See `ppi_mean`.
        cluster_labelled: Family of each labelled item.
        cluster_unlabelled: Family of each other item.
        bounds: What a difference can be; -4 to 4 for marks 1 to 5.

    Returns:
        The difference; undefined as `ppi_mean` is, and without an interval where fewer than 10
        labelled items differ between the models, or fewer than 10 times the judge's difference is
        wrong: compare the labelled items alone then. It is in units of the labels (`Predicted`).

    Raises:
        ValueError: As `ppi_mean`.

    References:
        A. N. Angelopoulos, J. C. Duchi, T. Zrnic (2023), arXiv:2311.01453.

    Examples:
        The second model is 20 points higher as people mark it, where the judge sees 10:

        >>> person = ([0] * 70 + [1] * 30, [0] * 50 + [1] * 20 + [1] * 30)
        >>> judge = ([0] * 60 + [1] * 40, [0] * 50 + [1] * 50)
        >>> rest = ([0] * 600 + [1] * 400, [0] * 500 + [1] * 500)
        >>> print(ppi_difference(person, judge, rest))
        0.2 [0.1388, 0.2605] (n=1100, ppi++ 95%)
    """
    y, fl, fu = (
        _second_less_first(pair, name)
        for pair, name in ((labels, "labels"), (judge_labelled, "judge_labelled"),
                           (judge_unlabelled, "judge_unlabelled"))
    )  # fmt: skip
    found = ppi_mean(y, fl, fu, lam=lam, cluster_labelled=cluster_labelled,
                     cluster_unlabelled=cluster_unlabelled, bounds=bounds)  # fmt: skip
    few = min(found.events, found.errors) < EVENTS and not found.undefined
    return attrs.evolve(found, no_interval="few-events") if few else found


def _second_less_first(pair: tuple[ArrayLike, ArrayLike], name: str) -> Floats:
    if len(pair) != 2:
        msg = f"{name} must be two rows of numbers, one a model, got {len(pair)}"
        raise ValueError(msg)
    first, second = numbers(pair[0], f"first {name}"), numbers(pair[1], f"second {name}")
    same_length(**{f"first {name}": first, f"second {name}": second})
    return second - first
