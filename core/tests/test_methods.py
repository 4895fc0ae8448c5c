"""Every method that a number can be made by has its reference."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import dosimeter.stats
from dosimeter import METHODS, method_of
from dosimeter.methods import PAIRED
from dosimeter.stats.paired_means import paired_clustered
from dosimeter.stats.paired_scores import signed_mean

STATS = Path(dosimeter.stats.__file__).parent
OF_NO_FINDING = {"items", "irt", "irt_fit", "correlation", "ratings", "alpha", "roc"}
"""Modules of which the analysis takes what is no interval."""
NAMERS = {"_share", "_shares"}
"""Functions of the statistics that take the method's name as their last argument."""


def named(tree):
    """Give every text that the code puts into a `method`."""
    for node in ast.walk(tree):
        values = []
        if isinstance(node, ast.Call):
            values = [k.value for k in node.keywords if k.arg == "method"]
            if isinstance(node.func, ast.Name) and node.func.id in NAMERS:
                values.append(node.args[-1])
            if isinstance(node.func, ast.Name) and node.func.id in {"_bounded", "bounded_sequence"}:
                values.append(node.args[1])
        elif isinstance(node, ast.Assign):
            values = list(of_assignment(node))
        for value in values:
            yield from texts(value)


def texts(node):
    """Give the whole texts in an expression; parts of one are made whole elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def of_assignment(node):
    """Give what is assigned to a name `method`, alone or among others."""
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == "method":
            yield node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for name, value in zip(target.elts, node.value.elts, strict=True):
                if isinstance(name, ast.Name) and name.id == "method":
                    yield value


def in_the_code():
    """Give the names of all methods in the statistics that the analysis makes findings of."""
    return methods_in(used_by_the_analysis() - OF_NO_FINDING)


def methods_in(modules):
    found = set()
    for name in sorted(modules):
        found |= set(named(ast.parse((STATS / f"{name}.py").read_text(encoding="utf-8"))))
    return found


def used_by_the_analysis():
    """Give the modules of statistics that a report can rest on, and those that these import."""
    of_analysis = [p.read_text(encoding="utf-8") for p in (STATS.parent / "analysis").glob("*.py")]
    known = set(re.findall(r"from dosimeter\.stats\.(\w+) import", "".join(of_analysis)))
    while True:
        text = "".join((STATS / f"{name}.py").read_text(encoding="utf-8") for name in known)
        more = known | set(re.findall(r"^from dosimeter\.stats\.(\w+) import", text, re.MULTILINE))
        if more == known:
            return known
        known = more


def test_every_method_of_the_statistics_has_a_reference():
    """None can stand beside a number without its source; the check does find the names."""
    found = in_the_code()

    assert {"korn-graubard", "guarded-mean", "cr1-t", "tango", "wilson"} <= found
    assert sorted(n for n in found if method_of(n) is None) == []


def test_no_reference_is_of_a_method_that_there_is_not():
    """What the statistics and the analysis name, or put together of a name and an ending."""
    every = methods_in(p.stem for p in STATS.glob("*.py"))
    every |= {"betting-share", "ppi++", "ppi++-cr1-t", "lang-reiczigel-clustered"}
    every |= {"korn-graubard-worst", "paired-cr1-unseen", "paired-score-unseen", "paired-score-t"}

    assert sorted({m.name for m in METHODS} - every) == []


def test_a_reference_names_authors_and_year():
    """Or says that the construction is dosimeter's own, and what its evidence is."""
    for one in METHODS:
        assert "(19" in one.source or "(20" in one.source, one.name
        assert not one.does.endswith(".")


def test_a_difference_within_families_is_made_as_its_method():
    """The reference is that of the method; that families are their own control is said."""
    pair, alone = method_of(f"{PAIRED}bounded-mean"), method_of("bounded-mean")

    assert pair.source == alone.source
    assert pair.does.startswith("differences within families")
    assert pair.name == "paired-bounded-mean"


@pytest.mark.parametrize("rises", [4, 0])
@pytest.mark.parametrize("how", [signed_mean, lambda d: paired_clustered(0 * d, d, range(40))])
@pytest.mark.parametrize("what", ["", "-share", "-unbounded"])
def test_a_name_put_together_has_a_reference(how, rises, what):
    """Differences say in their method how limits were made, whether nothing varied, and of what they are."""
    name = how((np.arange(40) < rises).astype(float)).method + what

    assert method_of(name).does.startswith("differences within families")
    assert method_of(name).name == name
    assert method_of(name).source


def test_a_method_on_labels_alone_is_made_as_its_method():
    """And one that is put together has its reference as well."""
    alone, known = method_of("korn-graubard-labelled"), method_of("korn-graubard")

    assert alone.source == known.source
    assert alone.does.startswith("of the replies alone that people have marked: ")
    assert method_of("kiln-labelled") is None


def test_a_method_of_others_is_not_known():
    """Nothing is made up for it."""
    assert method_of("kiln") is None
    assert method_of("paired-kiln") is None
