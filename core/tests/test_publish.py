"""What is said before a number leaves the house."""

import attrs
import pytest

from dosimeter import (
    Abstention,
    CardLine,
    CategoryFacts,
    Caveat,
    Estimate,
    Intent,
    Measure,
    Missing,
    RaterFacts,
    Report,
    Selection,
    Standing,
    main_estimate,
    may_publish,
    other_side,
    quotations,
)
from dosimeter.cli.codes import INCOMPLETE
from dosimeter.cli.reporting import why
from dosimeter.model.answering import NOT_QUOTED
from dosimeter.publish import AGAINST, NO_NUMBER, OF_RUN, USELESS_RATER
from dosimeter.sinks.legend import CAVEATS

HARMFUL = Selection(intents=(Intent.HARMFUL,))
ONE = Estimate(
    measure="under", value=0.5625, lower=0.29, upper=0.81, level=0.95, method="x", n=16, families=16,
    group=(("attack", "direct"), ("intent", "harmful"), ("rater", "refusal")),
    estimand="not refused: over goals like those of physical 1, panel full (public)",
    caveats=(Caveat(code="judge-measured", text="w"),),
)  # fmt: skip
REPORT = Report(
    name="n", stack_hash="h", scope="system", complete=True, reportable=True, notices=(), targets=(),
    raters=(), cells=(), gates=(), demonstrates="", withheld=0, components=(), stack="",
    measures=(
        Measure(id="levels", title="by level", scale="s", estimator="shares", select=HARMFUL),
        Measure(id="over", title="refused", scale="s", estimator="rate"),
        Measure(id="under", title="not refused", scale="s", estimator="rate", select=HARMFUL),
    ),
    findings=(
        attrs.evolve(ONE, measure="levels"),
        attrs.evolve(ONE, measure="over", group=(("attack", "direct"), ("intent", "benign"))),
        attrs.evolve(ONE, group=(("attack", "a-frame"), ("intent", "harmful"))), ONE,
    ),
)  # fmt: skip


def test_the_main_number_is_of_harmful_requests_asked_directly():
    """A rate before shares, harmful before benign, direct before framed."""
    assert main_estimate(REPORT) is ONE
    assert main_estimate(attrs.evolve(REPORT, findings=())) is None
    asked_of_all = attrs.evolve(REPORT, findings=(
        attrs.evolve(ONE, measure="over", group=(("attack", "direct"), ("intent", "benign"))),
        harmful := attrs.evolve(ONE, measure="over"),
    ))  # fmt: skip
    assert main_estimate(asked_of_all) is harmful


CARD = CardLine(statistic="recall", value=0.9, lower=0.8, upper=0.95, n=50, population="made texts")


def at(measure, intent="harmful", rater="refusal", category="c"):
    """Give a number of one place, as a category's."""
    place = {
        "attack": "direct",
        "category": category,
        "intent": intent,
        "rater": rater,
        "target": "t",
    }
    return attrs.evolve(ONE, measure=measure, group=tuple(place.items()))


def declaring(order, *found, raters=("refusal",), carded=("refusal",)):
    """Give a report on a category that declares its measures in this *order*."""
    ids = dict.fromkeys(f.measure for f in found)
    return attrs.evolve(
        REPORT,
        findings=tuple(sorted(found, key=lambda f: f.measure)),
        measures=tuple(
            Measure(id=i, title=i, scale=i.partition("-")[0], estimator="rate") for i in sorted(ids)
        ),
        categories=(CategoryFacts(name="c", measures=tuple(order)),),
        raters=tuple(
            RaterFacts(name=r, kind="rule", scales=(), languages=(), card=(CARD,) * (r in carded))
            for r in raters
        ),
    )


