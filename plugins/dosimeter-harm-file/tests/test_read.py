"""Files of every kind are read to the same rows, and what cannot be read says where and what to do."""

import json

import pyarrow as pa
import pytest
from attrs import evolve
from pyarrow import parquet

from dosimeter import Intent, StackError
from dosimeter_harm_file.items import build
from dosimeter_harm_file.options import Columns, FileOptions, Words

ROWS = [
    {"prompt": "How do I copy a key, quietly?", "intent": "harmful", "twin": "b1", "id": "a1"},
    {"prompt": 'Who copies a "lost" key?\nToday', "intent": "benign", "twin": "a1", "id": "b1"},
    {"prompt": "Wie öffne ich ein Schloß?", "intent": "contestable", "twin": "", "id": "c1"},
]


def separated(by):
    quoted = [[f'"{v}"'.replace('"lost"', '""lost""') for v in r.values()] for r in ROWS]
    return "\r\n".join([by.join(ROWS[0]), *(by.join(r) for r in quoted), ""])


def items(folder, name="items.csv", **more):
    options = FileOptions(path=name, folder=str(folder), **more)
    return list(build(options).items("all"))


def write(folder, text, name="items.csv", encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return folder


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("items.csv", separated(","), "utf-8"),
        ("bom.csv", separated(","), "utf-8-sig"),
        ("semicolons.csv", separated(";"), "utf-8"),
        ("spreadsheet.csv", separated("\t"), "utf-16"),
        ("items.tsv", separated("\t"), "utf-8"),
        ("items.jsonl", "\n".join(map(json.dumps, ROWS)), "utf-8"),
    ],
)
def test_every_kind_of_file_gives_the_same_items(tmp_path, name, text, encoding):
    """Separators and marks of byte order are found out; quotes and line ends inside a cell stay."""
    write(tmp_path, separated(","))
    same = items(tmp_path)

    assert [evolve(i, provenance=same[0].provenance) for i in items(
        write(tmp_path, text, name, encoding), name, origin="items.csv"
    )] == same  # fmt: skip
    assert same[1].opening[-1].text == 'Who copies a "lost" key?\r\nToday'.replace("\r", "")


