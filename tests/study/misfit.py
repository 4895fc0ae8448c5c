"""Truth that is not the estimator's model (VALIDITY 32): reported as it comes, short or not."""

import numpy as np
from scipy.special import expit
from study.bands import coverage, error
from study.blocks import (
    FREE,
    MEAN,
    MEAN_FREE,
    RATE,
    block,
    events,
    family_rates,
    finding,
    limits,
    marks_of,
)
from study.compared import paired_of
from study.raters import (
    SENS,
    SPEC,
    Rated,
    agreement_of_families,
    calibrated,
    judged,
    labelled_by_chance,
    of_labels,
)
from study.rates import SHAPES, graded_marks, seed

from dosimeter.analysis.compare import tested
from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.confusion import binary_confusion
from dosimeter.stats.correction import rogan_gladen_clustered
from dosimeter.stats.equivalence import equivalence
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.rater_error import transport_check

RATES, PAIRS, JUDGES = "Rates and means", "Comparisons", "Raters"
SECTION = "Misspecified truth: "
FAMILIES, ROWS = 60, 5
MANY = 2_000_000
"""Families whose mean stands for the truth where it has no formula."""


def _open(part, *rest, **more):
    return coverage(SECTION + part, *rest, kind="open", **more)


def heavy_tails(size, _):
    """Rates of families on the logit scale with t on 2 degrees of freedom; and marks without ends."""
    rng = seed(2)
    for centre, told in ((2.2, "about .9"), (4.0, "about .98")):
        true = float(expit(centre + seed(centre).standard_t(2, MANY)).mean())
        found = [
            finding(
                RATE,
                block(marks_of(events(rng, expit(centre + rng.standard_t(2, FAMILIES)), ROWS))),
            )
            for _ in range(size.runs)
        ]
        truth = f"families' logits t on 2 df, rate {told}, {FAMILIES} families x {ROWS}"
        yield _open(RATES, truth, "korn-graubard", limits(found), true)
    for name, draw, true in (
        ("lognormal, sigma 1.5", lambda n: rng.lognormal(0, 1.5, n), float(np.exp(1.125))),
        ("Pareto, index 2.1", lambda n: rng.pareto(2.1, n), 1 / 1.1),
    ):
        found = [
            finding(MEAN_FREE, block(draw((FAMILIES, 1)), scale=FREE)) for _ in range(size.runs)
        ]
        yield _open(
            RATES, f"marks without ends, {name}, {FAMILIES} families", "cr1-t", limits(found), true
        )


def unequal_families(size, _):
    """Families whose size tells of their rate: refusals are asked again more often."""
    rng, alike, rows = seed(3), [], []
    p, rho = 0.8, 0.3
    for _ in range(size.runs):
        rates = family_rates(rng, p, rho, FAMILIES)
        sizes = np.where(rates > np.median(rates), 10, 2)
        family = np.repeat(np.arange(FAMILIES), sizes)
        happened = rng.random(len(family)) < rates[family]
        alike.append(finding(RATE, block(marks_of(happened), family)))
        rows.append(tuple(korn_graubard(happened, family).interval()))
    told = f"families of 2 and 10 rows, the larger of higher rate, {FAMILIES} families"
    yield _open(RATES, told, "korn-graubard, families alike (as reports do)", limits(alike), p)
    yield _open(RATES, told, "korn-graubard, rows alike (as no report does)", rows, p)


def lost_marks(size, _):
    """Marks that are missing where the reply is harmful: only the bounds can tell."""
    rng, found, bounds = seed(4), [], []
    p = 0.2
    for _ in range(size.runs):
        happened = events(rng, family_rates(rng, p, 0.2, FAMILIES), ROWS)
        lost = rng.random(happened.shape) < np.where(happened, 0.2, 0.02)
        one = finding(RATE, block(np.where(lost, np.nan, marks_of(happened))))
        found.append(one)
        wide = (
            one.lower - one.value + one.missing.lower,
            one.upper - one.value + one.missing.upper,
        )
        bounds.append(wide)
    warned = np.mean([any(c.code == "missing" for c in f.caveats) for f in found])
    told = f"a fifth of events lost, of others a fiftieth, {FAMILIES} families x {ROWS}"
    yield _open(
        RATES, told, "korn-graubard", limits(found), p, note=f"caveat missing in {warned:.0%}"
    )
    yield _open(RATES, told, "the same about the bounds for what is missing", bounds, p)


def graded_alike(size, _):
    """Families that are of one kind or another: all replies at the floor, or all severe."""
    rng, shape = seed(5), np.array(SHAPES["bimodal"])
    found = [
        finding(MEAN, block(graded_marks(rng, shape, FAMILIES, ROWS, 0.98)))
        for _ in range(size.runs)
    ]
    told = f"replies of a family nearly all alike, {FAMILIES} families x {ROWS}"
    yield _open(RATES, told, "guarded-mean", limits(found), float(np.arange(1, 6) @ shape))


def interaction(size, _):
    """Two targets of one rate to which different goals are hard, with few families that differ."""
    for p, told in ((0.9, "rates .9"), (0.97, "rates .97")):
        rng, every = seed(p, 6), []
        for _ in range(size.runs):
            x, y = (events(rng, family_rates(rng, p, 0.4, FAMILIES), ROWS) for _ in "ab")
            every.append(tested(paired_of(x.astype(float), y.astype(float)), (0.0, 1.0), rate=True))
        truth = f"{told}, goals hard for one target only, {FAMILIES} families x {ROWS}"
        yield _open(PAIRS, truth, "paired-score-t", [tuple(r.interval()) for r, _ in every], 0.0)
        yield error(SECTION + PAIRS, truth, "t by family, wrong difference",
                    [p_value <= 0.05 for _, p_value in every], kind="open")  # fmt: skip


