"""No prompt, reply or secret in a repr, a log or the words of an error."""

import io
import json
import sys
import typing

import attrs
import pytest
import structlog

import dosimeter
from dosimeter import logs

MARKER = "MARKED-TEXT-7c1f"
TEXT_FIELDS = [
    ("Text", "text"), ("Reasoning", "text"), ("Declined", "text"), ("ToolCall", "arguments"),
    ("Unknown", "raw"), ("Tool", "schema"), ("Item", "opening"), ("Item", "goal"), ("Item", "reference"),
    ("Reference", "value"), ("Line", "message"), ("Variant", "script"), ("Request", "conversation"),
    ("Request", "score"), ("Reply", "messages"), ("Message", "parts"), ("Ask", "conversation"),
    ("Note", "text"), ("CallDone", "conversation"), ("CallDone", "reply"), ("Case", "prompt"),
    ("Case", "conversation"), ("Case", "goal"), ("Case", "reply"), ("Case", "reasoning"),
    ("Case", "reference"), ("Opinion", "rationale"), ("Level", "example"), ("Level", "anchor"),
    ("Endpoint", "system_prompt"), ("Seal", "key"), ("TargetFacts", "system_prompt"),
    ("Report", "stack"), ("Excerpt", "prompt"), ("Excerpt", "reply"), ("Excerpt", "rationale"),
    ("Excerpt", "evidence"), ("Level", "near_misses"), ("TokenScores", "tokens"),
    ("Translation", "text"),
]  # fmt: skip


def filled(kind, name):
    """A value for one field that holds the marker, as deep as text can be."""
    user = dosimeter.user(MARKER)
    special = {"opening": (user,), "conversation": (user,), "messages": (user,), "script": (dosimeter.Line(message=user),),
               "message": user, "score": user.parts, "parts": user.parts, "value": MARKER.encode(), "key": MARKER.encode(),
               "reference": dosimeter.Reference(schema="s", value=MARKER.encode()), "tokens": (MARKER,), "evidence": (MARKER,), "near_misses": (MARKER,)}  # fmt: skip
    if (kind, name) == ("CallDone", "reply"):
        return dosimeter.Reply(messages=(user,), stop=dosimeter.Stop.END)
    return special.get(name, MARKER)


def bare(kind, **given):
    """A record with what it needs and no more: attrs does not check types."""
    needed = {a.name: None for a in attrs.fields(kind) if a.default is attrs.NOTHING}
    return kind(**{**needed, **given})


@pytest.mark.parametrize(("kind", "name"), TEXT_FIELDS, ids=lambda x: x)
def test_text_is_in_no_repr(kind, name):
    """Neither of the record that holds it nor of one around it."""
    one = bare(getattr(dosimeter, kind), **{name: filled(kind, name)})

    assert MARKER not in repr(one)
    assert MARKER not in repr((one, [one]))


def test_every_field_of_text_or_bytes_is_hidden_or_known_to_be_a_name():
    """A new record with a field for people's text must hide it."""
    suspicious = {"text", "prompt", "reply", "goal", "rationale", "opening", "conversation", "messages",
                  "reference", "reasoning", "arguments", "raw", "system_prompt", "anchor", "example"}  # fmt: skip
    open_ = [
        f"{n}.{a.name}"
        for n in dosimeter.__all__
        if attrs.has(getattr(dosimeter, n))
        for a in attrs.fields(getattr(dosimeter, n))
        if a.name in suspicious and a.repr is not False and a.type in {str, bytes, "str", "bytes"}
    ]

    # A caveat is ours: made of codes and counts.
    assert set(open_) <= {"Caveat.text", "PanelCheck.text"}


def test_a_secret_option_is_in_no_repr():
    """Whatever class a plugin declares."""
    made = attrs.make_class("O", {"key": dosimeter.option(default="", secret=True)}, frozen=True)

    assert MARKER not in repr(made(MARKER))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_of_records_holds_no_text(form):
    """Even if somebody logs a whole record."""
    kept, stderr = structlog.get_config(), sys.stderr
    sys.stderr = io.StringIO()
    try:
        logs.configure(form, "debug")
        structlog.get_logger().info("x", message=repr(dosimeter.user(MARKER)), code="http-429")
        structlog.get_logger().debug("y", n=1)
        out = sys.stderr.getvalue()
    finally:
        sys.stderr = stderr
        structlog.configure(**kept)

    assert MARKER not in out
    assert "http-429" in out
    if form == "json":
        assert [json.loads(line)["event"] for line in out.splitlines()] == ["x", "y"]


def test_the_log_is_quiet_by_default():
    """Nothing below a warning."""
    kept, stderr = structlog.get_config(), sys.stderr
    sys.stderr = io.StringIO()
    try:
        logs.configure("text", "warning")
        structlog.get_logger().info("x")
        structlog.get_logger().warning("seen")
        out = sys.stderr.getvalue()
    finally:
        sys.stderr = stderr
        structlog.configure(**kept)

    assert "seen" in out
    assert " x" not in out


def test_hints_of_public_records_can_be_resolved():
    """So that schemas and serializers need no guess."""
    for name in dosimeter.__all__:
        record = getattr(dosimeter, name)
        if attrs.has(record):
            assert len(typing.get_type_hints(record)) >= len(attrs.fields(record))
