"""The core's own sinks keep every promise, and damage of a journal is no end of a report."""

import zlib

import pytest
from broken import sinks

from dosimeter.sinks import hooks
from dosimeter.testing import CheckState, conformance, run


class Packed(sinks.Record):
    """Bytes that only a program reads."""

    suffix = ".bin"

    def line(self, row):
        return b"\0None 0 " + zlib.compress(repr(row).encode("utf-8", "backslashreplace"))


class Dashes(sinks.Table):
    """Cells that begin like formulas."""

    def cell(self, text):
        return super().cell(text) if text.strip() else "-"

    def target(self, one):
        return ("target", one.name, "-0.25", "-3 %", "+1,5", "")


@conformance(hooks)
def test_a_sink_of_the_core_keeps_its_promises(check):
    """JSON shows all there is; CSV has no findings, so what is promised of those is not tried."""
    check()


@pytest.mark.parametrize("build", [sinks.Swallows, sinks.SkipsDamage])
def test_neither_a_full_disk_nor_a_damaged_journal_is_passed_over(build):
    """Each is raised on its own account."""
    broken = [r.check for r in run(sinks.specimen(build)) if not r.good]

    assert broken == ["check_sink_passes_errors_on"]


def test_what_a_sink_does_not_show_is_not_tried():
    """It is neither kept nor broken: a table of attempts has no numbers to stand without limits."""
    (csv,) = (s for s in hooks.dosimeter_report_sinks() if s.id == "csv")
    left = {
        r.check: r.reason for r in run(sinks.Specimen(spec=csv)) if r.state is CheckState.UNTRIED
    }

    assert left["check_number_has_its_limits"] == "it shows no findings"
    assert left["check_inconclusive_is_no_pass"] == "it shows no gates"


def test_a_file_that_is_no_text_is_held_to_what_can_be_told_of_it():
    """Its bytes hold no words; that reports differ, and that it takes every text, is told all the same."""
    results = {r.check: r for r in run(sinks.specimen(Packed))}

    assert [str(r) for r in results.values() if not r.good] == []
    assert results["check_text_steers_nothing"].counted == "not a text"
    assert results["check_number_has_its_limits"].state is CheckState.KEPT


def test_a_dash_for_what_is_missing_and_a_negative_number_are_no_formulas():
    """Nor is a share with its sign."""
    assert [str(r) for r in run(sinks.specimen(Dashes)) if r.state is not CheckState.KEPT] == []


def test_what_cannot_be_sent_to_another_process_is_not_tried_there():
    """A class within a function has no name there; that is the test's fault and not the sink's."""

    class Local(sinks.Lines):
        pass

    left = {r.check: r.reason for r in run(sinks.specimen(Local)) if r.state is not CheckState.KEPT}

    assert list(left) == ["check_sink_writes_the_same_elsewhere"]
    assert "that a module holds by name" in left["check_sink_writes_the_same_elsewhere"]
