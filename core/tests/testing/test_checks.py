"""Every check fails a plugin that breaks its promise and no other, and passes one that keeps it."""

import attrs
import pytest
from broken import attacks, categories, executors, packages, providers, raters, searches, sinks

from dosimeter.testing import CHECKS, CheckState, Specimen, checks_of, run

KINDS = {
    "rater": raters,
    "attack": attacks,
    "search": searches,
    "provider": providers,
    "sink": sinks,
    "executor": executors,
    "category": categories,
}
GOOD = {f"{kind}:{name}": one for kind, m in KINDS.items() for name, one in m.GOOD.items()}
BREAKS = [(kind, name) for kind, m in KINDS.items() for name in m.BREAKS]
IMPORTED = {"check_factory_can_be_imported"}
"""Broken by a spec alone; the specimens here are built with classes."""


@pytest.mark.parametrize("one", GOOD.values(), ids=GOOD)
def test_a_plugin_that_keeps_its_promises_passes(one):
    """Every check that applies is tried, and kept."""
    assert [str(r) for r in run(one) if r.state is not CheckState.KEPT] == []


@pytest.mark.parametrize(("kind", "name"), BREAKS, ids=lambda v: v)
def test_a_check_fails_what_breaks_its_promise_and_no_other(kind, name):
    """The message says what was promised, what was seen, and what to do."""
    results = list(run(KINDS[kind].BREAKS[name]))
    (broken,) = [r for r in results if not r.good]

    assert (broken.check, broken.state) == (name, CheckState.BROKEN)
    assert broken.promise
    assert broken.seen
    assert broken.todo
    assert all(text in str(broken) for text in (broken.promise, broken.seen, broken.todo))


def test_every_check_has_its_breaker():
    """By kind: a check of several kinds is broken once at least."""
    broken = {name for _, name in BREAKS} | packages.BREAKS.keys() | IMPORTED

    assert {c.name for c in CHECKS} == broken
    assert all(c.promise.endswith(".") and c.since for c in CHECKS)


def test_every_check_of_a_kind_is_tried_on_something_good():
    """One that applies to no good plugin could fail all of them."""
    tried = {c.name for one in GOOD.values() for c in checks_of(one)}

    assert tried == {c.name for c in CHECKS if "package" not in c.kinds}


def test_a_factory_that_is_not_there_is_named():
    """With what it is called."""
    spec = attrs.evolve(raters.SPEC, factory="broken.raters:Nobody")
    broken = [r for r in run(Specimen(spec=spec)) if not r.good]

    assert broken[0].check == "check_factory_can_be_imported"
    assert "broken.raters:Nobody" in broken[0].seen
