"""What the page says of what is not known, and does with words that it cannot trust."""

import pytest

from dosimeter_sink_starter.markdown import plain, table


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<script>", r"\<script\>"),
        ("a | b", r"a \| b"),
        ("[x](y)", r"\[x\](y)"),
        ("http://x", r"http\://x"),
        ("www.x", r"www\.x"),
        ("# x\n# y", r"\# x \# y"),
        ("\x1b[2J", r"\\x1b\[2J"),
        ("left \u202eright", r"left \\x202eright"),
    ],
)
def test_no_sign_of_markup_has_an_effect(said, shown):
    """Models and plugins choose the words; a page must not obey them."""
    assert plain(said) == shown


def test_a_table_without_rows_says_so():
    """An empty table looks like one that was forgotten."""
    assert list(table(("a", "b"), ())) == ["None.\n"]
    assert "".join(table(("a", "b"), [("1", "2")])) == "| a | b |\n|---|---|\n| 1 | 2 |\n"
