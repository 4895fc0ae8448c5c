"""How well people agree, and how sure a rater may be: drawn, in a table too, and made up nowhere."""

import itertools
import re

import attrs
import pytest
from drawings import drawn, said, shapes
from samples import HOSTILE, agreement, page, report, two_rates, wholly

from dosimeter import CardLine, RaterFacts
from dosimeter_sink_html.agreed import agreed
from dosimeter_sink_html.charts import calibration
from dosimeter_sink_html.charts.refusal import SIDE, TOP, across, up
from dosimeter_sink_html.charts.shapes import WIDTH, Line, Spot, Word, wide

AGREE = "Reliability: do people agree, and raters with them?"
SURE = "r, s: right as often as it is sure?"
NEEDS = "a second person who marks the same drawn replies"
LEFT, RIGHT = 6.0, 300.0
"""Of the axis of intervals under their labels."""


def unknown(text="harm", **changes):
    """Give an agreement that is not estimable, though its numbers would be there."""
    given = {
        "verdict": "not-estimable",
        "why": "one person marked drawn replies",
        "would_need": NEEDS,
    }
    return agreement(text, **given | changes)


def held(alpha, verdict, person="anna", **changes):
    """Give how well a judge agrees with a person."""
    return agreement(raters=("judge", person), kind="rater-against-people", alpha=alpha, lower=alpha - 0.1,
                     upper=alpha + 0.05, verdict=verdict, why="too low", **changes)  # fmt: skip


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_alpha_stands_with_its_interval_between_what_claims_rest_on():
    """A row a record; lines at two thirds and at .8 are named; people and raters differ in their marks."""
    made = report(reliability=(agreement(), held(0.85, "tentative"), held(0.5, "refused", "ben")))
    chart = drawn(made)[AGREE]
    spots = sorted(shapes(chart, Spot), key=lambda s: s.y)
    lines = [s for s in shapes(chart, Line) if s.css.startswith("whisker")]
    dashed = {
        round((s.x1 - LEFT) / (RIGHT - LEFT), 3) for s in shapes(chart, Line) if s.css == "zero"
    }
    words = [w.text for w in shapes(chart, Word)]

    assert [round((s.x - LEFT) / (RIGHT - LEFT), 3) for s in spots] == [0.9, 0.85, 0.5]
    assert round((lines[0].x2 - lines[0].x1) / (RIGHT - LEFT), 3) == 0.1
    assert [s.series for s in spots] == [0, 1, 1]
    assert dashed == {0.667, 0.8}
    assert {".667 tentative", ".800 full", "0.90 [0.85, 0.95]", "0", "1"} <= set(words)
    assert "people: anna and ben: enough for all claims" in words
    assert "judge against anna: enough for tentative claims alone" in words
    assert "judge against ben: too low to rest a number on" in words


def test_the_finding_says_how_well_people_agree_and_which_rater_agrees_least():
    """In a sentence, for those who do not see the picture."""
    made = report(
        reliability=(
            agreement(),
            held(0.85, "tentative"),
            held(0.5, "refused", "ben"),
            held(0.9, "full"),
        )
    )

    assert drawn(made)[AGREE].finding == (
        "People on harm of harm requests in harm: alpha 0.90 (0.85 to 0.95), enough for all claims. judge against"
        " ben on harm of harm requests in harm: alpha 0.50 (0.40 to 0.55), too low to rest a number on, the lowest"
        " of 3 raters held against a person, 1 of them enough for all claims."
    )


def test_what_is_not_estimable_is_text_and_never_nought():
    """With what it would take; no mark is drawn of numbers that are not to be believed."""
    made = report(reliability=(agreement(), unknown("fraud")))
    chart = drawn(made)[AGREE]
    words = " ".join(w.text for w in shapes(chart, Word))

    assert len(shapes(chart, Spot)) == 1
    assert "not estimable" in words
    assert "one person marked drawn replies; would need a second person who marks" in words
    assert any(NEEDS in t for t in said(chart))
    assert "people on fraud of fraud requests in fraud: not estimable, one person" in chart.finding


def test_where_nothing_is_estimable_no_picture_is_drawn(tmp_path):
    """The table says what it would take."""
    made = report(reliability=(unknown(), unknown("fraud", raters=(), alpha=None)))
    table = page(tmp_path, made).partition('<h3 id="agreement"')[2].partition("</table>")[0]

    assert AGREE not in drawn(made)
    assert AGREE not in drawn(report())
    assert table.count(f"would need {NEEDS}") == 2
    assert "0.90" not in table


def test_what_nobody_marked_is_said_once():
    """Of all scales and intents together; what somebody marked keeps its row."""
    none = {"raters": (), "units": 0, "families": 0, "minority": 0, "alpha": None}
    made = report(
        reliability=(unknown("a", **none), agreement("b"), unknown("c", **none), unknown("d"))
    )
    rows = agreed(made)

    assert [one.what for one in rows] == [
        "a of a requests in a; c of c requests in c",
        "b of b requests in b",
        "d of d requests in d",
    ]
    assert [one.known for one in rows] == [False, True, False]


def test_an_interval_under_nought_has_room_on_the_axis():
    """The axis begins lower, and nought is marked."""
    low = agreement(alpha=0.1, lower=-0.23, upper=0.4, verdict="refused")
    chart = drawn(report(reliability=(low,)))[AGREE]
    (line,) = [s for s in shapes(chart, Line) if s.css.startswith("whisker")]
    words = [w.text for w in shapes(chart, Word)]

    assert LEFT < line.x1 < line.x2 < RIGHT
    assert {"-0.3", "0", "1"} <= set(words)


