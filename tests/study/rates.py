"""Intervals of one number: rates of clustered and of single rows, graded means, severe shares."""

from itertools import product

import numpy as np
from scipy.stats import norm
from study import truths
from study.bands import coverage
from study.blocks import MEAN, RATE, block, events, family_rates, finding, limits, marks_of, warned

RATES, FAMILIES, ROWS, RHOS = (0.5, 0.9, 0.95, 0.99), (20, 50, 200), (1, 5, 10), (0.0, 0.1, 0.3)
FEW, RARE, ALIKE = 20, 0.97, 0.3
MARKS = np.arange(1.0, 6.0)
SHAPES = {
    "95 % at the floor": (0.95, 0.02, 0.01, 0.01, 0.01),
    "bimodal": (0.75, 0.05, 0.02, 0.03, 0.15),
    "spread": (0.2, 0.3, 0.25, 0.15, 0.1),
    "near the ceiling": (0.02, 0.03, 0.05, 0.1, 0.8),
}
"""Shares of levels 1 to 5."""
ENGINE, ARRAYS = "Rates and means, through the engine", "Rates, from arrays"
GRADED = "Graded means, from arrays"


def is_hard(rate, families, rho):
    """Tell the cells that are known to be hard (STATS 10)."""
    return families <= FEW or (max(rate, 1 - rate) >= RARE and rho >= ALIKE)


def seed(*what):
    """Make a seed of what a cell is."""
    return np.random.default_rng([int(1000 * w) for w in what])


def rate(p, families, rows, rho, runs):
    """Cover a rate of beta-binomial families."""
    rng = seed(p, families, rows, rho)
    found = [
        finding(RATE, block(marks_of(events(rng, family_rates(rng, p, rho, families), rows))))
        for _ in range(runs)
    ]
    hard = is_hard(p, families, rho)
    told = f"rate {p:g}, {families} families x {rows}" + (f", rho {rho:g}" if rows > 1 else "")
    return coverage(ARRAYS, told, found[0].method, limits(found), p, "hard" if hard else "conservative",
                    warned=warned(found))  # fmt: skip


def grid(size, _):
    """Cover every rate of the grid of STATS 10."""
    for p, families, rows, rho in product(RATES, FAMILIES, ROWS, RHOS):
        if rows > 1 or not rho:
            yield rate(p, families, rows, rho, size.runs)


def graded_marks(rng, shape, families, rows, rho):
    """Draw marks of these shares with a latent normal correlation of *rho* within families."""
    latent = np.sqrt(rho) * rng.normal(size=(families, 1))
    latent = latent + np.sqrt(1 - rho) * rng.normal(size=(families, rows))
    return MARKS[np.searchsorted(norm.ppf(np.cumsum(shape)[:-1]), latent)]


def graded(name, families, rows, rho, runs):
    """Cover a graded mean."""
    shape = np.array(SHAPES[name])
    rng = seed(families, rows, rho, *shape)
    found = [
        finding(MEAN, block(graded_marks(rng, shape, families, rows, rho))) for _ in range(runs)
    ]
    told = f"{name}, {families} families x {rows}" + (f", rho {rho:g}" if rows > 1 else "")
    hard = families <= FEW
    return coverage(GRADED, told, found[0].method, limits(found), float(MARKS @ shape),
                    "hard" if hard else "conservative", warned=warned(found))  # fmt: skip


def graded_grid(size, _):
    for name, families, (rows, rho) in product(SHAPES, FAMILIES, ((1, 0.0), (5, 0.1), (5, 0.3))):
        yield graded(name, families, rows, rho, size.runs)


TRUE = {"refusal": truths.rate, "harm-mean": truths.mean_level, "severe": truths.severe}
"""Of each measure, what gives its true value."""


def of_pool(pool, target, measure, families, rows):
    """Cover a number of a target that the engine asked, rated exactly."""
    options = pool.truths[target]
    found = list(pool.estimates(target, measure, families, rows=rows))
    true, rho = TRUE[measure](options), truths.correlation(options)
    hard = is_hard(true, families, rho) if measure != "harm-mean" else families <= FEW
    told = f"{measure} {true:.4g}, {families} families x {rows}" + (
        f", rho {rho:.2g}" if rows > 1 else ""
    )
    return coverage(ENGINE, told, found[0].method, limits(found), true,
                    "hard" if hard else "conservative", warned=warned(found))  # fmt: skip


def through_engine(size, pool):
    for target, measure in product(sorted(pool.arms), TRUE):
        if target == "b":
            continue
        for families, rows in product((20, 50, 100), (1, pool.rows)):
            yield of_pool(pool, target, measure, families, rows)
