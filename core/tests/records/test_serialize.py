"""Records to JSON and back, strictly."""

import enum
import types
import typing

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import dosimeter
from dosimeter import (
    Gate,
    Mark,
    Message,
    Part,
    RecordError,
    Reply,
    Sampling,
    Scale,
    Speaker,
    StackError,
    Text,
    TokenScores,
    Usage,
)
from dosimeter.model.stackfile import RunConfig
from dosimeter.serialize import from_json, structure, to_json

WORDS = st.text(st.characters(), max_size=8)
OWN_RULES = {"Gate", "Mark", "Scale"}
RECORDS = sorted(
    (r for n in dosimeter.__all__ if attrs.has(r := getattr(dosimeter, n)) and n not in OWN_RULES),
    key=lambda r: r.__name__,
)


def values(kind, depth=0):
    """A strategy for anything that a field can hold."""
    plain = {str: WORDS, int: st.integers(-(2**53), 2**53), bool: st.booleans(), bytes: st.binary(max_size=6),
             float: st.floats(allow_nan=False, allow_infinity=False), type: st.just(dosimeter.NoOptions),
             type(None): st.none()}  # fmt: skip
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.sampled_from(kind)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(
            [values(a, depth + 1) for a in args if depth < 3 or not attrs.has(a)]
            or [values(args[0], depth + 1)]
        )
    if origin is tuple and args[-1] is ...:
        return st.lists(values(args[0], depth + 1), max_size=max(0, 2 - depth)).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(a, depth + 1) for a in args))
    if origin is frozenset:
        return st.frozensets(values(args[0]), max_size=2)
    if kind is Mark:
        return st.sampled_from([Mark(scale="s", value=v) for v in (1, 0.5, True, "word")])
    if kind is Scale:
        return st.just(Scale(name="s", kind=dosimeter.ScaleKind.BOOLEAN))
    if kind is Gate:
        return st.just(Gate(measure="m", at_most=0.5))
    if kind is dosimeter.Declared:
        return st.sampled_from([dosimeter.Declared(measure="m", margin=m) for m in (None, 0.1)])
    if kind is dosimeter.CardCounts:
        return st.builds(
            dosimeter.CardCounts, tp=st.integers(0, 3), positives=st.just(3), tn=st.just(0), negatives=st.just(2),
            positive=st.just(("full",)), category=WORDS, models=st.lists(WORDS, max_size=1).map(tuple),
        )  # fmt: skip
    attrs.resolve_types(kind)
    return st.builds(kind, **{a.name: values(a.type, depth + 1) for a in attrs.fields(kind)})


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_every_public_record_survives(record):
    """Whatever it holds: control characters, lone surrogates, empty tuples, nested unions."""

    @settings(max_examples=6, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(values(record))
    def there_and_back(one):
        assert from_json(to_json(one), record) == one

    there_and_back()


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\U0001f9ea\u200d", "", "x" * 1_000_000])
def test_difficult_text_survives(text):
    """Lone surrogates, NUL, emoji, nothing and very much."""
    one = Message(speaker=Speaker.USER, parts=(Text(text=text),))

    assert from_json(to_json(one), Message) == one


def test_parts_keep_their_kind():
    """A union carries the class under type."""
    parts = (Text(text="x"), dosimeter.Reasoning(text="x"), dosimeter.Verdict(label="x"))

    one = Message(speaker=Speaker.ASSISTANT, parts=parts)

    assert from_json(to_json(one), Message).parts == parts


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_undefined_is_no_number(value):
    """Neither written nor read."""
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(Sampling(temperature=value))
    with pytest.raises(StackError, match=r"finite number.*temperature"):
        structure({"temperature": value}, Sampling, where="s")
    with pytest.raises(RecordError):
        from_json(f'{{"scale": "s", "value": {"NaN" if value != value else "Infinity"}}}', Mark)


@pytest.mark.parametrize(
    ("raw", "kind", "says"),
    [
        ({"temperature": "1"}, Sampling, "expected a number, got '1' @ s.temperature"),
        ({"max_tokens": 1.5}, Sampling, "expected a whole number, got 1.5 @ s.max_tokens"),
        ({"max_tokens": True}, Sampling, "expected a whole number, got True"),
        ({"stop": [1]}, Sampling, "expected text, got 1 @ s.stop[0]"),
        ({"tmeperature": 1}, Sampling, "unknown key 'tmeperature'; did you mean 'temperature'?"),
        ({"accept_judge_measured": "no"}, RunConfig, "expected true or false, got 'no'"),
        ({"scope": "mdoel"}, RunConfig, "expected one of system, model, got 'mdoel' @ s.scope"),
        ({"budget": {"tokns": 1}}, RunConfig, "did you mean 'tokens'? @ s.budget"),
        ({"type": "Texts", "text": ""}, Part, "unknown type 'Texts'"),
        ({}, Text, "required field missing @ s.text"),
        ([], Sampling, "expected a table"),
    ],
)
def test_nothing_is_coerced_and_faults_have_paths(raw, kind, says):
    """The type expected, and the nearest key."""
    with pytest.raises(StackError) as caught:
        structure(raw, kind, where="s")

    assert says in str(caught.value)


def test_all_faults_are_told():
    """Not only the first."""
    with pytest.raises(StackError) as caught:
        structure({"temperature": "a", "top_p": "b", "x": 1}, Sampling, where="s")

    assert all(path in str(caught.value) for path in ("s.temperature", "s.top_p", "'x'"))


def test_what_is_no_json_is_told_without_its_text():
    """The text of a journal stays there."""
    with pytest.raises(RecordError, match="no JSON") as caught:
        from_json('{"text": "a secret reply', Text)

    assert "secret" not in str(caught.value)


def test_defaults_are_left_out():
    """A field added later leaves old records as they are."""
    assert to_json(Sampling()) == b"{}"
    assert to_json(Usage(input=3)) == b'{"input":3}'
    reply = Reply(messages=(), stop=dosimeter.Stop.END, scores=TokenScores(tokens=(), logprobs=()))
    assert from_json(to_json(reply), Reply) == reply
