"""The system card has all that a card prints, and no word of others does anything in it."""

import re

import attrs
import pytest
from markdown_it import MarkdownIt

from dosimeter import (
    Agreement,
    CardLine,
    Caveat,
    Estimate,
    GateState,
    NoOptions,
    RaterFacts,
    method_of,
    summary_of,
)
from dosimeter.sinks.card import build, pieces
from dosimeter.sinks.markdown import plain
from dosimeter.testing import reports

NASTY = (
    "# head", "- item", "+ item", "1. item", "> quote", "=== x", "    code", "| a | b |", "`code` ``x``",
    "<script>alert(1)</script>", "<!-- x", "&lt;b&gt; &#60;", "[x](javascript:alert(1))", "![x](http://e.org/x)",
    "<http://e.org>", "http://e.org www.e.org a@e.org", "**b** __b__ ~~s~~ $x$", "a\n\n# b\r\n- c", "\\", "\\[x](y)",
    "[x]: http://e.org", "[^1]", "```\nx", "\x1b[2J\u202e\x00\u2028x",
)  # fmt: skip
ALLOWED = {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item",
           "inline", "text", "strong", "hr"}  # fmt: skip


def card(made):
    """Give the card of a report."""
    return "".join(pieces(made))


def parts(text):
    """Give the types of all that a reader of Markdown finds in a page."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    every = [*tokens, *(c for t in tokens for c in t.children or ())]
    return [t.type.removesuffix("_open").removesuffix("_close") for t in every]


def headings(text):
    return [line for line in text.splitlines() if line.startswith("#")]


def test_a_card_is_read_from_summary_to_hashes():
    """In the order of cards, the summary first."""
    made = reports.report()
    text = card(made)

    assert [h for h in headings(text) if h.startswith(("# ", "## "))] == [
        f"# System card: {made.name}", "## System", "## Evaluation", "## Results", "## Methods", "## Raters",
        "## Questions without a number", "## Gates", "## Limits", "## Provenance",
    ]  # fmt: skip
    assert text.index(plain(summary_of(made))) < text.index("## System")


def test_every_number_has_interval_method_estimand_and_caveats():
    """A row each; the estimand stands in full below, the method with its reference."""
    made = reports.report()
    text = card(made)
    numbers = [f for f in made.findings if isinstance(f, Estimate) and "level" not in dict(f.group)]
    rows = [line for line in text.splitlines() if "| E1 |" in line]

    assert len(rows) >= len([f for f in numbers if f.estimand == numbers[0].estimand]) > 0
    assert all(" to " in row for row in rows)
    for one in numbers:
        assert plain(one.estimand) in text
        assert plain(method_of(one.method).source) in text
        assert all(plain(c.text) in text for c in one.caveats)


def test_what_marks_are_worth_in_their_goals_stands_beside_each_number():
    """Effective marks, design effect and the ICC that it amounts to; none where a goal has one mark."""
    one = attrs.evolve(reports.estimate(), n=90, families=30, effective_n=45.0)
    single = attrs.evolve(one, families=90, effective_n=90.0)
    none = attrs.evolve(one, effective_n=None)

    assert "| 95 % | 30 | 90 | 45.0 | 2.00 | 0.50 |" in card(reports.report(findings=(one,)))
    assert "| 95 % | 90 | 90 | 90.0 | 1.00 | - |" in card(reports.report(findings=(single,)))
    assert "| 95 % | 30 | 90 | - | - | - |" in card(reports.report(findings=(none,)))


def test_levels_of_one_place_stand_in_one_row():
    """Each with its interval."""
    one = reports.estimate()
    found = tuple(attrs.evolve(one, group=(*one.group, ("level", lv))) for lv in ("none", "full"))
    text = card(reports.report(findings=found))

    assert text.count("none: 37 \\[23 to 59\\], full: 37 \\[23 to 59\\]") == 1


def test_a_caveat_of_all_numbers_is_said_once():
    """Above them; one of some stands in their rows."""
    one = reports.estimate()
    own = attrs.evolve(one, caveats=(*one.caveats, Caveat(code="x", text="only here")))
    text = card(reports.report(findings=(one, own), notices=()))

    assert text.count(plain(one.caveats[0].text)) == 1
    assert text.count("only here") == 1


def test_hashes_of_panels_parts_and_stack_are_given():
    """By which one can be told from another of its name."""
    made = reports.report()
    text = card(made)

    assert f"Stack: {made.stack_hash}" in text
    assert made.components
    for one in made.components:
        assert plain(one.files_hash) in text
    assert f"frozen on 2026-11-01, {'ab' * 8}" in card(
        attrs.evolve(made, plan_hash="ab" * 8, plan_date="2026-11-01")
    )


def test_reliability_is_what_raters_publish_and_what_people_mark():
    """A rater without a card is said to have none; agreement is counts."""
    line = CardLine(
        statistic="recall", value=0.9, lower=0.8, upper=0.95, n=50, population="made texts"
    )
    known = RaterFacts(name="rule", kind="rule", scales=("s",), languages=("en",), card=(line,))
    bare = attrs.evolve(known, name="bare", card=())
    people = Agreement(rater="rule", person="anna", scale="s", target="t", category="c", intent="benign",
                       attack="direct", both=15, differ=4)  # fmt: skip
    text = card(reports.report(raters=(known, bare), agreements=(people,)))

    assert "| rule | recall | 0.90 | 0.80 to 0.95 | 50 | made texts |" in text
    assert "Nothing is known of the errors of bare." in text
    assert "| rule | anna | s | t, c, benign, direct | 15 | 4 |" in text


def test_a_question_without_a_number_says_why():
    """Alike ones once, with how many places."""
    two = tuple(reports.abstention(group=reports.group(t)) for t in reports.TARGETS)
    text = card(reports.report(findings=two))

    assert "| refused | 2 places | too few families have a mark | more families |" in text
    assert "No number is neither a good nor a bad one." in text


def test_gates_keep_their_three_states():
    """Undecided is no pass."""
    made = reports.report(gates=tuple(reports.gate(s) for s in GateState))
    states = [
        line.split(" | ")[3]
        for line in card(made).splitlines()
        if "| at most" in line or "| at least" in line
    ]

    assert states == [s.value for s in GateState]


@pytest.mark.parametrize("text", NASTY)
def test_words_of_others_are_only_words(text):
    """No heading, list, link, picture, code or markup comes of them, wherever they stand."""
    made, _ = reports.hostile(text)
    page = card(made)
    ours = headings(card(reports.hostile("x")[0]))

    assert set(parts(page)) <= ALLOWED
    assert len(headings(page)) == len(ours)
    assert not [c for c in page if not c.isprintable() and c != "\n"]
    assert not re.search(r"(?<!\\)://|www(?<!\\)\.", page)


def test_markup_would_be_noticed():
    """What the test before looks for is found where it is not escaped."""
    for text in ("[x](y)", "![x](y)", "`x`", "<b>x</b>", "1. x", "> x"):
        assert not set(parts(text)) <= ALLOWED, text


def test_a_card_is_the_same_twice_and_holds_no_attempt():
    """It is made of the report alone."""
    outs = [reports.Memory(), reports.Memory()]
    for out in outs:
        build(NoOptions()).write(reports.report(), reports.Streamed(lambda: 1 / 0), out)

    assert outs[0].files == outs[1].files
    assert list(outs[0].files) == ["card.md"]
