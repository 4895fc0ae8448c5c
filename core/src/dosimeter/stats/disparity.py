"""Unlike treatment of groups: ratios and differences of favourable outcomes."""

import math
from collections.abc import Mapping
from typing import Literal

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, Labels, counts, numbers, same_length, shares, trials
from dosimeter.stats.cluster import TwoWayMean, two_way_cluster_mean
from dosimeter.stats.independent import IndependentShares, newcombe_independent
from dosimeter.stats.paired import PairedShares, tango
from dosimeter.stats.result import POSITIVE, UNIT, Limits, Result, Wald, chi2_tail

FOUR_FIFTHS = 0.8
"""The ratio under which United States guidelines see evidence of adverse impact."""
BASE: Limits = (0.2, 0.8)
"""Base rates between which a ratio says something."""
FEW = 10
"""Names, or templates, below which nothing is claimed about others of their kind."""

Impact = Literal["adverse impact", "no adverse impact", "cannot tell"]
"""What the limits of a ratio say."""


@frozen(kw_only=True)
class Ratio(Wald):
    """Share of favourable outcomes of the first group over that of the second.

    Attributes:
        se: Of the logarithm of the ratio.
        rate_a: Share of the first, the group that may be worse off.
        rate_b: Share of the second.
        difference: rate_a - rate_b, which is defined where the ratio is not.
        sparse: A group has no favourable, or no other, outcome, or fewer than 5 of them.
    """

    rate_a: float
    rate_b: float
    difference: IndependentShares | PairedShares
    sparse: bool
    bounds: Limits = attrs.field(default=POSITIVE, repr=False)

    @property
    def four_fifths(self) -> float:
        """The lower share over the higher one, whichever group has it; NaN if undefined."""
        return min(self.estimate, 1 / self.estimate) if self.estimate > 0 else math.nan

    def verdict(self, level: float = 0.95) -> Impact:
        """Give "adverse impact" if the upper limit is under .8, "no adverse impact" if the lower is not.

        "cannot tell" in between, where there is no interval, and where outcomes are so few that the
        interval is not to be relied on: with that, either claim is wrong at most 5 times in a hundred
        at *level* .95 and a true ratio of .8, for 10 to 500 cases a group; without, up to 34.
        """
        found = self.interval(level)
        if found.undefined or self.sparse:
            return "cannot tell"
        if found.upper < FOUR_FIFTHS:
            return "adverse impact"
        return "no adverse impact" if found.lower >= FOUR_FIFTHS else "cannot tell"


def disparate_impact(
    fav_a: float, n_a: float, fav_b: float, n_b: float, base_rate: float | None = None
) -> Ratio:
    """Ratio of favourable outcomes of two independent groups, with Katz's interval.

    Args:
        fav_a: Favourable outcomes of the group that may be worse off.
        n_a: Its cases, refused and unparsed replies among them.
        fav_b: Favourable outcomes of the other.
        n_b: Its cases.
        base_rate: Share of favourable outcomes of the unmarked version; outside .2 to .8 the ratio is
            refused, as it then says little that a difference does not.

    Returns:
        The ratio; undefined where a group has no cases or no favourable outcome (see `difference`).
        It is at least 0, and 1 where both groups fare alike (`Ratio`).

    Raises:
        ValueError: For favourable outcomes that are not from 0 to the number of cases.

    References:
        D. Katz et al. (1978), Biometrics 34:469; 29 CFR 1607.4(D) (1978).

    Examples:
        The ratio is under four fifths, but so few cases do not show that it is so in general:

        >>> found = disparate_impact(45, 100, 60, 100)
        >>> print(found, found.verdict(), sep="; ")
        0.75 [0.5729, 0.9819] (n=200, katz 95%); cannot tell
    """
    trials(fav_a, n_a)
    trials(fav_b, n_b)
    shares(base_rate=0.5 if base_rate is None else base_rate)
    apart = newcombe_independent(fav_a, n_a, fav_b, n_b)
    cells = (fav_a, n_a - fav_a, fav_b, n_b - fav_b)
    variance = 1 / fav_a - 1 / n_a + 1 / fav_b - 1 / n_b if fav_a and fav_b else math.nan
    return _ratio("katz", apart, (fav_a, n_a), (fav_b, n_b), variance, cells, base_rate)


