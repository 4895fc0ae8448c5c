"""The statistics as one package: nothing twice, nothing out of reach, nothing that only its author can read."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import attrs
import pytest

from dosimeter import stats

FOLDER = Path(stats.__file__).parent
MODULES = sorted(m.name for m in pkgutil.iter_modules(stats.__path__))
TOOLS = {
    "checks",
    "influence",
    "placements",
    "unseen",
    "planning_checks",
    "queues",
    "leaning",
    "ratings",
    "roots",
    "result",
}
"""Modules whose functions serve other modules."""
LONGEST = 35
PARTS = {"log_mixture", "log_likelihood", "stakes", "log_capitals",
         "betting_limits", "betting_path", "bounded_sequence", "equal_trials", "table_of",
         "at_most", "binomial_cdf", "binomial_pmf", "tango_limits", "tango_z", "newcombe_limits", "t_power", "shifted",
         "responses_table", "events_of", "Queue", "ratio", "mean_by_cluster", "row_differences"}  # fmt: skip
"""Functions that serve other modules, elsewhere."""


def tree(name):
    return ast.parse((FOLDER / f"{name}.py").read_text())


def module(name):
    return importlib.import_module(f"dosimeter.stats.{name}")


def own(name, kind):
    """Give the public classes or functions that a module defines."""
    found = module(name)
    return {
        n: v for n, v in vars(found).items()
        if kind(v) and v.__module__ == found.__name__ and not n.startswith("_")
    }  # fmt: skip


RECORDS = [
    pytest.param(cls, id=f"{m}.{cls.__name__}")
    for m in MODULES for n, cls in own(m, inspect.isclass).items() if attrs.has(cls) and n not in PARTS
]  # fmt: skip
FUNCTIONS = [
    pytest.param(f, id=f"{m}.{n}")
    for m in MODULES if m not in TOOLS
    for n, f in own(m, inspect.isfunction).items() if n not in PARTS
]  # fmt: skip


def offered():
    """Everything that can be had as ``stats.MODULE.NAME``."""
    found = set()
    for name in stats.__all__:
        one = getattr(stats, name)
        names = getattr(one, "__all__", None) or [n for n in vars(one) if not n.startswith("_")]
        found |= {id(getattr(one, n)) for n in names}
    return found


def test_every_module_that_is_offered_can_be_had_and_no_other():
    """Loaded on first use; a misspelt name is told as such."""
    assert {m.name for m in pkgutil.iter_modules(stats.__path__)} >= set(stats.__all__)
    assert stats.rate.wilson(3, 100).x == 3
    assert set(stats.__all__) <= set(dir(stats))
    with pytest.raises(AttributeError, match="rates"):
        _ = stats.rates


@pytest.mark.parametrize("cls", RECORDS)
def test_every_record_can_be_had_and_prints_in_words(cls):
    """Pasteable: not the representation that attrs makes, which no report can quote."""
    assert id(cls) in offered() or cls.__module__.rpartition(".")[2] in TOOLS
    assert cls.__str__ is not object.__str__


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_can_be_had_and_says_what_it_takes_and_gives(function):
    """Each argument, and an example that is run (`test_examples`)."""
    told = inspect.getdoc(function)

    assert id(function) in offered()
    for name in inspect.signature(function).parameters:
        assert f"\n    {name}: " in told, name
    assert "Examples:" in told
    assert ">>> " in told


@pytest.mark.parametrize("name", MODULES)
def test_functions_and_modules_are_short(name):
    """Under 35 lines without the docstring; a module under 400."""
    assert len((FOLDER / f"{name}.py").read_text().splitlines()) < 400
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[0] if ast.get_docstring(node) else None
            told = first.end_lineno - first.lineno + 1 if first else 0
            assert node.end_lineno - node.lineno + 1 - told < LONGEST, node.name


def test_no_function_stands_twice():
    """Not under another name or in another module either."""
    bodies = defaultdict(list)
    for name in MODULES:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                text = "".join(ast.dump(line) for line in body)
                if len(text) > 250:
                    bodies[text].append(f"{name}.{node.name}")

    assert [names for names in bodies.values() if len(names) > 1] == []


def test_rates_load_neither_scipy_stats_nor_optimize():
    """They cost every report a second; so too all the other modules."""
    names = "dosimeter.stats.rate", *(f"dosimeter.stats.{n}" for n in MODULES)
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    heavy = [m for m in sys.modules if m in ('scipy.stats', 'scipy.optimize', 'pandas')]\n"
        "    assert not heavy, (name, heavy)\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert found.returncode == 0, found.stderr


PARTS_OF_A_DOCSTRING = re.compile(r"\n(Args|Returns|Raises|References|Examples):\n")
CITED = re.compile(r"\b(1[89]|20)\d\d\b|\b[Oo]ur own\b|\b[Oo]wn\b")
MEASURED_IN = re.compile(
    r"-?[\d.]+ to -?[\d.]+|\b(at least|at most|to log2|on the scale|in units? of|in the units? of|bits|nats"
    r"|not rounded|shape|whole number|counts?|as text|true where|in \[0, 1\]|number of)\b", re.IGNORECASE
)  # fmt: skip
"""Words by which a docstring says the range or the unit of what comes out."""


def parts_of(function):
    """Split a docstring at its headings."""
    told = PARTS_OF_A_DOCSTRING.split("\n" + inspect.getdoc(function))
    return dict(zip(told[1::2], told[2::2], strict=True))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_says_where_it_is_from_and_what_its_number_means(function):
    """A source, the range or unit (or the record that has them), and a sentence on the example's number."""
    told = parts_of(function)
    gives = " ".join(told.get("Returns", "").split())
    records = re.findall(r"`(?:[\w.]+\.)?([A-Z]\w+)`", gives)

    assert CITED.search(told.get("References", ""))
    assert MEASURED_IN.search(gives) or set(records) & {cls.values[0].__name__ for cls in RECORDS}
    assert not told["Examples"].strip().startswith(">>>")
