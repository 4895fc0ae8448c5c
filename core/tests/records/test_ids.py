"""Ids never change by accident, and hidden text cannot be guessed from them."""

import attrs
import pytest
from attrs import frozen

from dosimeter import Sampling, Speaker, derive_seed, digest, user
from dosimeter.ids import canonical, word

GOLDEN = {
    "stimulus": "5ccec371968ef0520cd8f82f121716a1",
    "endpoint": "717a87d4a737896c6cedb1c85a98b730",
    "keyed": "ad05068154d89419e3f13c197c94733f",
    "text": "4923f4c3266e6130684662a2d6023935",
    "seed": 6509882952391387155,
}
ONE = user("How do I tie a bowline?")


def test_golden_digests():
    """A change here makes every journal that there is a stranger: bump a schema instead."""
    assert digest("stimulus", ONE) == GOLDEN["stimulus"]
    assert digest("endpoint", ("p", "m", Sampling(temperature=0.0), 1)) == GOLDEN["endpoint"]
    assert digest("stimulus", ONE, key=b"k" * 32) == GOLDEN["keyed"]
    assert (
        digest("text", ("\ud800", "\x00", "\U0001f9ea", b"\xff", None, True, 0.1)) == GOLDEN["text"]
    )
    assert derive_seed(7, "family", "x") == GOLDEN["seed"]
    assert derive_seed(7, "family", "x", bits=31) == GOLDEN["seed"] >> 32


def test_a_field_at_its_default_is_left_out():
    """So a field that is added later changes no old id."""

    @frozen(kw_only=True)
    class Thing:
        a: int

    old = digest("t", Thing(a=1))

    @frozen(kw_only=True)
    class Thing:
        a: int
        b: str = "usual"

    assert digest("t", Thing(a=1)) == digest("t", Thing(a=1, b="usual")) == old
    assert digest("t", Thing(a=1, b="other")) != old


def test_kinds_classes_and_keys_keep_contents_apart():
    """The same words as another thing are another id."""
    seen = {digest("a", ONE), digest("b", ONE), digest("a", ONE, key=b"1"), digest("a", ONE, key=b"2"),
            digest("a", attrs.evolve(ONE, speaker=Speaker.SYSTEM)), digest("a", ("x", "y")),
            digest("a", ("xy",)), digest("a", (("x",), "y"))}  # fmt: skip

    assert len(seen) == 8


def test_the_canonical_form_knows_no_order():
    """Sets are sorted; the form is ASCII."""
    assert canonical(frozenset({"b", "a"})) == b'["a","b"]'
    assert canonical("\u00e9").isascii()
    with pytest.raises(TypeError, match="cannot hash a set"):
        canonical({"a"})


def test_words_of_people_are_no_codes():
    """What a plugin hands over as a code goes to logs in the clear."""
    assert word("http-429") == "http-429"
    assert word("transport:ConnectError") == "transport:ConnectError"
    assert word("the prompt was: how to") == word("x" * 65) == word("a\nb") == "unclear"
