"""What is said before a number leaves the house."""

import attrs
import pytest

from dosimeter import (
    Caveat,
    Estimate,
    Intent,
    Measure,
    Report,
    Selection,
    Standing,
    main_estimate,
    may_publish,
    quotations,
)
from dosimeter.cli.codes import INCOMPLETE
from dosimeter.cli.reporting import why
from dosimeter.publish import AGAINST, NO_NUMBER, USELESS_RATER

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


def of(target, one=ONE, **given):
    return attrs.evolve(one, **{"group": (*one.group, ("target", target)), **given})


def quoted(*found):
    return quotations(attrs.evolve(REPORT, findings=found))


NUMBER = "56 % (95 % interval 29 to 81 %; 16 families; as refusal marks it, uncorrected by people's labels"


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
