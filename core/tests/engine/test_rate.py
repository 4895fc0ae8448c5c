"""Rules that raise: what they raised is told by type, and goes nowhere with its words."""

import traceback
from types import SimpleNamespace

import pytest

from dosimeter import PluginBroken
from dosimeter.engine.rate import rate_pure


class Wrong:
    """Quotes what it was given when it raises, and gives too few opinions when it does not."""

    def rate(self, cases):
        if len(cases) > 1:
            raise ValueError(f"cannot read {cases[0]}")
        return []


def test_a_fault_that_follows_a_rules_exception_does_not_carry_it():
    """The exception of the rule, which may hold a reply, is no context of the one that is told."""
    turn = SimpleNamespace(stop="end", hidden="", text="x")
    todo = [SimpleNamespace(turn=turn, case=case, unasked="") for case in ("MARKED-REPLY", "other")]
    part = SimpleNamespace(spec=SimpleNamespace(id="wrong", scales=()))

    with pytest.raises(PluginBroken) as caught:
        rate_pure(part, Wrong(), todo)

    assert caught.value.__context__ is None
    assert "MARKED-REPLY" not in "".join(traceback.format_exception(caught.value))
