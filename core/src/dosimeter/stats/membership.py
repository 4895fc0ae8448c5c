"""Was a text trained on? How well scores tell members from others, and when that may be claimed."""

import math
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.special import bdtr

from dosimeter.stats.checks import Floats, Labels, codes, numbers
from dosimeter.stats.result import UNIT, Limits, Result, Wald, clopper_pearson_limits
from dosimeter.stats.roc import Auroc, auroc

FEWEST = 10
"""Non-members that must be expected above a threshold for a rate there to be given."""


def auc(
    members: ArrayLike, others: ArrayLike, member_document: Labels | None = None,
    other_document: Labels | None = None,
) -> Auroc:  # fmt: skip
    """Area under the curve of member scores against those of non-members (`dosimeter.stats.roc.auroc`).

    Args:
        members: Scores of members, higher being more of a member; one a row.
        others: Scores of non-members.
        member_document: Label of the document of each row; None takes rows as independent.
        other_document: The same of non-members. No document is on both sides.

    Returns:
        The area, 0 to 1; undefined where a side has no rows, without an interval for a single row or
        document on a side or where the sides do not overlap.

    Raises:
        ValueError: For NaN or unlike lengths.

    References:
        E. R. DeLong et al. (1988), Biometrics 44:837; N. A. Obuchowski (1997), Biometrics 53:567.

    Examples:
        Better than chance, by a little:

        >>> rng = np.random.default_rng(1)
        >>> print(auc(rng.normal(.4, 1, 200), rng.normal(0, 1, 200)))
        0.6365 [0.5807, 0.6889] (n=400, delong-logit 95%)
    """
    a, b = numbers(members, "members"), numbers(others, "others")
    documents = None
    if member_document is not None or other_document is not None:
        (of_a, g), (of_b, _) = codes(member_document, len(a)), codes(other_document, len(b))
        documents = np.concatenate([of_a, g + of_b])
    return auroc(np.repeat([1, 0], [len(a), len(b)]), np.concatenate([a, b]), documents)


@frozen(kw_only=True)
class TprAtFpr(Result):
    """Share of members found at the threshold that lets through at most a share of non-members.

    Attributes:
        fpr: Share of non-members that may be let through.
        threshold: Scores above it are called members.
        seen: The share in the sample, given also where `estimate` is refused; NaN if there is none.
        members: Scores of members, ascending.
        others: Scores of non-members, descending.
    """

    fpr: float
    threshold: float
    seen: float
    members: Floats = field(repr=False, eq=False)
    others: Floats = field(repr=False, eq=False)
    bounds: Limits = field(default=UNIT, repr=False)

    def limits(self, level: float) -> Limits:
        """Give exact limits at the thresholds between which the true one lies, half the error each."""
        m, n, tail = len(self.members), len(self.others), (1 - level) / 4
        reached = bdtr(np.arange(n + 1.0), n, self.fpr)
        few, many = (int(np.searchsorted(reached, q)) for q in (tail, 1 - tail))
        inner = 1 - (1 - level) / 2
        lower, upper = 0.0, 1.0
        if few:
            found = m - np.searchsorted(self.members, self.others[few - 1], side="left")
            lower, _ = clopper_pearson_limits(float(found), m, inner)
        if many < n:
            found = m - np.searchsorted(self.members, self.others[many], side="right")
            _, upper = clopper_pearson_limits(float(found), m, inner)
        return lower, upper


def tpr_at_fpr(members: ArrayLike, others: ArrayLike, fpr: float = 0.01) -> TprAtFpr:
    """Share of members found where at most a share *fpr* of non-members is; no interpolation.

    Args:
        members: Scores of members, higher being more of a member; one a document.
        others: Scores of non-members.
        fpr: Share of non-members that may be taken for members, above 0 to 1.

    Returns:
        The share at the lowest threshold that keeps to *fpr*; undefined for fewer than 10 / fpr
        non-members, of whom too few are up there to tell. The interval allows for the threshold
        being a sample's. It is 0 to 1 (`TprAtFpr`).

    Raises:
        ValueError: For NaN or a rate outside (0, 1].

    References:
        N. Carlini et al. (2022), IEEE S&P, 1897; G. Campbell (1994), Stat. Med. 13:499.

    Examples:
        A hundred non-members tell nothing of one false alarm in a hundred:

        >>> print(tpr_at_fpr(range(60, 160), range(100), .01))
        undefined (fewer-than-1000-non-members, n=200)
        >>> print(tpr_at_fpr(range(60, 160), range(100), .1))
        0.7 [0.5238, 0.8576] (n=200, order-statistics 95%)
    """
    if not 0 < fpr <= 1:
        msg = f"fpr must be above 0 and at most 1, got {fpr}"
        raise ValueError(msg)
    a, b = np.sort(numbers(members, "members")), np.sort(numbers(others, "others"))[::-1]
    m, n = len(a), len(b)
    allowed = math.floor(n * fpr * (1 + 1e-12))
    threshold = float(b[allowed]) if allowed < n else -math.inf
    seen = float((a > threshold).mean()) if m and n else math.nan
    fewest = math.ceil(FEWEST / fpr * (1 - 1e-12))
    why = "no-observations" if not m or not n else ""
    why = why or (f"fewer-than-{fewest}-non-members" if n < fewest else "")
    return TprAtFpr(estimate=math.nan if why else seen, method="order-statistics", n=m + n,
                    clusters=m + n, undefined=why, fpr=fpr, threshold=threshold, seen=seen, members=a,
                    others=b)  # fmt: skip


