"""The attack says what its README says."""

from attrs import evolve

from dosimeter import Intent, Item, Media, Message, Provenance, Speaker, Text, user
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


def test_what_does_not_fit_is_passed_by():
    """Around another language the frame would be one change more; a picture would be lost."""
    picture = Media(digest="0" * 32, mime="image/png", size=1)
    shown = Message(speaker=Speaker.USER, parts=(Text(text=REQUEST), picture))
    for other in (item(language="de"), evolve(item(), opening=(shown,))):
        assert list(build(StarterOptions()).variants(other)) == []
