"""Item response theory: what an item tells about a model, and at which ability."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logsumexp

from dosimeter.stats.checks import Floats, numbers, same_length, weighted
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
    """

    discrimination: tuple[Wald, ...]
    difficulty: tuple[Wald, ...]
    loglik: float
    n: int
    iterations: int
    converged: bool

    def __str__(self) -> str:
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
        than 30 respondents or 3 items that vary, those of an item that all or none solve always; they
        have no interval where the algorithm did not come to rest or a discrimination has no end.

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
    table, times = _responses(patterns, counts)
    n = int(times.sum())
    varies = _varies(table, times)
    if n < RESPONDENTS or varies.sum() < ITEMS:
        why = "few-models" if n < RESPONDENTS else "few-items-vary"
        nothing = tuple(_parameter(math.nan, math.nan, n, why, "") for _ in varies)
        return TwoParameter(nothing, nothing, math.nan, n, 0, False)
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


def _responses(patterns: ArrayLike, counts: ArrayLike | None) -> tuple[Floats, Floats]:
    table = np.asarray(patterns, dtype=float)
    if table.ndim != 2 and table.size:
        msg = f"patterns must have one row a respondent and one column an item, got shape {table.shape}"
        raise ValueError(msg)
    table = table.reshape(len(table), -1) if table.size else np.empty((0, 0))
    odd = ~((table == 0) | (table == 1) | np.isnan(table))
    if odd.any():
        row, item = np.argwhere(odd)[0]
        msg = f"patterns[{row}][{item}] is {table[row, item]:g}, neither 0 nor 1 nor missing (NaN)"
        raise ValueError(msg)
    return table, weighted(counts, len(table))


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


@frozen
class Information:
    """What items tell at given abilities.

    Attributes:
        item: Fisher information of each item, by ability.
        test: Their sum, by ability.
        sem: Standard error of measurement, by ability; NaN where no item tells anything.
        effective_items: (sum I)^2 / sum I^2, by ability: how many items do the telling.
    """

    item: tuple[tuple[float, ...], ...]
    test: tuple[float, ...]
    sem: tuple[float, ...]
    effective_items: tuple[float, ...]


def information_2pl(a: ArrayLike, b: ArrayLike, theta: ArrayLike) -> Information:
    """Fisher information of two-parameter items, a^2 P (1 - P).

    Args:
        a: Discrimination of each item.
        b: Difficulty of each.
        theta: Abilities, in standard deviations of the population that was fitted.

    Returns:
        Information of items and test; of no items, 0 and a standard error of NaN.

    Raises:
        ValueError: For unlike lengths or NaN.

    References:
        A. Birnbaum (1968), in Lord and Novick, Statistical Theories of Mental Test Scores.

    Examples:
        Easy items tell the weak apart, not the strong:

        >>> found = information_2pl([1.2] * 20, [-2.0] * 20, [-2, 2])
        >>> [round(s, 2) for s in found.sem]
        [0.37, 2.07]
    """
    slope, place, at = numbers(a, "a"), numbers(b, "b"), numbers(theta, "theta")
    same_length(a=slope, b=place)
    z = slope * (at[:, None] - place)
    return _information(slope**2 * expit(z) * expit(-z))


