"""Every method that a number can be made by has its reference."""

import ast
from pathlib import Path

import dosimeter.stats
from dosimeter import METHODS, method_of
from dosimeter.methods import PAIRED

STATS = Path(dosimeter.stats.__file__).parent
NAMERS = {"_share"}
"""Functions of the statistics that take the method's name as their last argument."""


def named(tree):
    """Give every text that the code puts into a `method`."""
    for node in ast.walk(tree):
        values = []
        if isinstance(node, ast.Call):
            values = [k.value for k in node.keywords if k.arg == "method"]
            if isinstance(node.func, ast.Name) and node.func.id in NAMERS:
                values.append(node.args[-1])
            if isinstance(node.func, ast.Name) and node.func.id == "_bounded":
                values.append(node.args[1])
        elif isinstance(node, ast.Assign):
            values = list(of_assignment(node))
        for value in values:
            yield from (
                c.value for c in ast.walk(value)
                if isinstance(c, ast.Constant) and isinstance(c.value, str)
            )  # fmt: skip


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
    """Give the names of all methods in the statistics."""
    found = set()
    for path in STATS.rglob("*.py"):
        found |= set(named(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def test_every_method_of_the_statistics_has_a_reference():
    """None can stand beside a number without its source; the check does find the names."""
    found = in_the_code()

    assert {"korn-graubard", "guarded-mean", "cr1-t", "cluster-bca", "wilson"} <= found
    assert sorted(n for n in found if method_of(n) is None) == []
    assert sorted({m.name for m in METHODS} - found) == []


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


def test_a_method_of_others_is_not_known():
    """Nothing is made up for it."""
    assert method_of("kiln") is None
    assert method_of("paired-kiln") is None
