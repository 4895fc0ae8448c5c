"""`runs export`: rows for other programs, disclosed and streamed."""

import csv
import json
import stat
from itertools import count, islice

import pytest
from pages import ROOT, sections
from project import NEVER, simulated
from pyarrow import parquet

from dosimeter.analysis.rows import CALLS, KINDS, MARKS, OF_RUN, PLANNED
from dosimeter.sinks.export import FORMATS, ROWS


def exported(project, name, *args, run="t-limit-6"):
    project.call("runs", "export", run, "-o", name, *args, check=0)
    path = project.path / name
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    return parquet.read_table(path).to_pylist()


@pytest.fixture
def rated(project):
    """A run with replies that are withheld and some that are shown."""
    project.write(simulated(NEVER), attacks='["direct", "multi-turn"]').run("--limit", 6)
    return project


def test_each_mark_is_a_row_in_every_form(rated):
    """Marks as the journal's view has them, numbers as numbers, what is missing as null."""
    sql = (
        "SELECT attempt, rater, scale, num, label, outcome, superseded FROM marks"
        " ORDER BY rating, scale"
    )
    view = [(*row[:-1], bool(row[-1])) for row in rated.rows(sql, "t-limit-6")]
    keys = ("attempt_id", "rater", "scale", "number", "label", "outcome", "superseded")
    for name in ("m.jsonl", "m.parquet"):
        rows = sorted(exported(rated, name), key=lambda r: (r["rating_id"], r["scale"]))

        assert [tuple(r[k] for k in keys) for r in rows] == view
        assert {r["language_model"] for r in rows} == {False}
    assert len(exported(rated, "m.csv")) == len(view)
    assert stat.S_IMODE((rated.path / "m.parquet").stat().st_mode) == 0o600


@pytest.mark.parametrize("suffix", FORMATS)
def test_withheld_replies_are_empty_and_named(rated, suffix):
    """In every form, unless they are asked for: that is on each row and in the journal."""
    rows = exported(rated, f"a{suffix}", "--rows", "attempts")
    hidden = [r for r in rows if r["withheld"]]
    asked = exported(rated, f"b{suffix}", "--rows", "attempts", "--include-hazardous")
    texts = {t for (t,) in rated.rows("SELECT reply FROM replies", "t-limit-6")}
    found = {r["reply"] for r in asked}

    assert hidden
    assert not [r for r in hidden if r["reply"] or r["rationale"] or r["evidence"]]
    assert found == texts
    assert {str(r["hazardous_included"]) for r in asked} <= {"True", "yes"}
    told = rated.rows("SELECT code FROM event WHERE kind = 'hazardous-shown'", "t-limit-6")
    assert told == [(f"export b{suffix}",)]


def test_attempts_without_an_answer_are_rows_too(project):
    """What never ran is in the table, with its state and nothing in place of a reply."""
    project.write(simulated(), attacks='["direct"]', run="budget = { requests = 5 }")
    project.run("--limit", 6, check=3)
    rows = exported(project, "a.jsonl", "--rows", "attempts")
    waiting = [r for r in rows if r["state"] != "done"]

    assert len(rows) == 12
    assert len(waiting) == 7
    assert {(r["state"], r["reply"], r["marks"]) for r in waiting} == {("budget", None, None)}


def test_calls_are_rows(rated):
    """As many as there are, with the tokens that were told."""
    rows = exported(rated, "c.jsonl", "--rows", "calls")

    assert [(len(rows), sum(r["tokens_out"] for r in rows))] == rated.rows(
        "SELECT count(*), sum(tokens_out) FROM calls", "t-limit-6"
    )


@pytest.mark.parametrize("what", KINDS)
def test_every_column_is_documented(what):
    """docs/cli.md lists the columns of each kind of row, in their order."""
    page = " ".join(sections(ROOT / "docs" / "cli.md")["dosimeter runs export"].split())
    names = ", ".join(name for name, _ in KINDS[what][0])

    assert f"`{what}` has {names}." in page
    assert all(f"`{name}`" in page for name, _ in OF_RUN)


def test_no_cell_is_a_formula(rated):
    """A reply that a spreadsheet would compute has an apostrophe before it."""
    rated.edit(
        "UPDATE blob SET codec = 'utf8', bytes = CAST('=1+1' AS BLOB) WHERE k IN"
        " (SELECT m.body FROM message m WHERE m.speaker = 'assistant')",
        name="t-limit-6",
    )
    said = {r["reply"] for r in exported(rated, "a.csv", "--rows", "attempts")}

    assert said == {"", "'=1+1"}


def test_csv_begins_with_a_mark_of_byte_order_where_it_is_asked_for(rated):
    """By which Excel knows UTF-8; else the file begins with its first column."""
    plain, marked = (rated.path / name for name in ("a.csv", "b.csv"))
    exported(rated, plain.name, "--rows", "calls")
    exported(rated, marked.name, "--rows", "calls", "--bom")

    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()


def test_what_cannot_be_exported_says_why_and_leaves_no_file(rated):
    """Another suffix, the journal itself, texts of rows that have none: exit 2, nothing written."""
    before = sorted(p.name for p in rated.path.iterdir())
    for args, why in (
        (("-o", "a.xlsx"), "ends in .csv, .jsonl, .parquet"),
        (("-o", "runs/t-limit-6/journal.sqlite.csv"), "is a journal or belongs to one"),
        (("-o", "a.csv", "--include-hazardous"), "marks have no text"),
        (("-o", "stack.toml/a.csv"), "cannot be written"),
        (("-o", "a.jsonl", "--bom"), "--bom is for CSV"),
    ):
        done = rated.call("runs", "export", "t-limit-6", *args, check=2)
        assert why in done.stderr

    assert sorted(p.name for p in rated.path.iterdir()) == before


def test_parquet_without_pyarrow_says_what_to_install(rated):
    """And no half a file is there."""
    (rated.path / "pyarrow.py").write_text("raise ImportError\n")
    done = rated.call(
        "runs", "export", "t-limit-6", "-o", "a.parquet", check=2, PYTHONPATH=str(rated.path)
    )

    assert "pip install 'dosimeter[parquet]'" in done.stderr
    assert not list(rated.path.glob("*a.parquet*"))


@pytest.mark.parametrize("form", FORMATS.values())
def test_rows_are_written_as_they_come(form):
    """Of rows without end no more are held than a group of Parquet has."""
    taken = count()
    rows = ((f"{next(taken)}",) for _ in count())
    pieces = list(islice(form([("name", str)], rows), 4))

    assert pieces
    assert next(taken) <= 2 * ROWS


@pytest.mark.parametrize("sql", [PLANNED, MARKS, CALLS])
def test_the_journal_sorts_nothing_to_be_exported(rated, sql):
    """Rows come in the order in which they lie, so that the journal holds none back."""
    plan = [row[3] for row in rated.rows(f"EXPLAIN QUERY PLAN {sql}", "t-limit-6")]

    assert plan
    assert not [step for step in plan if "TEMP B-TREE" in step or "AUTOMATIC" in step]
