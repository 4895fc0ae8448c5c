"""Whether items still tell targets apart, and whether another wording turns a mark: drawn with their words."""

import attrs
import pytest
from drawings import drawn, said, shapes
from samples import check, page, rate, report, two_rates

from dosimeter import Caveat, Intent, Measure, PanelAnswer, Selection, Threat
from dosimeter_sink_html.charts.counts import LEFT, RIGHT
from dosimeter_sink_html.charts.shapes import Box, Line, Spot, Word
from dosimeter_sink_html.questions import questions

SATURATION = "Saturation: do the items still tell targets apart?"
FLIPS = "Does another wording turn the mark?"
PARTS = "two wordings are marked apart in 30 % (20 to 40 %), two repeats of one in 10 % (5 to 20 %)"


def spread(floor, ceiling, *, answer=PanelAnswer.FINE, **more):
    """Give a check of saturation of 20 families."""
    numbers = {"floor": floor, "ceiling": ceiling, "families": 20.0, **more}
    where = (("category", "c"), ("intent", "harmful"), ("attack", "direct"), ("rater", "r"))
    return check(Threat.SATURATION, answer, "harmful not refused: so many", where=where,
                 numbers=tuple(numbers.items()))  # fmt: skip


def test_families_at_either_end_are_as_long_as_their_shares():
    """Lowest, between, highest; beside them the share that tells targets apart."""
    made = two_rates(panel=(spread(0.25, 0.5, informative=0.25), spread(0.0, 0.9, answer=PanelAnswer.CONCERN,
                                                                        informative=0.1)))  # fmt: skip
    chart = drawn(made)[SATURATION]
    widths = [round(20 * b.width / (RIGHT - LEFT)) for b in shapes(chart, Box)[3:]]
    words = [w.text.replace("\N{NO-BREAK SPACE}", " ") for w in shapes(chart, Word)]

    assert widths == [5, 5, 10, 2, 18]
    assert {"25 %", "10 %", "informative", "harmful not refused (r)"} <= set(words)
    assert chart.finding.replace("\N{NO-BREAK SPACE}", " ") == (
        "At most 90 % of families are at one end for every target; 10 % to 25 % tell targets apart."
        " 1 of 2 questions are a concern."
    )
    assert any("5 all lowest, 5 between, 10 all highest" in t for t in said(chart))


def test_of_one_target_nobody_knows_which_items_tell_targets_apart():
    """It is said to be not known, and drawn as no share."""
    chart = drawn(two_rates(panel=(spread(0.25, 0.5),)))[SATURATION]

    assert "not known" in [w.text for w in shapes(chart, Word)]
    assert "is not known of one target" in chart.finding


def test_a_check_without_numbers_is_not_drawn():
    """As of what the whole run cannot show."""
    told = check(Threat.SATURATION, PanelAnswer.TOLD, "a difference of 25 points")

    assert SATURATION not in drawn(two_rates(panel=(told,)))


def flips(*values):
    """Give paraphrase sensitivity of some targets."""
    measure = Measure(
        id="flips", title="oftener by wording", scale="s", estimator="flips", across="wording"
    )
    found = tuple(
        attrs.evolve(rate("flips", "harmful", "direct", 0.2, target=name), value=v, lower=v - 0.1, upper=v + 0.1,
                     caveats=(Caveat(code="flips", text=PARTS),))
        for name, v in values
    )  # fmt: skip
    return report(measures=(measure,), findings=found)


def test_flips_are_drawn_about_none_with_both_parts_in_words():
    """Wordings less repeats, and of what that is a difference."""
    chart = drawn(flips(("one", 0.2), ("two", -0.05)))[FLIPS]
    zero = next(s for s in shapes(chart, Line) if s.css == "zero")
    more, none = sorted(shapes(chart, Spot), key=lambda s: s.y)

    assert none.x < zero.x1 < more.x
    assert "Of 2 differences, by their intervals 1 above none, 0 below" in chart.finding
    assert f"one, harmful: {PARTS}" in chart.note
    assert f"two, harmful: {PARTS}" in chart.note


def test_flips_stand_among_conditions_compared(tmp_path):
    """With their parts beside them, and how they were made."""
    text = page(tmp_path, flips(("one", 0.2))).replace("\N{NO-BREAK SPACE}", " ")
    table = text[text.index('<h2 id="compared">') :].partition("</section>")[0]

    assert "+20 points" in table
    assert "+10 points to +30 points" in table
    assert PARTS in table
    assert 'class="made"' in table


@pytest.mark.parametrize("title", [SATURATION, FLIPS])
def test_what_a_report_has_no_numbers_of_is_not_drawn(title):
    """No empty picture."""
    assert title not in drawn(two_rates())


def cells(**values):
    """Give full refusals of two targets, by intent and whether an alarming word is there."""
    measure = Measure(
        id="full", title="refused in full", scale="s", estimator="rate", by=("trigger",)
    )
    found = []
    for target in ("one", "two"):
        for name, value in values.items():
            intent, level = name[:-1], name[-1]
            one = rate("full", intent, "direct", value, target=target)
            found.append(attrs.evolve(one, group=(*one.group, ("trigger", level))))
    return two_rates(measures=(measure,), findings=tuple(found))


WHOLE = {"harmful0": 0.9, "harmful1": 0.95, "benign0": 0.1, "benign1": 0.4}
SQUARE = "refused in full, by intent and trigger"


def test_right_reason_has_four_cells_with_their_intervals():
    """Intent above intent, word beside word; a square a target, with every number in words."""
    chart = drawn(cells(**WHOLE))[SQUARE]
    words = [w.text.replace("\N{NO-BREAK SPACE}", " ") for w in shapes(chart, Word)]
    boxes = shapes(chart, Box)

    assert [b.css for b in boxes] == ["heat4", "heat4", "heat0", "heat2"] * 2
    assert boxes[0].x < boxes[1].x
    assert boxes[0].y == boxes[1].y < boxes[2].y
    assert {"40 % [30 to 50 %]", "trigger 0", "trigger 1", "harmful", "benign"} <= set(words)
    assert "one, direct, r: harmful 90" in chart.finding.replace("\N{NO-BREAK SPACE}", " ")


def test_a_measure_of_both_intents_says_which_its_numbers_are_of():
    """Two questions of one title would be one question twice."""
    made = cells(**WHOLE)
    both = attrs.evolve(made.measures[0], select=Selection(intents=(Intent.HARMFUL, Intent.BENIGN)))
    asked = questions(attrs.evolve(made, measures=(both,)))

    assert [q.title for q in asked] == [
        "refused in full, harmful requests",
        "refused in full, benign requests",
    ]


def test_three_cells_are_no_square():
    """What is missing is not drawn as if it were there."""
    assert SQUARE not in drawn(cells(**{k: v for k, v in WHOLE.items() if k != "benign1"}))


def test_parts_of_a_cell_have_a_row_each(tmp_path):
    """Each by its level of the factor; none takes the place of another."""
    text = page(tmp_path, cells(**WHOLE)).replace("\N{NO-BREAK SPACE}", " ")
    table = text[text.index('<h2 id="every">') :]

    assert "direct, trigger 0" in table
    assert "direct, trigger 1" in table
    assert "<b>10 %</b>" in table
    assert "<b>40 %</b>" in table
    assert "not measured" not in table.partition("</table>")[0]
