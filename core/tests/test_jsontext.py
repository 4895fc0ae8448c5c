"""The kept encoder gives what the standard library does."""

import json
import math

import pytest
from hypothesis import given, strategies as st

from dosimeter import jsontext

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_it_is_the_standard_library_s_text(value):
    assert jsontext.encode(value).decode() == json.dumps(
        value, sort_keys=True, separators=(",", ":")
    )


def test_lone_surrogates_survive():
    assert json.loads(jsontext.encode(["\ud800", "é"])) == ["\ud800", "é"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        jsontext.encode_finite([value])


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError, match="bytes is not JSON serializable"):
        jsontext.encode([b"x"])
