"""Every chart states what it shows, draws it where it is, and makes nothing up."""

import itertools
import re

import attrs
import pytest
from drawings import drawn, said, series, shapes
from samples import HOSTILE, like_a_run, page, rate, report, two_rates, wholly

from dosimeter import (
    Abstention,
    Agreement,
    CardLine,
    Contrast,
    Estimate,
    Measure,
    Missing,
    RaterFacts,
)
from dosimeter_sink_html.charts import counts, forest, heat, labels, levels, plane, refusal, rows
from dosimeter_sink_html.charts.drawn import charts
from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Box,
    Chart,
    Line,
    Spot,
    Word,
    clip,
    legend,
    way,
    wide,
)
from dosimeter_sink_html.questions import questions
from dosimeter_sink_html.sink import environment

RULE = RaterFacts(name="r", kind="rule", scales=("s",), languages=("en",))
MACHADO = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
"""How colours look to whom, on linear RGB (Machado, Oliveira, Fernandes 2009, severity 1)."""


def two_targets():
    """Give both sides of refusal of two targets under two attacks, by one rater."""
    base = like_a_run()
    found = [
        rate(measure, intent, attack, value, target=target)
        for target, values in (("bare", (0.1, 0.7)), ("guarded", (0.8, 0.1)))
        for measure, intent, value in (
            ("over", "benign", values[0]),
            ("under", "harmful", values[1]),
        )
        for attack in ("direct", "a-frame")
    ]
    return attrs.evolve(base, findings=tuple(found), raters=(RULE,))


def test_a_report_with_everything_has_every_chart():
    """Both sides, costs, attacks, a forest a question, differences, levels, people, raters, attempts."""
    made = two_targets()
    card = CardLine(statistic="recall", value=0.9, lower=0.8, upper=0.95, n=50, population="made")
    people = Agreement(rater="r", person="anna", scale="s", target="bare", category="c", intent="benign",
                       attack="direct", both=9, differ=2)  # fmt: skip
    gap = Measure(id="gap", title="gap", scale="s", estimator="rate",
                  contrast=Contrast(factor="target", first="bare", second="guarded"))  # fmt: skip
    share = rate("levels", "benign", "direct", 0.5, target="bare")
    share = attrs.evolve(share, group=(*share.group, ("level", "full")))
    made = attrs.evolve(
        made, raters=(attrs.evolve(RULE, card=(card,)),), agreements=(people,), measures=(*made.measures, gap),
        findings=(*made.findings, share, rate("gap", "harmful", "direct", 0.3)),
    )  # fmt: skip

    assert list(drawn(made)) == [
        "c: both sides of refusal", "c: cost curves, asked direct", "c, by attack", "harmful not refused",
        "benign refused", "Differences", "c, benign requests: actionability by level", "Where people marked too",
        "What raters publish of themselves", "What became of the attempts",
    ]  # fmt: skip


def test_a_chart_has_its_finding_as_alternative_and_as_caption(tmp_path):
    """Who hears the page is told what who sees it is told; each picture is one."""
    text = page(tmp_path, two_targets())
    labels = re.findall(r'<svg class="chart" role="img" aria-label="([^"]+)"', text)

    assert len(labels) == text.count("<figure") == len(drawn(two_targets()))
    for label in labels:
        assert f"<br>{label}</figcaption>" in text
        assert re.search(r"\d", label)


def test_marks_stand_where_their_numbers_are():
    """In a forest a share of 70 % is at seven tenths of the axis, and its interval from end to end."""
    made = two_targets()
    asked = next(q for q in questions(made) if q.title == "harmful not refused")
    chart = forest.of_question(asked, series(made), "q1")
    spots = sorted(shapes(chart, Spot), key=lambda s: s.y)
    lines = [s for s in shapes(chart, Line) if s.css.startswith("whisker")]
    span = rows.RIGHT - rows.LEFT

    assert [round((s.x - rows.LEFT) / span, 3) for s in spots] == [0.7, 0.1, 0.7, 0.1]
    assert {round((s.x2 - s.x1) / span, 3) for s in lines} == {0.2}
    assert "highest bare under direct, 70\N{NO-BREAK SPACE}%" in chart.finding
    assert "lowest guarded under direct, 10\N{NO-BREAK SPACE}%" in chart.finding


