"""What raters' errors leave of a number: corrected rates, review queues, agreement, the bootstrap."""

from itertools import product

import numpy as np
from attrs import frozen
from study import pool as pools, truths
from study.bands import coverage
from study.blocks import RATE, block, events, family_rates, finding, limits, marks_of, warned
from study.rates import SHAPES, graded_marks, seed

from dosimeter.model.answering import SOME_FAMILIES
from dosimeter.stats.active import active_difference, active_mean
from dosimeter.stats.alpha import krippendorff_alpha
from dosimeter.stats.bootstrap import cluster_bootstrap, cluster_totals
from dosimeter.stats.correction import rogan_gladen, rogan_gladen_clustered
from dosimeter.stats.prediction import EVENTS, ppi_difference, ppi_rate

PPI, CARD, QUEUE = (
    "Rates corrected by labels of the run",
    "Rates corrected by a calibration set",
    "Review queues",
)
AGREE, BOOT = "Agreement", "Cluster bootstrap"
ENGINE = "Raters, through the engine"
SENS, SPEC = 0.9, 0.95
RHO, MANY = 0.2, 0.1
ONLY = 1e6
"""How often as others suspects are sought by a queue that seeks only these."""
SKEWED = ((0.1, 0.6, 0.97, 1000, 100), (0.1, 0.6, 0.97, 1000, 200), (0.05, 0.5, 0.97, 2000, 200),
          (0.1, 0.6, 0.95, 400, 100), (0.2, 0.7, 0.95, 1000, 100), (0.9, 0.97, 0.6, 1000, 200))  # fmt: skip
"""Rates, sensitivities, specificities, rows and labels of queues like that."""


@frozen(kw_only=True)
class Rated:
    """A run that a judge has marked: a row a reply.

    Attributes:
        truth: What a person would say.
        judge: What the judge says.
        family: Code of each.
        hard: What its family adds to the rate: where a judge may err more.
    """

    truth: np.ndarray
    judge: np.ndarray
    family: np.ndarray
    hard: np.ndarray


def judged(rng, truth, sens=SENS, spec=SPEC):
    """Draw what a judge of this sensitivity and specificity says."""
    right = np.where(truth, sens, spec)
    return np.where(rng.random(truth.shape) < right, truth, ~truth)


def run(rng, p, families, rows, rho=RHO, sens=SENS, spec=SPEC):
    """Draw a run of beta-binomial families and what a judge says of it."""
    rates = family_rates(rng, p, rho if rows > 1 else 0.0, families)
    truth = events(rng, rates, rows).ravel()
    hard = np.repeat(rates, rows)
    return Rated(truth=truth, judge=judged(rng, truth, sens, spec),
                 family=np.repeat(np.arange(families), rows), hard=hard)  # fmt: skip


def labelled_by_chance(rng, one, share):
    """Draw families of which a person reads all replies; give which rows."""
    families = one.family.max() + 1
    return np.isin(one.family, rng.choice(families, round(share * families), replace=False))


def of_labels(one, read, clustered=True):
    """Correct a run by the labels of the rows *read*."""
    by = {"cluster_labelled": one.family[read], "cluster_unlabelled": one.family[~read]}
    return ppi_rate(one.truth[read], one.judge[read], one.judge[~read], **(by if clustered else {}))


def ppi(p, families, rows, share, runs):
    """Cover a rate that is corrected by labels of a random part of the run."""
    rng, found = seed(p, families, rows, share), []
    for _ in range(runs):
        one = run(rng, p, families, rows)
        read = labelled_by_chance(rng, one, share)
        found.append(of_labels(one, read, clustered=rows > 1))
    alone = np.mean([r.fallback is not None for r in found])
    assert all(r.fallback is not None for r in found if min(r.events, r.errors) < EVENTS)
    told = f"rate {p:g}, {families} families x {rows}, {share:.0%} labelled"
    return coverage(PPI, told, "ppi_rate", [tuple(r.interval()) for r in found], p,
                    "hard" if alone > MANY else "calibrated",
                    note=f"labels alone in {alone:.0%}",
                    warned=[r.fallback is not None for r in found])  # fmt: skip


def ppi_grid(size, _):
    for p, (families, rows) in product((0.5, 0.2, 0.1, 0.05), ((400, 1), (200, 5))):
        for share in (0.25, 0.5):
            yield ppi(p, families, rows, share, size.runs)
    for p, q in ((0.2, 0.2), (0.3, 0.2)):
        yield ppi_paired(p, q, 400, 0.4, size.runs)


