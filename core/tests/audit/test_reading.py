"""Files of results: what is read of each form, and what is refused in words."""

import gzip
import json
import tracemalloc

import pytest
from audits import USUAL, cell, lines, read, table

from dosimeter.audit.columns import Columns
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.table import Where
from dosimeter.errors import AuditError

ROWS = [(f"q{i}", s, int((i + len(s)) % 3 == 0)) for i in range(12) for s in ("one", "three")]
OBJECTS = [dict(zip(("item", "system", "y"), r, strict=True)) for r in ROWS]


def refused(*paths, **more):
    with pytest.raises(AuditError) as caught:
        read(*paths, **more)
    return str(caught.value)


def test_every_form_gives_the_same_audit(tmp_path):
    """Comma, semicolon, tab, lines and a list of JSON, with a mark of byte order, in UTF-16, packed."""
    plain = "item,system,y\r\n" + "".join(f"{a},{b},{c}\r\n" for a, b, c in ROWS)
    written = {
        "a.csv": plain.encode(), "b.csv": plain.replace(",", ";").encode(),
        "c.tsv": plain.replace(",", "\t").encode(), "d.csv": plain.encode("utf-8-sig"),
        "e.csv": plain.encode("utf-16"), "f.csv.gz": gzip.compress(plain.encode()),
        "g.json": json.dumps(OBJECTS).encode(),
        "h.jsonl": "\n".join(map(json.dumps, OBJECTS)).encode(),
        "i.ndjson.gz": gzip.compress("\n".join(map(json.dumps, OBJECTS)).encode()),
    }  # fmt: skip
    found = []
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
        found.append(read(tmp_path / name))

    assert all(f.cells == found[0].cells and f.pairs == found[0].pairs for f in found)
    assert {f.files[0].form for f in found} == {"CSV", "TSV", "JSON list", "JSON lines"}
    assert cell(found[0], "one").events == 4


def test_each_file_is_a_system_where_no_column_names_one(tmp_path):
    """By its name; two of one name by their folder too."""
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        table(tmp_path / folder / "out.csv", ROWS[::2])
    columns = Columns(item="item", outcome="y")
    found = read(tmp_path / "first/out.csv", tmp_path / "second/out.csv", columns=columns)

    assert [c.system for c in found.cells] == ["first/out.csv", "second/out.csv"]
    assert [p.difference for p in found.pairs] == [0]


def test_a_column_of_nested_rows_is_a_path(tmp_path):
    """As in logs: names with dots between them."""
    rows = [{"item": r["item"], "system": r["system"], "scores": {"harm": {"value": r["y"]}}} for r in OBJECTS]  # fmt: skip
    found = read(lines(tmp_path / "a.jsonl", rows),
                 columns=Columns(item="item", system="system", outcome="scores.harm.value"))  # fmt: skip

    assert cell(found, "one").events == 4


def test_rows_are_taken_by_pattern_and_those_left_out_are_counted(tmp_path):
    """With a star, and all but these."""
    path = table(tmp_path / "a.csv", ROWS)
    some = read(path, where=(Where(column="item", pattern="q1*"),))
    rest = read(path, where=(Where(column="item", pattern="q1*", unlike=True),))

    assert (some.files[0].rows, some.files[0].left_out, some.design.items) == (24, 18, 3)
    assert rest.design.items == 9
    assert some.design.where == ("item=q1*",)
    assert "none of 24 rows" in refused(path, where=(Where(column="item", pattern="x*"),))


