"""Exposure: how many bits sooner a planted secret comes than the others that it could have been."""

import math

from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import counts, numbers
from dosimeter.stats.result import POSITIVE, Limits, Result, clopper_pearson_limits


def exposure_exact(rank: float | None, space: int) -> float:
    """Exposure of a secret among all that it could have been, log2 |R| - log2 rank, in bits.

    Args:
        rank: Place of the secret by perplexity, 1 for the lowest; None, or NaN, if it is not known.
        space: Number of all possible secrets, |R|.

    Returns:
        From 0 to log2 |R|; NaN without a rank.

    Raises:
        ValueError: For a rank that is not from 1 to *space*.

    References:
        N. Carlini et al. (2019), USENIX Security, 267, definition 4.

    Examples:
        The first of a million and more: the model was as good as told the secret.

        >>> exposure_exact(1, 2**20)
        20.0
    """
    if rank is None or math.isnan(rank):
        return math.nan
    if not 1 <= rank <= space:
        msg = f"a rank among {space} secrets is from 1 to {space}, got {rank}"
        raise ValueError(msg)
    return math.log2(space) - math.log2(rank)


@frozen(kw_only=True)
class Exposure(Result):
    """Exposure of a secret by its rank among a sample of others, in bits.

    Attributes:
        rank: Place among the sample and itself, 1 for the lowest perplexity; ties count against it.
        most: log2 of the sample and itself: more cannot be shown.
    """

    rank: int
    most: float
    bounds: Limits = field(default=POSITIVE, repr=False)

    def limits(self, level: float) -> Limits:
        """Give minus log2 of the exact limits of the share of secrets that are as likely."""
        lower, upper = clopper_pearson_limits(self.rank - 1, self.n, level)
        return 0.0 - math.log2(upper), -math.log2(lower) if lower else math.inf


def exposure_sampled(log_perplexity: float, references: ArrayLike) -> Exposure:
    """Exposure of a secret by its rank among sampled secrets that were never planted.

    Args:
        log_perplexity: Of the secret.
        references: Of secrets drawn at random from all that it could have been.

    Returns:
        log2((n + 1) / rank); undefined without references. Nothing above log2(n + 1) can be seen,
        so the upper limit of a secret that is first of all is infinite. The unit is bits.

    Raises:
        ValueError: For NaN.

    References:
        N. Carlini et al. (2019), USENIX Security, 267, section 4.3.

    Examples:
        First among a thousand is ten bits, and no fewer than eight:

        >>> print(exposure_sampled(20.0, range(30, 1053)))
        10 [8.118, inf] (n=1023, clopper-pearson 95%)
    """
    others = numbers(references, "references")
    (own,) = numbers([log_perplexity], "log_perplexity")
    n, rank = len(others), 1 + int((others <= own).sum())
    most = math.log2(n + 1)
    return Exposure(estimate=most - math.log2(rank) if n else math.nan, method="clopper-pearson", n=n,
                    clusters=n, undefined="" if n else "no-observations", rank=rank, most=most)  # fmt: skip


@frozen(kw_only=True)
class ExposureClaim:
    """A claim of so many bits, and whether the references bear it.

    Attributes:
        bits: As claimed; NaN if refused.
        most: log2 of the number of references: what can be shown without a model of their distribution.
        extrapolated: Whether the claim goes beyond that, and must be labelled so.
        undefined: Why it is refused; empty if it is not.
    """

    bits: float
    most: float
    extrapolated: bool
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"refused ({self.undefined}, {self.most:.4g} bits)"
        return f"{self.bits:.4g} bits" + (", extrapolated" if self.extrapolated else "")


def exposure_claim(bits: float, references: int, *, extrapolate: bool = False) -> ExposureClaim:
    """Refuse a claim of more bits than log2 of the references, unless it is labelled an extrapolation.

    Args:
        bits: Exposure that is to be claimed.
        references: Secrets that it was compared with, or fitted to.
        extrapolate: Whether the label is given.

    Returns:
        The claim, in bits (`ExposureClaim`); undefined with its reason where it is refused.

    Raises:
        ValueError: For negative bits, NaN, or no count.

    References:
        Our own, from N. Carlini et al. (2019), USENIX Security, 267: a rank among n has at most
        log2 n bits.

    Examples:
        A thousand references show no more than ten bits, so 48.6 are no finding:

        >>> exposure_claim(48.6, 1000).undefined
        'more-than-references-show'
    """
    counts(references=references)
    if not bits >= 0:
        msg = f"an exposure is at least 0 bits, got {bits}"
        raise ValueError(msg)
    most = math.log2(references) if references else 0.0
    beyond = bits > most + 1e-9
    refused = beyond and not extrapolate
    return ExposureClaim(bits=math.nan if refused else bits, most=most, extrapolated=beyond,
                         undefined="more-than-references-show" if refused else "")  # fmt: skip
