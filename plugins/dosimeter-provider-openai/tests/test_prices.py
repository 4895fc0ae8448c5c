"""Dated prices come with the provider, for its own address only."""

from datetime import date

import pytest

from dosimeter import StackError

BUDGET = "[run]\nbudget = { money = 5 }\n"
OWN = '[[prices]]\nmodel = "openai/gpt-4o-mini"\ninput = 9.0\noutput = 9.0\ndate = "2026-01-01"\n'


def prices(loaded, target="", more=""):
    stack, _ = loaded(target, BUDGET + more)
    return [(p.model, p.input, p.date) for p in stack.prices]


def test_a_known_model_has_its_dated_price(loaded):
    """So that a plan can say what a run will cost."""
    assert prices(loaded) == [("openai/gpt-4o-mini", 0.15, "2024-07-18")]


def test_the_stacks_own_price_goes_before(loaded):
    """Prices change; who looked one up knows better."""
    assert prices(loaded, more=OWN) == [("openai/gpt-4o-mini", 9.0, "2026-01-01")]


def test_another_address_has_other_prices(loaded):
    """The same name at a server of one's own costs what that costs: nobody knows."""
    with pytest.raises(StackError, match="needs a price"):
        prices(loaded, target='base_url = "http://127.0.0.1:1/v1"')


def test_every_price_says_its_day(registry):
    """ISO days; no price without one."""
    spec = registry.find("provider", "openai").spec

    assert len(spec.prices) >= 5
    assert all(date.fromisoformat(p.date) for p in spec.prices)
