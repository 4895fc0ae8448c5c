"""Counts read as people write them."""

import pytest

from dosimeter.analysis.wording import off_script
from dosimeter.plural import plural


@pytest.mark.parametrize(
    ("n", "noun", "told"),
    [
        (1, "attempt", "1 attempt"),
        (2, "attempt", "2 attempts"),
        (1, "family", "1 family"),
        (0, "reply", "0 replies"),
    ],
)
def test_one_is_no_plural(n, noun, told):
    """And none is one."""
    assert plural(n, noun) == told


def test_one_attempt_that_left_its_script_is_told_as_one():
    """Such as in a caveat."""
    assert off_script(1, 9, None).text.startswith("1 of 9 attempts left its script; without it: ")
    assert off_script(2, 9, None).text.startswith(
        "2 of 9 attempts left their script; without them: "
    )
