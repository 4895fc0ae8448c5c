"""Functions are found by folders that the provider puts on the path; they are taken off again."""

import sys

import pytest


@pytest.fixture(autouse=True)
def path_as_it_was():
    """A test's own modules may bear any name, Python's included."""
    before = list(sys.path)
    yield
    sys.path[:] = before