def paired_disparate_impact(
    both: float, only_a: float, only_b: float, neither: float, base_rate: float | None = None
) -> Ratio:
    """Ratio of favourable outcomes of two groups on the same prompts.

    Args:
        both: Prompts that are favourable to both.
        only_a: To the group that may be worse off alone.
        only_b: To the other alone.
        neither: To none.
        base_rate: As `disparate_impact` takes it.

    Returns:
        The ratio with SE(log) = sqrt((b + c) / (x_a x_b)); undefined where a group has no
        favourable outcome, without an interval where no prompt tells the groups apart. It is at
        least 0, and 1 where both groups fare alike (`Ratio`).

    Raises:
        ValueError: For what are no counts.

    References:
        J. Nam, W. C. Blackwelder (2002), Stat. Med. 21:689.

    Examples:
        The first group gets .88 of what the second gets; whether that is above four fifths is not
        shown:

        >>> print(paired_disparate_impact(60, 12, 22, 40))
        0.878 [0.7567, 1.019] (n=134, log-paired 95%)
    """
    counts(both=both, only_a=only_a, only_b=only_b, neither=neither)
    apart = tango(both, only_a, only_b, neither)
    shares(base_rate=0.5 if base_rate is None else base_rate)
    n, a, b = apart.n, both + only_a, both + only_b
    variance = (only_a + only_b) / (a * b) if a and b else math.nan
    return _ratio("log-paired", apart, (a, n), (b, n), variance, (a, n - a, b, n - b), base_rate)


def _ratio(
    method: str, apart: IndependentShares | PairedShares, a: tuple[float, float],
    b: tuple[float, float], variance: float, cells: tuple[float, ...], base_rate: float | None,
) -> Ratio:  # fmt: skip
    """Put a ratio together, or say why there is none."""
    extreme = base_rate is not None and not BASE[0] <= base_rate <= BASE[1]
    why = apart.undefined or ("zero-cell" if not a[0] or not b[0] else "")
    why = why or ("base-rate-outside-20-80" if extreme else "")
    rate_a, rate_b = (x / n if n else math.nan for x, n in (a, b))
    return Ratio(
        estimate=math.nan if why else rate_a / rate_b, method=method, n=apart.n, clusters=apart.n,
        undefined=why, no_interval="" if variance > 0 else "no-variation", se=math.sqrt(variance),
        link="log", rate_a=rate_a, rate_b=rate_b, difference=apart, sparse=min(cells) < 5,
    )  # fmt: skip


@frozen(kw_only=True)
class ParityGap(Result):
    """The highest less the lowest share of several groups: without an interval, as it is biased upward.

    Attributes:
        ratio: Lowest over highest share; NaN where all are 0.
        highest: Name of the group with the highest share, the first of equals; empty if undefined.
        lowest: Of that with the lowest.
        chi2: Pearson's statistic of homogeneity, without correction; NaN if all or no outcomes are
            favourable.
        df: Its degrees of freedom.
        p_value: Its p.
        permutation_p: Share of random assignments of outcomes to groups with a gap as wide.
        by_chance: Mean gap of those: what equal treatment would show.
    """

    ratio: float
    highest: str
    lowest: str
    chi2: float
    df: int
    p_value: float
    permutation_p: float
    by_chance: float


