"""What a judge's errors do to a measured rate, and what can be claimed in spite of them."""

import math
from typing import Literal

from attrs import evolve, frozen

from dosimeter.stats.active import active_difference, active_mean
from dosimeter.stats.checks import counts, shares
from dosimeter.stats.confusion import BinaryConfusion, Confusion, binary_confusion, confusion
from dosimeter.stats.correction import (
    Corrected,
    CorrectedKnown,
    rogan_gladen,
    rogan_gladen_clustered,
    rogan_gladen_known,
)
from dosimeter.stats.independent import newcombe_independent
from dosimeter.stats.prediction import Predicted, ppi_difference, ppi_mean, ppi_rate
from dosimeter.stats.queues import ActiveDifference, ActiveMean
from dosimeter.stats.result import Interval, Result, Share, check_level

__all__ = [
    "ActiveDifference",
    "ActiveMean",
    "BinaryConfusion",
    "Confusion",
    "Corrected",
    "CorrectedKnown",
    "Predicted",
    "SuccessFloor",
    "TippingPoint",
    "Transport",
    "active_difference",
    "active_mean",
    "binary_confusion",
    "confusion",
    "ppi_difference",
    "ppi_mean",
    "ppi_rate",
    "rogan_gladen",
    "rogan_gladen_clustered",
    "rogan_gladen_known",
    "success_floor",
    "tipping_point",
    "transport_check",
]

RUN_LABELS = 50
"""Labels of this run below which a card is not checked by them."""


@frozen
class TippingPoint:
    """How much worse a judge must be on one model to have made up its difference from another.

    Attributes:
        difference: Judge-measured rate of the second model less that of the first.
        corrected: The same by the judge's sensitivity and specificity, if they hold for both; NaN if
            the judge tells nothing.
        sensitivity: Change of sensitivity on the second model that leaves no difference; NaN where no
            sensitivity from 0 to 1 does.
        specificity: Change of specificity likewise.
        undefined: Why there is none; empty if there is one.
    """

    difference: float
    corrected: float
    sensitivity: float
    specificity: float
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"judge-measured difference {self.difference:+.4g}, no tipping point ({self.undefined})"
        told = [
            f"a {name} {change:+.4g} on the second model"
            if not math.isnan(change)
            else f"no {name}"
            for name, change in (
                ("sensitivity", self.sensitivity),
                ("specificity", self.specificity),
            )
        ]
        return (
            f"judge-measured difference {self.difference:+.4g}; would erase it: {' or '.join(told)}"
        )


def tipping_point(first: float, second: float, sens: float, spec: float) -> TippingPoint:
    """Differential sensitivity or specificity that would erase a judge-measured difference.

    With t the corrected rate of the first model and J = Se + Sp - 1, a change of sensitivity by
    (second - first) / t, or of specificity by (first - second) / (1 - t), on the second model alone
    makes its rate t as well.

    Args:
        first: Judge-measured rate of the first model, 0 to 1.
        second: Of the second.
        sens: Sensitivity of the judge on the first model.
        spec: Specificity of the judge on the first model.

    Returns:
        Both changes; undefined for a judge no better than chance, or where no rate fits the first
        model. They are changes of shares, -1 to 1 (`TippingPoint`).

    Raises:
        ValueError: For what is no probability.

    References:
        T. L. Lash, M. P. Fox, A. K. Fink (2009), Applying Quantitative Bias Analysis, 6.

    Examples:
        Six points of sensitivity, not much between two styles of writing, would make four points of
        difference; no specificity would:

        >>> found = tipping_point(.58, .54, .85, .95)
        >>> print(f"sensitivity {found.sensitivity:+.2f}, specificity {found.specificity:.2f}")
        sensitivity -0.06, specificity nan
    """
    shares(first=first, second=second, sens=sens, spec=spec)
    j, nan = sens + spec - 1, math.nan
    if j <= 1e-12:
        return TippingPoint(second - first, nan, nan, nan, "no-better-than-chance")
    rate = (first + spec - 1) / j
    corrected = (second - first) / j
    if not 0 <= rate <= 1:
        return TippingPoint(second - first, corrected, nan, nan, "calibration-inconsistent")
    of_sens = (second - first) / rate if rate else nan
    of_spec = (first - second) / (1 - rate) if rate < 1 else nan
    return TippingPoint(
        second - first,
        corrected,
        of_sens if 0 <= sens + of_sens <= 1 else nan,
        of_spec if 0 <= spec + of_spec <= 1 else nan,
    )


