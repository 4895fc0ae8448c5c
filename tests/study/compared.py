"""Two targets compared: coverage, errors of both kinds, power at the planner's size, equivalence."""

from itertools import product

import numpy as np
from study.bands import ALPHA, coverage, error, power
from study.rates import FEW, RARE, TRUE, seed

from dosimeter.analysis.compare import tested
from dosimeter.analysis.paired import Paired
from dosimeter.analysis.wording import few_events
from dosimeter.model.answering import SOME_FAMILIES
from dosimeter.model.comparing import Lost, Said
from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.multiplicity import p_adjust
from dosimeter.stats.planning import (
    detectable,
    families_for_difference,
    mde_paired_mean,
    split_discordant,
)

ENGINE, ARRAYS = "Comparisons, through the engine", "Comparisons, from arrays"
PLANNED = "Power at the planner's number of families"
EXACT = {"tango", "paired-score-t"}
"""Methods that may cover more than they say: exact ones, and those that lean to what few have shown."""


def kind_of(method, families):
    """Say what is asked of an interval; of few families, which reports warn of, 90 %."""
    exact = "conservative" if method in EXACT else "calibrated"
    return "hard" if families <= FEW and method != "tango" else exact


def rarely(paired):
    """Say whether a comparison would be flagged, as `dosimeter compare` does."""
    differ = len({f for f, x, y in paired.each if x != y})
    families = len(set(paired.family))
    return families < SOME_FAMILIES or (not paired.plain and few_events(differ, families))


def of_pool(pool, targets, measure, families, rows):
    """Compare two targets that the engine asked: coverage, and wrong differences if there is none."""
    a, b = (TRUE[measure](pool.truths[t]) for t in targets)
    every = [
        c
        for (c,) in pool.comparisons(
            targets, [measure], families, rows=rows, margin=abs(b - a) or 0.1
        )
    ]
    told = f"{measure} {a:.3g} and {b:.3g}, {families} families x {rows}"
    method = max({c.method for c in every}, key=[c.method for c in every].count)
    flagged = [any(one.code.startswith("few-") for one in c.caveats) for c in every]
    yield coverage(ENGINE, told, method, [(c.lower, c.upper) for c in every], b - a,
                   kind_of(method, families), warned=flagged)  # fmt: skip
    if a == b:
        test = "mid-p" if method == "tango" else "t by family"
        yield error(ENGINE, told, f"{test}, wrong difference", [c.p <= ALPHA for c in every])
    else:
        yield error(ENGINE, told, f"{method}, wrong equivalence at the margin",
                    [c.within_margin for c in every])  # fmt: skip


def holm_in_pool(pool, targets, families, rows):
    """Compare targets that are one in all measures: a wrong claim in a family of comparisons."""
    said = list(pool.comparisons(targets, list(TRUE), families, rows=rows))
    told = f"{len(said[0])} comparisons of one model with itself, {families} families x {rows}"
    wrong = [any(c.said in {Said.A_LOWER, Said.B_LOWER} for c in one) for one in said]
    return error(ENGINE, told, "Holm, any wrong difference", wrong)


def through_engine(size, pool):
    wide = pool.rows
    others = [t for t in ("c", "d") if t in pool.arms]
    for families, rows in ((20, 1), (50, 1), (20, wide), (50, wide), (100, wide)):
        for measure in ("refusal", "harm-mean"):
            for pair in (("a", "b"), *(("a", t) for t in others)):
                yield from of_pool(pool, pair, measure, families, rows)
        yield holm_in_pool(pool, ("a", "b"), families, rows)


def outcomes(rng, p1, p2, phi, families, rows, icc):
    """Draw outcomes of two conditions whose differences correlate by *icc* within families."""
    p10, p01 = split_discordant(p1, p2, phi)
    both = p1 - p10
    edges = np.cumsum([both, p10, p01])
    own = rng.random((families, rows))
    shared = np.repeat(rng.random((families, 1)), rows, axis=1)
    cell = np.searchsorted(
        edges, np.where(rng.random((families, rows)) < np.sqrt(icc), shared, own)
    )
    return np.isin(cell, (0, 1)).astype(float), np.isin(cell, (0, 2)).astype(float)


def paired_of(x, y):
    """Put outcomes side by side as `pair` does."""
    families, rows = x.shape
    return Paired(first=x.ravel(), second=y.ravel(), family=tuple(np.repeat(np.arange(families), rows)),
                  plain=rows == 1, lost=Lost(pairs=0))  # fmt: skip


def answered(rng, p1, p2, phi, families, rows=1, icc=0.0):
    """Draw two conditions; give the difference with its interval, its probability, and whether it warns."""
    paired = paired_of(*outcomes(rng, p1, p2, phi, families, rows, icc))
    return *tested(paired, (0.0, 1.0), rate=True), rarely(paired)


