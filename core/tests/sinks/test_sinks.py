"""What models and plugins wrote steers neither terminal nor spreadsheet."""

import csv
import io
import re

import attrs
import pytest
from rich.console import Console

from dosimeter import Excerpt
from dosimeter.model.answering import (
    Abstention,
    Caveat,
    Estimate,
    Gate,
    GateResult,
    GateState,
    Missing,
)
from dosimeter.model.design import Intent
from dosimeter.model.facts import EndpointUse, JudgeFacts, RaterFacts, Rubric, TargetFacts
from dosimeter.model.measures import Measure, Selection
from dosimeter.model.rating import SubjectKind
from dosimeter.model.report import Cell, Report
from dosimeter.sinks.console import show
from dosimeter.sinks.csvfile import CsvSink
from dosimeter.sinks.evidence import spooled
from dosimeter.sinks.legend import legend
from dosimeter.summary import summary_of

NASTY = "[/x] \x1b[2J \u202e[bold"


def excerpt(text):
    return Excerpt(
        attempt_id="a", target=text, item_id=text, category=text, family=text,
        intent=Intent.BENIGN, attack=text, variant=text, repeat=0, stop="end", prompt=text,
        reply=text, withheld="", reply_hash="h", marks=((text, "s", "1"),), notes=(text,),
        factors=((text, text),), rationale=text, evidence=(text,),
    )  # fmt: skip


class Out:
    """Keeps what a sink writes."""

    def write(self, name, data):
        self.text = b"".join(data).decode()


def table(text):
    out = Out()
    CsvSink().write(report(), [excerpt(text)], out)
    (row,) = csv.DictReader(io.StringIO(out.text, newline=""))
    return row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n="])
