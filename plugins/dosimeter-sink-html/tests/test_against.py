"""Targets compared: differences, verdicts, ties and trade-offs, none beyond its interval."""

import re
from html import unescape

import attrs
import pytest
from drawings import drawn, said, shapes
from samples import compared, like_a_run, page, report, versus

from dosimeter import Caveat, Joint, Lost, Said, Ties, Tradeoff
from dosimeter_sink_html.against import blocks, fit, in_short, rests_on, tradeoffs
from dosimeter_sink_html.charts.rows import MOST_ROWS
from dosimeter_sink_html.charts.shapes import Box, Line, Spot, Word

GROUP = versus().group


def three(**changes):
    """Give a run whose three pairs of targets got three verdicts."""
    found = (
        versus(),
        versus("bare", "other", -0.05, Said.EQUIVALENT, margin=0.2, margin_by="stack", within_margin=True),
        versus("guarded", "other", 0.05, Said.CANNOT_TELL, needed=1234, p_adjusted=0.4),
    )  # fmt: skip
    return attrs.evolve(like_a_run(), compared=compared(*found, **changes))


def section(text):
    """Give what a page says of its targets together, as it is read."""
    return unescape(text[text.index('<h2 id="against">') :].partition("</section>")[0])


def test_each_difference_stands_with_its_interval_p_families_and_verdict(tmp_path):
    """By name; with what would settle it where nothing is said, and with the margin and who fixed it."""
    text = section(page(tmp_path, three()))

    assert "<b>-60 points</b> [-70 to -50 points]" in text
    assert "B lower: guarded" in text
    assert "equivalent within 20 points" in text
    assert "20 points, fixed by the stack" in text
    assert "cannot tell (would need 1,234 families)" in text
    assert '<td data-l="p (Holm)">0.004</td><td data-l="families">20</td>' in text
    assert "Of 3 differences between targets 1 told apart after Holm's adjustment" in text
    assert "all rates and means of the categories" in text


def test_a_number_of_families_that_nobody_could_ask_is_not_spelt_out():
    """Two targets with the same marks would need more than there are."""
    (block,) = blocks(report(compared=compared(versus(said=Said.CANNOT_TELL, needed=10**24))))

    assert block.rows[0].says == "cannot tell (would need over 1,000,000 families)"


def test_why_nothing_is_said_stands_beside_it(tmp_path):
    """And no interval is made up where there is none; nor is a difference of nought."""
    none = versus(said=Said.CANNOT_TELL, value_b=None, difference=None, lower=None, upper=None, p=None,
                  p_adjusted=None, method="", why="only 3 families shared")  # fmt: skip
    made = report(compared=compared(none, family=0))
    text = section(page(tmp_path, made))

    assert '<td class="num" data-l="B less A">no number</td>' in text
    assert "only 3 families shared" in text
    assert "0 neither, and of 1 nothing may be said" in text
    assert not [
        w
        for w in ("+0", "Holm's adjustment is over", "How these numbers", "interval]</td>")
        if w in text
    ]
    assert "Targets compared: shares, in points" not in drawn(made)


def test_a_width_of_one_point_is_one_point():
    """As people write it."""
    one = versus(said=Said.EQUIVALENT, margin=0.01, margin_by="stack", within_margin=True)
    ((row,),) = (b.rows for b in blocks(report(compared=compared(one))))

    assert (row.says, row.margin) == ("equivalent within 1 point", "1 point, fixed by the stack")


def test_a_difference_leads_to_estimand_method_and_reference(tmp_path):
    """As every number does; with the prompts that lack a mark and what those could make of it."""
    lost = attrs.evolve(
        versus(), lost=Lost(pairs=4, lowest=-0.8, highest=-0.3), tipping="if r errs by 30 points"
    )
    text = page(tmp_path, report(compared=compared(lost)))
    (to,) = re.findall(r'href="#(v\d+)"', text)
    fold = section(text)[section(text).index('<details class="made">') :]

    assert f'id="{to}"' in fold
    assert "guarded less bare, over goals" in fold
    assert "cluster-robust" in fold
    assert "K.-Y. Liang" in fold
    assert "4; with them -80 to -30 points" in fold
    assert "as r measures it" in fold
    assert "if r errs by 30 points" in section(text)
    assert '<th scope="row" class="l">paired-cr1-t</th>' in text[text.index('id="methods"') :]


def test_prompts_with_a_cut_reply_are_told_beside_those_without_a_mark(tmp_path):
    """Their marks may be others, so the difference may be too."""
    lost = attrs.evolve(versus(), lost=Lost(pairs=0, cut=60, lowest=-1.0, highest=0.3))
    both = attrs.evolve(lost, lost=attrs.evolve(lost.lost, pairs=4))

    assert "60 cut; with them -100 to +30 points" in section(
        page(tmp_path, report(compared=compared(lost)))
    )
    assert "4, 60 cut; with them" in section(page(tmp_path, report(compared=compared(both))))


