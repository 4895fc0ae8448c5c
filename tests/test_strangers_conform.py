"""Plugins of strangers keep the promises of the conformance kit."""

from importlib import import_module

from strangers import STRANGERS

from dosimeter.testing import CheckState, run, specimen


def test_the_tree_search_keeps_its_promises(monkeypatch):
    """All of them, whatever it is answered; its misbehaving options apart."""
    monkeypatch.syspath_prepend(STRANGERS / "stranger-attack-tree" / "src")
    hooks = import_module("stranger_attack_tree.hooks")
    options = import_module("stranger_attack_tree.options").TreeOptions
    tree = specimen(hooks, "tree")
    results = list(run(tree))
    clock = {r.check: r.state for r in run(specimen(hooks, "tree", options=options(clock=True)))}

    assert len(results) > 40
    assert [str(r) for r in results if r.state is not CheckState.KEPT] == []
    assert clock["check_search_is_repeatable"] is CheckState.BROKEN
