"""The frame of the kit: waivers, what cannot be tried, what hangs, and the doors."""

import asyncio
import re
import signal
import textwrap
import time
from types import ModuleType

import attrs
import pytest
from attrs import evolve
from broken import raters

from dosimeter import Mark, Opinion, option
from dosimeter.testing import Broken, CheckState, Specimen, conformance, run, specimen, specimens
from dosimeter.testing.kit import promise
from dosimeter.testing.rater import check_nothing_is_printed, check_order_does_not_matter

PRINTS = raters.BREAKS["check_nothing_is_printed"]


def states(one):
    return {r.check: r.state for r in run(one)}


def test_a_plain_call_raises_what_was_seen():
    """And gives what was counted where the promise is kept."""
    with pytest.raises(Broken, match=r"it printed \d+ characters"):
        check_nothing_is_printed(PRINTS)

    assert check_nothing_is_printed(raters.GOOD["rule"]) == ""


def test_a_waiver_has_a_reason_and_hides_nothing_else():
    """It stands in the result with what was seen."""
    waived = evolve(PRINTS, waivers={"check_nothing_is_printed": "progress, for now"})
    (one,) = [r for r in run(waived) if r.state is not CheckState.KEPT]

    assert (one.state, one.reason, one.good) == (CheckState.WAIVED, "progress, for now", True)
    assert one.seen


def test_a_waiver_expires_when_the_promise_is_kept():
    """It is a failure: somebody would go on to believe it."""
    stale = evolve(raters.GOOD["rule"], waivers={"check_nothing_is_printed": "progress"})
    (one,) = [r for r in run(stale) if not r.good]

    assert (one.state, one.check) == (CheckState.EXPIRED, "check_nothing_is_printed")
    assert "delete the waiver" in str(one)


@pytest.mark.parametrize(
    ("waivers", "told"),
    [
        ({"check_nothing_is_prnted": "x"}, "did you mean 'check_nothing_is_printed'"),
        ({"check_judge_prints_nothing": "x"}, "rater:steps"),
        ({"check_nothing_is_printed": " "}, "needs a reason"),
    ],
)
def test_a_waiver_of_nothing_and_one_without_reason_are_refused(waivers, told):
    """Also one of a check that does not apply."""
    with pytest.raises(ValueError, match=told):
        list(run(evolve(PRINTS, waivers=waivers)))


def test_what_hangs_is_broken_within_the_time():
    """And does not keep the others from being tried."""

    @promise("rater")
    def check_that_hangs(one):
        """It ends."""
        time.sleep(30)

    start = time.monotonic()
    with pytest.raises(Broken, match=r"not ended after 0\.1 seconds"):
        check_that_hangs(raters.GOOD["rule"], seconds=0.1)

    assert time.monotonic() - start < 10


def test_a_rule_that_takes_too_long_is_told_once_and_by_its_text():
    """Its regular expression holds the interpreter; all that would wait for it too names the check."""
    results = list(run(raters.BREAKS["check_replies_are_rated_in_time"]))
    (late,) = [r for r in results if not r.good]
    left = {r.reason for r in results if r.state is CheckState.UNTRIED}

    assert late.seen == "it had not answered after 5 seconds on: emoji"
    assert left == {"mend check_replies_are_rated_in_time first"}


def test_a_check_that_holds_the_interpreter_is_ended():
    """Nothing else of the process could run beside it, not even the clock."""

    @promise("rater")
    def check_that_backtracks(one):
        """It ends."""
        re.match("(a+)+$", "a" * 60 + "!")

    start = time.monotonic()
    with pytest.raises(Broken, match=r"not ended after 0\.1 seconds"):
        check_that_backtracks(raters.GOOD["rule"], seconds=0.1)

    assert time.monotonic() - start < 10


