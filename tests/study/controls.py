"""What is known to be wrong, and must be seen to be: if it passes, the simulation is broken."""

import numpy as np
from study import truths
from study.bands import ALPHA, Cell, coverage, error
from study.blocks import events, family_rates
from study.raters import agreement_of_families, queue, run
from study.rates import seed

from dosimeter.stats.prediction import ppi_mean
from dosimeter.stats.rate import wilson

SECTION = "Negative controls"


def clustered_rows(p, families, rows, rho, runs):
    """Take rows of few families for as many families."""
    rng = seed(p, families, rows, rho)
    drawn = [events(rng, family_rates(rng, p, rho, families), rows) for _ in range(runs)]
    told = f"rate {p:g}, {families} families x {rows}, rho {rho:g}"
    found = [tuple(wilson(int(y.sum()), y.size).interval()) for y in drawn]
    return coverage(SECTION, told, "Wilson on rows", found, p, "control")


def clustered_in_pool(pool, target, families):
    """The same of rows that the engine asked."""
    found = []
    for n in range(pool.runs(families)):
        y = pool.piece(target, "exact", "refused", families, n).values == 1
        found.append(tuple(wilson(int(y.sum()), len(y)).interval()))
    true = truths.rate(pool.truths[target])
    told = f"refusal {true:.3g} of {target} through the engine, {families} families x {pool.rows}"
    return coverage(SECTION, told, "Wilson on rows", found, true, "control")


def judge_labels(p, n, runs):
    """Take what a judge says for what is."""
    rng = seed(p, n)
    found = [tuple(wilson(int(run(rng, p, n, 1).judge.sum()), n).interval()) for _ in range(runs)]
    return coverage(SECTION, f"rate {p:g}, {n} rows, sensitivity .9, specificity .95",
                    "Wilson on the judge's labels", found, p, "control")  # fmt: skip


def judge_in_pool(pool, target, families):
    """The same through the engine, as a report gives it: and it says so."""
    found = list(pool.estimates(target, "refusal", families, rater="noisy"))
    told = [any(c.code == "judge-measured" for c in f.caveats) for f in found]
    true = truths.rate(pool.truths[target])
    truth = f"refusal {true:.3g} of {target} through the engine, {families} families x {pool.rows}"
    return coverage(SECTION, truth, "a report's rate by the noisy rater", [(f.lower, f.upper) for f in found],
                    true, "control", note=f"caveat judge-measured in {np.mean(told):.0%}")  # fmt: skip


def selected_queue(p, families, labels, runs):
    """Take a queue of suspects for a random sample."""
    rng, found = seed(p, families, labels), []
    for _ in range(runs):
        one = run(rng, p, families, 1)
        _, served = queue(rng, one, labels)
        r = ppi_mean(one.truth[served], one.judge[served], one.judge[~served], bounds=(0.0, 1.0))
        found.append(tuple(r.interval()))
    told = f"rate {p:g}, {families} families, {labels} labels sought among suspects"
    return coverage(SECTION, told, "PPI++ without weights", found, p, "control")


def replies_as_units(families, rows, runs):
    """Take replies of few families for as many units, on which people agree."""
    _, found, true = agreement_of_families("spread", families, rows, 0.15, runs)
    told = f"alpha {true:.3f} on {families * rows} replies of {families} families"
    return coverage(SECTION, told, "jackknife-atanh by replies", [tuple(r.interval()) for r in found],
                    true, "control")  # fmt: skip


def peeking(p, families, runs):
    """Look every ten families, and hold the interval for that of one look."""
    rng, held = seed(p, families), []
    for _ in range(runs):
        x = np.cumsum(rng.random(families) < p)
        held.append(
            all(p in wilson(int(x[n - 1]), n).interval() for n in range(10, families + 1, 10))
        )
    return coverage(SECTION, f"rate {p:g}, a look every 10 of {families} families", "Wilson at every look",
                    [(0.0, 1.0) if h else (2.0, 3.0) for h in held], p, "control")  # fmt: skip


def overlapping(p, families, runs):
    """Call two rates different where their intervals do not overlap: no test at 5 %."""
    rng, wrong = seed(p, families, 2), []
    for _ in range(runs):
        a, b = (wilson(int(rng.binomial(families, p)), families).interval() for _ in "ab")
        wrong.append(a.upper < b.lower or b.upper < a.lower)
    return error(SECTION, f"two targets of rate {p:g}, {families} families each",
                 "intervals that do not overlap, as a test at 5 %", wrong, alpha=ALPHA, kind="control")  # fmt: skip


def every(size, pool) -> "list[Cell]":
    yield clustered_rows(0.9, 20, 5, 0.3, size.runs)
    yield clustered_rows(0.95, 50, 10, 0.2, size.runs)
    yield judge_labels(0.1, 400, size.runs)
    yield judge_labels(0.05, 1000, size.runs)
    yield selected_queue(0.2, 400, 200, size.runs)
    yield replies_as_units(12, 10, size.runs)
    yield peeking(0.5, 500, size.some)
    yield overlapping(0.5, 200, size.runs)
    if pool is not None:
        yield clustered_in_pool(pool, "a", 20)
        yield judge_in_pool(pool, "a", 100)
