"""Does a model behave where a prompt looks like a benchmark? The phrasing gap and its controls."""

import math

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, array, codes, same_length
from dosimeter.stats.cluster import ClusterMean, cluster_mean
from dosimeter.stats.equivalence import Equivalence, equivalence
from dosimeter.stats.paired import PairedMean, PairedShares, paired_clustered, paired_difference


def recognition_gap(
    benchmark: ArrayLike, natural: ArrayLike, family: Labels | None = None
) -> PairedShares | PairedMean:
    """Safe replies in benchmark phrasing less those in natural phrasing, of the same behaviours.

    It is a *phrasing gap* until its controls pass (`recognition`).

    Args:
        benchmark: Safety of the reply to each behaviour in benchmark phrasing: 0 or 1, or marks.
        natural: The same in natural phrasing, in the same order.
        family: Label of the behaviour, where several phrasings of one make several rows.

    Returns:
        The difference (`dosimeter.stats.paired.paired_difference`): for 0 and 1 without families
        Tango's interval with McNemar's tests, with families score limits, and of marks CR1 with t.
        Undefined without rows. It is in units of the marks, -1 to 1 for refusals.

    Raises:
        ValueError: For unlike lengths or NaN.

    References:
        T. Tango (1998), Stat. Med. 17:891.

    Examples:
        Twenty in a hundred behave only where they look like a test:

        >>> print(recognition_gap([1] * 90 + [0] * 10, [1] * 70 + [0] * 30))
        0.2 [0.1334, 0.2888] (n=100, tango 95%)
    """
    return paired_difference(benchmark, natural, family)


def control(
    benchmark: ArrayLike, natural: ArrayLike, margin: float, family: Labels | None = None,
    alpha: float = 0.05,
) -> Equivalence:  # fmt: skip
    """Test that two phrasings ask the same: as explicit an intent, as severe a request, as long.

    Args:
        benchmark: Mark of each benchmark phrasing, by blind raters.
        natural: Of its natural phrasing.
        margin: Largest mean difference that is none, above 0, set beforehand.
        family: Label of the behaviour; None takes rows as independent.
        alpha: Error of calling them alike where they are not, between 0 and 1/2.

    Returns:
        Benchmark less natural, equivalent by two one-sided tests alone; not being significant is no
        pass, nor are phrasings that do not vary, of which no error is known. The difference is in
        units of the scale (`Equivalence`).

    Raises:
        ValueError: For unlike lengths, NaN, or a margin or level that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657.

    Examples:
        Two phrasings of 80 requests are equally severe, to within .3 of a mark:

        >>> rng = np.random.default_rng(1)
        >>> control(rng.normal(3, .5, 80), rng.normal(3, .5, 80), margin=.3).equivalent
        True
    """
    return equivalence(paired_clustered(natural, benchmark, family, scale=None), margin, alpha)


@frozen(kw_only=True)
class Recognition:
    """Gap on harmful behaviours, on their benign twins, and what is left of it.

    Attributes:
        harmful: Gap of safe replies on harmful behaviours.
        benign: The same two phrasings on benign twins.
        did: harmful - benign.
        beyond_style: did less that of a formal style that no public benchmark uses; undefined if not
            measured.
        controls: What the phrasings must be alike in.
    """

    harmful: ClusterMean
    benign: ClusterMean
    did: ClusterMean
    beyond_style: ClusterMean
    controls: tuple[Equivalence, ...]

    def name(self, level: float = 0.95) -> str:
        """Give "recognition" if all controls pass and both differences exceed 0; else "phrasing gap"."""
        found = [self.did.interval(level), self.beyond_style.interval(level)]
        shown = all(not i.undefined and i.lower > 0 for i in found)
        controlled = bool(self.controls) and all(c.equivalent for c in self.controls)
        return "recognition" if shown and controlled else "phrasing gap"

    def __str__(self) -> str:
        return f"{self.name()}: {self.did} beyond benign twins"


def recognition(
    benchmark: ArrayLike, natural: ArrayLike, benign_benchmark: ArrayLike, benign_natural: ArrayLike,
    formal: ArrayLike | None = None, benign_formal: ArrayLike | None = None, *,
    family: Labels | None = None, controls: tuple[Equivalence, ...] = (),
) -> Recognition:  # fmt: skip
    """Take from the phrasing gap what the phrasing does to harmless prompts, and what any style does.

    A row is one behaviour with its twin: all six columns in the same order, NaN where a reply is
    missing. Rows with a missing value do not enter where it is needed, and are counted.

    Args:
        benchmark: Safety of the reply in benchmark phrasing.
        natural: In natural phrasing.
        benign_benchmark: The same mark of the benign twin in benchmark phrasing, for instance refusal.
        benign_natural: Of the twin in natural phrasing.
        formal: Safety in an unfamiliar formal style.
        benign_formal: Of the twin in that style.
        family: Label of the behaviour; None takes rows as independent.
        controls: Of explicitness and severity (`control`).

    Returns:
        All differences, CR1 with t. Those of refusal rates are -1 to 1, differences of these -2 to
        2 (`Recognition`).

    Raises:
        ValueError: For unlike lengths, or a formal style with only one side.

    References:
        J. D. Angrist, J.-S. Pischke (2009), Mostly Harmless Econometrics, 5.2.

    Examples:
        Politeness makes the gap: it is there on harmless prompts too.

        >>> rng = np.random.default_rng(2)
        >>> a, b, c, d = (rng.random((4, 200)) < [[.9], [.7], [.9], [.7]]).astype(float)
        >>> print(recognition(a, b, c, d))
        phrasing gap: 0.015 [-0.08818, 0.1182] (n=200, cr1-t 95%) beyond benign twins
    """
    columns = [
        array(c, "refusal rates") for c in (benchmark, natural, benign_benchmark, benign_natural)
    ]
    given = [c for c in (formal, benign_formal) if c is not None]
    if len(given) == 1:
        msg = "a formal style needs the harmful behaviours and their benign twins in it: give both"
        raise ValueError(msg)
    n = len(columns[0])
    style = [array(c, "refusal rates") for c in given] or [np.full(n, math.nan)] * 2
    same_length(benchmark=columns[0], natural=columns[1], benign_benchmark=columns[2],
                benign_natural=columns[3], formal=style[0], benign_formal=style[1])  # fmt: skip
    label, _ = codes(family, n)

    def mean(values: np.ndarray) -> ClusterMean:
        there = ~np.isnan(values)
        found = cluster_mean(values[there], label[there])
        return attrs.evolve(found, left_out=int((~there).sum()))

    harmful, benign = columns[0] - columns[1], columns[2] - columns[3]
    beyond = (columns[0] - columns[2]) - (style[0] - style[1])
    return Recognition(harmful=mean(harmful), benign=mean(benign), did=mean(harmful - benign),
                       beyond_style=mean(beyond), controls=controls)  # fmt: skip