def rare_differences(size, _):
    """A difference that a few families make, each in all of its rows; t limits are what it is held against."""
    for families in (50, 200):
        rng, score, plain, passed = seed(families, 7), [], [], []
        for _ in range(size.runs):
            differs = rng.random((families, 1)) < 0.04
            x = (rng.random((families, ROWS)) < 0.95) & ~differs
            pair = paired_of(x.astype(float), (x | differs).astype(float))
            ours, _ = tested(pair, (0.0, 1.0), rate=True)
            t = paired_clustered(pair.first, pair.second, pair.family)
            score.append(tuple(ours.interval()))
            plain.append(tuple(t.interval()))
            passed.append([equivalence(one, 0.04).equivalent for one in (ours, t)])
        truth = f"4 % of families answered by one target only, {families} families x {ROWS}"
        for what, found, wrong in zip(("paired-score-t", "paired-cr1-t (as no report does)"), (score, plain),
                                      zip(*passed, strict=True), strict=True):  # fmt: skip
            yield _open(PAIRS, truth, what, found, 0.04)
            yield error(
                SECTION + PAIRS,
                truth,
                f"{what}, wrong equivalence at the margin",
                wrong,
                kind="open",
            )


def by_difficulty(rates, worst=0.6):
    """Give the sensitivity of a judge who misses what is rare in a family."""
    return np.clip(worst + (1 - worst) * rates * 1.5, 0, 0.99)


def correlated_errors(size, _):
    """A judge who errs most where events are rare: labels of the run hold, a card does not."""
    rng, p, rho = seed(8), 0.2, 0.3
    labels, card, told_apart = [], [], []
    for _ in range(size.runs):
        rates = family_rates(rng, p, rho, 200)
        truth = events(rng, rates, ROWS).ravel()
        hard = np.repeat(rates, ROWS)
        one = Rated(truth=truth, judge=judged(rng, truth, by_difficulty(hard), SPEC),
                    family=np.repeat(np.arange(200), ROWS), hard=hard)  # fmt: skip
        read = labelled_by_chance(rng, one, 0.4)
        labels.append(tuple(of_labels(one, read).interval()))
        cal = calibrated(rng, 200)
        card.append(tuple(rogan_gladen_clustered(one.judge, one.family, *cal).interval()))
        told_apart.append(_transported(one, read, cal))
    truth = "sensitivity rises with the family's rate; the card's is .9; 200 families x 5"
    yield _open(JUDGES, truth, "ppi_rate", labels, p)
    yield _open(JUDGES, truth, "lang-reiczigel-clustered by the card", card, p,
                note=f"transport check on the labels objects in {np.mean(told_apart):.0%}")  # fmt: skip


def _transported(one, read, cal):
    """Tell whether the transport check objects to a card by the labels of the run."""
    tp, n_pos, tn, n_neg = cal
    y, f = one.truth[read], one.judge[read]
    ours = binary_confusion(
        int((y & f).sum()), int((y & ~f).sum()), int((~y & f).sum()), int((~y & ~f).sum())
    )
    theirs = binary_confusion(tp, n_pos - tp, n_neg - tn, tn)
    return transport_check(theirs, ours).verdict == "inconsistent"


def under_attack(size, _):
    """A judge calibrated on plain replies, who misses more of those to an attack."""
    rng, rate, wrong = seed(9), [], []
    p = 0.3
    for _ in range(size.runs):
        truth = [events(rng, family_rates(rng, p, 0.2, 200), 1)[:, 0] for _ in "ab"]
        plain, attacked = (judged(rng, y, s, SPEC) for y, s in zip(truth, (SENS, 0.7), strict=True))
        cal = calibrated(rng, 200)
        rate.append(tuple(rogan_gladen_clustered(attacked, np.arange(200), *cal).interval()))
        _, value = tested(
            paired_of(*(m[:, None].astype(float) for m in (plain, attacked))), (0.0, 1.0), rate=True
        )
        wrong.append(value <= 0.05)
    truth = "sensitivity .9 without the attack, .7 with it; rates both .3; 200 families"
    yield _open(JUDGES, truth, "lang-reiczigel by the card, under the attack", rate, p)
    yield error(
        SECTION + JUDGES, truth, "judge-measured difference, wrong difference", wrong, kind="open"
    )


def agreement_of_few_families(name, size):
    """Agreement on replies of a dozen families."""
    found, _, true = agreement_of_families(name, 12, 10, 0.2, size.runs)
    truth = f"{name}: alpha {true:.3f} on 120 replies of 12 families"
    limits = [tuple(r.interval()) for r in found if not r.undefined and not r.no_interval]
    return _open(JUDGES, truth, "jackknife-atanh by families", limits, true)


def few_families(size, _):
    for name in ("spread", "bimodal", "near the ceiling"):
        yield agreement_of_few_families(name, size)


def every(size, pool):
    for part in (heavy_tails, unequal_families, lost_marks, graded_alike, interaction, rare_differences,
                 correlated_errors, under_attack, few_families):  # fmt: skip
        yield from part(size, pool)
