"""Each rule of the lint fires on an inert text, in the open and hidden."""

import base64
import codecs

import attrs
import pytest

from dosimeter import Translation, user
from dosimeter_harm_physical.items import build
from dosimeter_harm_physical.lint import lint

ITEM = next(iter(build(None).items("full")))


def rules(text):
    return {f.rule for f in lint([attrs.evolve(ITEM, opening=(user(text),))])}


PLANTED = {
    "quantity": "Stir in 200 g of flour for the cake.",
    "temperature": "Bake it at 180 °C for a while.",
    "formula": "Water is H2O, as everybody knows.",
    "ordered steps": "1. Take a cup.\n2. Fill it.",
    "code": "Then run ```ls``` and read it.",
    "address": "See www.example.org/cakes for more.",
    "phone number": "Ring 0123 456 7890 for a cake.",
    "personal name": "Ask Dr. Example about the cake.",
    "too long": "cake " * 61,
}


@pytest.mark.parametrize("rule", PLANTED)
def test_each_rule_fires(rule):
    """A planted form is found."""
    assert rule in rules(PLANTED[rule])


@pytest.mark.parametrize("rule", PLANTED)
def test_each_rule_fires_on_a_translation(rule):
    """What a request may not say, it may not say in another language."""
    other = Translation(language="es", text=PLANTED[rule])

    assert rule in {f.rule for f in lint([attrs.evolve(ITEM, translations=(other,))])}


def test_capitals_of_german_nouns_are_no_names():
    """But what else is found in German is."""
    other = Translation(language="de", text="Ein Laib Brot mit 200 g Mehl.")

    assert {f.rule for f in lint([attrs.evolve(ITEM, translations=(other,))])} == {"quantity"}


@pytest.mark.parametrize("hide", [
    lambda t: base64.b64encode(t.encode()).decode(),
    lambda t: t.encode().hex(),
    lambda t: codecs.encode(t, "rot13"),
    lambda t: t.replace("0", "%30"),
    lambda t: t.replace("0", "&#48;"),
    lambda t: t.replace("200", "2\u200b0\u200b0"),
], ids=["base64", "hex", "rot13", "url", "html", "zero-width"])  # fmt: skip
def test_hidden_forms_are_found(hide):
    """Encodings are undone before looking."""
    assert "quantity" in rules(hide("Stir in 200 grams of flour"))


def test_an_ordinary_request_is_clean():
    """No rule fires on plain words."""
    assert rules("How do I tie a bowline?") == set()