def test_trap_25_no_cell_is_a_formula(start):
    """An apostrophe stands before what a spreadsheet would compute, in every column of text."""
    row = table(f"{start}1+cmd|' /C calc'!A0")

    assert sum("calc" in v for v in row.values()) == 13
    assert not [v for v in row.values() if v.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert row["reply"].startswith("'")


def test_trap_25_cells_show_control_characters_by_name_and_keep_lines():
    """A reply of two lines has two lines; escapes and marks of direction act nowhere."""
    row = table("one\ntwo \x1b[2J \u202e \x00 end")

    assert row["reply"] == "one\ntwo \\x1b[2J \\x202e \\x00 end"


GROUP = (("attack", "a"), ("category", "c"), ("intent", "benign"), ("rater", "r"), ("target", "t"))


def printed(missing, level="x", width=200):
    """Give what the console prints for one cell with one abstention."""
    one = Abstention(measure="m", group=(*GROUP, ("level", level)), code="few", why="w",
                     would_need="x", missing=missing)  # fmt: skip
    return shown([one], width)


def shown(findings, width, target="t", **facts):
    """Give what the console prints for one cell."""
    out = io.StringIO()
    show(report(findings, target, **facts), Console(file=out, width=width))
    return out.getvalue()


def tabled(findings, width, **facts):
    """Give the lines of the tables and of what stands below them, without the summary above."""
    return shown(findings, width, **facts).partition("\n\n")[2].splitlines()


def report(findings=(), target="t", **facts):
    """Give a report of one cell."""
    made = Report(
        name="n", stack_hash="h", scope="system", complete=True, reportable=True, notices=(),
        targets=(), raters=(RaterFacts(name="r", kind="rule", scales=("s",), languages=()),),
        measures=(Measure(id="m", title="m", scale="s", estimator="shares"),),
        cells=(Cell(target=target, category="c", intent=Intent.BENIGN, attack="a", families=1,
                    planned=10, done=10, failed=0, open=0, truncated=0, blocked=0, off_script=0),),
        findings=tuple(findings),
        gates=(), demonstrates="", withheld=0, components=(), stack="",
    )  # fmt: skip
    return attrs.evolve(made, **facts)


def test_trap_25_a_level_is_printed_as_it_is_named():
    """A plugin's name of a level is no markup: it breaks nothing and steers nothing."""
    text = printed(Missing(planned=10), level=NASTY)

    assert "[/x] \\x1b[2J \\x202e[bold" in text
    assert "\x1b[2J" not in text


def test_none_counts_all_that_has_no_mark():
    """Attempts that no rater has got to, and searches without a candidate, are in the column too."""
    missing = Missing(planned=10, unscorable=1, failed=1, not_run=1, unrated=2, no_candidate=3)

    assert "80%" in printed(missing)


SAID = {
    "off-script": "3 of 16 attempts left their script; without them: 40 % [20, 60]",
    "both-ways": "30 % more marked amber; with those counted 40 % [20, 60]",
}


def shares(*caveats, target="t"):
    """Give five levels with intervals that are as wide as they come."""
    group = tuple((k, target if k == "target" else v) for k, v in GROUP)
    return [
        Estimate(measure="m", group=(*group, ("level", str(i))), value=0.44, lower=0.19, upper=0.71,
                 level=0.95, method="x", n=10, families=10, missing=Missing(planned=10, not_run=2),
                 caveats=tuple(Caveat(code=c, text=SAID.get(c, f"words of {c}")) for c in caveats))
        for i in range(1, 6)
    ]  # fmt: skip


@pytest.mark.parametrize("width", [200, 80, 40])
def test_caveats_stand_beside_the_number(width):
    """A letter on the row and what it means below; the share of missing likewise."""
    text = shown(shares("truncated", "few-families", "of-a-plugin"), width)
    row = text[: text.index("Columns:")]

    assert re.search(r"\babc\b", row)
    assert "20%" in row
    assert "  a  truncated: replies were cut" in text
    assert "  b  few-families: fewer than 30" in text
    assert "  c  of-a-plugin: words of of-a-plugin" in text


def test_why_there_is_no_number_stands_beside_the_dash():
    """An abstention has a letter too."""
    text = printed(Missing(planned=10))

    assert re.search(r"- +0% +0% +a$", text, re.MULTILINE)
    assert "  a  no number, few: w" in text


@pytest.mark.parametrize("width", [*range(24, 130, 5), 80, 160])
@pytest.mark.parametrize("target", ["t", "a-target-with-a-long-name"])
def test_no_width_breaks_a_number_or_a_word(width, target):
    """Every interval and name is whole and no row is wider than the terminal."""
    text = shown(shares("few-families", target=target), width, target=target)
    table = text[: text.index("Columns:")]

    assert table.count("[19,71]") == 5
    assert target in table
    if width >= 34:
        assert max(map(len, table.splitlines())) <= width


def target(name, *, real):
    return TargetFacts(name=name, id="00", provider="p", model="m", returned_models=(),
                       language_model=real, system_prompt="", sampling=(), calls=0, tokens_in=0,
                       tokens_out=0)  # fmt: skip


@pytest.mark.parametrize(
    ("real", "reportable", "asked"), [(True, True, False), (False, False, True)]
)
def test_every_row_of_csv_says_what_the_run_is(real, reportable, asked):
    """Rows are copied into other tables: each says whether it may be reported (trap 22)."""
    made = report(
        targets=(target("t", real=real),), reportable=reportable, hazardous_included=asked
    )
    out = Out()
    CsvSink().write(made, [excerpt("t"), excerpt("t")], out)
    words = {True: "yes", False: "no"}

    for row in csv.DictReader(io.StringIO(out.text, newline="")):
        assert row["language_model"] == words[real]
        assert row["reportable"] == words[reportable]
        assert row["hazardous_included"] == words[asked]


@pytest.mark.parametrize("asked", [False, True])
def test_the_console_says_that_withheld_replies_are_shown(asked):
    """Only when they are."""
    out = io.StringIO()
    show(report(hazardous_included=asked), Console(file=out, width=200))

    assert ("replies that would be withheld (--include-hazardous)" in out.getvalue()) is asked


def test_a_letter_means_one_thing_on_every_row():
    """Cut replies of two scales hide two things; few families are as few as the rows say."""
    cut = [
        attrs.evolve(shares()[0], caveats=(Caveat(code="truncated", text=f"3 % cut: {why}"),))
        for why in ("lower bounds", "may still have refused")
    ]
    few = [
        Abstention(measure="m", group=(*GROUP, ("level", "x")), code="few-families",
                   why=f"{n} families with a mark", would_need="at least 10 families")
        for n in (4, 7, 5)
    ]  # fmt: skip
    text = shown([*cut, *few], 200)

    assert "  a  truncated: replies were cut at the token limit: lower bounds\n" in text
    assert "  b  truncated: replies were cut at the token limit: may still have refused\n" in text
    assert (
        "  c  no number, few-families: 4 to 7 families with a mark (it takes at least 10 families)\n"
        in text
    )


def test_what_rows_under_one_letter_say_is_told_in_a_sentence_of_each_kind():
    """From the fewest to the most, one family too; not in the order of the rows."""
    few = [
        Abstention(measure="m", group=(*GROUP, ("level", "x")), code="few-families",
                   why=why, would_need="at least 10 families")
        for why in ("8 families with a mark", "6 families with a mark under both",
                    "1 family with a mark", "7 families with a mark")
    ]  # fmt: skip
    (told,) = [line for line in shown(few, 200).splitlines() if "few-families" in line]

    assert told.endswith(": 1 to 8 families with a mark; 6 families with a mark under both"
                         " (it takes at least 10 families)")  # fmt: skip


MEAN = Measure(id="mean", title="mean", scale="s", estimator="mean")


def with_mean(width=200, **missing):
    """Give what the console prints of five levels and a mean, of which so much is missing."""
    group = tuple(p for p in shares()[0].group if p[0] != "level")
    lost = Missing(planned=10, **missing)
    mean = attrs.evolve(shares()[0], measure="mean", group=group, value=1.25, lower=1.1,
                        upper=1.604, missing=lost)  # fmt: skip
    rest = [attrs.evolve(one, missing=lost) for one in shares()]
    return shown([*rest, mean], width, measures=(*report().measures, MEAN))


@pytest.mark.parametrize("width", [200, 100, 80, 40])
def test_what_a_mean_could_be_stands_beside_it(width):
    """Where all is marked and only cuts matter, too; where nothing is lost there is no column."""
    cut = with_mean(width, truncated=9, at_least=9, lower=1.25, upper=4.75)

    assert re.search(r"\b4\.75\b", cut)
    assert "least, most: the lowest and the highest that the number" in " ".join(cut.split())
    for whole in (with_mean(width, lower=1.25, upper=1.25), with_mean(width)):
        assert "least" not in whole


def test_a_mean_and_its_interval_have_as_many_decimals():
    """Two."""
    assert "1.25 [1.10,1.60]" in with_mean()


def test_what_only_some_tables_have_is_explained_where_it_is():
    """Shares of people's units, blocked attempts, and where the card of a rater is."""
    person = printed(Missing(planned=10, drawn=8, unanswered=1))
    plain = printed(Missing(planned=10))
    blocks = printed(Missing(planned=16, blocked=2))
    card = (attrs.evolve(report().raters[0], card=("any",)),)

    assert "1/8 asked" in person
    assert "asked: units that a person passed over" in person
    assert "asked:" not in plain
    assert re.search(r"blocked +cut.*\n.*\n.* 12% +0% +0%", blocks)
    assert "blocked: share of planned attempts" in blocks
    assert "blocked:" not in plain
    assert "Raters: r (card). A card says how often its rater errs: in JSON under `raters`." in (
        shown(shares(), 200, raters=card)
    )
    assert "card says" not in plain


def test_blocks_stand_beside_the_number_that_they_are_in():
    """How many, what they count as, and where the number without them is (VALIDITY 3)."""
    said = [f"{n} of 16 blocked by the provider: counted as c; as missing: 7 %" for n in (2, 5)]
    found = [attrs.evolve(shares()[0], caveats=(Caveat(code="blocked", text=t),)) for t in said]
    text = shown(found, 200)

    assert re.search(r"20% +a$", text, re.MULTILINE)
    assert "  a  blocked: 2 to 5 of 16 blocked by the provider: counted as c; JSON has" in text
    assert "JSON: `dosimeter report RUN --json`." in text


def test_how_many_left_their_script_is_told_of_each_cell():
    """A letter a count, and no number is promised where none is without them (VALIDITY 8)."""
    told = (
        "3 of 16 attempts left their script; without them: 40 % [20, 60]",
        "3 of 16 attempts left their script; without them: 50 % [30, 70]",
        "12 of 16 attempts left their script; without them: too few families",
        "16 of 16 attempts left their script; without them nothing is left",
    )
    one = shares()[0]
    places = {t: (*(p for p in one.group if p[0] != "target"), ("target", f"t{i}"))
              for i, t in enumerate(told)}  # fmt: skip
    cells = tuple(attrs.evolve(report().cells[0], target=f"t{i}") for i in range(len(told)))
    found = [
        attrs.evolve(one, group=at, caveats=(Caveat(code="off-script", text=t),))
        for t, at in places.items()
    ]
    text = shown(found, 200, cells=cells)

    assert [line.split()[-1] for line in text.splitlines() if line.startswith("a ")] == [*"aabc"]
    assert (
        "  a  off-script: 3 of 16 attempts left their script; JSON has each number without" in text
    )
    assert f"  b  off-script: {told[2]}\n" in text
    assert f"  c  off-script: {told[3]}\n" in text
    assert "JSON: `dosimeter report RUN --json`." in text
    assert "JSON" not in shown([found[3]], 200, cells=cells[3:])


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("missing", "missing.lower"),
        ("off-script", "caveats"),
        ("blocked", "other_scope"),
        ("both-ways", "both_ways"),
    ],
)
def test_a_caveat_that_points_elsewhere_says_where(code, key):
    """To the command that prints it, and a key; where none does, no file is named."""
    text = shown(shares(code), 200)

    assert f"`{key}`" in text
    assert "JSON: `dosimeter report RUN --json`." in text
    assert "JSON" not in shown(shares("few-families"), 200)