def test_a_number_that_is_not_there_is_not_drawn():
    """Its row says so, and why; no mark stands at nought."""
    made = two_rates()
    asked = next(q for q in questions(made) if q.title == "harmful not refused")
    chart = forest.of_question(asked, series(made), "q1")
    one = heat.of_attacks(questions(made), series(made))

    assert len(shapes(chart, Spot)) == 1
    assert "no number" in [w.text for w in shapes(chart, Word)]
    assert any("4 families with a mark" in t for t in said(chart))
    assert "1 without a number" in chart.finding
    (squares,) = one
    assert [b.css for b in shapes(squares, Box)] == ["heat3", "nil"]
    assert any("no number: 4 families" in t for t in said(squares))


def test_a_difference_is_drawn_about_the_line_of_none():
    """Every contrast, whatever it is of: more to the right of the line, less to the left, of each unit apart."""
    gap, fall = (
        Measure(
            id=i,
            title=i,
            scale="s",
            estimator=e,
            contrast=Contrast(factor="f", first="a", second="b"),
        )
        for i, e in (("flips", "rate"), ("fall", "mean"))
    )
    found = (
        rate("flips", "harmful", "direct", 0.3),
        attrs.evolve(rate("flips", "benign", "direct", 0), value=-0.3, lower=-0.4, upper=-0.2),
        attrs.evolve(rate("flips", "benign", "a-frame", 0), value=0.0, lower=-0.1, upper=0.1),
        attrs.evolve(rate("fall", "control", "direct", 0), value=-1.0, lower=-2.0, upper=-0.5),
    )
    made = report(measures=(gap, fall), findings=found)
    shares, means = forest.of_differences(made, {"one": 2}, "compared")
    zero = next(s for s in shapes(shares, Line) if s.css == "zero")
    more, less, none = sorted(shapes(shares, Spot), key=lambda s: s.y)

    assert less.x < zero.x1 < more.x
    assert none.x == pytest.approx(zero.x1)
    assert more.x - zero.x1 == pytest.approx(zero.x1 - less.x)
    assert shares.finding == (
        "Of 3 differences, by their intervals 1 above none, 1 below, and 1 that cannot be told from none."
    )
    assert "-1.00" in shapes(means, Word)[-1].text
    assert [w.text for w in shapes(shares, Word) if w.css == "strong"] == ["flips"]
    assert {s.series for s in shapes(shares, Spot)} == {2}
    assert "one, benign, a-frame" in [w.text for w in shapes(shares, Word)]


def test_the_plane_has_both_rates_with_their_arms():
    """Across what is refused of the benign, up what is not of the harmful; none is called better untested."""
    made = two_targets()
    chart, cost = plane.of_refusal(made, series(made))
    spots = shapes(chart, Spot)
    bare = next(s for s in spots if s.series == 0)
    arms = [s for s in shapes(chart, Line) if "whisker" in s.css]

    assert (bare.x - refusal.LEFT) / refusal.SIDE == pytest.approx(0.1)
    assert 1 - (bare.y - refusal.TOP) / refusal.SIDE == pytest.approx(0.7)
    assert len(arms) == 2 * 4
    assert (
        "Not beaten on both sides by another, by value and not tested: bare; guarded."
        in chart.finding
    )
    assert {s.css for s in shapes(chart, Line)} >= {"iso", "iso five"}
    assert cost.finding == (
        "Least costly by value, not tested: bare at weights 0.00 to 0.53; guarded at weights 0.54 to 1.00."
    )


def test_a_target_that_is_beaten_on_both_sides_is_not_among_the_best():
    """And lines of equal cost hold what they promise."""
    made = two_targets()
    worse = tuple(
        attrs.evolve(f, value=0.9, lower=0.8, upper=1.0)
        if dict(f.group)["target"] == "guarded"
        else f
        for f in made.findings
    )
    chart, _ = plane.of_refusal(attrs.evolve(made, findings=worse), series(made))

    assert chart.finding.endswith("not tested: bare.")
    for ratio, css in ((1.0, "iso"), (5.0, "iso five")):
        for line in (s for s in shapes(chart, Line) if s.css == css):
            cost = [
                ratio * (1 - (y - refusal.TOP) / refusal.SIDE) + (x - refusal.LEFT) / refusal.SIDE
                for x, y in ((line.x1, line.y1), (line.x2, line.y2))
            ]
            assert cost[0] == pytest.approx(cost[1])


