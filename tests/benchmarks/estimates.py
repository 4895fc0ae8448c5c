"""What estimates cost, beside how a textbook or another library would have them, in one run."""

import sys
import time
from pathlib import Path
from statistics import median

import krippendorff
import numpy as np

from dosimeter.stats import (
    agreement,
    bootstrap,
    cluster,
    compare,
    paired,
    rate,
    rater_error,
    sequential,
    severity,
)

ROWS, CLUSTERS = 10_000, 1_000


def cpu(work, repeats=5):
    """Give the processor time of *work*, in seconds: the median, once it has run before."""
    work()
    took = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return median(took)


def rows(seed=1):
    """Yes or no, marks and a judge's probability of rows in families of ten."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(CLUSTERS), ROWS // CLUSTERS)
    yes = (rng.random(ROWS) < np.repeat(rng.beta(1, 9, CLUSTERS), ROWS // CLUSTERS)).astype(float)
    marks = np.clip(rng.poisson(0.3, ROWS) + 1, 1, 5).astype(float)
    judge = np.clip(0.8 * yes + 0.2 * rng.random(ROWS), 0, 1)
    return family, yes, marks, judge


def resampled(resamples=10_000):
    """BCa limits of a mean, by families."""
    family, yes, _, _ = rows()
    columns = np.stack([yes, np.ones(ROWS)], axis=1)

    def work():
        totals = bootstrap.cluster_totals(columns, family)
        return bootstrap.cluster_bootstrap(totals, resamples=resamples).interval()

    return work


def textbook_loop(resamples):
    """Draw families, put their rows together, take the mean; quantiles at the end."""
    family, yes, _, _ = rows()
    of_family = [yes[family == one] for one in range(CLUSTERS)]
    rng = np.random.default_rng(1)

    def work():
        found = [
            np.concatenate([of_family[i] for i in rng.integers(0, CLUSTERS, CLUSTERS)]).mean()
            for _ in range(resamples)
        ]
        return np.quantile(found, [0.025, 0.975])

    return work


def ratings(units=5_000):
    """Marks of three raters."""
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 6, units)
    return np.clip(truth[:, None] + rng.integers(-1, 2, (units, 3)), 1, 5).astype(float)


def alpha():
    """Ordinal alpha with its interval."""
    table = ratings()
    return lambda: agreement.krippendorff_alpha(table).interval()


def alpha_by_library(resamples):
    """Ordinal alpha by the package krippendorff, units drawn *resamples* times."""
    table, rng = ratings(), np.random.default_rng(1)

    def work():
        found = [
            krippendorff.alpha(table[rng.integers(0, len(table), len(table))].T,
                               level_of_measurement="ordinal")
            for _ in range(resamples)
        ]  # fmt: skip
        return np.quantile(found, [0.025, 0.975])

    return work


def intervals():
    """Give each default interval of 10,000 rows, by its name."""
    family, yes, marks, judge = rows()
    other = np.roll(yes, 7)
    seen, rest = slice(0, 500), slice(500, None)
    called = (judge > 0.5).astype(float)
    return {
        "wilson": lambda: rate.wilson(int(yes.sum()), ROWS).interval(),
        "korn_graubard": lambda: cluster.korn_graubard(yes, family).interval(),
        "guarded_mean": lambda: severity.guarded_mean(marks, family).interval(),
        "newcombe_independent": lambda: compare.newcombe_independent(
            int(yes.sum()), ROWS, int(other.sum()), ROWS).interval(),
        "tango": lambda: paired.tango(*paired.pair_table(yes, other)).interval(),
        "paired_clustered": lambda: paired.paired_clustered(yes, other, family).interval(),
        "rogan_gladen (Lang-Reiczigel)": lambda: rater_error.rogan_gladen(
            int(called.sum()), ROWS, 90, 100, 190, 200).interval(),
        "ppi_rate": lambda: rater_error.ppi_rate(yes[seen], called[seen], called[rest]).interval(),
        "beta_mixture": lambda: sequential.beta_mixture(int(yes.sum()), ROWS).interval(),
        "betting": lambda: sequential.betting(marks, scale=(1, 5)).interval(),
    }  # fmt: skip


def write_journal(folder, marks=1_000_000, targets=1):
    """Write a run of that many marks, each of one reply, in families of ten replies an attack."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "tests"))
    from bulk import Bulk

    from dosimeter.model.measures import Measure

    measures = (
        Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4),
        Measure(id="mean", title="mean harm", scale="harm", estimator="mean"),
    )
    path = folder / "runs" / "marks" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    run = Bulk(
        path, measures=measures, run={"accept_judge_measured": True}, raters="[]", gates="[]"
    )
    items = run.items(range(marks // (20 * targets)))
    rng = np.random.default_rng(1)
    for target in range(targets):
        for attack in ("direct", "role-play"):
            made = run.attempts(items, target=f"t{target}", attack=attack, repeats=10)
            drawn = rng.choice(
                [1.0, 2.0, 3.0, 4.0, 5.0], len(made), p=[0.7, 0.15, 0.08, 0.05, 0.02]
            )
            run.marks(made, drawn.tolist())
    run.close()
    return path