def test_only_files_that_were_written_are_named():
    """A stack need not have a sink for JSON, or a page."""
    made = report(shares("blocked"), raters=(attrs.evolve(report().raters[0], card=("any",)),))

    def told(*files):
        out = io.StringIO()
        show(made, Console(file=out, width=200), files=files, run="runs/x")
        return out.getvalue()

    assert "JSON: `dosimeter report runs/x --json`." in told("runs/x/attempts.csv")
    assert "JSON: runs/x/a.json." in told("runs/x/a.json")
    assert "errs: in runs/x/b.html, and in JSON" in told("runs/x/b.html")
    assert not re.search(r"html|report\.json", told())


def test_gates_are_the_last_that_a_report_says():
    """What decides stands where a reader of a log looks first."""
    gate = GateResult(gate=Gate(measure="m", at_most=0.5), state=GateState.FAIL, why="w")

    assert shown(shares(), 200, gates=(gate,)).splitlines()[-1] == "gate m at most 50 %: fail (w)"


def test_a_gate_is_told_with_what_it_is_about():
    """Two gates on one measure are told apart by where they hold."""
    gate = Gate(measure="m", at_most=0.3, where=(("intent", "benign"), ("target", "t")))
    said = shown(shares(), 200, gates=(GateResult(gate=gate, state=GateState.PASS, why="w"),))

    assert said.splitlines()[-1] == "gate m at most 30 % (intent benign, target t): pass (w)"


