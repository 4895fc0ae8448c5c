"""The core's own sinks keep every promise, and damage of a journal is no end of a report."""

import pytest
from broken import sinks

from dosimeter.sinks import hooks
from dosimeter.testing import State, conformance, run


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
    left = {r.check: r.reason for r in run(sinks.Specimen(spec=csv)) if r.state is State.UNTRIED}

    assert left["check_number_has_its_limits"] == "it shows no findings"
    assert left["check_inconclusive_is_no_pass"] == "it shows no gates"
