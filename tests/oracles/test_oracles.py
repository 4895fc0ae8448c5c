"""Every statistic reproduces its published and doubly derived numbers."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORACLES = HERE.parents[2] / "shared" / "oracles"
spec = importlib.util.spec_from_file_location("adapter", HERE / "adapter.py")
adapter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(adapter)
FUNCS = adapter.FUNCS
needs_file = pytest.mark.skipif(
    not ORACLES.is_dir(), reason="the oracles are not at ../shared/oracles"
)


@needs_file
def test_every_case_of_the_oracle_file():
    """By its own program: none wrong, none left out, no key not returned."""
    found = subprocess.run(
        [sys.executable, ORACLES / "check.py", ORACLES / "statistics.json", HERE / "adapter.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (
        found.stdout.splitlines()[-1] == "186 passed, 0 failed, 0 skipped, 0 with keys not returned"
    )
    assert found.returncode == 0


@needs_file
def test_the_table_has_no_statistic_that_the_file_does_not_know():
    """A misspelt name would be a case that is never compared."""
    cases = json.loads((ORACLES / "statistics.json").read_text())

    assert {c["statistic"] for c in cases} == set(FUNCS)


def test_a_statistic_is_defined_once():
    """Of two functions for one name the later would win in silence."""
    with pytest.raises(ValueError, match="defined twice: wilson_ci"):
        adapter.merged({"wilson_ci": len}, {"icc": len}, {"wilson_ci": sum})


PUBLISHED = [  # Newcombe (1998), Stat. Med. 17:857, Table I, methods 3 and 5
    ("wilson_ci", 81, 263, 0.2553, 0.3662),
    ("wilson_ci", 15, 148, 0.0624, 0.1605),
    ("wilson_ci", 0, 20, 0.0, 0.1611),
    ("wilson_ci", 1, 29, 0.0061, 0.1718),
    ("clopper_pearson_ci", 81, 263, 0.2527, 0.3676),
    ("clopper_pearson_ci", 15, 148, 0.0578, 0.1617),
    ("clopper_pearson_ci", 0, 20, 0.0, 0.1684),
]


@pytest.mark.parametrize(("name", "x", "n", "lower", "upper"), PUBLISHED)
def test_published_intervals(name, x, n, lower, upper):
    """Table I of Newcombe (1998), to four places."""
    assert FUNCS[name]({"x": x, "n": n, "conf": 0.95}) == pytest.approx([lower, upper], abs=6e-5)


def test_our_t_quantile_is_exact_and_the_file_s_is_not():
    """Why the adapter takes another one for one key: the file's is found to 1e-8 only."""
    from dosimeter.stats.result import t_quantile

    exact = 2.00574599531786899449986  # mpmath, 53 degrees of freedom at .975
    assert t_quantile(0.95, 53) == pytest.approx(exact, rel=1e-15)
    assert adapter.cdflib.t_quantile(0.95, 53) == pytest.approx(
        exact * (1 - 8.879083e-10), rel=1e-15
    )