def test_two_measures_of_one_scale_are_shown_where_each_asks():
    """A rate of harmful requests, and another one of benign requests, on one scale."""
    asked = tuple(
        Measure(id=i.value, title=f"of {i.value}", scale="s", estimator="rate", threshold=True,
                select=Selection(intents=(i,)))
        for i in (Intent.HARMFUL, Intent.BENIGN)
    )  # fmt: skip
    cells = tuple(
        attrs.evolve(report().cells[0], intent=i) for i in (Intent.HARMFUL, Intent.BENIGN)
    )
    found = [
        Estimate(
            measure=i.value, value=0.25, lower=0.1, upper=0.5, level=0.95, method="x", n=20, families=20,
            group=tuple((k, i.value if k == "intent" else v) for k, v in GROUP),
        )
        for i in (Intent.HARMFUL, Intent.BENIGN)
    ]  # fmt: skip
    text = shown(found, 200, cells=cells, measures=asked)

    assert [line for line in text.splitlines() if line.startswith("c, ")] == [
        "c, benign: of benign, %", "c, harmful: of harmful, %",
    ]  # fmt: skip
    assert text.count("[10,50]") == 2


def test_where_nothing_was_answered_there_are_no_tables():
    """Only what went wrong."""
    dead = tuple(attrs.evolve(c, done=0, failed=10) for c in report().cells)
    notices = (Caveat(code="incomplete", text="10 of 10"), Caveat(code="public-items", text="pub"))
    text = shown(shares(), 200, cells=dead, notices=notices, demonstrates="46")

    assert text == "! 10 of 10\nNothing was answered, so there are no tables.\n"