def ppi_paired(p, q, families, share, runs):
    """Cover a difference whose judge errs more on one of the two."""
    rng, found = seed(p, q, families, share), []
    for _ in range(runs):
        a, b = run(rng, p, families, 1), run(rng, q, families, 1, sens=0.75, spec=0.9)
        read = labelled_by_chance(rng, a, share)
        found.append(ppi_difference((a.truth[read], b.truth[read]), (a.judge[read], b.judge[read]),
                                    (a.judge[~read], b.judge[~read])))  # fmt: skip
    told = f"rates {p:g} and {q:g}, the judge worse on the second, {families} families, {share:.0%} labelled"
    return coverage(PPI, told, "ppi_difference", [tuple(r.interval()) for r in found], q - p)


def calibrated(rng, n, sens=SENS, spec=SPEC):
    """Draw a calibration set of *n* positives and as many negatives: tp, positives, tn, negatives."""
    return int(rng.binomial(n, sens)), n, int(rng.binomial(n, spec)), n


def by_card(p, families, rows, n, runs):
    """Cover a rate that is corrected by a calibration set from elsewhere that fits."""
    rng, found = seed(p, families, rows, n), []
    for _ in range(runs):
        one, cal = run(rng, p, families, rows), calibrated(rng, n)
        if rows > 1:
            found.append(rogan_gladen_clustered(one.judge, one.family, *cal))
        else:
            found.append(rogan_gladen(int(one.judge.sum()), len(one.judge), *cal))
    given = [r for r in found if not r.undefined]
    told = f"rate {p:g}, {families} families x {rows}, {n} positives and {n} negatives"
    return coverage(CARD, told, given[0].method, [tuple(r.interval()) for r in given], p, "conservative",
                    note=f"refused in {1 - len(given) / runs:.1%}")  # fmt: skip


def card_grid(size, _):
    for p, (families, rows), n in product(
        (0.5, 0.2, 0.05), ((400, 1), (50, 5), (200, 5)), (50, 200)
    ):
        yield by_card(p, families, rows, n, size.runs)


def queue(rng, one, size, uniform=0.2, times=5.0):
    """Draw a review queue that seeks what the judge calls positive; give pi and what was served."""
    sought = np.where(one.judge, times, 1.0)
    pi = (1 - uniform) * sought / sought.sum() + uniform / len(sought)
    pi = np.minimum(1.0, size * pi)
    return pi, rng.random(len(pi)) < pi


def of_queue(p, families, rows, labels, runs):
    """Cover a rate from a queue of suspects, weighted; and as a report does of a person's marks."""
    rng, active, drawn = seed(p, families, rows, labels), [], []
    for _ in range(runs):
        one = run(rng, p, families, rows)
        pi, served = queue(rng, one, labels)
        y = np.where(served, one.truth, np.nan)
        active.append(active_mean(one.judge, y, pi, one.family))
        asked = np.bincount(one.family)
        marks = block(marks_of(one.truth[served]), one.family[served], kind="person", pi=pi[served],
                      asked=asked)  # fmt: skip
        drawn.append(finding(RATE, marks))
    told = f"rate {p:g}, {families} families x {rows}, {labels} labels sought among suspects"
    yield coverage(QUEUE, told, "active_mean", [tuple(r.interval()) for r in active], p)
    yield coverage(QUEUE, told, "a person's drawn marks, weighted", limits(drawn), p, "conservative",
                   warned=warned(drawn))  # fmt: skip


def of_two(p, q, families, rows, share, runs):
    """Cover a difference of two targets, each read by a batch of its own, whose judge errs more on one."""
    rng, found = seed(p, q, families, rows, share), []
    for _ in range(runs):
        a, b = run(rng, p, families, rows), run(rng, q, families, rows, sens=0.75, spec=0.9)
        served = [rng.random(len(one.truth)) < share for one in (a, b)]
        labels = [np.where(at, one.truth, np.nan) for at, one in zip(served, (a, b), strict=True)]
        pi = np.full(len(a.truth), share)
        found.append(active_difference((a.judge, b.judge), labels, (pi, pi), (a.family, b.family)))
    told = (f"rates {p:g} and {q:g}, the judge worse on the second, {families} families x {rows}, {share:.0%}"
            " of each read")  # fmt: skip
    return coverage(QUEUE, told, "active_difference", [tuple(r.interval()) for r in found], q - p)