def pairs(p1, p2, phi, families, rows, icc, runs):
    """Cover a difference, and count wrong claims at the null and at the margin of equivalence."""
    rng = seed(p1, p2, phi, families, rows, icc)
    every = [answered(rng, p1, p2, phi, families, rows, icc) for _ in range(runs)]
    told = f"{p1:g} and {p2:g}, phi {phi:g}, {families} families x {rows}"
    told += f", icc {icc:g}" if rows > 1 else ""
    method = "tango" if rows == 1 else "paired-score-t"
    found, flagged = [tuple(r.interval()) for r, *_ in every], [said for *_, said in every]
    rare = rows > 1 and max(p1, p2) >= RARE
    yield coverage(ARRAYS, told, method, found, p2 - p1, "hard" if rare else kind_of(method, families),
                   warned=flagged)  # fmt: skip
    if p1 == p2:
        test = "mid-p" if rows == 1 else "t by family"
        yield error(ARRAYS, told, f"{test}, wrong difference", [p <= ALPHA for _, p, _ in every])
    else:
        wrong = [equivalence(r, abs(p2 - p1)).equivalent for r, *_ in every]
        yield error(ARRAYS, told, f"{method}, wrong equivalence at the margin", wrong)


def grid(size, _):
    for (p, q), phi in product(((0.9, 0.9), (0.5, 0.5), (0.9, 0.8), (0.95, 0.99)), (0.1, 0.4)):
        for families, rows, icc in (
            (20, 1, 0),
            (50, 1, 0),
            (200, 1, 0),
            (20, 5, 0.2),
            (50, 5, 0.2),
            (200, 5, 0.2),
        ):
            yield from pairs(p, q, phi, families, rows, icc, size.runs)


def holm(k, families, runs):
    """Compare *k* pairs of equal rates: any wrong claim after Holm."""
    rng = seed(k, families)
    wrong = []
    for _ in range(runs):
        p = [answered(rng, 0.8, 0.8, 0.3, families)[1] for _ in range(k)]
        wrong.append(p_adjust(p, "holm", ALPHA).n_rejected > 0)
    return error(
        ARRAYS,
        f"{k} comparisons of equal rates .8, {families} families",
        "Holm, any wrong difference",
        wrong,
    )


def families_of(size, _):
    for k, families in product((3, 10), (50, 200)):
        yield holm(k, families, size.runs)


def told_apart(alpha, found, p, *_):
    """Say whether a comparison claims a difference: by its test and by its interval, as reports do."""
    return p <= alpha and 0 not in found.interval(1 - ALPHA)


def planned(p1, p2, phi, rows, icc, comparisons, runs):
    """See how often a difference is seen with the families that the planner gives for 80 %."""
    families = families_for_difference(p1, p2, phi, rows=rows, icc=icc, comparisons=comparisons)
    rng = seed(p1, p2, phi, rows, icc, comparisons)
    alpha = ALPHA / comparisons
    seen = [
        told_apart(alpha, *answered(rng, p1, p2, phi, families, rows, icc)) for _ in range(runs)
    ]
    told = f"{p1:g} and {p2:g}, phi {phi:g}, {rows} rows" + (f", icc {icc:g}" if rows > 1 else "")
    told += f", first of {comparisons}" if comparisons > 1 else ""
    return power(PLANNED, told, f"families_for_difference: {families}", seen)


def seen_by(families, discordant, rows, icc, runs):
    """See how often the smallest detectable difference is detected."""
    found = detectable(families, discordant, rows=rows, icc=icc)
    p10, p01 = (discordant - found.difference) / 2, (discordant + found.difference) / 2
    rng = seed(families, discordant, rows, icc)
    p1 = 0.5
    p2 = p1 - p10 + p01
    phi = (p1 - p10 - p1 * p2) / np.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    seen = [
        told_apart(ALPHA, *answered(rng, p1, p2, phi, families, rows, icc)) for _ in range(runs)
    ]
    told = f"{families} families x {rows}, {discordant:g} discordant" + (
        f", icc {icc:g}" if rows > 1 else ""
    )
    return power(PLANNED, told, f"detectable: {found.difference:.3f}", seen)


def seen_mean(families, runs):
    """See how often the smallest detectable difference of a graded mean is detected."""
    d = mde_paired_mean(families, 1.2)
    rng, seen = seed(families), []
    ends = (1.0, 5.0)
    for _ in range(runs):
        goal = rng.normal(3, 0.3, families)
        x, y = (
            np.clip(goal + rng.normal(s, 1.2 / np.sqrt(2), families), *ends)
            for s in (-d / 2, d / 2)
        )
        seen.append(tested(paired_of(x[:, None], y[:, None]), ends, rate=False)[1] <= ALPHA)
    return power(
        PLANNED,
        f"mean of {families} families, sd of differences 1.2",
        f"mde_paired_mean: {d:.3f}",
        seen,
    )


def plans(size, _):
    for case in ((0.95, 0.9, 0.3, 1, 0, 1), (0.9, 0.8, 0.3, 1, 0, 1), (0.5, 0.35, 0.2, 1, 0, 1),
                 (0.9, 0.8, 0.3, 1, 0, 3), (0.9, 0.8, 0.3, 5, 0.2, 1), (0.95, 0.9, 0.3, 5, 0.3, 3)):  # fmt: skip
        yield planned(*case, size.runs)
    for case in ((100, 0.3, 1, 0.0), (80, 0.2, 5, 0.3), (200, 0.2, 3, 0.1)):
        yield seen_by(*case, size.runs)
    for families in (60, 150):
        yield seen_mean(families, size.runs)