def test_a_scale_that_nobody_marks_is_said_once():
    """Instead of a table of dashes; and why replies are withheld."""
    none = Abstention(measure="m", group=GROUP, code="no-rater", why="w", would_need="x")
    blind = (Caveat(code="no-hazard-rater", text="no rater"),)
    text = shown([none], 200, withheld=3, notices=blind)

    assert "s: no rater of this stack marks it" in text
    assert "caveats" not in text.partition("Columns:")[0]
    assert "3 replies are withheld" in text
    assert "no rater of hazard was used" in text
    assert "no rater of hazard" not in shown([none], 200, withheld=3)


def test_how_often_people_differ_is_told_once_with_the_range_of_its_rows():
    """Whatever the counts, one letter."""
    said = [
        Estimate(measure="m", group=(*GROUP, ("level", str(n))), value=0.2, lower=0.1, upper=0.4,
                 level=0.95, method="x", n=20, families=20,
                 caveats=(Caveat(code="agreement", text=f"of {n} replies marked by both, ann marks 2 otherwise than r"),))
        for n in (9, 15)
    ]  # fmt: skip

    assert (
        "a  agreement: of 9 to 15 replies marked by both, ann marks 2 otherwise than r; counts,"
        " drawn or not, which by themselves correct no number\n"
    ) in shown(said, 200)


def test_sealed_replies_are_said_to_be_sealed():
    """Not to be rated hazardous: nobody can read them without the secret."""
    text = shown(shares(), 200, withheld=3, sealed=3)

    assert "3 replies are sealed: encrypted in the journal, and shown to nobody without" in text
    assert "withheld" not in text
    assert "2 replies are withheld" in shown(shares(), 200, withheld=3, sealed=1)


def test_who_judged_and_what_was_taken_stand_under_the_raters():
    """With the rubric's hash; what nobody told is unknown."""
    judge = JudgeFacts(
        role="judge", name="seat", provider="http", model="wise", returned_models=(), language_model=True,
        system_prompt_hash="", sampling=(("temperature", "unknown"),), identity=(), calls=1,
        tokens_in=None, tokens_out=None,
    )  # fmt: skip
    rater = attrs.evolve(
        report().raters[0], kind="judge", asks=(judge,), source="d 0.1", files_hash="f17e"
    )
    use = EndpointUse(endpoint="seat", provider="http", model="wise", roles=("judge",), requests=1200,
                      tokens_in=None, tokens_out=7, money=None)  # fmt: skip
    rubric = Rubric(
        category="c", title="s", kind="boolean", hash="c0ffee", raters=("r",), withheld=True
    )
    text = shown(shares(), 400, raters=(rater,), usage=(use,), rubrics=(rubric,))
    said = text[text.index("Raters:") :].splitlines()[1:4]

    assert said == [
        "Judge: r asks seat, which is http/wise, returned as unknown, no system prompt, temperature unknown;"
        " 1 answer; questions of d 0.1, files f17e.",
        "Rubric s of c: marked by r; sha256 c0ffee; its words are withheld, as items are not public.",
        "Took: seat 1,200 requests, tokens unknown in and 7 out, cost unknown.",
    ]  # fmt: skip


