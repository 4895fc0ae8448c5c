"""Promises of a distribution, tried on distributions that are installed for the test alone."""

import sys
from pathlib import Path

import pytest
from broken import packages

import dosimeter
from dosimeter.testing import CHECKS, CheckState, Specimen, leftovers, run

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


EXAMPLE = "jump the queue at the bakery"
OWN = "check_nothing_is_left_of_the_example"


@pytest.mark.parametrize(("how", "seen"), [
    ({"readme": "It is an example to\nstart from."}, "README ('It is an example to start from')"),
    ({"summary": "Harm category x: requests with matched benign twins"}, "description in pyproject"),
    ({"imports": "# board the ferry of Orrin"}, "hooks.py ('ferry of Orrin')"),
])  # fmt: skip
def test_what_is_left_of_the_example_is_told_once_the_items_are_others(installed, how, seen):
    """A package that was just written says of itself what is so, and breaks nothing."""
    fresh = {r.check: r for r in run(installed("fresh_pots", goal=EXAMPLE, **how))}
    own = {r.check: r for r in run(installed("own_pots", **how))}

    assert (fresh[OWN].state, fresh[OWN].counted) == (
        CheckState.KEPT,
        "the items are the example's still",
    )
    assert own[OWN].state is CheckState.BROKEN
    assert seen in own[OWN].seen


@pytest.mark.parametrize(("phrases", "path"), [
    (leftovers.OF_README, "README.md"),
    (leftovers.OF_SUMMARY, "pyproject.toml"),
    (leftovers.OF_SOURCES, "src"),
])  # fmt: skip
def test_what_is_looked_for_stands_in_the_template(phrases, path):
    """Else it would never be found."""
    place = Path(dosimeter.__file__).parent / "scaffold" / "harm" / path
    files = place.rglob("*.py") if place.is_dir() else [place]
    text = " ".join(word for file in files for word in file.read_text().split())

    assert [phrase for phrase in phrases if phrase not in text] == []
    assert (
        EXAMPLE
        in (place.parents[0] / leftovers.TEMPLATE.removeprefix("scaffold/harm/")).read_text()
    )