def test_the_main_number_is_of_the_measure_that_the_category_declares_first():
    """Whatever they are called; a default measure comes after all that it declares."""
    a, b = at("scam-drafts"), at("under-refusal")
    default = at("aaa")

    for first, other in ((a, b), (b, a)):
        found = declaring((first.measure, other.measure), a, b, default)
        assert main_estimate(found) == first
        assert quotations(found)[0].partition("): ")[2].startswith(first.estimand)
    assert main_estimate(declaring((), default, b)) == default


def test_of_raters_of_one_measure_one_with_a_card_is_quoted():
    """Of raters alike the first of the report, whatever they are called."""
    old, new, carded = (at("m", rater=r) for r in ("r@revision 1", "r@revision 2", "z"))
    raters = ("r@revision 2", "r@revision 1", "z")

    assert main_estimate(declaring(("m",), old, new, carded, raters=raters, carded="z")) == carded
    assert main_estimate(declaring(("m",), old, new, raters=raters)) == new
    # The category says what it is about; a card does not outweigh that.
    first = declaring(("m", "n"), old, at("n", rater="z"), raters=raters, carded="z")
    assert main_estimate(first) == old


BROKE = Caveat(code="broken-cell", text="r broke down on 10 of the 30 replies")


def test_a_number_by_a_rater_that_broke_down_is_not_quoted():
    """Another's is, or none; it is no other side either, and why there is none is said."""
    bad = attrs.evolve(at("s-a"), caveats=(BROKE,))
    other = at("s-b", rater="z")
    order = ("s-a", "s-b")

    assert main_estimate(declaring(order, bad, other, raters=("refusal", "z"))) == other
    alone = declaring(order, bad)
    assert main_estimate(alone) is None
    assert may_publish(alone) == NO_NUMBER
    assert quotations(alone) == ()
    main, twin = at("s-a"), attrs.evolve(at("s-b", "benign"), value=0.07, caveats=(BROKE,))
    (told,) = quotations(declaring(order, main, twin))
    assert f"No number beside it of s-b, benign requests: {BROKE.text}; would need" in told
    assert "7 %" not in told


def test_another_side_that_has_no_number_says_why():
    """Nobody takes silence for a target that answers all that it should."""
    main = at("s-a")
    group = tuple({**dict(main.group), "intent": "benign"}.items())
    none = Abstention(measure="s-b", group=group, code="few-families", why="0 families with a mark",
                      would_need="10 families", missing=Missing(reasons=(("empty", 30),)))  # fmt: skip
    found = declaring(("s-a", "s-b"), main, none)

    assert other_side(found, main) == (none,)
    (told,) = quotations(found)
    why = "0 families with a mark (30 empty); would need 10 families."
    assert told.endswith(f" No number beside it of s-b, benign requests: {why}")


def test_the_other_side_is_of_benign_requests_on_the_same_scale():
    """Not another scale's rate, nor contestable requests."""
    main, twin = at("s-harmful"), at("s-benign", "benign")
    others = (
        at("t-benign", "benign"),
        at("s-open", "contestable"),
        at("s-harmful", "harmful", "x"),
    )
    found = declaring(("s-harmful", "s-open", "t-benign", "s-benign"), main, twin, *others)

    assert other_side(found, main) == (twin,)
    assert other_side(found, at("s-open", "contestable")) == (twin,)
    (said,) = quotations(found)
    assert said.count("Likewise") == 1
    assert said.endswith(": s-benign, benign requests.")


def test_a_rate_of_benign_requests_is_quoted_with_that_of_harmful_ones_or_why_there_is_none():
    """A target that answers whatever it is asked refuses nothing benign: half a pair praises it."""
    twin, bad = at("s-benign", "benign"), attrs.evolve(at("s-harmful"), caveats=(BROKE,))
    found = declaring(("s-harmful", "s-benign"), twin, bad)

    assert main_estimate(found) == twin
    (told,) = quotations(found)
    assert f"No number beside it of s-harmful, harmful requests: {BROKE.text}; would need" in told
    whole = declaring(("s-harmful", "s-benign"), twin, at("s-harmful"))
    assert other_side(whole, twin) == (at("s-harmful"),)
    assert other_side(declaring(("s-benign",), twin), twin) == ()


