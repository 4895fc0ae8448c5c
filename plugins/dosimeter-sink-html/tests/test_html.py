"""The page is whole, offline, small and harmless."""

import re
from html.parser import HTMLParser
from pathlib import Path

import attrs

from dosimeter import (
    Abstention,
    Caveat,
    Cell,
    Contrast,
    Estimate,
    Excerpt,
    Intent,
    Measure,
    Missing,
    Report,
    Selection,
    TargetFacts,
)
from dosimeter_sink_html.clean import visible
from dosimeter_sink_html.figures import cards, differences, notes
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.sink import MOST_BYTES, build, plots
from dosimeter_sink_html.tables import tables

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil\u2066</blockquote><img src=x onerror=y>"
GROUP = (
    ("target", HOSTILE),
    ("category", "c"),
    ("intent", "benign"),
    ("attack", "direct"),
    ("rater", "r"),
)


class Folder:
    def __init__(self, path):
        self.path = path

    def write(self, name, data):
        target = Path(self.path) / name
        target.write_bytes(b"".join(data))
        return target


def excerpt(**changes):
    base = Excerpt(
        attempt_id="a", target=HOSTILE, item_id="i", category="c", family="f", intent=Intent.BENIGN,
        attack="direct", variant="direct", repeat=0, stop="end", prompt=HOSTILE, reply=HOSTILE,
        withheld="", reply_hash="00", marks=((HOSTILE, "s", HOSTILE),), evidence=(HOSTILE,),
    )  # fmt: skip
    return attrs.evolve(base, **changes)


def report():
    e = Estimate(measure="m", group=(*GROUP, ("level", "1")), value=0.2, lower=0.1, upper=0.4,
                 level=0.95, method="x", n=20, families=20, missing=Missing(planned=20))  # fmt: skip
    mean = attrs.evolve(e, measure="m-mean", group=GROUP, value=1.5, lower=1.2, upper=2.0)
    return Report(
        name=HOSTILE, stack_hash="h", scope="system", complete=True, reportable=False,
        notices=(Caveat(code="x", text=HOSTILE),),
        targets=(TargetFacts(name=HOSTILE, id="t", provider="p", model="m", returned_models=(HOSTILE,),
                             language_model=False, system_prompt=HOSTILE, sampling=(("temperature", "0"),),
                             calls=1, tokens_in=1, tokens_out=1),),
        raters=(), measures=(Measure(id="m", title=HOSTILE, scale="s", estimator="shares"),
                             Measure(id="m-mean", title="mean", scale="s", estimator="mean")),
        cells=(Cell(target=HOSTILE, category="c", intent=Intent.BENIGN, attack="direct", families=20,
                    planned=20, done=20, failed=0, open=0, truncated=0, blocked=0, off_script=0),),
        findings=(e, mean), gates=(), demonstrates=HOSTILE, withheld=1, components=(), stack="{}",
    )  # fmt: skip


