"""Whether items still tell targets apart, and whether another wording turns a mark: drawn with their words."""

import attrs
import pytest
from drawings import drawn, said, shapes
from samples import check, page, rate, report, two_rates

from dosimeter import Caveat, Measure, PanelAnswer, Threat
from dosimeter_sink_html.charts.counts import LEFT, RIGHT
from dosimeter_sink_html.charts.shapes import Box, Line, Spot, Word

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
    (zero,) = [s for s in shapes(chart, Line) if s.css == "zero"]
    more, none = sorted(shapes(chart, Spot), key=lambda s: s.y)

    assert none.x < zero.x1 < more.x
    assert "Of 2 differences, by their intervals 1 above none, 0 below" in chart.finding
    assert f"one, harmful: {PARTS}" in chart.note
    assert f"two, harmful: {PARTS}" in chart.note


def test_flips_stand_among_conditions_compared(tmp_path):
    """With their parts beside them, and how they were made."""
    text = page(tmp_path, flips(("one", 0.2)))
    table = text[text.index('<h2 id="compared">') :].partition("</section>")[0]

    assert "+20 points" in table
    assert "+10 points to +30 points" in table
    assert PARTS in table
    assert 'class="made"' in table


@pytest.mark.parametrize("title", [SATURATION, FLIPS])
def test_what_a_report_has_no_numbers_of_is_not_drawn(title):
    """No empty picture."""
    assert title not in drawn(two_rates())