def test_an_interrupt_ends_the_kit():
    """It is the user's, and no broken promise; also where whoever began the tests takes no notice of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    @promise("rater")
    def check_that_is_interrupted(one):
        """It ends."""
        signal.raise_signal(signal.SIGINT)

    try:
        with pytest.raises(KeyboardInterrupt):
            check_that_is_interrupted(raters.GOOD["rule"])
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_check_is_tried_where_an_event_loop_runs():
    """As in a notebook: checks run loops of their own, which no loop may hold."""

    @promise("rater")
    def check_in_a_loop(one):
        """It runs one."""
        asyncio.run(asyncio.sleep(0))
        return "looped"

    async def notebook():
        return check_in_a_loop(raters.GOOD["rule"])

    assert asyncio.run(notebook()) == "looped"


class Quiet(raters.Rule):
    """Gives one mark alone and quotes nothing."""

    def mark(self, text):
        return Opinion(marks=(Mark(scale="steps", value=1),))


def test_what_no_text_brought_about_is_not_tried_and_says_what_to_give():
    """A rule that was seen to quote nothing, and to give one mark alone, has not kept anything."""
    got = {r.check: r for r in run(raters.specimen(Quiet)) if r.state is not CheckState.KEPT}

    assert got.keys() == {"check_marks_are_on_their_scales", "check_evidence_is_in_the_reply"}
    assert {r.state for r in got.values()} == {CheckState.UNTRIED}
    assert all("`cases`" in r.reason for r in got.values())
    assert "on steps" in got["check_marks_are_on_their_scales"].reason


@pytest.mark.parametrize("told", ["example", "anchor"])
def test_what_a_level_says_is_at_it_is_rated_too(told):
    """So a scale whose levels have examples is tried without a word of its author's tests."""

    class Wild(Quiet):
        def mark(self, text):
            return Opinion(marks=(Mark(scale="steps", value=4 if "kiln" in text else 1),))

    top = evolve(raters.STEPS.levels[2], **{told: "The kiln is hot."})
    scale = evolve(raters.STEPS, levels=(*raters.STEPS.levels[:2], top))
    (broken,) = [r for r in run(raters.specimen(Wild, scales=(scale,))) if not r.good]

    assert broken.check == "check_marks_are_on_their_scales"


def test_what_raises_is_told_by_type_and_place_without_its_words():
    """The words may quote what was rated."""

    class Raises(raters.Rule):
        def rate(self, cases):
            raise RuntimeError(cases)

    with pytest.raises(Broken) as caught:
        check_order_does_not_matter(raters.specimen(Raises))

    assert "RuntimeError at" in caught.value.seen
    assert "glaze" not in str(caught.value)


def test_what_lacks_something_is_not_tried_and_not_kept():
    """An option without a default that nobody gave."""
    needs = attrs.make_class("Needs", {"path": option(identity=True, help="a file")}, kw_only=True)
    got = [r for r in run(raters.specimen(options=needs)) if r.state is CheckState.UNTRIED]

    assert got
    assert all(r.reason == "give the options path" for r in got)


def test_checks_of_a_later_kit_can_be_left_out():
    """A plugin's tests do not break because the kit learnt something."""
    assert list(run(raters.GOOD["rule"], version="0.9")) == []
    assert list(run(raters.GOOD["rule"], version="1.0"))


HOOKS = """
from dosimeter import hookimpl
from broken import raters

@hookimpl
def dosimeter_harm_scorers():
    return [raters.SPEC, raters.JUDGE]
"""


def hooks():
    module = ModuleType("broken_hooks.hooks")
    exec(textwrap.dedent(HOOKS), vars(module))
    return module


def test_the_pytest_door_has_readable_ids():
    """A test for each check of each component, the judge's own only for the judge."""
    mark = conformance(hooks()).mark
    ids = [p.id for p in mark.args[1]]

    assert "rater:steps-check_order_does_not_matter" in ids
    assert "rater:step-judge-check_judge_can_be_closed" in ids
    assert "rater:steps-check_judge_can_be_closed" not in ids
    assert len(ids) == len(set(ids))


def test_the_pytest_door_passes_skips_and_fails_by_name():
    """Skipped by what it lacks, expected to fail by the waiver's reason."""
    mark = conformance(
        hooks(),
        specimen(hooks(), "steps", build_with=raters.Prints),
        specimen(hooks(), "step-judge", build_with=raters.Loud,
                 waivers={"check_judge_prints_nothing": "told"}),
    ).mark  # fmt: skip
    trials = {p.id: p.values[0] for p in mark.args[1]}
    trials["rater:steps-check_order_does_not_matter"]()
    with pytest.raises(AssertionError, match="Promise: It prints nothing"):
        trials["rater:steps-check_nothing_is_printed"]()
    with pytest.raises(pytest.xfail.Exception, match="told"):
        trials["rater:step-judge-check_judge_prints_nothing"]()


def test_a_component_that_is_not_there_is_named_with_the_nearest():
    """As everywhere."""
    with pytest.raises(ValueError, match="did you mean 'rater:steps'"):
        specimen(hooks(), "rater:stps")

    assert [s.name for s in specimens(hooks())] == [
        "package:broken_hooks", "rater:steps", "rater:step-judge",
    ]  # fmt: skip
    assert isinstance(specimen(hooks(), "steps"), Specimen)


class Fails:
    """Cannot be built."""

    def __init__(self, options):
        raise KeyError(options)


def test_what_cannot_be_built_is_no_matter_of_random_numbers():
    """It is told where it is tried for that, and once."""
    got = {r.check: r for r in run(raters.specimen(Fails))}

    assert got["check_building_keeps_global_state"].state is CheckState.UNTRIED
    assert "raised KeyError at " in got["check_building_keeps_global_state"].reason
    assert CheckState.BROKEN in {r.state for r in got.values()}