def test_one_side_of_refusal_alone_makes_no_plane():
    """Nor do two rates of which no measure says that high is worse."""
    made = two_targets()
    one = attrs.evolve(made, findings=tuple(f for f in made.findings if f.measure == "under"))

    assert list(plane.of_refusal(one, series(one))) == []
    assert list(plane.of_refusal(attrs.evolve(made, raters=()), series(made))) == []


def points(*values):
    """Give the plane of one target whose benign and harmful requests are refused alike under each attack."""
    close = tuple(
        rate(measure, intent, f"attack-{i}", value, target="bare")
        for i, value in enumerate(values)
        for measure, intent in (("over", "benign"), ("under", "harmful"))
    )
    made = attrs.evolve(two_targets(), findings=close)
    (chart,) = plane.of_refusal(made, series(made))
    return chart


def covered(words, spots):
    """Give the names that cover another, or a mark."""
    areas = [(w.x, w.y - labels.HIGH + 2, wide(w.text), labels.HIGH) for w in words]
    every = [*areas, *(labels.spot((s.x, s.y)) for s in spots)]
    return [a for a, b in itertools.combinations(every, 2) if a in areas and labels.meet(a, b)]


def inside(chart, css):
    """Give the words of a kind in the picture itself."""
    return [w for w in shapes(chart, Word) if w.css == css and w.y < refusal.TOP + refusal.SIDE]


def test_every_point_in_the_plane_has_its_name_beside_it():
    """Where there is room; no name covers another, a mark, or what the lines of equal cost are called."""
    chart = points(0.1, 0.42, 0.45, 0.9)
    names = inside(chart, "small over")
    ratios = [w for w in inside(chart, "small") if " : " in w.text]
    marks = [s for s in shapes(chart, Spot) if s.y < refusal.TOP + refusal.SIDE]

    assert {w.text for w in names} == {f"attack-{i}" for i in range(4)}
    assert len(ratios) == 2
    assert covered([*names, *ratios], marks) == []
    assert "Numbers name" not in chart.note


def test_points_too_close_for_names_have_numbers_which_are_listed():
    """All of them, with a line where a number stands off its mark; the same at every drawing."""
    close = [0.5 + i / 200 for i in range(9)]
    chart = points(*close)
    numbers = inside(chart, "small over")
    marks = [s for s in shapes(chart, Spot) if s.y < refusal.TOP + refusal.SIDE]
    under = [w for w in shapes(chart, Word) if w.y > refusal.TOP + refusal.SIDE + 54]

    assert sorted(w.text for w in numbers) == [str(i + 1) for i in range(9)]
    assert covered(numbers, marks) == []
    assert [s for s in shapes(chart, Line) if s.css == "leader"]
    assert [w.text for w in under] == [x for i in range(9) for x in (str(i + 1), f"attack-{i}")]
    assert chart.note.startswith("Numbers name the way of asking")
    assert max(w.y for w in under) < chart.height
    assert chart == points(*close)


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("any of direct, role-play", "any of direct, role-play"),
        ("any of direct, multi-turn, paraphrase, role-play", "any of 4 ways"),
        ("part of a name that is too long for its place", "part of a name that is t…"),
    ],
)
def test_ways_of_asking_together_are_counted_where_their_names_are_too_long(label, told):
    """Not cut to the first of them, which would be another way of asking."""
    assert way(label, 180) == told


def test_no_line_runs_through_words():
    """Neither that of none nor the margin's nor the axis's: they stand where intervals do."""
    made = [
        rows.Row(label="a heading that is so long that it takes two lines of the picture, as some do", head=True),
        rows.Row(label="a label above its interval", low=0.2, at=0.5, high=0.7, band=(0.4, 0.6)),
        rows.Row(label="a second one", low=0.2, at=0.5, high=0.7, band=(0.4, 0.6)),
    ]  # fmt: skip
    for tall in (True, False):
        height, found = rows.plot(made, ("-1", "0", "1"), tall=tall, zero=0.5)
        chart = Chart(title="", finding="", height=height, shapes=found)
        words = [w for w in shapes(chart, Word) if w.css != "small" and w.text]
        areas = [(w.x, w.y - 9, wide(w.text), 11.0) for w in words]
        upright = [s for s in shapes(chart, Line) if s.css in {"zero", "grid"}]
        bands = [
            Line(x, b.y, x, b.y + b.height, "")
            for b in shapes(chart, Box) if b.css == "band" for x in (b.x, b.x + b.width)
        ]  # fmt: skip

        assert [w.text for w in words][:2] == [
            "a heading that is so long that it takes two lines of the",
            "picture, as some do",
        ]
        assert len([s for s in upright if s.css == "zero"]) == (2 if tall else 1)
        assert bands
        assert [a for a in areas for line in (*upright, *bands) if labels.crosses(line, a)] == []


