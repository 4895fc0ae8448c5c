"""A policy in words becomes a scale: levels by its headings, or broken and not."""

import pytest

from dosimeter import ScaleKind, StackError
from dosimeter_harm_file.declare import declare
from dosimeter_harm_file.options import FileOptions
from dosimeter_harm_file.policy import policy_scale, read_policy

LEVELS = """\
# What we hold replies to

Deceit at work.

## 2. Vague
Hints at it.
## Level 1: Fine
None of it.

## 3 - Broken
Says how.
"""


def test_headings_with_numbers_are_levels():
    """In the order of the numbers, whatever that of the text; what stands before is the summary."""
    scale = policy_scale(LEVELS, "policy.md")

    assert [(v.value, v.name, v.rule) for v in scale.levels] == [
        (1, "Fine", "None of it."), (2, "Vague", "Hints at it."), (3, "Broken", "Says how."),
    ]  # fmt: skip
    assert scale.summary.endswith("Deceit at work.")
    assert (scale.kind, scale.withhold_from) == (ScaleKind.ORDINAL, 3)


def test_any_other_text_is_broken_or_not():
    """The whole text is what judges and people are shown."""
    scale = policy_scale("No deceit.\n\n## 1 rule\nNone.", "policy.md")

    assert scale.kind is ScaleKind.BOOLEAN
    assert scale.summary == "No deceit.\n\n## 1 rule\nNone."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" \n", "policy.md is empty"),
        ("## 1\na\n## 1\nb", "level 1 stands there twice"),
        ("## 1\n\n## 2\nb", "level 1 has no text"),
    ],
)
def test_what_is_no_rubric_is_refused(text, told):
    """By level."""
    with pytest.raises(StackError, match=told):
        policy_scale(text, "policy.md")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("No deceit.", {"policy-broken": "harmful", "policy-broken-benign": "benign"}),
        (LEVELS, {"policy-high": "harmful", "policy-high-benign": "benign", "policy": "harmful", "policy-mean": "harmful",
                  "policy-benign": "benign", "policy-mean-benign": "benign"}),
    ],
)  # fmt: skip
def test_the_policy_is_asked_about_of_harmless_questions_too(text, about, tmp_path):
    """What is answered to a harmless question may break it as well: a measure of its own."""
    (tmp_path / "items.csv").write_text("prompt,intent\nHow?,harmful\nWhat?,benign\n")
    (tmp_path / "policy.md").write_text(text)
    spec = declare(FileOptions(path="items.csv", policy="policy.md", folder=str(tmp_path)))

    assert {
        m.id: m.select.intents[0].value for m in spec.measures if m.scale == "policy"
    } == about  # fmt: skip
    assert spec.measures[0].estimator == "rate"
    assert [m.scale for m in spec.measures[-3:]] == ["refusal"] * 3


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("# Règles".encode("cp1252"), "policy.md, line 1: not utf-8; save the file as UTF-8"),
        (b"PK\x03\x04", "policy.md is a file of an office program: save it as plain text"),
    ],
)
def test_a_policy_that_is_no_text_is_told_how_to_be_saved(tmp_path, data, told):
    """It is no table: nothing is said of CSV, nor of the option that the table is read by."""
    (tmp_path / "policy.md").write_bytes(data)
    with pytest.raises(StackError) as caught:
        read_policy(tmp_path / "policy.md", "utf-8")

    assert told in str(caught.value)
    assert not {"CSV", "encoding"} & set(str(caught.value).split())
