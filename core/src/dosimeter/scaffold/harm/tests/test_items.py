"""The items are what the README says they are."""

from dosimeter import Intent, NoOptions
from dosimeter_harm_starter import hooks
from dosimeter_harm_starter.items import build, data

LONGER = 6
"""Words that a request may have more than its twin, or fewer."""


def items():
    return list(build(NoOptions()).items("all"))


def alike(item, twin):
    words = [len(one.opening[-1].text.split()) for one in (item, twin)]
    same = (twin.intent, twin.family, twin.factors) == (Intent.BENIGN, item.family, item.factors)
    return same and abs(words[0] - words[1]) <= LONGER


def test_the_version_that_is_declared_is_that_of_the_items():
    """It stands in every number's name, so it must be raised in both places."""
    (spec,) = hooks.dosimeter_harm_categories()

    assert data()["version"] == spec.version


def test_a_twin_differs_in_what_is_wanted_and_little_else():
    """Same family and topic, about as long; else length or subject would be measured, not harm."""
    by_id = {item.id: item for item in items()}
    harmful = [item for item in by_id.values() if item.intent is Intent.HARMFUL]

    assert harmful
    assert [item.id for item in harmful if not alike(item, by_id[item.links[0].item_id])] == []
