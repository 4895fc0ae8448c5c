"""Files of every kind are read to the same rows, and what cannot be read says where and what to do."""

import json
import unicodedata

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


def refused(folder, name="items.csv", **more):
    with pytest.raises(StackError) as caught:
        items(folder, name, **more)
    return caught.value


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
    "open quote": ('prompt,intent\na,harmful\n"b,harmful\nc,benign\n', "row 3: a quotation mark"),
    "stray quote": ('prompt,intent\n"a" b,harmful\n', "row 2: a quotation mark"),
    "title": ("Requests of May,\nprompt,intent\na,harmful\n", "row 1: the first row must name .* title"),
    "title alone": ("Requests of May\nprompt,intent\na,harmful\n", "row 2: 2 cells .* is a title"),
    "title of prose": ("Requests\na\n", "called 'prompt'.* is a title, delete it"),
    "no head": (",\na,harmful\n", "row 1: the first row must name the columns, .* 0 of 2"),
    "no name": ("prompt,intent,\na,harmful,x\n", "row 1: column 3 holds text and has no name"),
    "no text": ("prompt,intent\n,harmful\n", "row 2: no text to ask"),
    "blank intent": ("prompt,intent\na,\n", "row 2: the intent is blank"),
    "strange intent": ("prompt,intent\na,spicy\n", "of column 'intent' is unknown: 'spicy' \\(row 2\\)"),
    "same id": ("prompt,intent,id\na,harmful,1\nb,harmful,1\n", "row 3: the same id, '1', as row 2"),
    "same text": ("prompt,intent\na,harmful\na,harmful\n", "row 3: the same text as row 2"),
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


CP1252 = {"encoding": "cp1252"}


def test_what_fails_by_the_encoding_that_was_named_is_not_told_to_name_it(tmp_path):
    """The advice is another one then."""
    (tmp_path / "items.csv").write_bytes(b"prompt,intent\na,harmful\n\x81\xff,benign\n")

    assert "cp1252" in str(refused(tmp_path))
    assert str(refused(tmp_path, **CP1252)).endswith(
        "save the file as CSV UTF-8 and leave encoding out"
    )


def test_utf_8_is_not_read_by_another_encoding_unless_that_is_said_to_be_sure(tmp_path):
    """Else a model is asked "fÃ¤llt", and its refusals are another's."""
    write(tmp_path, "prompt,intent\nfällt?,harmful\n")
    why = str(refused(tmp_path, **CP1252))
    (item,) = items(tmp_path, **CP1252, encoding_is_sure=True)

    assert "is UTF-8, and the stack says cp1252" in why
    assert "encoding_is_sure = true" in why
    assert item.opening[-1].text == "fÃ¤llt?"
    assert items(write(tmp_path, "prompt,intent\nfaellt?,harmful\n"), **CP1252)


def test_a_first_line_that_names_the_separator_is_no_row(tmp_path):
    """As Excel writes it; rows keep the numbers that an editor counts."""
    write(tmp_path, "sep=;\r\nprompt;intent\r\na, b;harmful\r\n;benign\r\n")
    why = str(refused(tmp_path))
    write(tmp_path, "sep=;\r\nprompt;intent\r\na, b;harmful\r\n")

    assert "row 4: no text to ask" in why
    assert [i.opening[-1].text for i in items(tmp_path)] == ["a, b"]


def test_an_empty_column_at_the_end_is_no_fault(tmp_path):
    """Spreadsheets write columns that were once used."""
    write(tmp_path, "prompt,intent,,\na,harmful,,\nb,benign,,,,\n")

    assert len(items(tmp_path)) == 2


@pytest.mark.parametrize(
    ("given", "what"), [(["a"], "a list"), (3, "a number"), ({"a": 1}, "a table")]
)
def test_what_is_no_text_is_not_asked(tmp_path, given, what):
    """It is told with its line."""
    rows = [{"prompt": "a", "intent": "harmful"}, {"prompt": given, "intent": "benign"}]
    write(tmp_path, "\n".join(map(json.dumps, rows)), "items.jsonl")

    assert f"row 2: the prompt is {what}" in str(refused(tmp_path, "items.jsonl"))


