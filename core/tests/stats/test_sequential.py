"""Looking as often as one likes: errors at any look, limits that only narrow, gates that decide early."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function

from dosimeter.stats import sequential
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.result import wilson_limits, z_quantile

COUNTS = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
VALUES = st.lists(st.floats(0, 1).map(lambda x: round(x, 3)), min_size=1, max_size=30)
BOUNDED = [sequential.betting, sequential.empirical_bernstein]


# -- independent numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("s", "n", "prior"), [(95, 100, (1, 1)), (3, 40, (0.5, 2)), (20, 41, (2, 2))]
)
def test_mixture_limits_solve_the_mixture_equation(s, n, prior):
    """By numerical integration: at each limit the mixed likelihood is 20 times that of the limit."""
    a, b = prior

    def ratio(p):
        def mixed(q):
            weight = q ** (a - 1) * (1 - q) ** (b - 1) / beta_function(a, b)
            return math.exp(s * math.log(q / p) + (n - s) * math.log((1 - q) / (1 - p))) * weight

        return quad(mixed, 0, 1, points=[s / n], limit=200)[0]

    for limit in sequential.beta_mixture(s, n, prior).interval():
        assert ratio(limit) == pytest.approx(20, rel=1e-6)


@pytest.mark.parametrize(("b", "c"), [(18, 5), (9, 8), (0, 0), (40, 3)])
def test_evidence_is_the_exact_fraction(b, c):
    """B(b + 1, c + 1) 2^(b + c), in whole numbers."""
    exact = Fraction(
        math.factorial(b) * math.factorial(c) * 2 ** (b + c), math.factorial(b + c + 1)
    )

    assert sequential.sequential_mcnemar(b, c).e == pytest.approx(float(exact))


def _capital(x, m, alpha, theta, truncation):
    """Bet by bet, as the definition says."""
    up = down = 1.0
    mean, variance, total, squares = 0.5, 0.25, 0.5, 0.25
    for t, value in enumerate(x, 1):
        stake = math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(1 + t)))
        up *= 1 + min(stake, truncation / m) * (value - m)
        down *= 1 - min(stake, truncation / (1 - m)) * (value - m)
        total += value
        mean = total / (t + 1)
        squares += (value - mean) ** 2
        variance = squares / (t + 1)
    return max(theta * up, (1 - theta) * down)


@given(VALUES, st.floats(0.05, 0.95), st.sampled_from([0.2, 0.5, 0.9]))
def test_capital_is_what_the_bets_made_one_by_one(x, m, theta):
    """The vectorised process against a loop."""
    found = sequential.betting_capital(x, m, 0.9, theta=theta, truncation=0.75)

    assert found[-1] == pytest.approx(_capital(x, m, 0.1, theta, 0.75), rel=1e-9)


def test_betting_limits_are_the_means_that_capital_has_not_ruled_out():
    """On a grid: inside all is below 20, outside something has reached it."""
    x = np.random.default_rng(1).beta(1, 4, 80)
    lower, upper = sequential.betting(x).interval()
    grid = np.linspace(0.001, 0.999, 400)
    reached = np.array([sequential.betting_capital(x, m).max() >= 20 for m in grid])

    assert (reached == ((grid < lower) | (grid > upper))).all()


def test_evidence_once_there_is_not_lost():
    """Rejected at the second look, and still at the third, where the e-value has fallen."""
    found = sequential.sequential_mcnemar([2, 12, 14], [1, 1, 9])

    assert found.log_e[1] > found.log_e[2]
    assert found.rejected_at(0.05) == 2
    assert found.p_value == pytest.approx(math.exp(-found.log_e[1]))


# -- what holds always -----------------------------------------------------------------------------


@given(COUNTS)
def test_a_sequence_is_wider_than_a_single_look_and_mirrors(counts):
    """It holds at any look, so it leaves more open than the exact interval of one; failures mirror it."""
    s, n = counts
    found, mirror = sequential.beta_mixture(s, n), sequential.beta_mixture(n - s, n)
    lower, upper = found.interval()

    assert upper > lower
    assert (lower, upper) == pytest.approx(
        (1 - mirror.interval().upper, 1 - mirror.interval().lower), abs=1e-9
    )
    if n:
        once = clopper_pearson(s, n).interval()
        assert lower <= once.lower + 1e-12 <= once.upper <= upper + 1e-12
        assert s or (lower, upper > 0) == (0, True)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=60))
def test_later_looks_only_narrow_the_limits(y):
    """What an earlier look left out stays out, for rates and for means."""
    s, n = np.cumsum(y), np.arange(1, len(y) + 1)
    for found in (
        sequential.beta_mixture(s, n),
        sequential.betting(y),
        sequential.empirical_bernstein(y),
    ):
        path = found.path()
        assert path.shape == (len(y), 2)
        assert (np.diff(path[:, 0]) >= 0).all()
        assert (np.diff(path[:, 1]) <= 0).all()
        assert tuple(path[-1]) == pytest.approx(found.limits(0.95))


@given(VALUES, st.sampled_from([0.5, 0.9, 0.99]))
@pytest.mark.parametrize("method", BOUNDED)
def test_limits_of_a_bounded_mean_enclose_it_and_mirror(method, x, level):
    """Inside [0, 1], never of no width; 1 - x has 1 - limits."""
    found, mirror = method(x), method(1 - np.array(x))
    lower, upper = found.interval(level)

    assert 0 <= lower <= found.estimate <= upper <= 1
    assert upper > lower
    assert (lower, upper) == pytest.approx(
        (1 - mirror.interval(level).upper, 1 - mirror.interval(level).lower), abs=1e-9
    )


@pytest.mark.parametrize("method", BOUNDED)
def test_a_worse_value_takes_no_limit_down_where_all_else_is_alike(method):
    """The last family only changes: both limits rise with it."""
    x = [0.1, 0.3, 0.0, 0.2] * 20
    found = [method([*x, last]).limits(0.95) for last in (0.0, 0.5, 1.0)]

    assert (np.diff(found, axis=0) > -1e-12).all()


@given(st.lists(st.integers(0, 1), min_size=1, max_size=80), st.floats(0.05, 0.6))
@pytest.mark.parametrize("method", ["betting", "beta-mixture"])
def test_a_gate_and_its_mirror_decide_alike_and_a_decision_stands(method, y, bound):
    """At most b of events is at least 1 - b of the others; more families leave the first decision."""
    found = sequential.decide(y, bound, gate="at most", method=method)
    mirror = sequential.decide(1 - np.array(y), 1 - bound, gate="at least", method=method)
    more = sequential.decide([*y, 1, 1, 1, 1, 1], bound, gate="at most", method=method)

    assert (found.said, found.look) == (mirror.said, mirror.look)
    if found.said != "undecided":
        assert (more.said, more.look) == (found.said, found.look)


def test_a_gate_decides_when_the_limits_of_its_sequence_first_clear_it():
    """The decision and the confidence sequence are one and the same evidence."""
    y = (np.random.default_rng(5).random(300) < 0.03).astype(float)
    found = sequential.decide(y, 0.15, gate="at most")
    path = sequential.betting(y).path()
    mixture = sequential.beta_mixture(np.cumsum(y), np.arange(1, 301)).path()
    other = sequential.decide(y, 0.15, gate="at most", method="beta-mixture")

    assert (found.said, found.look) == ("pass", int(np.argmax(path[:, 1] <= 0.15)) + 1)
    assert (other.said, other.look) == ("pass", int(np.argmax(mixture[:, 1] <= 0.15)) + 1)


# -- errors at any look ----------------------------------------------------------------------------


def test_peeking_ruins_a_fixed_interval_and_not_a_sequence():
    """Looks every 10 to 500: Wilson leaves out the truth in about a third of runs, this in few."""
    rng, p, z = np.random.default_rng(6), 0.3, z_quantile(0.95)
    n = np.arange(10, 501, 10)
    runs = np.cumsum(rng.random((600, 500)) < p, axis=1)[:, 9::10]

    def wilson_misses(s):
        limits = [wilson_limits(a / b, b, z) for a, b in zip(s, n, strict=True)]
        return any(not low <= p <= high for low, high in limits)

    def sequence_misses(s):
        low, high = sequential.beta_mixture(s, n).limits(0.95)
        return not low <= p <= high

    assert 0.25 < np.mean([wilson_misses(s) for s in runs]) < 0.40
    assert np.mean([sequence_misses(s) for s in runs]) <= 0.05


@pytest.mark.parametrize(
    "draw",
    [
        lambda r, n: r.beta(0.3, 5.7, n),
        lambda r, n: r.binomial(1, 0.05, n),
        lambda r, n: r.choice([0, 0.25, 1], n, p=[0.9, 0.06, 0.04]),
    ],
)
def test_bets_leave_out_the_truth_at_some_look_in_few_runs(draw):
    """Skewed means, yes and no, marks: at most 5 % of 1,000 runs of 400, by capital against the truth."""
    rng = np.random.default_rng(7)
    truth = float(draw(rng, 2_000_000).mean())
    lost = [sequential.betting_capital(draw(rng, 400), truth).max() >= 20 for _ in range(1000)]

    assert np.mean(lost) <= 0.05


def test_bernstein_limits_leave_out_the_truth_in_few_runs():
    """At any of 300 looks, in at most 5 % of 500 runs."""
    rng = np.random.default_rng(8)
    paths = [
        sequential.empirical_bernstein(x).path(running=False) for x in rng.beta(1, 3, (500, 300))
    ]
    lost = [bool(((p[:, 0] > 0.25) | (p[:, 1] < 0.25)).any()) for p in paths]

    assert np.mean(lost) <= 0.05


def test_evidence_against_equal_conditions_seldom_grows():
    """Looking after each of 300 pairs that differ: 1 / alpha is reached in at most 5 % of runs."""
    b = np.cumsum(np.random.default_rng(9).random((1500, 300)) < 0.5, axis=1)
    n = np.arange(1, 301)
    found = [sequential.sequential_mcnemar(row, n - row) for row in b]

    assert np.mean([f.rejected_at(0.05) is not None for f in found]) <= 0.05
    assert np.mean([f.p_value <= 0.05 for f in found]) <= 0.05


@pytest.mark.parametrize("method", ["betting", "beta-mixture"])
@pytest.mark.parametrize("bound", [0.05, 0.1, 0.2])
def test_gates_err_seldom_at_their_bound_and_decide_early_away_from_it(method, bound):
    """Right at the bound at most 5 % decide; far below or above nearly all do, and rightly."""
    rng = np.random.default_rng(10)

    def said(rate, runs, n):
        y = (rng.random((runs, n)) < rate).astype(float)
        return [sequential.decide(x, bound, gate="at most", method=method) for x in y]

    assert np.mean([d.said != "undecided" for d in said(bound, 600, 500)]) <= 0.06
    low, high = said(bound / 4, 150, 1000), said(3 * bound, 150, 1000)
    assert np.mean([d.said == "pass" for d in low]) >= 0.97
    assert np.mean([d.said == "fail" for d in high]) >= 0.97
    assert np.median([d.look for d in high if d.look]) < 2 / bound**1.2


# -- data that say little, or are wrong ------------------------------------------------------------


def test_trap_19_nothing_observed_is_undefined_and_undecided():
    """No trials, no values, no pairs."""
    none = sequential.beta_mixture(0, 0)
    assert (none.undefined, tuple(none.interval())) == ("no-observations", (0, 1))
    for method in BOUNDED:
        assert method([]).undefined == "no-observations"
        assert tuple(method([]).interval()) == (0, 1)
        assert method([]).path().shape == (0, 2)
    assert sequential.decide([], 0.1, gate="at most").said == "undecided"
    assert sequential.sequential_mcnemar(0, 0).e == 1


def test_families_that_are_all_alike_prove_no_certainty():
    """Zeros and ones end at the end of the scale, and leave room on the other side."""
    for method in BOUNDED:
        zero, one, same = (method([v] * 40).interval() for v in (0.0, 1.0, 0.25))
        assert (zero.lower, one.upper) == (0, 1)
        assert zero.upper > 0.05
        assert one.lower < 0.95
        assert same.lower < 0.25 < same.upper


def test_evidence_too_large_for_a_double_is_infinite_not_an_error():
    """Two thousand to none."""
    found = sequential.sequential_mcnemar([10, 2000], [0, 0])

    assert found.e == math.inf
    assert found.p_value < 1e-300
    assert found.rejected_at(0.05) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sequential.beta_mixture(5, 4), "events must be from 0 to the trials"),
        (lambda: sequential.beta_mixture([3, 2], [5, 6]), "neither they nor the others fall"),
        (lambda: sequential.beta_mixture([1, 2], [5]), "of each look"),
        (lambda: sequential.beta_mixture(1, 5, (0, 1)), "prior must be two numbers above 0"),
        (lambda: sequential.beta_mixture(1, 5, (1, math.nan)), "prior must be two numbers above 0"),
        (lambda: sequential.betting([0.2, 1.5]), r"values\[1\] is 1.5, outside 0 to 1"),
        (lambda: sequential.empirical_bernstein([0.2, math.nan]), r"values\[1\] is not a number"),
        (lambda: sequential.betting([0.2], truncation=1), "truncation between 0 and 1"),
        (lambda: sequential.betting_capital([0.2], 1.2), "m must be from 0 to 1"),
        (lambda: sequential.decide([0.2], 0, gate="at most"), "a bound between 0 and 1"),
        (lambda: sequential.decide([0.2], 0.1, gate="below"), "a gate of"),
        (
            lambda: sequential.decide([0.2], 0.1, gate="at most", method="beta-mixture"),
            "neither 0 nor 1",
        ),
        (lambda: sequential.sequential_mcnemar(1.5, 2), "whole numbers of at least 0"),
        (lambda: sequential.sequential_mcnemar([2, 1], [0, 0]), "do not fall"),
    ],
)
def test_wrong_data_are_refused_in_words(call, words):
    """What, where, and what instead."""
    with pytest.raises(ValueError, match=words):
        call()
