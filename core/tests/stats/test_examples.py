"""The examples in the docstrings of statistics: each is run, and none is left out."""

import doctest
import importlib
import pkgutil

import pytest

from dosimeter import stats

MODULES = [f"dosimeter.stats.{m.name}" for m in pkgutil.iter_modules(stats.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_comes_out(name):
    """As they stand."""
    found = doctest.testmod(importlib.import_module(name))

    assert found.failed == 0