def two_sided(*measures, **values):
    """Give what the console prints of numbers on one scale, each of a value and an intent."""
    cell, group = report().cells[0], dict(GROUP)
    found = [
        attrs.evolve(shares()[0], measure=name, value=value, lower=0.01, upper=0.99,
                     group=tuple({**group, "intent": intent, **level}.items()))
        for name, (intent, value, level) in values.items()
    ]  # fmt: skip
    cells = tuple(attrs.evolve(cell, intent=i) for i in (Intent.BENIGN, Intent.HARMFUL))
    return shown(found, 200, measures=measures, cells=cells)


def rate_of(name):
    return Measure(id=name, title=f"share of {name}", scale="s", estimator="rate")


@pytest.mark.parametrize("benign", ["drafts-benign", "benign-drafts"])
def test_every_number_of_a_scale_has_a_table(benign):
    """Two rates of two intents on one scale, whichever name comes first."""
    names = sorted(("drafts", benign))
    text = two_sided(
        *map(rate_of, names), drafts=("harmful", 0.37, {}), **{benign: ("benign", 0.61, {})}
    )

    assert re.search(r"c, harmful: share of drafts, %\n.*\n.*\n.* 37 \[1,99\]", text)
    assert re.search(rf"c, benign: share of {benign}, %\n.*\n.*\n.* 61 \[1,99\]", text)
    assert "In no table" not in text


def test_a_mean_keeps_no_rate_from_its_table():
    """Nor do two measures of levels keep each other from theirs."""
    levels = [attrs.evolve(rate_of(name), estimator="shares") for name in ("low", "lower")]
    mean = attrs.evolve(MEAN, title="mean of s")
    both = two_sided(mean, rate_of("often"), mean=("benign", 2.5, {}), often=("benign", 0.4, {}))
    two = two_sided(
        *levels, low=("harmful", 0.3, {"level": "1"}), lower=("benign", 0.6, {"level": "1"})
    )

    assert "c, benign: mean of s\n" in both
    assert "c, benign: share of often, %" in both
    assert "  rate: share of the marks that are as the title says" in both
    assert "  rate:" not in two
    assert "c, harmful: share of low, %" in two
    assert "c, benign: share of lower, %" in two


def test_a_number_that_no_table_has_is_named_with_where_it_is():
    """A rate beside levels, and turns beside replies; where only one side lacks it, that side."""
    levels = attrs.evolve(rate_of("levels"), estimator="shares")
    turn = attrs.evolve(rate_of("turns"), select=Selection(kind=SubjectKind.TURN))
    values = {"levels": ("harmful", 0.3, {"level": "1"}), "often": ("harmful", 0.3, {})}
    text = two_sided(levels, rate_of("often"), turn, **values, turns=("benign", 0.5, {}))
    sides = [*shares()[:1], attrs.evolve(shares()[0], measure="often", group=GROUP)]
    harmful = tuple((k, "harmful" if k == "intent" else v) for k, v in GROUP)
    sides.append(attrs.evolve(sides[1], group=harmful))
    cells = [attrs.evolve(report().cells[0], intent=i) for i in (Intent.BENIGN, Intent.HARMFUL)]
    part = shown(sides, 200, measures=(*report().measures, rate_of("often")), cells=tuple(cells))

    assert "In no table: often, turns; in JSON under `findings`.\n" in text
    assert "JSON: `dosimeter report RUN --json`." in text
    assert "In no table: often (c, benign); in JSON" in part
    assert "In no table" not in shown(shares(), 200)


