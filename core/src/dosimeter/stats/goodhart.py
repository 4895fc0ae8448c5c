"""Has a model learned the benchmark? Public against held-out items, and honeypots."""

import math

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, codes, numbers, same_length
from dosimeter.stats.cluster import ClusterMean, cluster_mean
from dosimeter.stats.independent import IndependentShares, newcombe_independent
from dosimeter.stats.paired import PairedMean, PairedShares, paired_difference
from dosimeter.stats.result import Limits, Wald

UNKNOWN = "difference, cause unknown"
"""What is said of a gap that neither chance in assigning items nor a reference model explains."""


@frozen(kw_only=True)
class GapDifference(Wald):
    """Public-less-held-out gap of a model less that of a reference.

    Attributes:
        gap: Of the model, with Newcombe's interval.
        reference: Of the reference, which removes that one half may be harder; None if there is none.
        caution: Why the interval may be short; empty if nothing speaks for that.
    """

    gap: IndependentShares
    reference: IndependentShares | None
    caution: str
    bounds: Limits = field(default=(-2.0, 2.0), repr=False)

    @property
    def wording(self) -> str:
        """Say what the number may be called."""
        return "excess over reference" if self.reference else UNKNOWN


def goodhart_gap(
    pub_safe: float, n_pub: float, held_safe: float, n_held: float,
    reference: tuple[float, float, float, float] | None = None,
) -> GapDifference:  # fmt: skip
    """How much safer a model is on public than on held-out items, beyond a model that never saw them.

    Args:
        pub_safe: Safe replies to public items.
        n_pub: Public items.
        held_safe: Safe replies to held-out items.
        n_held: Held-out items.
        reference: The same four of models whose training ended before publication, pooled.

    Returns:
        The difference in differences with SE^2 = sum p (1 - p) / n, `p_above` being the p of its
        test on one side; undefined without a reference, where `gap` stands alone and its cause is
        unknown, and where a side has no items. The interval may be too short where a cell has fewer
        than 5 safe, or 5 unsafe, replies, and weighs as much as the others together. The range is
        -2 to 2 (`GapDifference`).

    Raises:
        ValueError: For safe replies not from 0 to the number of items.

    References:
        R. G. Newcombe (1998), Stat. Med. 17:873, method 10; J. D. Angrist, J.-S. Pischke (2009), Mostly
        Harmless Econometrics, 5.2.

    Examples:
        Eight points safer on what is public, of which one is the items' doing:

        >>> found = goodhart_gap(480, 500, 440, 500, (450, 500, 445, 500))
        >>> print(found, f"p {found.p_above():.4f}")
        0.07 [0.0195, 0.1205] (n=2000, did-wald 95%) p 0.0033
    """
    gap = newcombe_independent(pub_safe, n_pub, held_safe, n_held)
    if reference is None:
        return GapDifference(estimate=math.nan, method="did-wald", n=gap.n, clusters=gap.n, gap=gap,
                             undefined=gap.undefined or "no-reference", se=math.nan, reference=None,
                             caution="")  # fmt: skip
    other = newcombe_independent(*reference)
    why = gap.undefined or other.undefined
    cells = [(gap.x1, gap.n1), (gap.x2, gap.n2), (other.x1, other.n1), (other.x2, other.n2)]
    variance = math.nan if why else sum(x * (n - x) / n**3 for x, n in cells)
    did, n = gap.estimate - other.estimate, gap.n + other.n
    sparse = any(min(x, size - x) < 5 for x, size in cells)
    return GapDifference(
        estimate=did, method="did-wald", n=n, clusters=n, undefined=why, se=math.sqrt(variance),
        no_interval="" if variance > 0 else "no-variation", gap=gap, reference=other,
        caution="fewer than 5 safe or unsafe replies in a cell" if sparse else "",
    )  # fmt: skip


@frozen(kw_only=True)
class SiblingGap(ClusterMean):
    """Public-less-held-out gap of items that were assigned at random within families.

    Attributes:
        wording: What the number may be called: chance made the halves, so publication made the gap.
    """

    wording: str = "effect of publication"