def test_ties_have_letters_and_no_rank_that_intervals_do_not_carry(tmp_path):
    """Places that the evidence leaves open are a range; a refused order is none."""
    ties = Ties(measure="under", group=GROUP, order=("guarded", "other", "bare"), letters=("a", "ab", "b"),
                places=((1, 2), (1, 3), (2, 3)))  # fmt: skip
    text = section(page(tmp_path, three(ties=(ties,))))
    line = re.sub(r"<[^>]+>", "", text[text.index("Lowest first") :].partition("</p>")[0])
    refused = attrs.evolve(
        ties, order=(), letters=(), places=(), refused="the differences contradict"
    )
    other = section(page(tmp_path, three(ties=(refused,))))

    assert line.endswith(
        "guarded a (place 1 to 2), other ab (place 1 to 3), bare b (place 2 to 3)."
    )
    assert "No order: the differences contradict." in other
    assert "Lowest first" not in other


@pytest.mark.parametrize(
    ("joint", "words"),
    [(Joint.TRADE_OFF, "trade-off: each is better on one side"), (Joint.A_BETTER, "A better: bare"),
     (Joint.B_BETTER, "B better: guarded"), (Joint.EQUIVALENT, "equivalent on both sides"),
     (Joint.CANNOT_TELL, "cannot tell")],
)  # fmt: skip
def test_both_kinds_of_refusal_have_one_verdict(tmp_path, joint, words):
    """A target that refuses everything does not win; the verdict stands in words, with why."""
    one = Tradeoff(
        a="bare",
        b="guarded",
        group=GROUP[2:],
        over="over",
        under="under",
        said=joint,
        why="a reason",
    )
    made = three(tradeoffs=(one,))

    assert [t.says for t in tradeoffs(made)] == [words]
    assert f'<b>{words}</b> <span class="soft">(a reason)</span>' in section(page(tmp_path, made))


def test_what_all_verdicts_rest_on_is_said_once():
    """Holm's family, what is unlike, and notices."""
    found = compared(versus(), declared=True, unlike=("scope: model in u",),
                     notices=(Caveat(code="x", text="bare: its run is not reportable"),) * 2)  # fmt: skip
    first, unlike, notice = rests_on(found)

    assert "over 1 comparison: declared in the stack" in first
    assert unlike == "Unlike: scope: model in u."
    assert notice == "bare: its run is not reportable"


def test_differences_between_targets_are_drawn_about_none_with_their_margin():
    """Lower is to the left; a margin is a band over its own rows, as wide as it is."""
    chart = drawn(three())["Targets compared: shares, in points"]
    zero = next(s for s in shapes(chart, Line) if s.css == "zero")
    spots = sorted(shapes(chart, Spot), key=lambda s: s.y)
    (band,) = [b for b in shapes(chart, Box) if b.css == "band"]
    words = [w.text for w in shapes(chart, Word)]

    assert spots[0].x < spots[1].x < zero.x1 < spots[2].x
    assert band.x + band.width / 2 == pytest.approx(zero.x1)
    assert band.width / (zero.x1 - 6) == pytest.approx(2 * 0.2 / 0.7)
    assert band.y < spots[1].y < band.y + band.height
    assert not band.y < spots[0].y < band.y + band.height
    assert "guarded less bare: lower" in words
    assert "other less bare: equivalent" in words
    assert "other less guarded: cannot tell" in words
    assert in_short(three().compared) in chart.finding
    assert "guarded less bare, -60 points (-70 to -50 points)" in chart.finding
    assert any("margin 20 points; equivalent within 20 points" in t for t in said(chart))
    assert "A band is the margin" in chart.note


def test_shares_and_means_have_a_chart_each():
    """Points and units of a scale are on no common axis."""
    found = drawn(report(compared=compared(versus(), versus(measure="mean", share=False))))

    assert {t for t in found if t.startswith("Targets compared")} == {
        "Targets compared: shares, in points", "Targets compared: means",
    }  # fmt: skip


def test_a_run_of_one_target_compares_none(tmp_path):
    """Nor does one that looked at its gates on the way."""
    text = page(tmp_path, like_a_run())

    assert 'id="against"' not in text
    assert not [t for t in drawn(like_a_run()) if t.startswith("Targets compared")]


def test_what_does_not_fit_is_counted():
    """In the table by question, and in the chart in its note."""
    made = report(compared=compared(*(versus(f"t{i}", f"u{i}") for i in range(MOST_ROWS + 20))))
    (block,) = fit(blocks(made), 15)

    assert (len(block.rows), block.left) == (15, MOST_ROWS + 5)
    assert "21 more stand in the table" in drawn(made)["Targets compared: shares, in points"].note
