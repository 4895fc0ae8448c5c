"""Item response theory: what an item tells about a model, and at which ability."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit

from dosimeter.stats.checks import Floats, array, numbers, same_length, weighted
from dosimeter.stats.result import Wald


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

    def __str__(self) -> str:
        told = ", ".join(
            "undefined (no-information)" if math.isnan(e) else f"{e:.3g} (of {n:.3g} effective)"
            for e, n in zip(self.sem, self.effective_items, strict=True)
        )
        return f"standard errors of measurement {told}"


def information_2pl(a: ArrayLike, b: ArrayLike, theta: ArrayLike) -> Information:
    """Fisher information of two-parameter items, a^2 P (1 - P).

    Args:
        a: Discrimination of each item.
        b: Difficulty of each.
        theta: Abilities, in standard deviations of the population that was fitted.

    Returns:
        Information of items and test; of no items, 0 and a standard error of NaN. Information is at
        least 0 (`Information`).

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

    def __str__(self) -> str:
        return str(self.information)


def graded_response(a: ArrayLike, b: Sequence[Sequence[float]], theta: ArrayLike) -> GradedResponse:
    """Probabilities and information of graded items; with one threshold, the two-parameter model.

    Args:
        a: Discrimination of each item.
        b: Thresholds of each item, ascending: one fewer than grades.
        theta: Abilities.

    Returns:
        Probabilities of grades and Fisher information sum (dP_k)^2 / P_k. Probabilities are 0 to 1,
        information is at least 0 (`GradedResponse`).

    Raises:
        ValueError: For unlike lengths, NaN, or thresholds that do not ascend.

    References:
        F. Samejima (1969), Psychometrika Monograph 17.

    Examples:
        At an ability of 0 the second and third of five grades are likeliest, each one time in
        three:

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
        measurement. Both are in units of the population's standard deviation.

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
    row, _ = responses_table(array(responses, "responses")[None, :], None)
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


def responses_table(patterns: ArrayLike, counts: ArrayLike | None) -> tuple[Floats, Floats]:
    """Give responses as a table, NaN where an item was not given, and the weight of each row.

    Raises:
        ValueError: For what is neither 0, 1 nor NaN, or weights that are negative or of another number.
    """
    table = array(patterns, "patterns")
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