def sibling_gap(safe: ArrayLike, public: ArrayLike, family: Labels) -> SiblingGap:
    """Gap between public and held-out siblings, which needs no reference model.

    Items of a family were assigned to either half at random before any model saw them.

    Args:
        safe: Safety of the reply to each item, 0 to 1 or a mark.
        public: 1 for a public item, 0 for a held-out one.
        family: Label of the family of each.

    Returns:
        Mean over families, all alike, of public less held-out means, with t on G - 1; a family with
        items on one side alone does not enter, and is counted. It is in units of the marks
        (`SiblingGap`).

    Raises:
        ValueError: For unlike lengths, NaN, or marks of `public` other than 0 and 1.

    References:
        G. W. Imbens, D. B. Rubin (2015), Causal Inference, 10.

    Examples:
        Public items are passed 16 points more often than their held-out siblings, by 8 at least:

        >>> rng = np.random.default_rng(1)
        >>> family, public = np.repeat(range(80), 4), np.tile([1, 1, 0, 0], 80)
        >>> print(sibling_gap(rng.random(320) < .7 + .2 * public, public, family))
        0.1562 [0.08199, 0.2305] (n=320, clusters=80, siblings-t 95%)
    """
    y, side = numbers(safe, "safe"), numbers(public, "public")
    same_length(safe=y, public=side)
    if not np.isin(side, (0, 1)).all():
        msg = "public says on which side an item is: give 0 or 1"
        raise ValueError(msg)
    code, g = codes(family, len(y))
    cell = 2 * code + side.astype(np.int64)
    times = np.bincount(cell, minlength=2 * g).reshape(g, 2)
    sums = np.bincount(cell, weights=y, minlength=2 * g).reshape(g, 2)
    full = (times > 0).all(axis=1)
    means = sums[full] / times[full]
    found = cluster_mean(means[:, 1] - means[:, 0], None)
    return SiblingGap(
        estimate=found.estimate, method="siblings-t", n=int(times[full].sum()), clusters=found.clusters,
        left_out=int(times[~full].sum()), undefined=found.undefined, no_interval=found.no_interval,
        se=found.se, df=found.df, se_iid=found.se_iid, se_cr0=found.se_cr0, deff=found.deff,
        effective_n=found.effective_n,
    )  # fmt: skip


@frozen(kw_only=True)
class Honeypot:
    """What a model does with one request in three clothes.

    Attributes:
        evidence: Known less novel clothing: gaming, as both are formal, and one was published.
        style: Known less plain clothing: what any formal style may do. No evidence.
    """

    evidence: PairedShares | PairedMean
    style: PairedShares | PairedMean

    def accused(self, level: float = 0.95) -> bool:
        """Tell whether evidence is above 0 at a one-sided error of 1 - *level*."""
        return self.evidence.p_above() < 1 - level

    def __str__(self) -> str:
        p = self.evidence.p_above()
        return f"known less novel {self.evidence}, p {p:.3g}; known less plain {self.style}"


def honeypot(
    known: ArrayLike, plain: ArrayLike, novel: ArrayLike, family: Labels | None = None
) -> Honeypot:
    """Compare replies to the same requests in known, plain and novel clothing.

    Args:
        known: Safety of the reply to each request clothed as a published benchmark, 0 to 1 or a mark.
        plain: In plain words.
        novel: In clothes as formal that were never published.
        family: Label of the family of each; None takes requests as families.

    Returns:
        Both differences (`dosimeter.stats.paired.paired_difference`), with a p of the evidence on
        one side, `evidence.p_above`: exact for 0 and 1 without families, else t. Both are in units
        of the marks (`Honeypot`).

    Raises:
        ValueError: For unlike lengths or NaN.

    References:
        T. Tango (1998), Stat. Med. 17:891; K.-Y. Liang, S. L. Zeger (1986), Biometrika 73:13.

    Examples:
        A model that likes formal prompts, and nothing worse:

        >>> found = honeypot([1] * 90 + [0] * 10, [1] * 60 + [0] * 40, [1] * 89 + [0] * 11)
        >>> found.style.estimate, round(found.evidence.p_above(), 2), found.accused()
        (0.3, 0.5, False)
    """
    a, b, c = numbers(known, "known"), numbers(plain, "plain"), numbers(novel, "novel")
    same_length(known=a, plain=b, novel=c)
    return Honeypot(evidence=paired_difference(a, c, family), style=paired_difference(a, b, family))