def _information(item: Floats) -> Information:
    """Sum the information of items, shape (abilities, items)."""
    test, squares = item.sum(axis=1), (item**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sem = np.where(test > 0, 1 / np.sqrt(test), np.nan)
        effective = np.where(squares > 0, test**2 / squares, np.nan)
    return Information(
        item=tuple(tuple(row) for row in item.tolist()), test=tuple(test.tolist()),
        sem=tuple(sem.tolist()), effective_items=tuple(effective.tolist()),
    )  # fmt: skip


@frozen
class GradedResponse:
    """Samejima's graded response model at given abilities.

    Attributes:
        probability: By ability and item, of each grade from the lowest.
        information: What the items tell.
    """

    probability: tuple[tuple[tuple[float, ...], ...], ...]
    information: Information


def graded_response(a: ArrayLike, b: Sequence[Sequence[float]], theta: ArrayLike) -> GradedResponse:
    """Probabilities and information of graded items; with one threshold, the two-parameter model.

    Args:
        a: Discrimination of each item.
        b: Thresholds of each item, ascending: one fewer than grades.
        theta: Abilities.

    Returns:
        Probabilities of grades and Fisher information sum (dP_k)^2 / P_k.

    Raises:
        ValueError: For unlike lengths, NaN, or thresholds that do not ascend.

    References:
        F. Samejima (1969), Psychometrika Monograph 17.

    Examples:
        >>> found = graded_response([1.5], [[-1, 0, 1, 2]], [0])
        >>> [round(p, 2) for p in found.probability[0][0]]
        [0.18, 0.32, 0.32, 0.13, 0.05]
    """
    slope, at = numbers(a, "a"), numbers(theta, "theta")
    places = [numbers(one, f"b[{i}]") for i, one in enumerate(b)]
    if len(places) != len(slope):
        msg = f"every item has a discrimination and thresholds, got {len(slope)} and {len(places)}"
        raise ValueError(msg)
    for i, place in enumerate(places):
        if not len(place) or (np.diff(place) <= 0).any():
            msg = f"b[{i}] must be at least one threshold, and ascend, got {place.tolist()}"
            raise ValueError(msg)
    grades, told = [], []
    for one, place in zip(slope, places, strict=True):
        z = one * (at[:, None] - place)
        edge = np.zeros((len(at), 1))
        above = np.hstack([edge + 1, expit(z), edge])
        slopes = one * np.hstack([edge, expit(z) * expit(-z), edge])
        p, dp = above[:, :-1] - above[:, 1:], slopes[:, :-1] - slopes[:, 1:]
        grades.append(p)
        told.append(np.divide(dp**2, p, out=np.zeros_like(p), where=p > 0).sum(axis=1))
    by_ability = tuple(tuple(tuple(g[t].tolist()) for g in grades) for t in range(len(at)))
    item = np.stack(told, axis=1) if told else np.zeros((len(at), 0))
    return GradedResponse(by_ability, _information(item))


def eap(a: ArrayLike, b: ArrayLike, responses: Sequence[float | None] | ArrayLike) -> Wald:
    """Expected a posteriori ability of one respondent under the two-parameter model.

    Args:
        a: Discrimination of each item.
        b: Difficulty of each.
        responses: 0 or 1 of each; None or NaN where the item was not given.

    Returns:
        Mean and standard deviation (as `se`) of the posterior with a standard normal prior; the
        interval is its normal approximation. Undefined without any response: the prior is no
        measurement.

    Raises:
        ValueError: For unlike lengths, NaN parameters, or responses that are neither 0 nor 1.

    References:
        R. D. Bock, R. J. Mislevy (1982), Appl. Psychol. Meas. 6:431.

    Examples:
        Five items leave most of the ability open:

        >>> print(eap([.83, .72, .89, .69, .66], [-3.36, -1.37, -.28, -1.87, -3.12], [1, 0, 1, 1, 0]))
        -0.3283 [-1.941, 1.285] (n=5, eap 95%)
    """
    slope, place = numbers(a, "a"), numbers(b, "b")
    row, _ = _responses(np.asarray(responses, dtype=float)[None, :], None)
    x = row.ravel()
    same_length(a=slope, b=place, responses=x)
    there = ~np.isnan(x)
    n, out = int(there.sum()), int((~there).sum())
    if not n:
        return Wald(estimate=math.nan, se=math.nan, method="eap", n=0, clusters=0, left_out=out,
                    undefined="no-responses")  # fmt: skip
    theta = np.linspace(-10, 10, 4001)
    sign = np.where(x[there] == 1, 1.0, -1.0)[:, None]
    z = slope[there][:, None] * (theta - place[there][:, None])
    log = log_expit(sign * z).sum(axis=0) - theta**2 / 2
    weight = np.exp(log - log.max())
    weight = weight / weight.sum()
    mean = float(weight @ theta)
    return Wald(estimate=mean, se=math.sqrt(float(weight @ (theta - mean) ** 2)), method="eap", n=n,
                clusters=n, left_out=out)  # fmt: skip
