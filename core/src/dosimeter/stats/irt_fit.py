"""Fitting the two-parameter model of items by marginal maximum likelihood."""

import math

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logsumexp

from dosimeter.stats.checks import Floats
from dosimeter.stats.irt import responses_table
from dosimeter.stats.result import Wald

RESPONDENTS = 30
"""Models below which an item's parameters cannot be told."""
ITEMS = 3
"""Items below which two parameters of each are not identified."""
NODES = 61
"""Points at which abilities are integrated over."""
STEEPEST = 10.0
"""Discrimination at which the fit stops: responses that an ability splits without error."""


@frozen
class TwoParameter:
    """A two-parameter logistic model of items, fitted by marginal maximum likelihood.

    Attributes:
        discrimination: Of each item, a: how steeply its answer turns with ability.
        difficulty: Of each item, b: the ability at which half solve it.
        loglik: Maximum of the marginal log-likelihood; NaN if nothing was fitted.
        n: Respondents.
        iterations: Steps of the EM algorithm.
        converged: Whether it came to rest.
        undefined: Why nothing was fitted; empty if it was.
    """

    discrimination: tuple[Wald, ...]
    difficulty: tuple[Wald, ...]
    loglik: float
    n: int
    iterations: int
    converged: bool
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined}, n={self.n})"
        a = ", ".join(f"{one.estimate:.3g}" for one in self.discrimination)
        b = ", ".join(f"{one.estimate:.3g}" for one in self.difficulty)
        return f"2PL: a = {a}; b = {b} (n={self.n}, logLik {self.loglik:.6g})"


def fit_2pl(
    patterns: ArrayLike,
    counts: ArrayLike | None = None,
    *,
    tolerance: float = 1e-7,
    most: int = 10_000,
) -> TwoParameter:
    """Fit P(1) = logistic(a (theta - b)) with theta standard normal, without the constant 1.7.

    Args:
        patterns: Responses 0 or 1, one row a respondent (or pattern), one column an item; NaN where
            an item was not given.
        counts: Respondents with each pattern; None counts each row once.
        tolerance: Largest change of a parameter at which the EM algorithm rests.
        most: Steps after which it stops.

    Returns:
        Parameters with standard errors from the scores' cross products. All are undefined for fewer
        than 30 respondents or 3 items that vary, those of an item that all or none solve always;
        they have no interval where the algorithm did not come to rest or a discrimination has no
        end. Difficulties are in units of the population's standard deviation (`TwoParameter`).

    Raises:
        ValueError: For what is neither 0, 1 nor NaN, or counts that are negative or of another
            number.

    References:
        R. D. Bock, M. Aitkin (1981), Psychometrika 46:443; R. D. Bock, M. Lieberman (1970),
        Psychometrika 35:179.

    Examples:
        Twelve models cannot tell how well an item discriminates:

        >>> rng = np.random.default_rng(0)
        >>> print(fit_2pl(rng.random((12, 5)) < .5).discrimination[0])
        undefined (few-models, n=12)
    """
    table, times = responses_table(patterns, counts)
    n = int(times.sum())
    varies = _varies(table, times)
    if n < RESPONDENTS or varies.sum() < ITEMS:
        why = "few-models" if n < RESPONDENTS else "few-items-vary"
        nothing = tuple(_parameter(math.nan, math.nan, n, why, "") for _ in varies)
        return TwoParameter(nothing, nothing, math.nan, n, 0, False, why)
    fit = _Fit(table[:, varies], times)
    a, d, steps, rested = fit.run(tolerance, most)
    slopes, places = _with_errors(a, d, fit.covariance(a, d), n, rested)
    lacking = _parameter(math.nan, math.nan, n, "no-variation", "")
    at = np.cumsum(varies) - 1
    return TwoParameter(
        discrimination=tuple(slopes[i] if v else lacking for i, v in zip(at, varies, strict=True)),
        difficulty=tuple(places[i] if v else lacking for i, v in zip(at, varies, strict=True)),
        loglik=fit.loglik(a, d), n=n, iterations=steps, converged=rested,
    )  # fmt: skip