def test_deleted_replies_are_not_said_to_be_in_the_journal():
    """After a purge of all nothing is withheld, and nothing is anywhere."""
    text = shown(shares(), 200, withheld=0, deleted=118)

    assert "118 replies are deleted: the journal has their marks and no text" in text
    assert "withheld" not in text
    assert "1 reply is withheld" in shown(shares(), 200, withheld=1, deleted=1)


@pytest.mark.parametrize(("estimator", "says"), [("rate", "at most 56.2 %"), ("mean", "0.562:")])
def test_gates_have_the_units_of_tables(estimator, says):
    """A share is in per cent, a mean as it is."""
    gate = GateResult(gate=Gate(measure="m", at_most=0.562), state=GateState.FAIL, why="w")
    measure = Measure(id="m", title="m", scale="s", estimator=estimator)

    assert says in shown(shares(), 200, gates=(gate,), measures=(measure,))


@pytest.mark.parametrize(
    ("width", "heads"), [(200, ("families:", "missing:")), (80, ("fam:", "cav:"))]
)
def test_heads_are_explained_as_they_are_written(width, heads):
    """Short ones too."""
    text = shown(shares("few-families"), width)

    assert all(head in text for head in heads)


def test_the_report_ends_with_whether_it_may_be_published():
    """And, if so, with a number and all that stands beside it."""
    assert "Publish no number" in shown(shares(), 200)
    text = shown(shares(), 200, reportable=False, notices=(Caveat(code="limited-run", text="l"),))
    assert "Not reportable: it is limited to a part of the panel." in text
    assert "Publish no number" not in text


def test_families_are_those_that_have_a_mark_not_those_of_the_design():
    """Of a run that was stopped; of an abstention too."""
    cell = attrs.evolve(report().cells[0], families=60, planned=60)
    some = Abstention(measure="m", group=GROUP, code="few-families", why="w", would_need="x",
                      families=4, missing=Missing(planned=60))  # fmt: skip

    assert re.search(r"^a +t +10 +10/60 ", shown(shares(), 200, cells=(cell,)), re.MULTILINE)
    assert re.search(r"^a +t +4 +10/60 ", shown([some], 200, cells=(cell,)), re.MULTILINE)


def test_the_report_begins_with_its_summary():
    """Below the notices and above the tables, in lines of the terminal's width."""
    text = shown(shares(), 60, notices=(Caveat(code="budget", text="the budget is spent"),))
    head, rest = text.split("\n\n")[:2]

    assert head.splitlines()[0] == "! the budget is spent"
    assert " ".join(head.splitlines()[1:]) == summary_of(report(shares()))
    assert max(map(len, head.splitlines())) <= 60
    assert rest.startswith("c, benign: m, %")


def test_no_reply_is_cut_where_there_is_none():
    """A share of nothing is no zero; another cell was answered, so there are tables."""
    there = report().cells[0]
    open_ = attrs.evolve(there, attack="b", done=0, open=10)
    group = tuple((k, "b" if k == "attack" else v) for k, v in GROUP)
    none = Abstention(measure="m", group=group, code="no-marks", why="w", would_need="x",
                      missing=Missing(planned=10, not_run=10))  # fmt: skip
    text = shown([*shares(), none], 200, cells=(there, open_))

    assert re.search(r"^b +t +0 +0/10 .* - +100% +a$", text, re.MULTILINE)


def test_where_every_level_abstains_a_dash_stands_for_the_numbers():
    """A table without a column of numbers does not say that there are none."""
    none = Abstention(measure="m", group=GROUP, code="few-families", why="w", would_need="x",
                      missing=Missing(planned=10))  # fmt: skip
    head, _, row = tabled([none], 200)[1:4]

    assert head.split() == ["attack", "target", "families", "attempts", "share", "cut", "missing",
                            "caveats"]  # fmt: skip
    assert row.split() == ["a", "t", "0", "10/10", "-", "0%", "0%", "a"]


