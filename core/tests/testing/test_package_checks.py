"""Promises of a distribution, tried on distributions that are installed for the test alone."""

import sys

import pytest
from broken import packages

from dosimeter.testing import CHECKS, CheckState, Specimen, run

NAMES = [c.name for c in CHECKS if "package" in c.kinds]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make a distribution that can be imported and found; its modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def make(top, **how):
        made.append(top)
        return Specimen(hooks=packages.install(tmp_path, top, **how))

    yield make
    for name in [n for n in sys.modules if n.partition(".")[0] in made]:
        del sys.modules[name]


def test_a_distribution_that_keeps_its_promises_passes(installed):
    """All of them are tried."""
    got = list(run(installed("kept_pots")))

    assert [r.check for r in got] == NAMES
    assert [str(r) for r in got if r.state is not CheckState.KEPT] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_check_fails_what_breaks_its_promise_and_no_other(installed, name):
    """Without an entry point the rest cannot be tried."""
    (broken,) = [r for r in run(installed(name, **packages.BREAKS[name])) if not r.good]

    assert (broken.check, broken.state) == (name, CheckState.BROKEN)