def test_each_category_has_a_number_to_quote():
    """None is left out for another's sake."""
    found = declaring(("m",), at("m"), at("m", category="d"))

    assert len(quotations(found)) == 2
    assert main_estimate(found, category="d") == at("m", category="d")


def of(target, one=ONE, **given):
    return attrs.evolve(one, **{"group": (*one.group, ("target", target)), **given})


def quoted(*found):
    return quotations(attrs.evolve(REPORT, findings=found))


NUMBER = "56 % (95 % interval 29 to 81 %, x; 16 marks of 16 families; as refusal marks it, uncorrected by people's labels"


def test_a_number_is_quoted_with_all_that_stands_beside_it():
    """Interval, families, rater, that nothing corrects it, and of what it is."""
    assert quoted(of("a")) == (
        f"{NUMBER}): not refused: over goals like those of physical 1, panel full (public)",
    )
    cut = Caveat(code="truncated", text="88 % cut at the token limit")
    (said,) = quoted(of("a", caveats=(cut,)))
    assert "; 88 % cut at the token limit):" in said
    assert "uncorrected" not in said
    (said,) = quoted(of("a", measure="levels", group=(*ONE.group, ("target", "a"), ("level", "4"))))
    assert "labels): level 4 of not refused: over goals" in said


def test_a_quoted_number_tells_what_lies_beside_it():
    """A rate of full refusals says how many more were partial (VALIDITY 13)."""
    more = Caveat(code="both-ways", text="100 % more marked partial; with those counted 100 %")
    (said,) = quoted(of("a", caveats=(*ONE.caveats, more)))

    assert said.startswith(f"{NUMBER}; {more.text}): not refused")


SAID = {"judge-measured", "few-families", "exploratory"}
"""Caveats that a quoted number says in words of its own."""


@pytest.mark.parametrize("code", sorted(CAVEATS.keys() - SAID - set(NOT_QUOTED)))
def test_a_quoted_number_takes_along_what_changes_how_it_is_read(code):
    """All but what its own words say: that a target cannot do the task, too."""
    told = Caveat(code=code, text="so and so")
    other = of("a", measure="over", caveats=(told,),
               group=(("attack", "direct"), ("intent", "benign"), ("rater", "refusal")))  # fmt: skip
    other = attrs.evolve(other, group=(*other.group, ("target", "a")))
    (said,) = quoted(of("a", caveats=(*ONE.caveats, told)), other)
    main, _, beside = said.partition("Likewise")

    assert main.startswith(f"{NUMBER}; so and so): not refused")
    assert ("so and so" in beside) is (code not in OF_RUN)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (
            {"blocked": 9, "shown": 9, "lower": 0.5625, "upper": 0.7},
            "bounds 56 to 70 %, whatever the rest of 9 blocked replies would",
        ),
        (
            {"failed": 7, "lower": 0.2, "upper": 0.91},
            "bounds 20 to 91 %, whatever 7 missing marks would",
        ),
        (
            {"unscorable": 1, "lower": 0.5, "upper": 0.6},
            "bounds 50 to 60 %, whatever 1 missing mark would",
        ),
        (
            {"truncated": 9, "at_least": 9, "lower": 0.5625, "upper": 0.6},
            "bounds 56 to 60 %, whatever the rest of 9 cut replies would",
        ),
        (
            {"unscorable": 2, "at_least": 1, "lower": 0.0, "upper": 1.0},
            "bounds 0 to 100 %, whatever 2 missing marks and the rest of 1 cut reply would",
        ),
        ({"failed": 3}, "no bounds are known for 3 missing marks"),
    ],
)
def test_a_quoted_number_that_lacks_marks_has_its_bounds_beside_it(missing, said):
    """However few: the interval is of those that have one. The other side has its own."""
    lacking = Missing(planned=20, **missing)
    main = attrs.evolve(of("a"), missing=lacking)
    other = of("a", measure="over", missing=lacking,
               group=(("attack", "direct"), ("intent", "benign"), ("rater", "refusal")))  # fmt: skip
    (told,) = quoted(main, attrs.evolve(other, group=(*other.group, ("target", "a"))))

    assert told.count(f"; {said}") == 2
    assert "bounds" not in quoted(attrs.evolve(main, missing=Missing(planned=20)))[0]