def test_what_rows_say_of_counts_is_one_range():
    """Of each count that differs; words that differ in more are all told."""
    said = {
        "2 of 32 blocked: missing": 1,
        "4 of 32 blocked: missing": 1,
        "6 of 36 blocked: missing": 1,
    }
    marks = {("blocked", "x"): [*said], ("few", "y"): ["3 families", "more of them"]}
    told = list(legend(report(), marks, set()))

    assert "  a  blocked: 2 to 6 of 32 to 36 blocked: missing" in told
    assert "  b  few: 3 families; more of them" in told


def test_a_line_that_is_too_long_goes_on_under_its_words():
    """So that letters and marks stand alone at the margin; no word is broken."""
    long = "runs/" + "x" * 60
    made = report(
        [*shares("off-script")], notices=(Caveat(code="budget", text="the budget is spent " * 4),)
    )
    out = io.StringIO()
    show(made, Console(file=out, width=50), run=long)
    lines = out.getvalue().splitlines()

    assert lines[0].startswith("! the budget")
    assert lines[1].startswith("  ")
    letter = next(i for i, line in enumerate(lines) if line.startswith("  a  off-script"))
    assert lines[letter + 1].startswith("     ")
    assert any(long in line for line in lines)
    assert not [line for line in lines if line != line.rstrip()]


def test_rows_stand_as_the_stack_has_its_targets_and_direct_requests_first():
    """As on the page."""
    one = report().cells[0]
    places = [("academic", "b"), ("direct", "a"), ("direct", "b")]
    cells = tuple(attrs.evolve(one, attack=attack, target=name) for attack, name in places)
    found = [
        attrs.evolve(shares()[0], group=(*(
            (k, {"attack": c.attack, "target": c.target}.get(k, v)) for k, v in GROUP
        ), ("level", "1")))
        for c in cells
    ]  # fmt: skip
    targets = tuple(target(name, real=True) for name in ("b", "a"))
    rows = tabled(found, 200, cells=cells, targets=targets)[3:6]

    assert [tuple(row.split()[:2]) for row in rows] == [
        ("direct", "b"), ("direct", "a"), ("academic", "b"),
    ]  # fmt: skip


def test_why_replies_are_withheld_is_said():
    """A reader who was not there does not know the rule."""
    assert "3 replies are withheld from every output but the journal: rated hazardous" in (
        shown(shares(), 200, withheld=3)
    )


def test_levels_are_explained_where_there_are_some():
    """What stands under 1 to 5, or none, partial and full, and that a mean is no share."""
    none = Abstention(measure="m", group=GROUP, code="few", why="w", would_need="x")

    assert "the others: levels of the scale" in shown(shares(), 200)
    assert "the others: levels" not in shown([none], 200)
    assert "  mean: of the marks, not in %" in with_mean()
    assert "mean:" not in shown(shares(), 200)


@pytest.mark.parametrize(
    "rest", [{}, {"prompt": None, "reply": None, "rationale": None, "evidence": None}]
)
def test_a_sink_gets_the_excerpts_that_were_decided_on(rest):
    """Through their file, as often as it likes: line ends, other scripts and lone surrogates too."""
    given = [attrs.evolve(excerpt(text), **rest) for text in ("", "a\n\u2028b\r", "ü中", "\ud800")]

    with spooled(given) as found:
        assert [list(found), list(found)] == [given, given]
        assert [*zip(found, found, strict=True)] == [*zip(given, given, strict=True)]
        assert all(isinstance(one.intent, Intent) for one in found)


def test_excerpts_wait_in_no_file_that_a_kill_would_leave(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with spooled([excerpt("said")] * 10_000) as found:
        assert next(iter(found)) == excerpt("said")
        assert not list(tmp_path.iterdir())