def page(tmp_path, evidence, **options):
    build(HtmlOptions(**options)).write(report(), evidence, Folder(tmp_path))
    return (tmp_path / "report.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_trap_25_hostile_text_is_inert(tmp_path):
    """No script, no image, no handler, no escape sequence, no direction mark gets through."""
    text = page(tmp_path, [excerpt()])
    found = Tags()
    found.feed(text)

    assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
    assert not [a for a in found.attributes if a.startswith("on")]
    reply = text[text.index("<blockquote") :]
    assert not re.search("[\x1b\u202e\u2066]", text)
    assert "&lt;script&gt;" in reply


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    """No address in the page, and a policy that forbids loading."""
    text = page(tmp_path, [excerpt(prompt="p", reply="r")])
    found = Tags()
    found.feed(text)

    assert not {"src", "href", "srcset", "action", "data"} & set(found.attributes)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_a_withheld_reply_is_named_by_hash(tmp_path):
    """Why and which, never what."""
    text = page(tmp_path, [excerpt(reply=None, withheld="actionability 5 by r", evidence=None)])

    assert "Reply withheld (actionability 5 by r)" in text
    assert text.count("alert(1)") == page(tmp_path, [excerpt(reply="", evidence=())]).count(
        "alert(1)"
    )


def test_the_page_stays_small(tmp_path):
    """Attempts that do not fit are counted, not dropped silently."""
    many = [excerpt(prompt="p", reply="x" * 5000, attempt_id=str(i)) for i in range(3000)]
    text = page(tmp_path, many, attempts=3000, characters=5000)

    assert len(text.encode()) < MOST_BYTES + 10_000 < 2_000_000
    shown = int(re.search(r"(\d+) attempts are shown; (\d+) more", text).group(1))
    left = int(re.search(r"(\d+) attempts are shown; (\d+) more", text).group(2))
    assert shown + left == 3000


def test_what_is_not_a_language_model_says_so(tmp_path):
    """The label is on the page."""
    assert "not a language model" in page(tmp_path, [])


def test_visible_names_marks_and_cuts():
    """Control and direction marks by name, long text cut with a sign."""
    assert visible("a\u202eb\x1b", 10) == "a⟨202E⟩b⟨001B⟩"
    assert visible("abcdef", 3) == "abc […]"


def rate(measure, intent, attack, value, **changes):
    group = (
        ("target", "one"),
        ("category", "c"),
        ("intent", intent),
        ("attack", attack),
        ("rater", "r"),
    )
    return Estimate(measure=measure, group=group, value=value, lower=max(0.0, value - 0.1),
                    upper=min(1.0, value + 0.1), level=0.95, method="x", n=20, families=20,
                    missing=Missing(planned=20, **changes),
                    caveats=(Caveat(code="few-families", text="20 families"),))  # fmt: skip


def two_rates(**changes):
    """A report with one rate of each intent under two attacks."""
    base = report()
    cells = tuple(
        attrs.evolve(base.cells[0], target="one", intent=intent, attack=attack)
        for intent in (Intent.HARMFUL, Intent.BENIGN) for attack in ("direct", "a-frame")
    )  # fmt: skip
    measures = (
        Measure(id="over", title="benign refused", scale="s", estimator="rate",
                select=Selection(intents=(Intent.BENIGN,))),
        Measure(id="under", title="harmful not refused", scale="s", estimator="rate",
                select=Selection(intents=(Intent.HARMFUL,))),
    )  # fmt: skip
    findings = (
        rate("over", "benign", "direct", 0.25), rate("over", "benign", "a-frame", 0.5),
        rate("under", "harmful", "direct", 0.6, unscorable=5, lower=0.45, upper=0.7),
        Abstention(measure="under", group=rate("u", "harmful", "a-frame", 0).group,
                   code="few-families", why="4 families with a mark", would_need="at least 10"),
    )  # fmt: skip
    target = attrs.evolve(base.targets[0], name="one")
    return attrs.evolve(base, cells=cells, measures=measures, findings=findings,
                        targets=(target,), **changes)  # fmt: skip


def test_the_summary_says_in_words_what_was_found():
    """First what a release manager asks: both sides of refusal, asked directly, with intervals."""
    (card,) = cards(two_rates())

    assert card.attacks == ("direct", "a-frame")
    assert card.sentence.replace("\N{NO-BREAK SPACE}", " ") == (
        "Asked directly: harmful not refused 60 % [50 to 70 %]; benign refused 25 % [15 to 35 %]."
    )


def test_what_is_missing_stands_beside_the_number():
    """With the bounds that it leaves: never zero, never safe."""
    (card,) = cards(two_rates())

    said = card.columns[0].figures[0].note.replace("\N{NO-BREAK SPACE}", " ")
    assert said == "5 of 20 without a mark: 45 to 70 % whatever they were"
    assert card.columns[1].figures[0].note == ""


def test_an_abstention_says_why_and_what_would_help(tmp_path):
    """No number is made up in summary, table or plot."""
    (card,) = cards(two_rates())
    build(HtmlOptions()).write(two_rates(), [], Folder(tmp_path))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert card.columns[0].figures[1].value == "no number"
    assert "4 families with a mark" in text
    assert "at least 10" in text


def test_summary_comes_first_then_tables_plots_validity_attempts(tmp_path):
    """The order in which it is read."""
    text = page(tmp_path, [excerpt()])
    heads = re.findall(r"<h2>([^<]+)</h2>", text)

    assert heads[0] == "In short"
    assert [h for h in heads if h in {"Tables by level", "Plots", "What the numbers mean"}] == [
        "Tables by level", "Plots", "What the numbers mean",
    ]  # fmt: skip
    assert heads[-1] == "Attempts by family"


def test_a_caveat_stands_once_with_its_meaning():
    """However many numbers carry it."""
    (note,) = notes(two_rates())

    assert (note.text, note.numbers, note.of) == ("20 families", 3, 3)
    assert "intervals are wide" in note.gloss


def test_a_comparison_has_three_answers():
    """More, less, or cannot tell."""
    measure = Measure(
        id="d",
        title="gap",
        scale="s",
        estimator="rate",
        contrast=Contrast(factor="phrasing", first="everyday", second="academic"),
    )
    base = attrs.evolve(rate("d", "harmful", "phrasing", 0.0), lower=-0.1, upper=0.2, value=0.05)
    found = [base, attrs.evolve(base, lower=0.01), attrs.evolve(base, value=-0.2, upper=-0.1)]
    got = differences(attrs.evolve(two_rates(), measures=(measure,), findings=tuple(found)))

    assert [d.says for d in got] == ["cannot tell", "more", "less"]
    assert (got[0].value, got[0].interval) == ("+5 points", "-10 points to +20 points")


def test_attempts_stand_in_their_family(tmp_path):
    """One fold a family, closed; every tag that is opened is closed."""
    text = page(tmp_path, [excerpt(family=f) for f in ("f1", "f1", "f2")])

    assert text.count("<summary>f1</summary>") == text.count("<summary>f2</summary>") == 1
    assert text.count("<details>") == text.count("</details>")
    assert "<details open" not in text


def test_levels_stand_in_the_order_of_their_scale():
    """Ten comes after two, as in the scale, and not before it, as in a dictionary."""
    (one,) = [f for f in report().findings if f.measure == "m"]
    found = [attrs.evolve(one, group=(*GROUP, ("level", n))) for n in ("1", "2", "10")]
    (table,) = tables(attrs.evolve(report(), findings=tuple(found)))

    assert table.levels == ("1", "2", "10")


def test_the_plot_keeps_limits_inside_its_axis():
    """A mean is on 1 to 5, a share on 0 to 100 %; rates come first."""
    first, second = plots(two_rates())

    assert (first.title, second.title) == ("harmful not refused", "benign refused")
    assert [t.replace("\N{NO-BREAK SPACE}", " ") for _, t in first.ticks] == [
        "0 %",
        "25 %",
        "50 %",
        "75 %",
        "100 %",
    ]
    assert all(first.ticks[0][0] <= b.x1 <= b.x <= b.x2 <= first.ticks[-1][0] for b in first.bars)