def test_every_number_of_the_chart_stands_in_its_table(tmp_path):
    """Which a keyboard reaches, with Gwet's coefficient and the share of marks that are the same."""
    text = page(tmp_path, report(reliability=(agreement(), held(0.85, "tentative"))))
    table = text.partition('<h3 id="agreement"')[2].partition("</table>")[0]

    assert '<a href="#agreement">To its table</a>' in text
    for number in (
        "0.90 [0.85, 0.95]",
        "AC2 0.80 [0.70, 0.90]",
        "0.70 [0.60, 0.80]",
        "0.85 [0.75, 0.90]",
    ):
        assert number in table
    assert agreed(report(reliability=(agreement(metric="nominal"),)))[0].ac.startswith("AC1")
    assert "How well raters agree" not in page(tmp_path, report())


def point(stated, value, n=50, **changes):
    """Give a point of a calibration curve."""
    return CardLine(statistic=f"share right at {stated}", value=value, lower=value - 0.1, upper=min(1.0, value + 0.1),
                    n=n, population="labelled replies", scale="s", stated=stated, **changes)  # fmt: skip


def sure(*points):
    """Give a report of a rater whose card has a curve of these points."""
    kappa = CardLine(
        statistic="kappa", value=0.8, lower=0.7, upper=0.9, n=50, population="labelled replies"
    )
    rater = RaterFacts(
        name="r", kind="judge", scales=("s",), languages=("en",), card=(kappa, *points)
    )
    return two_rates(raters=(rater,))


def test_a_curve_holds_how_sure_a_rater_is_against_how_often_it_is_right():
    """Each point with its interval and how many replies it is of, about the line of as right as sure."""
    chart = drawn(sure(point(0.6, 0.55, 40), point(0.9, 0.6, 70)))[SURE]
    first, last = sorted(shapes(chart, Spot), key=lambda s: s.x)
    arms = [s for s in shapes(chart, Line) if "whisker" in s.css]
    (diagonal,) = [s for s in shapes(chart, Line) if s.css == "iso"]

    assert (first.x, first.y, last.x, last.y) == pytest.approx(
        (across(0.6), up(0.55), across(0.9), up(0.6))
    )
    assert {round((s.y1 - s.y2) / SIDE, 3) for s in arms} == {0.2}
    assert (diagonal.x1, diagonal.y1, diagonal.x2, diagonal.y2) == (
        across(0),
        up(0),
        across(1),
        up(1),
    )
    assert {"40", "70"} <= {w.text for w in shapes(chart, Word)}
    assert plain(chart.finding) == (
        "r, s: where it is 90 % sure, it is right in 60 % (50 to 70 %), 70 replies, the farthest off of 2 groups of"
        " replies. By the intervals it is surer than right in 1 of them, less sure in 0, and in 1 it cannot be told."
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.6, "surer than it is right"),
        (0.9, "cannot be told from right"),
        (0.99, "less sure than it is right"),
    ],
)
def test_one_point_is_told_as_one(value, told):
    """It is no farthest of several."""
    one = drawn(sure(point(0.85 if value > 0.95 else 0.9, value)))[SURE]

    assert told in one.finding
    assert "groups" not in one.finding


def test_counts_at_the_foot_stand_apart_and_within_the_picture():
    """However close the points are."""
    points = [point(0.9 + i / 100, 0.8, 100 + i) for i in range(10)]
    chart = drawn(sure(*points))[SURE]
    counts = [w for w in shapes(chart, Word) if w.text in {str(p.n) for p in points}]
    ends = [(w.x - wide(w.text) / 2, w.x + wide(w.text) / 2) for w in counts]

    assert [w.text for w in counts] == [str(p.n) for p in points]
    assert all(a[1] < b[0] for a, b in itertools.pairwise(ends))
    assert ends[0][0] >= 0
    assert round(ends[-1][1], 6) <= WIDTH
    assert max(w.y for w in counts) < TOP + SIDE


def test_without_a_curve_nothing_is_drawn():
    """Other statistics of a card are no points of one, nor are points statistics among those."""
    made = sure(point(0.9, 0.6))

    assert list(calibration.of_cards(sure())) == []
    assert SURE not in drawn(two_rates())
    assert drawn(made)["What raters publish of themselves"].finding.startswith("1 statistics")


def test_the_points_of_a_curve_stand_in_the_card(tmp_path):
    """Where a keyboard reaches them."""
    text = page(tmp_path, sure(point(0.9, 0.6, 70)))
    card = text.partition('<h2 id="raters">')[2].partition("</table>")[0]

    assert '<a href="#raters">To its table</a>' in text
    assert "share right at 0.9" in card
    assert "0.60 [0.50, 0.70]" in card


def test_hostile_names_stay_text_in_both(tmp_path):
    """In titles, labels, what marks say, and the table."""
    made, evidence = wholly(HOSTILE)
    text = page(tmp_path, attrs.evolve(made), evidence)
    titles = re.findall(r"<figcaption><strong>(.*?)</strong>", text, re.DOTALL)

    assert AGREE in titles
    assert any("right as often as" in t or "&lt;script&gt;" in t for t in titles)
    assert len(list(calibration.of_cards(made))) == 1
    assert "<script" not in text
    assert text.count("<svg") == text.count("</svg>")