def test_labels_are_cut_only_where_there_is_no_room():
    """Bars and intervals give way to what stands beside them."""
    (short, long) = (
        counts.Bar(head="h", label=x, parts=(1, 2), value="3") for x in ("a", "harmful, multi-turn")
    )
    _, shown = counts.bars(("one", "two"), (short, long))
    chart = Chart(title="", finding="", height=1, shapes=shown)

    assert "harmful, multi-turn" in [w.text for w in shapes(chart, Word)]
    assert min(b.x for b in shapes(chart, Box) if b.y > 12) >= 8 + wide("harmful, multi-turn")


def test_every_target_is_in_the_legend():
    """In as many lines as it takes; none lacks its name."""
    names = [f"target-number-{i}" for i in range(7)]
    found, base = legend(names, {n: i for i, n in enumerate(names)}, 14)
    words = [s for s in found if isinstance(s, Word)]

    assert [w.text for w in words] == names
    assert max(w.x + wide(w.text) for w in words) <= WIDTH
    assert base == max(w.y for w in words) > 14


def test_attacks_by_category_have_a_map_a_target():
    """Of several categories; the number is in the square, its interval in what is said of it."""
    made = two_targets()
    again = tuple(
        attrs.evolve(f, group=tuple((k, "d" if k == "category" else v) for k, v in f.group))
        for f in made.findings
    )
    cells = tuple(attrs.evolve(c, category="d") for c in made.cells)
    made = attrs.evolve(made, findings=(*made.findings, *again), cells=(*made.cells, *cells))
    bare, guarded = heat.of_attacks(questions(made), series(made))

    assert [w.text for w in shapes(bare, Word)][:2] == ["c", "d"]
    assert {b.css for b in shapes(bare, Box)} == {"heat3"}
    assert {b.css for b in shapes(guarded, Box)} == {"heat0"}
    assert "direct, c: 70\N{NO-BREAK SPACE}% (60 to 80\N{NO-BREAK SPACE}%), 20 goals" in said(bare)


def test_levels_stand_as_high_as_their_shares():
    """A bar a level and target, from the floor; a mark and an interval on each."""
    made = like_a_run()
    found = list(levels.of_levels(made, series(made)))
    bars = shapes(found[0], Box)
    arms = [s for s in shapes(found[0], Line) if s.css.startswith("whisker")]

    assert len(found) == 2
    assert len(bars) == len(arms) == 2 * 2 * 5
    assert {round(b.height / levels.PANEL, 3) for b in bars} == {0.9}
    assert {round((s.y1 - s.y2) / levels.PANEL, 3) for s in arms} == {0.2}
    assert "bare is most often at 1" in found[0].finding


def test_bars_are_as_long_as_their_counts():
    """Of all that was planned; what has no mark is told by reason, and nothing is drawn where nothing lacks."""
    made = two_targets()
    cells = tuple(
        attrs.evolve(c, planned=20, done=15, truncated=5, blocked=2, failed=3, open=2)
        for c in made.cells
    )
    chart = counts.of_attempts(attrs.evolve(made, cells=cells[:1]), series(made))
    widths = [b.width for b in shapes(chart, Box)][5:]
    lost = attrs.evolve(made.findings[0], missing=Missing(planned=20, unscorable=5, failed=5))
    gone = counts.of_missing(questions(attrs.evolve(made, findings=(lost, *made.findings[1:]))))

    assert [round(20 * w / (counts.RIGHT - counts.LEFT)) for w in widths] == [8, 5, 2, 3, 2]
    assert (
        chart.finding == "Of 20 attempts: 8 answered, 5 cut short, 2 blocked, 3 failed, 2 not run."
    )
    assert "10 of 20" in gone.finding
    assert counts.of_missing(questions(made)) is None