@frozen
class SuccessFloor:
    """Success within k tries that a judge's false positives alone would show.

    Attributes:
        floor: 1 - Sp^k.
        success: What was measured.
        refused: Whether the floor exceeds the lower limit of what was measured, or there is none: the
            judge's errors may be all of it.
    """

    floor: float
    success: Result
    refused: bool

    def __str__(self) -> str:
        verdict = "refused" if self.refused else "above its floor"
        return f"success {self.success}, false-positive floor {self.floor:.4g}: {verdict}"


def success_floor(success: Result, spec: float, k: int, level: float = 0.95) -> SuccessFloor:
    """Hold a judge-measured success at k against the judge's false positives.

    Args:
        success: Share of goals with at least one success in *k* tries, as the judge measured it.
        spec: Specificity of the judge, 0 to 1; its lower limit is the careful choice.
        k: Tries, at least 1.
        level: Confidence level of the limit that is compared.

    Returns:
        The floor, and whether it refuses the number. A search that stops at the first success of a
        judge selects the judge's errors: then only labels of the transcripts that were found help.
        The floor is 0 to 1 (`SuccessFloor`).

    Raises:
        ValueError: For what is no probability, fewer than one try, or a level outside (0, 1).

    References:
        Our own: 1 - Sp^k is the complement of k independent negatives.

    Examples:
        Two false positives in a hundred make 18 % success within ten tries against any model:

        >>> from dosimeter.stats.rate import wilson
        >>> print(success_floor(wilson(24, 100), .98, 10))
        success 0.24 [0.1669, 0.3323] (n=100, wilson 95%), false-positive floor 0.1829: refused
    """
    check_level(level)
    shares(spec=spec)
    counts(1, k=k)
    floor = -math.expm1(k * math.log(spec)) if spec > 0 else 1.0
    limits = success.interval(level)
    return SuccessFloor(floor, success, bool(limits.undefined) or floor > limits.lower)


TransportVerdict = Literal["consistent", "inconsistent", "not-checked"]
"""Whether a card holds in a run, as far as labels of the run tell."""


@frozen
class Transport:
    """A judge's card held against labels of this run.

    Attributes:
        verdict: ``"inconsistent"`` if sensitivity or specificity differs; ``"consistent"`` is no proof
            that they are equal, see the intervals; ``"not-checked"`` for too few labels.
        reason: Why it was not checked, or what differs; empty if consistent.
        labels: Labels of the run.
        sensitivity: Interval of run less card; it says why where one of them has no positives.
        specificity: Likewise.
    """

    verdict: TransportVerdict
    reason: str
    labels: int
    sensitivity: Interval
    specificity: Interval

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return (
            f"{self.verdict}{why}: run less card, sensitivity {self.sensitivity},"
            f" specificity {self.specificity}, {self.labels} labels"
        )


def transport_check(card: BinaryConfusion, run: BinaryConfusion, level: float = 0.95) -> Transport:
    """Check that a judge errs in this run as its card says.

    Args:
        card: The judge on the calibration set.
        run: The judge on a random sample of this run that people labelled, at least 50 labels.
        level: Confidence level of both intervals together (Bonferroni).

    Returns:
        A verdict with the intervals of the differences (Newcombe). Not checked for fewer than 50
        labels, or where neither sensitivity nor specificity can be compared; a class that the run
        lacks is named in its interval. Differences are -1 to 1 (`Transport`).

    Raises:
        ValueError: For a level outside (0, 1).

    References:
        R. G. Newcombe (1998), Stat. Med. 17:873, method 10.

    Examples:
        The judge finds 14 of 25 here, 90 of 100 on its card: the card is not of these replies:

        >>> card = binary_confusion(90, 10, 10, 190)
        >>> print(transport_check(card, binary_confusion(14, 11, 3, 47)).reason)
        sensitivity differs
    """
    check_level(level)
    each = (1 + level) / 2
    sens = _difference(run.sensitivity, card.sensitivity, each)
    spec = _difference(run.specificity, card.specificity, each)
    labels = run.tp + run.fn + run.fp + run.tn
    named = (("sensitivity", sens), ("specificity", spec))
    differ = [name for name, limits in named if not limits.undefined and 0 not in limits]
    if labels < RUN_LABELS:
        return Transport("not-checked", "few-labels", labels, sens, spec)
    if sens.undefined and spec.undefined:
        return Transport("not-checked", "nothing-to-compare", labels, sens, spec)
    if differ:
        reason = " and ".join(differ) + (" differs" if len(differ) == 1 else " differ")
        return Transport("inconsistent", reason, labels, sens, spec)
    return Transport("consistent", "", labels, sens, spec)


def _difference(run: Share, card: Share, level: float) -> Interval:
    """Newcombe's interval of run less card."""
    found = newcombe_independent(run.x, run.trials, card.x, card.trials).interval(level)
    return evolve(found, undefined="no-units-of-this-class") if found.undefined else found