def _with_errors(
    a: Floats, d: Floats, covariance: Floats, n: int, rested: bool
) -> tuple[list[Wald], list[Wald]]:
    """Discriminations and difficulties b = -d/a, by the delta method."""
    k, b = len(a), -d / a
    va, vd = np.diag(covariance)[:k], np.diag(covariance)[k:]
    vb = (vd + b * b * va + 2 * b * np.diag(covariance[:k, k:])) / a**2
    slopes, places = [], []
    for i in range(k):
        endless = abs(a[i]) >= STEEPEST
        no = "no-finite-discrimination" if endless else "" if rested else "not-converged"
        slopes.append(_parameter(float(a[i]), float(va[i]), n, "", no))
        places.append(_parameter(float(b[i]), float(vb[i]), n, "", no))
    return slopes, places


def _varies(table: Floats, times: Floats) -> NDArray[np.bool_]:
    """Whether an item has both answers among those that count."""
    table = table[times > 0]
    return np.asarray((table == 1).any(axis=0) & (table == 0).any(axis=0))


def _parameter(value: float, variance: float, n: int, undefined: str, no_interval: str) -> Wald:
    se = math.sqrt(variance) if variance > 0 else math.nan
    no = no_interval or ("" if undefined or se > 0 else "no-standard-error")
    return Wald(estimate=value, se=se, method="2pl-mml", n=n, clusters=n, undefined=undefined,
                no_interval=no)  # fmt: skip


class _Fit:
    """The marginal likelihood of slopes a and intercepts d = -ab, and its maximum by EM."""

    def __init__(self, table: Floats, times: Floats) -> None:
        there = ~np.isnan(table)
        self.right = np.where(there, table, 0.0)
        self.wrong = there - self.right
        self.there = there.astype(float)
        self.times = times
        x, w = np.polynomial.hermite_e.hermegauss(NODES)
        self.theta, self.log_weight = x, np.log(w / w.sum())

    def joint(self, a: Floats, d: Floats) -> Floats:
        """Log-probability of each pattern with each ability: shape (patterns, nodes)."""
        z = a[:, None] * self.theta + d[:, None]
        found = self.right @ log_expit(z) + self.wrong @ log_expit(-z) + self.log_weight
        return np.asarray(found)

    def loglik(self, a: Floats, d: Floats) -> float:
        """Marginal log-likelihood."""
        return float(self.times @ logsumexp(self.joint(a, d), axis=1))

    def posterior(self, a: Floats, d: Floats) -> Floats:
        """Probability of each ability given each pattern."""
        joint = self.joint(a, d)
        found = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def run(self, tolerance: float, most: int) -> tuple[Floats, Floats, int, bool]:
        """Climb to the maximum."""
        share = (self.times @ self.right) / (self.times @ self.there)
        a, d = np.ones(len(share)), np.log(share / (1 - share))
        for step in range(1, most + 1):
            new_a, new_d = self.climb(a, d)
            moved = max(np.abs(new_a - a).max(), np.abs(new_d - d).max())
            a, d = new_a, new_d
            if moved < tolerance:
                return a, d, step, True
        return a, d, most, False

    def climb(self, a: Floats, d: Floats) -> tuple[Floats, Floats]:
        """One step: expected responses at each ability, then Newton's step of each item's regression."""
        weight = self.posterior(a, d) * self.times[:, None]
        n, r = self.there.T @ weight, self.right.T @ weight
        p = expit(a[:, None] * self.theta + d[:, None])
        rest, w = r - n * p, n * p * (1 - p)
        g0, g1 = rest.sum(axis=1), rest @ self.theta
        h00, h01, h11 = w.sum(axis=1), w @ self.theta, w @ self.theta**2
        whole = h00 * h11 - h01**2
        step_a = np.clip((h00 * g1 - h01 * g0) / whole, -1, 1)
        step_d = np.clip((h11 * g0 - h01 * g1) / whole, -1, 1)
        return np.clip(a + step_a, -STEEPEST, STEEPEST), np.clip(d + step_d, -40, 40)

    def covariance(self, a: Floats, d: Floats) -> Floats:
        """Inverse of the scores' cross products, slopes first; NaN where there is none."""
        post = self.posterior(a, d)
        p = expit(a[:, None] * self.theta + d[:, None])
        of_d = self.right - self.there * (post @ p.T)
        of_a = self.right * (post @ self.theta)[:, None] - self.there * (post @ (p * self.theta).T)
        scores = np.hstack([of_a, of_d])
        information = scores.T @ (self.times[:, None] * scores)
        if np.linalg.matrix_rank(information) < len(information):
            return np.full_like(information, np.nan)
        return np.asarray(np.linalg.inv(information), dtype=float)