def test_what_people_mark_is_counted_and_not_estimated():
    """Over all cells of a rater, scale and person."""
    one = Agreement(rater="r", person="anna", scale="s", target="t", category="c", intent="benign", attack="direct",
                    both=9, differ=2)  # fmt: skip
    (chart,) = counts.of_people(
        report(agreements=(one, attrs.evolve(one, attack="a-frame", both=6, differ=0)))
    )

    assert chart.finding == "anna and r, s mark 13 of 15 alike."
    assert "no estimate" in chart.note
    assert not [s for s in shapes(chart, Line) if "whisker" in s.css]


def test_a_rater_without_a_card_is_named_beside_those_with_one():
    """What is published of a rater is drawn with its interval, by what it was measured on."""
    lines = tuple(
        CardLine(statistic="kappa", value=v, lower=v - 0.1, upper=v + 0.1, n=50, population=p)
        for v, p in ((-0.2, "first"), (0.8, "second"))
    )
    chart = forest.of_cards(
        report(raters=(attrs.evolve(RULE, card=lines), attrs.evolve(RULE, name="bare"))), "raters"
    )

    assert [w.text for w in shapes(chart, Word) if w.css == "strong"] == [
        "r, on first",
        "r, on second",
    ]
    assert "Nothing is published by bare." in chart.finding
    assert all(0 <= s.x <= WIDTH for s in shapes(chart, Spot))
    assert forest.of_cards(report(), "raters") is None


def test_the_charts_of_a_large_report_are_few():
    """What is not drawn is said to be in the tables."""
    made = two_targets()
    many = tuple(
        rate("under", "harmful", f"a{i}", 0.5, target=t)
        for i in range(200)
        for t in ("bare", "guarded")
    )
    cells = tuple(
        attrs.evolve(made.cells[0], target=t, attack=f"a{i}")
        for i in range(200)
        for t in ("bare", "guarded")
    )
    found = charts(
        attrs.evolve(made, findings=many, cells=cells),
        questions(attrs.evolve(made, findings=many, cells=cells)),
        series(made),
    )

    assert len(found) <= 36
    assert all(len(c.shapes) < 200 for c in found)
    assert any("more stand in the table" in c.note for c in found)


def test_series_are_told_apart_by_shape_and_not_by_colour_alone():
    """Sixteen targets have sixteen marks; neighbours differ in both."""
    marks = [(Spot(0, 0, i).tone, Spot(0, 0, i).path) for i in range(16)]

    assert len(set(marks)) == 16
    assert len({path for _, path in marks[:4]}) == len({tone for tone, _ in marks[:4]}) == 4


@pytest.mark.parametrize("eyes", MACHADO)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_of_targets_are_told_apart_by_all_eyes(theme, eyes):
    """At least 15 apart in CIELAB, also as they look to who does not see some colours."""
    style = (
        environment()
        .get_template("style.css.j2")
        .render()
        .split("prefers-color-scheme: dark")[theme]
    )
    tones = [
        lab(seen(colour, MACHADO[eyes])) for colour in re.findall(r"--s\d: (#[0-9a-f]{6})", style)
    ]
    near = min(
        sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) ** 0.5
        for x, y in itertools.combinations(tones, 2)
    )

    assert len(tones) == 4
    assert near >= 15


def seen(colour, matrix):
    """Give the linear RGB that a colour looks like."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return [
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in matrix
    ]


def lab(rgb):
    r, g, b = rgb
    x, y, z = (
        v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
        for v in ((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
                  (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    )  # fmt: skip
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("text", ["plain", "W" * 300, "字" * 300, HOSTILE])
def test_a_name_is_cut_to_its_place(text):
    """And the cut shows."""
    shown = clip(text, 100)

    assert wide(shown) <= 100 + 12.5
    assert shown == text or shown.endswith("…")


def test_hostile_names_stay_text_in_a_chart(tmp_path):
    """In titles, labels, marks and what is said of them."""
    text = page(tmp_path, *wholly(HOSTILE))
    first = text[text.index('<svg class="chart"') :]

    assert "&lt;script&gt;" in first[: first.index("</svg>")]
    assert "<script" not in text
    assert text.count("<svg") == text.count("</svg>")


def test_an_abstention_alone_makes_no_picture_of_numbers():
    """Counts are there, and say what became of the attempts."""
    none = Abstention(measure="under", group=rate("u", "harmful", "direct", 0).group, code="few-families",
                      why="4 families with a mark", would_need="at least 10", families=4)  # fmt: skip
    made = two_rates(findings=(none,))

    assert list(drawn(made)) == ["What became of the attempts"]
    assert not [f for f in made.findings if isinstance(f, Estimate)]