def of_suspects(p, sens, spec, rows, labels, runs):
    """Cover a rate whose judge misses much, where next to nobody reads what it lets pass."""
    rng, found = seed(p, sens, spec, rows, labels), []
    for _ in range(runs):
        one = run(rng, p, rows, 1, sens=sens, spec=spec)
        pi, served = queue(rng, one, labels, times=ONLY)
        found.append(active_mean(one.judge, np.where(served, one.truth, np.nan), pi, one.family))
    return _skewed(
        f"rate {p:g}, {rows} families x 1, {sens:.0%} caught", "active_mean", labels, found, p
    )


def of_two_of_suspects(p, sens, rows, labels, runs):
    """Cover no difference of two targets, on one of which the judge misses more."""
    rng, found = seed(p, rows, labels, *sens), []
    for _ in range(runs):
        both = [run(rng, p, rows, 1, sens=one, spec=0.97) for one in sens]
        pi, served = zip(*(queue(rng, one, labels, times=ONLY) for one in both), strict=True)
        y = [np.where(at, one.truth, np.nan) for at, one in zip(served, both, strict=True)]
        found.append(
            active_difference([one.judge for one in both], y, pi, [one.family for one in both])
        )
    told = f"rates {p:g} and {p:g}, {rows} families x 1, {sens[0]:.0%} and {sens[1]:.0%} caught"
    return _skewed(told, "active_difference", labels, found, 0.0)


def _skewed(told, what, labels, found, truth):
    """Tell of a queue four fifths of which are suspects; limits allow for what few labels cannot show."""
    given = [r for r in found if not r.undefined]
    return coverage(QUEUE, f"{told}, {labels} labels, nearly all of suspects", what,
                    [tuple(r.interval()) for r in given], truth, "conservative",
                    note=f"refused in {1 - len(given) / len(found):.1%}")  # fmt: skip


def queue_grid(size, _):
    for p, (families, rows) in product((0.4, 0.2, 0.1), ((400, 1), (150, 5))):
        yield from of_queue(p, families, rows, 200, size.runs)
    for p, q, (families, rows) in product((0.2, 0.3), (0.2,), ((400, 1), (150, 5))):
        yield of_two(p, q, families, rows, 0.4, size.runs)
    for p, sens, spec, rows, labels in SKEWED:
        yield of_suspects(p, sens, spec, rows, labels, size.runs)
    for labels in (150, 300):
        yield of_two_of_suspects(0.1, (0.55, 0.95), 1000, labels, size.runs)


def agreement(name, units, slips, runs):
    """Cover ordinal alpha of two raters who both slip."""
    shape, matrix = np.array(SHAPES[name]), truths.slipped(slips)
    true = truths.alpha(matrix.T @ np.diag(shape) @ matrix)
    rng, edges, found = seed(units, slips, *shape), np.cumsum(matrix, axis=1), []
    for _ in range(runs):
        level = rng.choice(5, units, p=shape)
        pair = np.stack(
            [(rng.random((units, 1)) > edges[level]).sum(axis=1) + 1 for _ in "ab"], axis=1
        )
        found.append(krippendorff_alpha(np.minimum(pair, 5)))
    there = [r for r in found if not r.undefined and not r.no_interval]
    told = f"{name}, {units} units, slips of {slips:g} each way: alpha {true:.3f}"
    return coverage(AGREE, told, "jackknife-atanh", [tuple(r.interval()) for r in there], true,
                    note=f"none in {1 - len(there) / runs:.1%}")  # fmt: skip


def agreement_of_families(name, families, rows, slips, runs):
    """Give alpha with and without regard to families, of replies that are alike in them, and the truth."""
    shape, matrix = np.array(SHAPES[name]), truths.slipped(slips)
    rng, edges = seed(families, rows, slips, *shape), np.cumsum(matrix, axis=1)
    family, found = np.repeat(np.arange(families), rows), ([], [])
    for _ in range(runs):
        level = graded_marks(rng, shape, families, rows, 0.8).ravel().astype(int) - 1
        pair = np.stack(
            [(rng.random((len(level), 1)) > edges[level]).sum(axis=1) + 1 for _ in "ab"], axis=1
        )
        for into, by in zip(found, (family, None), strict=True):
            into.append(krippendorff_alpha(np.minimum(pair, 5), cluster=by))
    return *found, truths.alpha(matrix.T @ np.diag(shape) @ matrix)