def smallest_fpr(others: int) -> float:
    """Give the lowest false positive rate at which *others* non-members tell a true one: 10 / n.

    Args:
        others: Non-members.

    Returns:
        The rate, 0 to 1; 1 for 10 non-members or fewer.

    References:
        Our own: at a lower rate fewer than 10 non-members are expected above the threshold.

    Examples:
        Two thousand non-members tell of rates from half a percent on:

        >>> smallest_fpr(2000)
        0.005
    """
    return min(1.0, FEWEST / others) if others > 0 else 1.0


def advantage(members: ArrayLike, others: ArrayLike) -> float:
    """Largest true less false positive rate over all thresholds, 0 to 1.

    The best of many thresholds, and so above 0 for an attack that knows nothing: .63 times the root of
    1/m + 1/n on average. NaN where a side has no rows.

    Args:
        members: Scores of members, higher being more of a member.
        others: Scores of non-members.

    Returns:
        The difference of rates, 0 to 1; NaN where a side has no rows.

    Raises:
        ValueError: For NaN.

    References:
        S. Yeom et al. (2018), IEEE CSF, 268.

    Examples:
        At the best threshold members are flagged 50 points more often than others:

        >>> advantage([3, 4, 5, 6], [1, 2, 3, 4])
        0.5
    """
    a, b = np.sort(numbers(members, "members")), np.sort(numbers(others, "others"))
    if not len(a) or not len(b):
        return math.nan
    at = np.concatenate([a, b])
    found, alarms = (1 - np.searchsorted(s, at, side="left") / len(s) for s in (a, b))
    return max(0.0, float((found - alarms).max()))


SEPARATED = "perfect-separation"
"""Why an area of 0 or 1 has no interval: that there is something is beyond doubt, how much is not."""
Claim = Literal["members recognised", "cannot tell", "refused"]
"""What a membership attack and its blind baseline allow to be said."""


@frozen(kw_only=True)
class Membership:
    """What may be claimed of a membership attack.

    Attributes:
        claim: "members recognised", "cannot tell" or "refused".
        why: The reason, machine-readable; empty for a claim.
        attack: Area of the attack.
        blind: Area of the baseline that never saw the model.
    """

    claim: Claim
    why: str
    attack: Wald
    blind: Wald

    def __str__(self) -> str:
        told = f" ({self.why})" if self.why else ""
        return f"{self.claim}{told}: attack {self.attack}; blind {self.blind}"


def membership_claim(attack: Wald, blind: Wald, level: float = 0.95) -> Membership:
    """Judge a membership attack by what a baseline reaches that never saw the model.

    Where words, dates or lengths alone tell members from others, the two were not drawn alike, and an
    attack that tells them apart proves nothing of training.

    Args:
        attack: Area of the attack (`auc`).
        blind: Area of a classifier of the texts alone, on the same rows.
        level: Confidence level of both intervals.

    Returns:
        "refused" where the blind interval leaves out .5, or there is none; "members recognised"
        where the attack's lower limit is above the blind upper one; else "cannot tell". The areas
        that it rests on are in `Membership`.

    Raises:
        ValueError: For a level outside (0, 1).

    References:
        D. Das, J. Zhang, F. Tramer (2024), arXiv:2406.16201.

    Examples:
        Where dates alone tell the texts apart as well, the attack shows no memory:

        >>> rng = np.random.default_rng(1)
        >>> dates = auc(rng.normal(1, 1, 300), rng.normal(0, 1, 300))
        >>> membership_claim(dates, dates).why
        'blind-baseline-tells-them-apart'
    """
    ours, theirs = attack.interval(level), blind.interval(level)
    if blind.no_interval == SEPARATED or not theirs.lower <= 0.5 or not theirs.upper >= 0.5:
        claim: tuple[Claim, str] = ("refused", "blind-baseline-tells-them-apart")
    elif theirs.undefined:
        claim = ("refused", "blind-baseline-unknown")
    elif ours.undefined and attack.no_interval != SEPARATED:
        claim = ("cannot tell", ours.undefined)
    else:
        lower = attack.estimate if ours.undefined else ours.lower
        above = lower > theirs.upper
        claim = ("members recognised", "") if above else ("cannot tell", "not-above-blind-baseline")
    return Membership(claim=claim[0], why=claim[1], attack=attack, blind=blind)