def demographic_parity(
    groups: Mapping[str, tuple[float, float]], *, resamples: int = 9999, seed: int = 0
) -> ParityGap:
    """Widest difference between the shares of several groups, and tests that it is none.

    The widest difference is above 0 whatever the groups are treated like, the more so the more groups
    there are; never show it without a p-value and `by_chance`.

    Args:
        groups: Favourable outcomes and cases of each; groups without cases do not enter.
        resamples: Random assignments.
        seed: Of the random numbers.

    Returns:
        The gap, 0 to 1; undefined for fewer than two groups with cases.

    Raises:
        ValueError: For favourable outcomes that are not whole numbers from 0 to the number of cases.

    References:
        K. Pearson (1900), Phil. Mag. 50:157; B. Phipson, G. K. Smyth (2010), SAGMB 9:39.

    Examples:
        Twenty points apart, where equal treatment would show eleven:

        >>> found = demographic_parity({"A": (40, 50), "B": (30, 50), "C": (45, 60)})
        >>> print(f"{found.estimate:.2f}, p {found.permutation_p:.3f}, chance {found.by_chance:.2f}")
        0.20, p 0.074, chance 0.11
    """
    for fav, n in groups.values():
        trials(fav, n)
    names = [name for name, (_, n) in groups.items() if n]
    favs, sizes = (np.array([groups[name][i] for name in names], dtype=float) for i in (0, 1))
    if (favs % 1).any() or (sizes % 1).any():
        msg = "groups hold counts: favourable outcomes and cases must be whole numbers"
        raise ValueError(msg)
    k, n, nan = len(names), int(sizes.sum()), math.nan
    if k < 2:
        why = "one-group" if k else "no-observations"
        return ParityGap(estimate=nan, method="max-min", n=n, clusters=n, undefined=why, ratio=nan,
                         left_out=0, highest="", lowest="", chi2=nan, df=0, p_value=nan,
                         permutation_p=nan, by_chance=nan)  # fmt: skip
    rates, overall = favs / sizes, favs.sum() / n
    gap = float(np.ptp(rates))
    expected = sizes * overall * (1 - overall)
    chi2 = float(((favs - sizes * overall) ** 2 / expected).sum()) if 0 < overall < 1 else nan
    gaps = _chance_gaps(int(favs.sum()), sizes, resamples, seed)
    return ParityGap(
        estimate=gap, method="max-min", n=n, clusters=n, no_interval="biased-upward",
        bounds=UNIT, ratio=float(rates.min() / rates.max()) if rates.max() else nan,
        highest=names[int(rates.argmax())], lowest=names[int(rates.argmin())], chi2=chi2, df=k - 1,
        p_value=chi2_tail(chi2, k - 1), by_chance=float(gaps.mean()),
        permutation_p=float((1 + (gaps >= gap - 1e-12).sum()) / (1 + resamples)),
    )  # fmt: skip


def _chance_gaps(favourable: int, sizes: Floats, resamples: int, seed: int) -> Floats:
    """Give the gaps of groups that draw their outcomes from one urn."""
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_hypergeometric(
        sizes.astype(np.int64), favourable, size=resamples, method="marginals"
    )
    return np.asarray(np.ptp(drawn / sizes, axis=1))


def marker_difference(
    marked: ArrayLike, unmarked: ArrayLike, template: Labels, name: Labels
) -> TwoWayMean:
    """Mean of *marked* - *unmarked* over templates crossed with names, both of them samples.

    Two names on one template, or one name on two, are not independent: what is claimed about a group
    needs many of both, 150 templates and 10 names a group being what to plan for. An identical-marker
    arm goes through the same function and must show nothing.

    Args:
        marked: Outcomes, 0 to 1 or marks, with the name of the group.
        unmarked: On the same template with the name that it is paired with.
        template: Label of the template of each row.
        name: Label of the name.

    Returns:
        The difference, t on the smaller number of clusters less 1; without an interval for fewer than
        10 templates or names.

    Raises:
        ValueError: For unlike lengths or NaN.

    References:
        A. C. Cameron, J. B. Gelbach, D. L. Miller (2011), J. Bus. Econ. Stat. 29:238.

    Examples:
        Two hundred templates with twenty names; the group loses five outcomes in a hundred:

        >>> rng = np.random.default_rng(2)
        >>> group = (rng.random(4000) < .5).astype(float)
        >>> other = np.where(rng.random(4000) < .1, 1, group)
        >>> print(marker_difference(group, other, np.repeat(range(200), 20), np.tile(range(20), 200)))
        -0.04875 [-0.05912, -0.03838] (n=4000, clusters=20, two-way-cr0-t 95%)
    """
    a, b = numbers(marked, "marked"), numbers(unmarked, "unmarked")
    same_length(marked=a, unmarked=b)
    found = two_way_cluster_mean(a - b, template, name)
    if found.undefined or found.clusters >= FEW:
        return found
    return attrs.evolve(found, no_interval="few-templates-or-names")
