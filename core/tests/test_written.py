"""How numbers are written: one way for all outputs."""

import pytest
from attrs import evolve

from dosimeter.model.answering import Estimate, Gate
from dosimeter.model.measures import Measure
from dosimeter.numbers import (
    Unit,
    as_amount,
    as_digits,
    as_estimate,
    as_interval,
    as_number,
    as_threshold,
    unit_of,
)

RATE = Measure(id="r", title="r", scale="s", estimator="rate")
MEAN = Measure(id="m", title="m", scale="s", estimator="mean")
ONE = Estimate(measure="r", group=(), value=0.5625, lower=0.2988, upper=0.8025, level=0.95,
               method="korn-graubard", n=16, families=16)  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "number", "interval"),
    [(Unit.SHARE, "56 %", "30 to 80 %"), (Unit.MEAN, "0.56", "0.30 to 0.80"),
     (Unit.FREE, "0.5625", "0.2988 to 0.8025")],
)  # fmt: skip
def test_a_number_has_its_unit_once(unit, number, interval):
    """Shares are in per cent, means have two decimals, those of any size four digits."""
    assert as_number(ONE.value, unit) == number
    assert as_interval(ONE.lower, ONE.upper, unit) == interval


def test_a_mean_of_any_size_is_no_zero():
    """On a scale without ends a mean may be as small as it likes."""
    free = evolve(ONE, method="cr1-t", value=0.0004)

    assert unit_of(MEAN, free) is unit_of(None, free) is Unit.FREE
    assert as_number(free.value, unit_of(MEAN, free)) == "0.0004"


@pytest.mark.parametrize("unit", [Unit.SHARE, Unit.MEAN])
def test_a_zero_has_no_sign(unit):
    """A difference that rounds to nothing falls no more than it rises."""
    assert not as_digits(-0.0001, unit).startswith("-")


def test_what_is_compared_with_a_threshold_is_told_exactly():
    """56 % and 20 % would hide on which side of the threshold a limit is."""
    assert as_estimate(ONE, exact=True) == "56.25 % [29.88, 80.25]"
    assert as_estimate(ONE) == "56 % [30, 80]"
    assert as_estimate(evolve(ONE, method="guarded-mean"), exact=True) == "0.56 [0.30, 0.80]"


@pytest.mark.parametrize(
    ("measure", "bound", "told"),
    [(RATE, {"at_most": 0.07}, "at most 7 %"), (MEAN, {"at_least": 2.5}, "at least 2.5"),
     (None, {"at_most": 0.2}, "at most 20 %"),
     (RATE, {"baseline": "v1", "margin": 0.01}, "as v1 within 1 point"),
     (MEAN, {"baseline": "v1", "margin": 0.5}, "as v1 within 0.5")],
)  # fmt: skip
def test_a_threshold_is_told_as_it_was_given(measure, bound, told):
    """In the unit of its measure."""
    assert as_threshold(Gate(measure="x", **bound), unit_of(measure)) == told


def test_an_amount_has_no_exponent():
    """A budget of a million and a half tokens is no 1.5e+06."""
    assert as_amount(1_234_567) == "1,234,567"
    assert as_amount(0.1 + 0.2) == "0.3"