def test_an_unknown_column_is_told_with_the_nearest(tmp_path):
    """Before any row is read; in JSON lines also one that comes in no row."""
    path = table(tmp_path / "a.csv", ROWS)
    for named, words in (
        ({"item": "itme"}, "no column 'itme' (--item); did you mean 'item'?"),
        ({"outcome": "zz"}, "no column 'zz' (--outcome); it has item, system, y"),
        ({"group": "grup"}, "(--group)"),
        ({"submitted": "sub"}, "(--submitted)"),
    ):
        columns = Columns(**{"item": "item", "outcome": "y", "system": "system"} | named)
        assert words in refused(path, columns=columns)
        assert words.partition(";")[0] in refused(
            lines(tmp_path / "a.jsonl", OBJECTS), columns=columns
        )
    assert "(--where)" in refused(path, where=(Where(column="what", pattern="1"),))
    assert "with --item COLUMN" in refused(path, columns=Columns(outcome="y"))
    assert "with --outcome COLUMN" in refused(path, columns=Columns(item="item"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "", "has no rows"),
        ("a.csv", "item,system,y\n", "has no rows"),
        ("a.jsonl", "", "has no rows"),
        ("a.json", "[]", "has no rows"),
        ("a.csv", "item,system,y\nq,m,1\nq,m,0\n", "all 2 rows are of one item"),
        ("a.csv", "item,system,y\nq,m,\nr,m,NaN\n", "is missing in all 2 rows"),
        ("a.csv", "item,system,y\nq,m,2\n", "row 2, column 'y': '2' is neither 0 nor 1; marks are averaged"),
        ("a.csv", "item,system,y\nq,m,saef\n", "say what it means, such as --outcome-is saef=event"),
        ("a.csv", "item,system,y\n,m,1\n", "row 2: no item in column 'item'"),
        ("a.csv", "item,system,y\nq,,1\n", "row 2: no system in column 'system'"),
        ("a.csv", "item,system,y\nq,m,1,more\n", "row 2: 4 cells for 3 columns"),
        ("a.csv", 'item,system,y\nq,"m"x,1\n', "row 2: a quotation mark"),
        ("a.csv", "item,item,y\nq,m,1\n", "two columns are called 'item'"),
        ("a.jsonl", '{"item": 1, "system": 1, "y": 1}\nnonsense\n', "line 2: expected a JSON object on one line"),
        ("a.jsonl", "[\n", "name a whole JSON document .json"),
        ("a.json", "{", "line 1: no JSON"),
        ("a.json", '{"a": 1}', "neither a list of objects nor a log"),
        ("a.json", "[1]", "entry 1: expected an object"),
        ("a.eval", "x", "inspect log convert"),
        ("a.txt", "x", "ends in none of .csv"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_results_is_refused_with_its_place(tmp_path, name, text, words):
    """File, row and column, and what to do."""
    path = tmp_path / name
    path.write_text(text)

    assert words in refused(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """Not there, cut off, of another encoding."""
    packed = gzip.compress(b"item,system,y\n" + b"q,m,1\n" * 5000)
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "latin.csv").write_bytes("item,system,y\nä,m,1\n".encode("cp1252"))

    assert "cannot be read: No such file" in refused(tmp_path / "none.csv")
    assert "packed and broken, or cut off" in refused(tmp_path / "cut.csv.gz")
    assert "no text in UTF-8; save it" in refused(tmp_path / "latin.csv")


def test_no_reply_is_quoted_in_a_message(tmp_path):
    """A column of texts that was named by mistake is told by its length."""
    reply = "First take the flour and then the yeast, and knead"
    path = table(tmp_path / "a.csv", [("q", "m", reply), ("r", "m", "0")])
    said = refused(path)

    assert "flour" not in said
    assert "a text of 50 characters is neither 0 nor 1" in said


def test_values_mean_what_is_said_and_no_other_is_let_through(tmp_path):
    """A label nobody explained would count as no event; near misses are named."""
    path = table(tmp_path / "a.csv", [("a", "m", "comply"), ("b", "m", "refuse"), ("c", "m", "error"), ("d", "m", "")])  # fmt: skip
    means = {"comply": "event", "refuse": "other"}

    assert "'error' is not among the values" in refused(path, outcomes=Outcomes(meanings=means))
    found = read(path, outcomes=Outcomes(meanings=means | {"error": "missing"}))
    same = read(path, outcomes=Outcomes(meanings=means, missing=frozenset({"error"})))
    assert found.cells == same.cells
    assert (found.cells[0].events, found.cells[0].scored, found.cells[0].missing) == (1, 2, 2)


def test_marks_off_the_scale_are_refused(tmp_path):
    """Neither clipped nor left out."""
    path = table(tmp_path / "a.csv", [("a", "m", "1"), ("b", "m", "6")])

    assert "row 3, column 'y': '6' is no mark from 1 to 5" in refused(path, outcomes=Outcomes(scale=(1, 5)))  # fmt: skip
    assert cell(read(path, outcomes=Outcomes(scale=(1, 6))), "m").value == 3.5


def test_labels_that_are_no_marks_are_refused_on_a_scale(tmp_path):
    """Of raters too, with their place."""
    path = table(tmp_path / "a.csv", [("a", "m", 1, "2"), ("b", "m", 2, "bad")], ("item", "system", "a", "b"))  # fmt: skip
    columns = Columns(item="item", system="system", raters=("a", "b"))

    assert "row 3, column 'b': 'bad' is no mark from 1 to 5" in refused(
        path, columns=columns, outcomes=Outcomes(scale=(1, 5))
    )
    assert read(path, columns=columns).agreements[0].labels == ("1", "2", "bad")


def test_a_repeat_that_comes_twice_is_refused_and_copies_are_told(tmp_path):
    """With a column of repeats it is a mistake; without one it may be a repeat."""
    rows = [(q, "m", 1, r) for q in "ab" for r in (1, 2)]
    path = table(tmp_path / "a.csv", [*rows, rows[0]], ("item", "system", "y", "n"))
    columns = Columns(item="item", outcome="y", system="system", repeat="n")

    assert "row 6: its item, system, group and repeat came before" in refused(path, columns=columns)
    found = read(path)
    assert (found.design.copies, found.design.several) == (1, True)
    assert any(s.startswith("Copies, in every cell") and ": 1;" in s for s in found.supported)


def test_an_item_in_two_clusters_is_refused(tmp_path):
    """Then its name is no name of an item."""
    path = table(tmp_path / "a.csv", [("a", "m", 1, "x"), ("a", "n", 0, "y")], ("item", "system", "y", "c"))  # fmt: skip

    assert "row 3: its item is in another cluster" in refused(
        path, columns=Columns(item="item", outcome="y", system="system", cluster="c")
    )


def test_a_column_of_texts_is_no_system(tmp_path):
    """More than a table of systems can hold is another column, named by mistake."""
    path = table(tmp_path / "a.csv", [(i, f"m{i}", 1) for i in range(300)])

    assert "more than 200" in refused(path)


def test_a_list_of_items_sets_the_denominator(tmp_path):
    """One a line, or a column of a file; items that are not on it are refused."""
    path = table(tmp_path / "a.csv", ROWS)
    every = tmp_path / "items.txt"
    every.write_text("\n".join(f"q{i}" for i in range(20)))
    rows = table(tmp_path / "items.csv", [(f"q{i}", i) for i in range(20)], ("item", "n"))
    few = tmp_path / "few.txt"
    few.write_text("q0\nq1\n")

    assert cell(read(path, items=every), "one").absent == 8
    assert (
        read(path, items=every).cells
        == read(path, items=rows).cells
        == read(path, attempted=20).cells
    )
    assert "10 of 12 items of the results are not on the list" in refused(path, items=few)
    assert "has 12 items, which is more than the 5 attempted" in refused(path, attempted=5)
    assert "1,000,000,000,000 items attempted are more than" in refused(path, attempted=10**12)


def test_trap_13_texts_are_not_held(tmp_path):
    """Memory grows with items, not with prompts and replies: 40 MB of these are read in a fraction."""
    path = tmp_path / "big.csv"
    reply = "word " * 2000
    with path.open("w") as file:
        file.write("item,system,y,reply\n")
        for i in range(4000):
            file.write(f"q{i},m,{i % 2},{reply}\n")
    tracemalloc.start()
    found = read(path, columns=USUAL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found.design.rows == 4000
    assert path.stat().st_size > 40e6
    assert peak < 8e6