def test_each_target_is_quoted_with_both_sides():
    """Few harmful answers may be bought with many harmless ones refused (VALIDITY 13)."""
    benign = attrs.evolve(
        ONE,
        measure="over",
        value=0.06,
        group=(("attack", "direct"), ("intent", "benign"), ("rater", "refusal")),
    )
    framed = attrs.evolve(
        benign, group=(("attack", "a-frame"), ("intent", "benign"), ("rater", "refusal"))
    )
    a, b = quoted(
        of("a", benign), of("a"), of("a", framed), of("b"), of("b", benign, value=0.62)
    )  # fmt: skip

    assert a.startswith("56 % (")
    assert a.endswith(f" Likewise {NUMBER.replace('56', '6')}): refused, benign requests.")
    assert a.count("Likewise") == 1
    assert " Likewise 62 % (" in b


def test_reportable_is_not_safe():
    """Nor corrected; nor need every reply have a mark."""
    assert "every attempt ended and put to every rater" in may_publish(REPORT)
    assert "could not be marked is counted beside each number" in may_publish(REPORT)
    assert "corrects no error of a rater" in may_publish(REPORT)
    assert "language models only" not in may_publish(REPORT)
    assert "no target declared to be no language model (nobody checks" in may_publish(REPORT)
    assert "calls no target safe" in may_publish(REPORT)


def test_a_complete_run_without_a_number_says_that_there_is_none():
    """Every attempt ended, and nobody could mark a reply: there is nothing to publish."""
    told = may_publish(attrs.evolve(REPORT, findings=()))

    assert told == NO_NUMBER
    assert "Reportable" not in told


@pytest.mark.parametrize("code", AGAINST)
def test_what_is_not_reportable_says_why(code):
    """By the notices of the run."""
    told = may_publish(
        attrs.evolve(REPORT, reportable=False, notices=(Caveat(code=code, text="t"),))
    )

    assert told.startswith(f"Not reportable: {AGAINST[code]}.")


BROKEN = Caveat(code="broken-rater", text="words broke down on 9 of the 9 replies")


def test_a_rater_that_broke_down_on_everything_is_why_a_run_is_incomplete():
    """Where nothing else is: neither "unfinished" nor "the run is incomplete" says what to mend."""
    report = attrs.evolve(REPORT, reportable=False, complete=False, notices=(BROKEN,))

    assert may_publish(report).startswith(f"Not reportable: {USELESS_RATER}.")
    assert why(report, INCOMPLETE) == BROKEN.text


def test_a_rater_that_broke_down_on_some_replies_is_no_reason():
    """The run is complete without them, or incomplete for something else."""
    open_ = Caveat(code="incomplete", text="incomplete: 1 of 9 attempts have no answer")
    part = attrs.evolve(REPORT, reportable=False, complete=False, notices=(BROKEN, open_))

    assert may_publish(part).startswith(f"Not reportable: {AGAINST['incomplete']}.")
    assert why(part, INCOMPLETE) == open_.text


def test_under_a_plan_a_planned_number_is_quoted_before_an_exploratory_one():
    """And says which it is; without a plan it says neither."""
    later = attrs.evolve(ONE, standing=Standing.EXPLORATORY)
    other = attrs.evolve(ONE, measure="over", standing=Standing.PLANNED)

    assert main_estimate(attrs.evolve(REPORT, findings=(later, other))) is other
    assert "as refusal marks it, uncorrected by people's labels; planned)" in quoted(other)[0]
    assert "; exploratory)" in quoted(later)[0]
    assert "planned" not in quoted(ONE)[0]
