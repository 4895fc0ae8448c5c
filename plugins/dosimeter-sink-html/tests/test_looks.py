"""Runs that stop by themselves: the path of each gate, and what was saved."""

import attrs
import pytest
from drawings import drawn, said, shapes
from samples import page, report, two_rates

from dosimeter import Caveat, Gate, GateResult, GateState, Look
from dosimeter_sink_html.charts.path import MOST_GATES, PANEL
from dosimeter_sink_html.charts.shapes import Line, Spot, Word

UNDECIDED, PASS, FAIL = GateState.INCONCLUSIVE, GateState.PASS, GateState.FAIL
SAVED = "stopped early: every gate was decided after 30 families (3 looks). 60 attempts of the plan were not made"
TITLE = "Sequential path: each gate at each look"


def stopped(**changes):
    """Give a run with two gates that looked three times."""
    gates = (
        GateResult(gate=Gate(measure="under", at_most=0.25), state=PASS, why="inside", value=0.1, lower=0.05, upper=0.2),
        GateResult(gate=Gate(measure="over", at_most=0.5), state=FAIL, why="above", value=0.8, lower=0.6, upper=0.9),
    )  # fmt: skip
    looks = (
        Look(families=10, states=(UNDECIDED, UNDECIDED), limits=(None, (0.4, 1.0))),
        Look(families=20, states=(UNDECIDED, FAIL), limits=((0.0, 0.4), (0.55, 0.95))),
        Look(families=30, states=(PASS, FAIL), limits=((0.05, 0.2), (0.6, 0.9))),
    )
    made = two_rates(gates=gates, looks=looks, notices=(Caveat(code="stopped-early", text=SAVED),))
    return attrs.evolve(made, **changes)


def test_the_path_has_each_gate_at_each_look_with_its_bound():
    """An interval a look where there is a number, none where there is none; the number at the end."""
    chart = drawn(stopped())[TITLE]
    arms = [s for s in shapes(chart, Line) if s.css.startswith("whisker")]
    bounds = [s for s in shapes(chart, Line) if s.css == "zero"]
    ends = shapes(chart, Spot)

    assert [round(s.y1 - s.y2) for s in arms] == [
        round(PANEL * x) for x in (0.4, 0.15, 0.6, 0.4, 0.3)
    ]
    assert len(bounds) == len(ends) == 2
    assert bounds[0].y1 < ends[0].y
    assert bounds[1].y1 > ends[1].y
    assert arms[0].x1 < arms[1].x1 == ends[0].x
    assert "look 1, 10 families: no number" in said(chart)
    assert "bound: at most 25\N{NO-BREAK SPACE}%" in said(chart)


def test_states_stand_under_each_look_as_signs():
    """No colour tells them."""
    chart = drawn(stopped())[TITLE]

    assert [w.text for w in shapes(chart, Word) if w.text in "?✓✗"] == [
        "?",
        "?",
        "✓",
        "?",
        "✗",
        "✗",
    ]


def test_the_path_says_when_each_gate_was_decided_and_what_was_saved():
    """In its finding, which is its alternative too, and in its note."""
    chart = drawn(stopped())[TITLE]

    assert chart.finding == (
        "harmful not refused, which must be at most 25\N{NO-BREAK SPACE}%, passes at 30 families"
        " (5 to 20\N{NO-BREAK SPACE}%); benign refused, which must be at most 50\N{NO-BREAK SPACE}%,"
        " fails at 30 families (60 to 90\N{NO-BREAK SPACE}%), since 20."
    )
    assert chart.note.startswith("Stopped early: every gate was decided after 30 families")


def test_a_run_that_did_not_look_has_no_path():
    """A gate alone makes none; nor do looks at gates of which none is left."""
    assert TITLE not in drawn(stopped(looks=()))
    assert TITLE not in drawn(stopped(gates=()))


def test_a_gate_that_was_added_after_some_looks_begins_where_it_was_seen():
    """A look at fewer gates, or of a version that kept no limits, is no number."""
    looks = stopped().looks
    fewer = attrs.evolve(looks[0], states=(UNDECIDED,), limits=())
    chart = drawn(stopped(looks=(fewer, *looks[1:])))[TITLE]
    arms = [s for s in shapes(chart, Line) if s.css.startswith("whisker")]

    assert len(arms) == 4
    assert sum(w.text == "10" for w in shapes(chart, Word)) == 1


def test_many_looks_and_gates_are_drawn_within_the_picture():
    """Labels are thinned out, the last look keeps its own; gates that are not drawn are counted."""
    gates = (stopped().gates[0],) * (MOST_GATES + 2)
    looks = tuple(
        Look(families=n, states=(UNDECIDED,) * len(gates), limits=((0.1, 0.9),) * len(gates))
        for n in range(1, 60)
    )
    chart = drawn(stopped(gates=gates, looks=looks))[TITLE]
    ticks = [w.text for w in shapes(chart, Word) if w.text.isdecimal()]

    assert "2 more gates" in chart.note
    assert "59" in ticks
    assert len(ticks) <= 9 * MOST_GATES
    assert all(0 <= s.x1 <= chart.width and 0 <= s.y2 <= chart.height for s in shapes(chart, Line))


@pytest.mark.parametrize(("value", "words"), [(0.1, "10 % [5 to 20 %]"), (None, "no number")])
def test_a_gate_stands_with_the_number_that_it_turns_on(tmp_path, value, words):
    """With its limits at the level of the gates, or that there is none."""
    one = attrs.evolve(stopped().gates[0], value=value)
    text = page(tmp_path, stopped(gates=(one,))).replace("\N{NO-BREAK SPACE}", " ")

    assert f"<td>{words}</td>" in text[text.index('id="gates"') :]


def test_attempts_that_were_not_needed_are_counted_apart():
    """They are no missing data."""
    cells = tuple(attrs.evolve(c, not_needed=7) for c in report().cells)
    chart = drawn(report(cells=cells))["What became of the attempts"]

    assert chart.finding == (
        "Of 20 attempts: 20 answered. 7 more of the plan were not needed, as every gate was decided."
    )
