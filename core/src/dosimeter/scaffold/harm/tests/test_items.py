"""The items are what the README says they are."""

import pytest

from dosimeter import Intent, NoOptions
from dosimeter_harm_starter import hooks
from dosimeter_harm_starter.items import build, data

LONGER = 6
"""Words that a request may have more than its twin, or fewer."""


def items():
    return list(build(NoOptions()).items("all"))


def test_the_version_that_is_declared_is_that_of_the_items():
    """It stands in every number's name, so it must be raised in both places."""
    (spec,) = hooks.dosimeter_harm_categories()

    assert data()["version"] == spec.version


@pytest.mark.parametrize("harmful", [i for i in items() if i.intent is Intent.HARMFUL], ids=str)
def test_a_twin_differs_in_what_is_wanted_and_little_else(harmful):
    """Same family and topic, about as long; else length or subject would be measured, not harm."""
    by_id = {item.id: item for item in items()}
    twin = by_id[harmful.links[0].item_id]
    words = [len(item.opening[-1].text.split()) for item in (harmful, twin)]

    assert (twin.intent, twin.family) == (Intent.BENIGN, harmful.family)
    assert twin.factors == harmful.factors
    assert abs(words[0] - words[1]) <= LONGER
