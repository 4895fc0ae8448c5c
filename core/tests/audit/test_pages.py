"""The page of an audit: inert whatever names it holds."""

import doctest
import json
import re

import pytest
from audits import read, table

from dosimeter.audit import report
from dosimeter.audit.columns import Columns
from dosimeter.audit.report import markdown
from dosimeter.audit.told import named
from dosimeter.jsontext import encode_finite
from dosimeter.sinks.plain import plain

HOSTILE = ("<img src=x onerror=alert(1)>", "[click](http://bad.example)", "| a | b |", "`code`", "# head",
           "https://bad.example/x", "www.bad.example", "\x1b[31mred", "1. one", "- item", "*bold*_it_", "a\nb",
           "&lt;b&gt;", "<!-- note -->", "$x$", "=== ", "~~x~~", "\u202etxt", "> quote")  # fmt: skip


def page(tmp_path):
    """A page in which every name that a file can bring is hostile."""
    rows = [
        (i, s, int((i + len(s)) % 2), g) for i in range(12) for s in HOSTILE for g in HOSTILE[:4]
    ]
    path = table(tmp_path / "a.csv", rows, ("item", HOSTILE[0], "y", HOSTILE[1]))
    columns = Columns(item="item", outcome="y", system=HOSTILE[0], group=HOSTILE[1])
    return markdown(
        read(
            path,
            columns=columns,
            claims=[f"'{HOSTILE[0]}' 0.5", f"'{HOSTILE[1]}' > '{HOSTILE[2]}'"],
        )
    )


def test_hostile_names_make_no_markup(tmp_path):
    """Rendered with HTML, tables and strikethrough on: no link, no picture, no code, no rule of theirs."""
    renderer = pytest.importorskip("markdown_it").MarkdownIt("commonmark", {"html": True})
    html = renderer.enable(["table", "strikethrough"]).render(page(tmp_path))
    tags = set(re.findall(r"<(/?[a-z]\w*|!--)", html))

    assert {t.strip("/") for t in tags} <= {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
    assert html.count("<h1>") == 1
    assert {len(re.findall("<td>", row)) for row in html.split("<tr>")[1:] if "<td>" in row} <= {
        3,
        8,
        10,
        12,
    }


def test_nothing_steers_a_terminal_and_no_address_is_a_link(tmp_path):
    """Also where bare addresses are made links."""
    text = page(tmp_path)

    assert all(c.isprintable() or c == "\n" for c in text)
    assert not re.search(r"(?<!\\)://|www(?!\\)", text)


def test_its_example_is_true():
    """What a docstring shows comes out."""
    assert doctest.testmod(report).failed == 0


def test_every_interval_on_the_page_has_its_method(tmp_path):
    """Of raters too; and none stands there that nothing has."""
    rows = [(i, "m", "yn"[i % 3 == 0], "yn"[i % 4 == 0]) for i in range(40)]
    path = table(tmp_path / "a.csv", rows, ("item", "system", "r", "s"))
    page = markdown(read(path, columns=Columns(item="item", system="system", raters=("r", "s"))))
    (told,) = (line for line in page.splitlines() if line.startswith("- Intervals at"))

    for words in (
        "Cohen's kappa by",
        "Fleiss' kappa by",
        "Gwet's AC by",
        "Krippendorff's alpha by",
        "Korn and Graubard's",
    ):
        assert words in told


def test_raters_that_never_overlap_are_told_so_in_words(tmp_path):
    """No code stands on the page."""
    rows = [(i, "m", "y" * (i < 20), "y" * (i >= 20)) for i in range(40)]
    path = table(tmp_path / "a.csv", rows, ("item", "system", "r", "s"))
    page = markdown(read(path, columns=Columns(item="item", system="system", raters=("r", "s"))))

    assert "undefined: no row was rated by two" in page
    assert "no-overlap" not in page
    assert "no-observations" not in page


def test_below_ten_clusters_no_interval_stands_on_the_page(tmp_path):
    """Nor is anything compared: the number alone, and why."""
    rows = [(i, s, int(i % 3 == (s == "a"))) for i in range(5) for s in "ab"]
    found = read(table(tmp_path / "a.csv", rows))
    page = markdown(found)

    assert "| a | 5 | 5 | 5 | 0 | 2 | 40.0 % | no interval |" in page
    assert "Fewer than 10 clusters, so that no interval is given: a, b." in page
    assert "cannot tell (5 shared clusters; at least 10 are needed)" in page
    assert re.findall(r"\d to [+\d]", page) == []
    assert found.tests == 0


def test_nothing_shared_has_no_empty_table(tmp_path):
    """Nor "0 of 0"."""
    rows = [(f"{s}{i}", s, i % 2) for i in range(40) for s in "ab"]
    page = markdown(read(table(tmp_path / "a.csv", rows)))

    assert "0 of 0" not in page
    assert "None was tested." in page
    assert "| A | B |" not in page


def test_names_are_cut():
    """A prompt that was named as a system is not printed whole."""
    assert named("word " * 100) == ("word " * 12)[:59] + "…"


def test_the_facts_are_the_same_as_data(tmp_path):
    """JSON without NaN, with every number of the page."""
    path = table(
        tmp_path / "a.csv", [(i, s, "" if i == 3 else int(i < 7)) for i in range(20) for s in "ab"]
    )
    found = read(path, claims=["a 0.3"])
    facts = json.loads(encode_finite(plain(found)))

    assert facts["cells"][0]["missing"] == 1
    assert facts["claims"][0]["claim"]["says"] == "a 0.3"
    assert facts["schema"] == 1
    assert facts["design"]["columns"] == [
        {"flag": f, "column": c}
        for f, c in (("item", "item"), ("outcome", "y"), ("system", "system"))
    ]