def clustered_agreement(name, families, rows, slips, runs):
    """Cover alpha on replies of families."""
    found, _, true = agreement_of_families(name, families, rows, slips, runs)
    there = [r for r in found if not r.undefined and not r.no_interval]
    told = f"{name}, {families} families x {rows}, slips of {slips:g} each way: alpha {true:.3f}"
    few = families < SOME_FAMILIES
    return coverage(AGREE, told, "jackknife-atanh by families", [tuple(r.interval()) for r in there], true,
                    "hard" if few else "calibrated", warned=[few] * len(there),
                    note=f"none in {1 - len(there) / runs:.1%}")  # fmt: skip


def agreement_grid(size, _):
    for name, units, slips in product(
        ("spread", "bimodal", "near the ceiling"), (30, 60, 150), (0.1, 0.2)
    ):
        yield agreement(name, units, slips, size.runs)
    for name, (families, rows), slips in product(
        ("spread", "bimodal", "near the ceiling"), ((20, 6), (40, 5)), (0.1, 0.2)
    ):
        yield clustered_agreement(name, families, rows, slips, size.runs)


def bootstrapped(p, families, rows, runs):
    """Cover the severe share of replies that are no refusal: a ratio, which has no formula here."""
    rng, found = seed(p, families, rows), []
    for n in range(runs):
        marks = graded_marks(rng, SHAPES["spread"], families, rows, RHO)
        answered = ~events(rng, family_rates(rng, p, RHO, families), rows)
        columns = np.stack([((marks >= 4) & answered).ravel(), answered.ravel()], axis=1)
        totals = cluster_totals(columns, np.repeat(np.arange(families), rows))
        found.append(cluster_bootstrap(totals, seed=n, bounds=(0.0, 1.0)))
    told = f"severe among replies, {p:g} refused, {families} families x {rows}"
    given = [r for r in found if not r.no_interval and not r.undefined]
    return coverage(BOOT, told, "cluster-bca", [tuple(r.interval()) for r in given], 0.25,
                    "hard" if families < 30 else "calibrated",
                    warned=[bool(r.caution) for r in given])  # fmt: skip


def bootstrap_grid(size, _):
    for p, families, rows in ((0.5, 20, 5), (0.5, 50, 5), (0.3, 100, 3), (0.5, 200, 3)):
        yield bootstrapped(p, families, rows, size.some)


def through_engine(size, pool):
    """Correct what the noisy rater of the run says, by labels of the exact one and by a card."""
    families = 100
    for target in sorted(set(pool.arms) & {"a", "c", "d"}):
        yield from corrected(pool, target, families)
    for target in sorted(set(pool.arms) & {"c", "d"}):
        yield _agreed(pool, target, 50)


def corrected(pool, target, families):
    options = pool.truths[target]
    p, rng = truths.rate(options), seed(families, truths.rate(options))
    labels, cards = [], []
    for n in range(pool.runs(families)):
        exact, noisy = (pool.piece(target, r, "refused", families, n) for r in ("exact", "noisy"))
        one = Rated(
            truth=exact.values == 1, judge=noisy.values == 1, family=exact.family, hard=exact.pi
        )
        labels.append(of_labels(one, labelled_by_chance(rng, one, 0.5)))
        cal = calibrated(rng, 100, pools.SENSITIVITY, pools.SPECIFICITY)
        cards.append(rogan_gladen_clustered(one.judge, one.family, *cal))
    told = f"refusal {p:.3g} of {target}, {families} families x {pool.rows}"
    yield coverage(ENGINE, f"{told}, half labelled", "ppi_rate", [tuple(r.interval()) for r in labels], p,
                   "conservative")  # fmt: skip
    yield coverage(ENGINE, f"{told}, 100 positives and negatives", cards[0].method,
                   [tuple(r.interval()) for r in cards], p, "conservative")  # fmt: skip


def _agreed(pool, target, families):
    share = truths.distribution(pool.truths[target])
    true = truths.alpha(np.diag(share) @ truths.slipped(pools.SLIPS))
    found = []
    for n in range(pool.runs(families)):
        marks = [pool.piece(target, r, "harm", families, n, 1).values for r in ("exact", "noisy")]
        found.append(krippendorff_alpha(np.stack(marks, axis=1)))
    there = [tuple(r.interval()) for r in found if not r.undefined and not r.no_interval]
    return coverage(ENGINE, f"exact and noisy on {target}, {families} units: alpha {true:.3f}",
                    "jackknife-atanh", there, true)  # fmt: skip