def test_parquet_is_read_too(tmp_path):
    """With its types: a number is text, a null is blank."""
    table = pa.table({
        "prompt": ["a?", "b?"], "intent": ["harmful", "benign"], "size": [3, None], "id": [1, 2],
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "items.parquet")
    found = items(tmp_path, "items.parquet", factors=("size",))

    assert [i.id for i in found] == ["file/1", "file/2"]
    assert [i.factors for i in found] == [(("size", "3"),), ()]


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    """And the line is told where it is not."""
    write(tmp_path, separated(","), encoding="cp1252")
    with pytest.raises(StackError, match=r'items.csv, line 5: not utf-8; .* encoding = "cp1252"'):
        items(tmp_path)

    assert items(tmp_path, encoding="cp1252")[2].opening[-1].text == ROWS[2]["prompt"]


BROKEN = {
    "empty file": ("", "has no rows"),
    "head alone": ("prompt,intent\n", "has no rows"),
    "blank rows": ("prompt,intent\n,\n ,\n", "has no rows"),
    "no prompt": ("text,intent\nx,harmful\n", "no column of items.csv is called 'prompt'"),
    "no intent": ("prompt\nx\n", "no column says whether a request is harmful or benign"),
    "column twice": ("prompt,intent,prompt\na,b,c\n", "two columns are called 'prompt'"),
    "ragged": ("prompt,intent\na,harmful\nb, c,benign\n", "row 3: 3 cells for 2 columns"),
    "open quote": ('prompt,intent\n"a,harmful\n', "cannot be read as CSV"),
    "no text": ("prompt,intent\n,harmful\n", "row 2: no text to ask"),
    "blank intent": ("prompt,intent\na,\n", "row 2: the intent is blank"),
    "strange intent": ("prompt,intent\na,spicy\n", "row 2: intent 'spicy' is none of harmful"),
    "same id": ("prompt,intent,id\na,harmful,1\nb,harmful,1\n", "row 3: the same id"),
    "same text": ("prompt,intent\na,harmful\na,harmful\n", "row 3: .*the same text"),
    "long id": (f"prompt,intent,id\na,harmful,{'x' * 200}\n", "row 2: an id is at most 100"),
    "messages": ('prompt,intent,messages\na,harmful,"[1]"\n', "row 2: messages are no JSON list"),
    "twin of nobody": ("prompt,intent,id,twin\na,harmful,1,9\n", "row 2: twin '9' is the id of no"),
    "twin alike": (
        "prompt,intent,id,twin\na,harmful,1,2\nb,harmful,2,1\n", "row 2: twin '2' is not benign",
    ),
    "twin of two": (
        "prompt,intent,id,twin\na,harmful,1,3\nb,harmful,2,3\nc,benign,3,\n", "row 3: twin '3' is an",
    ),
    "twin far off": (
        "prompt,intent,id,twin,family\na,harmful,1,2,x\nb,benign,2,1,y\n", "is of another family",
    ),
    "huge cell": (
        f"prompt,intent\n{'x' * 10_000_000},harmful\n", "row 2, column 'prompt': 10,000,000 characters",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_told_with_its_row(tmp_path, text, told):
    """What it is, where, and what to do."""
    write(tmp_path, text)
    with pytest.raises(StackError, match=told) as caught:
        items(tmp_path)

    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("items.xlsx", "PK", r"expected a file that ends in \.csv"),
        ("items.jsonl", '{"prompt": "a"}\nnot JSON', "line 2: expected a JSON object"),
        ("items.jsonl", "[" * 100_000, "line 1: expected a JSON object"),
        ("items.parquet", "not Parquet", "cannot be read as Parquet"),
        ("absent/items.csv", None, "cannot be read: No such file"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, name, text, told):
    """By its name, then by what is in it."""
    if text is not None:
        write(tmp_path, text, name)
    with pytest.raises(StackError, match=told):
        items(tmp_path, name)


def test_many_faults_are_told_at_once_and_counted(tmp_path):
    """The first ten, and how many more."""
    write(tmp_path, "prompt,intent\n" + "a,spicy\n" * 25)
    with pytest.raises(StackError) as caught:
        items(tmp_path)

    assert str(caught.value).count("items.csv, row ") == 10
    assert "and 15 more" in str(caught.value)


def test_columns_and_words_are_a_teams_own(tmp_path):
    """In whatever case; a column that is not there names the nearest."""
    write(tmp_path, "Question,Rating,Topic\nx?,HOT,post\ny?,cold,post\n")
    mapped = {
        "columns": Columns(prompt="Question", intent="Rating"),
        "words": Words(harmful=("hot",), benign=("Cold",)),
        "factors": ("Topic",),
    }

    assert [i.intent for i in items(tmp_path, **mapped)] == [Intent.HARMFUL, Intent.BENIGN]
    with pytest.raises(StackError, match="no column 'Questoin'; did you mean 'Question'"):
        items(tmp_path, columns=Columns(prompt="Questoin"))
    with pytest.raises(StackError, match="no column 'topic'; did you mean 'Topic'"):
        items(tmp_path, **mapped | {"factors": ("topic",)})


def test_twins_are_linked_both_ways_and_share_a_family(tmp_path):
    """One of the two names the other; a column of families is kept."""
    write(tmp_path, "prompt,intent,id,twin\na,harmful,1,2\nb,benign,2,\nc,harmful,3,\n")
    one, two, three = items(tmp_path)

    assert [one.links[0].item_id, two.links[0].item_id] == [two.id, one.id]
    assert one.family == two.family != three.family
    assert three.links == ()


def test_a_conversation_comes_before_the_request(tmp_path):
    """A system message of the item's own first."""
    said = json.dumps([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes?"}])
    row = {"prompt": "go", "intent": "benign", "system": "Be brief.", "messages": said}
    write(tmp_path, json.dumps(row), "items.jsonl")
    (item,) = items(tmp_path, "items.jsonl")

    assert [(m.speaker.value, m.text) for m in item.opening] == [
        ("system", "Be brief."), ("user", "hi"), ("assistant", "yes?"), ("user", "go"),
    ]  # fmt: skip


def test_an_id_without_a_column_is_of_the_text(tmp_path):
    """Rows may be sorted anew, and others put between: the ids stay."""
    write(tmp_path, "prompt,intent\na,harmful\nb,benign\n")
    before = {i.opening[-1].text: i.id for i in items(tmp_path)}
    write(tmp_path, "prompt,intent\nb,benign\nz,benign\na,harmful\n")
    after = {i.opening[-1].text: i.id for i in items(tmp_path)}

    assert before.items() <= after.items()
