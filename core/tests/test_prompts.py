"""How a target's system prompt meets an item's own."""

import pytest

from dosimeter import Compose, Endpoint, Permanent, system, user
from dosimeter.prompts import compose

ITEM = (system("Of the item."), user("Hello"))


def put(rule, conversation=ITEM, prompt="Of the target."):
    end = Endpoint(id="t", name="n", provider="p", model="m", system_prompt=prompt, compose=rule)
    return [m.text for m in compose(end, conversation)]


def test_appended_both_stand_the_targets_first():
    """Neither is dropped."""
    assert put(Compose.APPEND) == ["Of the target.\n\nOf the item.", "Hello"]


def test_replaced_the_items_stands_alone():
    """The item brings its own context."""
    assert put(Compose.REPLACE) == ["Of the item.", "Hello"]


def test_refused_the_meeting_is_an_error_with_a_code():
    """It names the target; the code is the attempt's reason."""
    with pytest.raises(Permanent, match="target 'n' and the item both bring") as caught:
        put(Compose.REFUSE)

    assert caught.value.code == "two-system-prompts"


@pytest.mark.parametrize("rule", list(Compose))
def test_where_only_one_has_a_prompt_no_rule_matters(rule):
    """Nothing meets."""
    assert put(rule, (user("Hello"),)) == ["Of the target.", "Hello"]
    assert put(rule, prompt="") == ["Of the item.", "Hello"]