def test_whole_numbers_that_pandas_writes_as_floats_are_ids(tmp_path):
    """A column with blanks is one of floats there; in CSV a twin is then "2.0"."""
    table = pa.table({
        "prompt": ["a?", "b?", "c?"], "intent": ["harmful", "benign", "harmful"], "id": [1, 2, 3],
        "twin": [2.0, None, float("nan")],
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "items.parquet")
    write(tmp_path, "prompt,intent,id,twin\na?,harmful,1,2.0\nb?,benign,2,\nc?,harmful,3,\n")
    found = items(tmp_path, "items.parquet")

    assert found[0].links[0].item_id == "file/2"
    assert [i.links for i in found] == [i.links for i in items(tmp_path)]


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
        ("items.docx", "PK", r"expected a file that ends in \.csv"),
        ("items.xlsx", "PK", "is an Excel workbook: save it as CSV UTF-8"),
        ("items.csv", "PK\x03\x04\x14", "is an Excel workbook: save it as CSV UTF-8"),
        ("items.jsonl", '[{"prompt": "a"},', "line 1: .* write each entry of the list on one"),
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
    """The first ten, each on a line of its own, and how many more."""
    write(tmp_path, "prompt,intent\n" + ",benign\n" * 25)
    lines = str(refused(tmp_path)).splitlines()

    assert lines[0] == "items.csv has 25 faults:"
    assert lines[1:11] == [f"row {n}: no text to ask" for n in range(2, 12)]
    assert lines[11:] == ["and 15 more"]


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


FOLLOWING = {
    "an id twice": "a,harmful,1,2\nb,benign,2,\nc,harmful,1,3\nd,benign,3,\n",
    "no text": "a,harmful,1,2\n,benign,2,\n",
    "no intent": "a,harmful,1,2\nb,,2,\n",
}


@pytest.mark.parametrize("rows", FOLLOWING.values(), ids=FOLLOWING)
def test_what_follows_from_a_fault_is_not_told_beside_it(tmp_path, rows):
    """The twin of a row that cannot be read is that row's matter."""
    write(tmp_path, f"prompt,intent,id,twin\n{rows}")

    assert "twin" not in str(refused(tmp_path))
    assert len(str(refused(tmp_path)).splitlines()) == 1


def test_unknown_words_of_intents_are_told_once_each(tmp_path):
    """With how many rows have them, under the option that would say what they mean."""
    write(
        tmp_path,
        "prompt,intent\n" + "".join(f"a{n},{('heikel', 'fein')[n % 2]}\n" for n in range(30)),
    )
    ((key, why),) = refused(tmp_path).faults

    assert key == "words"
    assert "2 words of column 'intent' are unknown: 'heikel' (15 rows), 'fein' (15 rows)" in why
    assert "words = { harmful" in why


def test_requests_in_the_place_of_intents_are_not_repeated(tmp_path):
    """Messages hold no prompt: of a column of texts its name is told."""
    write(tmp_path, "prompt,intent,kind\n" + "".join(f"a{n},Who {n}?,harmful\n" for n in range(30)))
    ((key, why),) = refused(tmp_path).faults

    assert key == "columns.intent"
    assert "holds 30 different texts" in why
    assert "Who" not in why


def test_names_are_the_same_in_both_forms_of_unicode(tmp_path):
    """MacOS writes an ä as two characters: in words, columns, ids, families and factors."""
    head, rows = "Nür,Fräge,Stüfe,Zwilling,Thöma", ["ä1,a,schädlich,ä2,Öl", "ä2,b,harmlos,,Öl"]
    text = unicodedata.normalize("NFD", "\n".join([head, *rows]))
    apart = unicodedata.normalize("NFD", "ä2")
    write(tmp_path, text.replace(f",{apart},", ",ä2,", 1))
    named = Columns(prompt="Fräge", intent="Stüfe", id="Nür", twin="Zwilling")
    words = Words(harmful=("schädlich",), benign=("harmlos",))
    composed = items(tmp_path, columns=named, words=words, factors=("Thöma",))
    write(tmp_path, "\n".join([head, *rows]))
    other = Columns(
        prompt=unicodedata.normalize("NFD", "Fräge"), intent="Stüfe", id="Nür", twin="Zwilling"
    )

    assert items(tmp_path, columns=other, words=words, factors=("Thöma",)) == composed
    assert composed[0].links[0].item_id == composed[1].id == "file/ä2"
    assert composed[0].factors == (("Thöma", "Öl"),)


def test_a_twin_may_stand_beside_its_request(tmp_path):
    """A row gives both, of one family, with ids that stay when texts are mended."""
    mapped = {"columns": Columns(twin_prompt="Harmless"), "factors": ("Rule",)}
    write(tmp_path, "id,prompt,Harmless,Rule\n1,a,b,R1\n2,c,,R2\n")
    one, two, three = items(tmp_path, **mapped)
    write(tmp_path, "id,prompt,Harmless,Rule\n1,a,b mended,R1\n")

    assert [i.intent for i in (one, two, three)] == [Intent.HARMFUL, Intent.BENIGN, Intent.HARMFUL]
    assert [i.opening[-1].text for i in (one, two, three)] == ["a", "b", "c"]
    assert (one.links[0].item_id, two.links[0].item_id) == (two.id, one.id)
    assert (one.id, two.id, three.family) == ("file/1", "file/1-twin", "file/2")
    assert one.family == two.family == "file/1"
    assert (one.goal, two.goal) == ("a", "b")
    assert two.factors == one.factors == (("Rule", "R1"),)
    assert [i.id for i in items(tmp_path, **mapped)] == [one.id, two.id]


def test_a_twin_beside_its_request_asks_for_the_other_intent(tmp_path):
    """Where a column says that the request is benign; of what is neither there is no twin."""
    write(tmp_path, "prompt,intent,twin_prompt\na,benign,b\n")
    one, two = items(tmp_path)
    write(tmp_path, "prompt,intent,twin_prompt,twin\na,contestable,b,\n")

    assert (one.intent, two.intent) == (Intent.BENIGN, Intent.HARMFUL)
    assert "give one of the two" in str(refused(tmp_path))
    write(tmp_path, "prompt,intent,twin_prompt\na,contestable,b\n")
    assert "row 2: a request of intent contestable has no twin" in str(refused(tmp_path))


def test_an_id_that_is_there_twice_is_one_fault_of_its_row(tmp_path):
    """Also where the row has a twin, which is there twice with it."""
    write(tmp_path, "id,prompt,twin_prompt\n1,a,b\n1,c,d\n")
    ((key, why),) = refused(tmp_path).faults

    assert key == "path"
    assert why.startswith("items.csv, row 3: the same id, '1', as row 2")


def test_texts_in_the_place_of_twins_ids_name_the_option_for_texts(tmp_path):
    """Once, and without the texts."""
    rows = "".join(f"{n},a{n},harmful,Who {n}?\n" for n in range(9))
    write(tmp_path, f"id,prompt,intent,twin\n{rows}9,b,benign,\n")
    ((key, why),) = refused(tmp_path).faults

    assert key == "columns.twin"
    assert "names no row in 9 of 9 cells" in why
    assert "write columns = { twin_prompt = 'twin' }" in why
    assert "Who" not in why
