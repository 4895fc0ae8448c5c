"""What two conditions on the same families could be told apart by, if a family has several rows.

The test is Student's t on the families' mean differences (`dosimeter.stats.paired_means`), whose
critical value grows where families are few and comparisons many.
"""

import math

from dosimeter.stats.checks import counts, shares
from dosimeter.stats.planning_checks import check_number, check_test, quantiles
from dosimeter.stats.planning_marks import mde_paired_mean, t_power
from dosimeter.stats.result import normal_quantile, normal_tail, t_quantile
from dosimeter.stats.roots import fewest, root

FEWEST = 2
"""Families from which there is a t."""
MOST = 10_000_000
"""Families beyond which nobody is told how many it would take."""


def effective_rows(families: float, rows: float, icc: float) -> float:
    """Independent rows that *families* of *rows* each amount to where families weigh alike.

    Args:
        families: How many.
        rows: Rows of each, at least 1; of unlike families the harmonic mean.
        icc: Intra-family correlation, 0 to 1.

    Returns:
        families x rows / (1 + (rows - 1) icc), which no number of rows takes above families / icc.

    Raises:
        ValueError: For a number or a correlation that is none.

    References:
        L. Kish (1965), Survey Sampling.

    Examples:
        Ten attempts at each of 60 families count like two:

        >>> round(effective_rows(60, 10, .45))
        119
    """
    check_number(families)
    shares(icc=icc)
    if not rows >= 1:
        msg = f"rows of a family are at least 1, got {rows}"
        raise ValueError(msg)
    return families * rows / (1 + (rows - 1) * icc)


def family_sd(sd: float, rows: float, icc: float) -> float:
    """Standard deviation of a family's mean from that of a row.

    Args:
        sd: Of a row.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation, 0 to 1.

    Returns:
        The deviation, at least 0, in units of the rows.

    Raises:
        ValueError: As `effective_rows`.

    References:
        L. Kish (1965), Survey Sampling.

    Examples:
        Ten rows that are as alike as that are worth two: a deviation of .71, not .32:

        >>> round(family_sd(1, 10, .45), 2)
        0.71
    """
    return sd / math.sqrt(effective_rows(1, rows, icc))


def power_paired_proportions(
    n: float, discordant: float, difference: float, alpha: float = 0.05
) -> float:
    """Probability that McNemar's test of *n* pairs sees a difference, by the normal approximation.

    The inverse of `dosimeter.stats.planning_shares.sample_size_mcnemar`; for few pairs the mid-p test
    sees a little more (`dosimeter.stats.planning_power`).

    Args:
        n: Pairs, one a family.
        discordant: Share of pairs with the event under one condition only, 0 to 1.
        difference: Between the two shares, of either sign, at most *discordant*.
        alpha: Two-sided level of the test.

    Returns:
        The power, 0 to 1.

    Raises:
        ValueError: For a number, share, difference or level that is none.

    References:
        R. J. Connor (1987), Biometrics 43:207.

    Examples:
        Over a thousand pairs see two points four times in five:

        >>> round(power_paired_proportions(1124, .0387 + .0187, .02), 2)
        0.8
    """
    shares(discordant=discordant)
    check_number(n)
    d = abs(difference)
    if not d <= discordant:
        msg = f"a difference is at most the share of pairs that differ, got {d:g} of {discordant:g}"
        raise ValueError(msg)
    za, _ = quantiles(alpha, 0.5)
    spread = math.sqrt(discordant - d * d)
    reach = d * math.sqrt(n) - za * math.sqrt(discordant)
    if spread == 0:
        return float(reach >= 0 and d > 0)
    return normal_tail(-reach / spread)


def power_paired_mean(families: int, difference: float, sd: float, alpha: float = 0.05) -> float:
    """Probability that a paired t-test sees a mean difference of *families*.

    Args:
        families: That both conditions get.
        difference: Of the means, of either sign.
        sd: Standard deviation of a family's difference (`family_sd`); 0 sees any difference.
        alpha: Two-sided level of the test.

    Returns:
        The power; 0 for fewer than 2 families. It is 0 to 1.

    Raises:
        ValueError: For a number or level that is none.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2.

    Examples:
        Two hundred families see a fifth of a standard deviation four times in five:

        >>> round(power_paired_mean(200, .18, .9), 2)
        0.8
    """
    counts(families=families)
    check_test(alpha, 0.5)
    if families < FEWEST:
        return 0.0
    if sd <= 0:
        return float(difference != 0)
    return t_power(abs(difference) / sd * math.sqrt(families), families - 1, alpha)


