"""A mean of shares of strata: by hand, at the ends, and how often its limits hold."""

import math

import numpy as np
import pytest

from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.strata import strata_share


def share(x, n):
    return korn_graubard([1.0] * x + [0.0] * (n - x), range(n))


def test_the_mean_and_its_limits_are_those_of_the_parts_as_they_weigh():
    """A quarter of 20 % and three quarters of 50 %; distances squared and added."""
    parts = [share(8, 40), share(30, 60)]
    made = strata_share(parts, [1, 3])
    (a, b), limits = (p.interval(0.9) for p in parts), made.interval(0.9)

    assert made.estimate == pytest.approx(0.25 * 0.2 + 0.75 * 0.5)
    assert limits.lower == pytest.approx(
        made.estimate - math.hypot(0.25 * (0.2 - a.lower), 0.75 * (0.5 - b.lower))
    )
    assert limits.upper == pytest.approx(
        made.estimate + math.hypot(0.25 * (a.upper - 0.2), 0.75 * (b.upper - 0.5))
    )
    assert (made.n, made.clusters, made.method) == (100, 100, "strata-exact")
    assert made.effective_n == pytest.approx(1 / (0.0625 / 39 + 0.5625 / 59))


def test_one_stratum_is_itself():
    """With the limits that it has alone."""
    assert tuple(strata_share([share(3, 30)]).interval()) == pytest.approx(
        tuple(share(3, 30).interval())
    )


def test_no_event_in_a_small_stratum_leaves_open_what_so_few_may_not_have_shown():
    """Twenty without one allow for 17 %, and a mean in which they weigh half for 8 %."""
    limits = strata_share([share(0, 20), share(0, 2000)]).interval()

    assert limits.lower == 0
    assert limits.upper == pytest.approx(0.5 * (1 - 0.025 ** (1 / 20)), abs=0.001)


def test_what_has_no_number_gives_none():
    """A stratum without observations; no strata at all; weights that are none."""
    empty = korn_graubard([], [])

    assert strata_share([share(3, 30), empty]).undefined == "no-observations"
    assert strata_share([]).undefined == "no-observations"
    lone = korn_graubard([1, 0], [0, 0])
    assert strata_share([share(3, 30), lone]).interval().undefined == "one-cluster"
    for weights in ([1], [1, -1], [0, 0]):
        with pytest.raises(ValueError, match="strata: 2 shares"):
            strata_share([share(3, 30), share(2, 30)], weights)


@pytest.mark.parametrize(
    ("sizes", "rates"),
    [((100, 60), (0.06, 0.35)), ((12, 200), (0.1, 0.0)), ((60, 60, 100), (0.02, 0.02, 0.02))],
)
def test_its_limits_hold_as_often_as_they_say(sizes, rates):
    """Where events are few, and in one small stratum alone, too: there a standard error says too little."""
    rng, held = np.random.default_rng(3), 0
    for _ in range(400):
        made = strata_share(
            [share(rng.binomial(n, p), n) for n, p in zip(sizes, rates, strict=True)]
        )
        held += float(np.mean(rates)) in made.interval()

    assert held / 400 >= 0.93
