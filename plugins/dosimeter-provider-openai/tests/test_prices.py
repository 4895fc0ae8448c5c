"""Dated prices come with the provider, for its own address only."""

import json

import pytest

from dosimeter.plugins import load
from dosimeter.registry import Registry
from dosimeter.stack import load_stack

STACK = """
[targets.a]
model = "openai/gpt-4o-mini"
{}
[[categories]]
id = "physical"
[[raters]]
id = "refusal"
[run]
budget = {{ money = 5 }}
{}
"""
OWN = '[[prices]]\nmodel = "openai/gpt-4o-mini"\ninput = 9.0\noutput = 9.0\ndate = "2026-01-01"\n'


@pytest.fixture(scope="module")
def registry():
    return Registry.of(load())


def prices(tmp_path, registry, target="", more=""):
    path = tmp_path / "s.toml"
    path.write_text(STACK.format(target, more))
    stack, _ = load_stack(path, registry=registry, environ={})
    return [(p.model, p.input, p.date) for p in stack.prices]


def test_a_known_model_has_its_dated_price(tmp_path, registry):
    """So that a plan can say what a run will cost."""
    assert prices(tmp_path, registry) == [("openai/gpt-4o-mini", 0.15, "2024-07-18")]


def test_the_stacks_own_price_goes_before(tmp_path, registry):
    """Prices change; who looked one up knows better."""
    assert prices(tmp_path, registry, more=OWN) == [("openai/gpt-4o-mini", 9.0, "2026-01-01")]


def test_another_address_has_other_prices(tmp_path, registry):
    """The same name at a server of one's own costs what that costs: nobody knows."""
    with pytest.raises(Exception, match="needs a price"):
        prices(tmp_path, registry, target='base_url = "http://127.0.0.1:1/v1"')


def test_every_price_says_its_day(registry):
    """ISO days; no price without one."""
    spec = registry.find("provider", "openai").spec

    assert len(spec.prices) >= 5
    assert all(len(p.date) == 10 and p.date[4] == p.date[7] == "-" for p in spec.prices)
    assert json.dumps([p.model for p in spec.prices])