def mde_clustered_shares(
    families: int,
    discordant: float,
    rows: float,
    icc: float,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """Smallest difference between two rates that *families* of several rows would see, by t.

    Args:
        families: That both conditions get.
        discordant: Share of rows with the event under one condition only, 0 to 1.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation of the difference, 0 to 1.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        The difference, at most *discordant*; NaN if even that would not be seen.

    Raises:
        ValueError: For a number, share, correlation, level or power that is none.

    References:
        E. Miller (2024), arXiv:2411.00640, 4.2; L. Kish (1965), Survey Sampling.

    Examples:
        Eighty families of five rows would show 11 points, if three comparisons share the 5 %:

        >>> round(mde_clustered_shares(80, .2, 5, .3, alpha=.05 / 3), 3)
        0.106
    """
    shares(discordant=discordant)
    check_test(alpha, power)

    def lacking(d: float) -> float:
        sd = family_sd(math.sqrt(max(0.0, discordant - d * d)), rows, icc)
        return power - power_paired_mean(families, d, sd, alpha)

    if discordant <= 0 or lacking(discordant) > 0:
        return math.nan
    return root(lacking, 0.0, discordant)


def mde_clustered_mean(
    families: int, sd: float, rows: float, icc: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest difference between two means that *families* of several rows would see, by t.

    Args:
        families: That both conditions get.
        sd: Standard deviation of a row's difference, above 0.
        rows: Rows of each family, at least 1.
        icc: Intra-family correlation of the difference, 0 to 1.
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        The difference; NaN for a single family. It is at least 0, in units of the marks.

    Raises:
        ValueError: For a number, deviation, correlation, level or power that is none.

    References:
        E. Miller (2024), arXiv:2411.00640, 4.2; L. Kish (1965), Survey Sampling.

    Examples:
        Two hundred families would show a fifth of a standard deviation of .9:

        >>> round(mde_clustered_mean(200, .9, 1, 0), 2)
        0.18
    """
    return mde_paired_mean(families, family_sd(sd, rows, icc), alpha, power)


def families_for_paired_mean(
    difference: float, sd: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Families from which a paired t-test sees a mean difference.

    Args:
        difference: Of the means, not 0.
        sd: Standard deviation of a family's difference (`family_sd`).
        alpha: Two-sided level of the test.
        power: Probability that the test sees the difference.

    Returns:
        At least 2; 0 if not even ten million would do.

    Raises:
        ValueError: For no difference, or a level or power that is none.

    References:
        J. Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2.

    Examples:
        To see a fifth of a standard deviation takes 199 families:

        >>> families_for_paired_mean(.18, .9)
        199
    """
    check_test(alpha, power)
    if difference == 0:
        msg = "no number of families sees a difference of 0"
        raise ValueError(msg)
    return fewest(lambda g: power_paired_mean(g, difference, sd, alpha) >= power, FEWEST, MOST)


def families_for_equivalence(
    margin: float, sd: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Families from which two conditions that do not differ are shown to be alike within a margin.

    Args:
        margin: Above 0, in units of *sd*.
        sd: Standard deviation of a family's difference (`family_sd`).
        alpha: Level of each of the two one-sided tests.
        power: Probability that both show it if there is no difference.

    Returns:
        At least 2; 0 if not even ten million would do.

    Raises:
        ValueError: For a margin, level or power that is none.

    References:
        D. J. Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657.

    Examples:
        To show "alike" takes more than to see a difference of the same size:

        >>> families_for_equivalence(.18, .9), families_for_paired_mean(.18, .9)
        (216, 199)
    """
    check_test(alpha, power)
    if not margin > 0:
        msg = f"needs a margin above 0, got {margin}"
        raise ValueError(msg)
    both = normal_quantile((1 + power) / 2)

    def shown(families: int) -> bool:
        return margin * math.sqrt(families) >= sd * (t_quantile(1 - 2 * alpha, families - 1) + both)

    return fewest(shown, FEWEST, MOST)
