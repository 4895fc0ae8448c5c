"""The attack says what its README says."""

from dosimeter import Intent, Item, Provenance, user
from dosimeter_attack_starter.attack import PLACE, build, templates
from dosimeter_attack_starter.options import TEMPLATES, StarterOptions

REQUEST = "How is a {bowl} glazed?"


def item(language="en"):
    return Item(
        id="t/bowl/benign",
        opening=(user(REQUEST),),
        intent=Intent.BENIGN,
        family="t/bowl",
        category="t",
        language=language,
        provenance=Provenance(source="this test", licence="Apache-2.0"),
    )


def test_every_template_that_can_be_chosen_is_there():
    """And has one place for the request."""
    assert tuple(templates()) == TEMPLATES
    assert all(frame.count(PLACE) == 1 for frame in templates().values())


def test_the_request_stands_whole_in_each_frame():
    """One variant a template, named by the factor."""
    found = list(build(StarterOptions(templates=TEMPLATES)).variants(item()))

    assert [dict(v.factors)["starter_template"] for v in found] == list(TEMPLATES)
    assert all(REQUEST in v.script[0].message.text for v in found)


def test_another_language_is_passed_by():
    """A frame in English would be one change more."""
    assert list(build(StarterOptions()).variants(item(language="de"))) == []
