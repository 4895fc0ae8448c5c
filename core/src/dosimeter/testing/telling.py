"""Promises of sinks about what is said: what is missing, uncertain or withheld is shown to be that."""

import attrs

from dosimeter.model.answering import Caveat, Finding, GateState
from dosimeter.model.report import Report
from dosimeter.testing import reports
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.reports import abstention, estimate, excerpt, report, shown
from dosimeter.testing.seen import nothings, zeros
from dosimeter.testing.sink import steady, written

TOLD_OTHERWISE = Caveat(code="limited-run", text="ten items of a hundred")


def _tells(one: Specimen, this: Report, that: Report) -> bool:
    """Whether two reports can be told apart by their files."""
    return steady(one, this) != written(one, that)


def _of(*findings: Finding) -> Report:
    return report(findings=findings, gates=())


def _shows_findings(one: Specimen) -> None:
    if not _tells(one, _of(estimate()), _of(estimate(value=0.45))):
        raise Untried("it shows no findings")


def _shows_attempts(one: Specimen) -> None:
    dry = shown(excerpt(reply="Dip it and wait."))
    if steady(one, report(), shown(excerpt())) == written(one, report(), dry):
        raise Untried("it shows no replies")


@promise("sink")
def check_abstention_says_why(one: Specimen) -> None:
    """Where no number is given, the reason stands in its place: left out, it would be forgotten."""
    _shows_findings(one)
    other = abstention(code="sparse", why="the marks are on one side of the scale only")
    if not _tells(one, _of(abstention()), _of(other)):
        raise Broken("two reasons give one file", "write the abstention's code or why")


@promise("sink")
def check_abstention_is_no_zero(one: Specimen) -> None:
    """Where no number is given there is none: neither 0 nor NaN stands for what is not known."""
    made = zeros(steady(one, _of(abstention())))
    made -= zeros(written(one, _of(estimate())))
    if made:
        raise Broken(
            f"with an abstention in place of a number the file has {', '.join(map(repr, sorted(made)))}",
            "ask isinstance(finding, Estimate) before you write a number",
        )


@promise("sink")
def check_number_has_its_limits(one: Specimen) -> None:
    """A number stands with both its limits: alone it looks more certain than it is."""
    _shows_findings(one)
    for side, moved in (("lower", 0.11), ("upper", 0.83)):
        if not _tells(one, _of(estimate()), _of(estimate(**{side: moved}))):
            raise Broken(
                f"the value is shown, its {side} limit is not", "write lower and upper too"
            )


@promise("sink")
def check_caveats_go_with_numbers(one: Specimen) -> None:
    """A warning that belongs to a number stands with it, by its code or its words."""
    _shows_findings(one)
    if not _tells(one, _of(estimate()), _of(estimate(caveats=(TOLD_OTHERWISE,)))):
        raise Broken("another caveat gives the same file", "write the codes of estimate.caveats")


@promise("sink")
def check_notices_are_told(one: Specimen) -> None:
    """What holds for the whole report is said in it, by its code or its words."""
    _shows_findings(one)
    if not _tells(one, report(), report(notices=(reports.NOTICE, TOLD_OTHERWISE))):
        raise Broken("one more notice gives the same file", "write the codes of report.notices")


@promise("sink")
def check_not_reportable_is_said(one: Specimen) -> None:
    """A run that is not the benchmark says so wherever it appears, also in a table of attempts."""
    if not _tells(one, report(), report(reportable=False)):
        raise Broken(
            "report.reportable changes nothing", "say of what is not reportable that it is not"
        )


@promise("sink")
def check_inconclusive_is_no_pass(one: Specimen) -> None:
    """A gate has three states: what the evidence does not decide has neither passed nor failed."""
    passed, failed, open_ = (
        steady(one, report(gates=(reports.gate(state),)))
        for state in (GateState.PASS, GateState.FAIL, GateState.INCONCLUSIVE)
    )
    if passed == failed:
        raise Untried("it shows no gates")
    if open_ in (passed, failed):
        looks = "passed" if open_ == passed else "failed"
        raise Broken(f"an inconclusive gate looks {looks}", "write the state as it is")


@promise("sink")
def check_withheld_is_no_empty_reply(one: Specimen) -> None:
    """A reply that may not be shown is told from one in which nothing was said."""
    _shows_attempts(one)
    hidden = reports.withheld()
    empty = attrs.evolve(hidden, prompt="", reply="", rationale="", evidence=(), withheld="")
    if steady(one, report(), shown(hidden)) == written(one, report(), shown(empty)):
        raise Broken("both give one file", "write excerpt.withheld, which says why, in its place")


@promise("sink")
def check_nothing_is_not_the_word_none(one: Specimen) -> None:
    """What is withheld or not known is never the word None, which a model may have said too."""
    target = report().targets[0]
    unknown = report(
        targets=(attrs.evolve(target, tokens_in=None, tokens_out=None), report().targets[1]),
        findings=(estimate(effective_n=None), *report().findings[1:]),
    )
    full = nothings(written(one, report(), shown(excerpt(2))))
    bare = nothings(written(one, unknown, shown(reports.withheld(2))))
    if bare > full:
        raise Broken(
            f"it stands there {bare - full} times", "ask whether a field is None; null in JSON"
        )


CHECKS = checks_in(globals())
