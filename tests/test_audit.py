"""`dosimeter audit` as users call it."""

import json

import pytest
from inprocess import call
from pages import ROOT

LABELS = ROOT / "docs" / "examples" / "labels.csv"
USUAL = ("--item", "question", "--system", "model", "--repeat", "repeat", "--outcome", "harmful")


def audit(*arguments):
    return call("audit", LABELS, *USUAL, *arguments)


def test_the_page_is_printed_and_written(tmp_path):
    """Markdown by itself, a file by its suffix, JSON as one value; the same facts and the same bytes."""
    code, page, err = audit()
    _, said, _ = audit("-o", tmp_path / "a.md", "-o", tmp_path / "a.json")
    facts = json.loads(audit("--json")[1])

    assert (code, err) == (0, "")
    assert page.startswith("# Audit of labels.csv\n")
    assert (tmp_path / "a.md").read_text() == page
    assert said == f"Written: {tmp_path}/a.md\nWritten: {tmp_path}/a.json\n"
    assert json.loads((tmp_path / "a.json").read_text()) == facts
    assert [c["value"] for c in facts["cells"]] == [pytest.approx(31 / 72), pytest.approx(12 / 70)]


@pytest.mark.parametrize(
    ("claim", "code"),
    [("amber 43%", 0), ("amber > beryl", 0), ("amber = beryl", 1), ("amber 44%", 1), ("amber 0.9", 1),
     ("beryl < 10%", 1), ("amber 430%", 4), ("amber = amber", 4)],
)  # fmt: skip
def test_the_exit_code_says_whether_a_claim_is_spoilt(claim, code):
    """Overstated or contradicted is 1, supported 0; what cannot be judged is 4, and never 0."""
    found = json.loads(audit("--claim", claim, "--json")[1])

    assert audit("--claim", claim)[0] == code
    assert found["claims"][0]["claim"]["says"] == claim


def test_a_spoilt_claim_comes_before_one_that_cannot_be_judged():
    """The page counts both."""
    code, page, _ = audit("--claim", "amber 430%", "--claim", "amber 0.9")

    assert code == 1
    assert "1 of 2 are overstated or contradicted by these data. 1 cannot be judged." in page


def test_claims_come_from_a_file_too(tmp_path):
    """Typed ones first; the page begins with them."""
    (tmp_path / "claims.toml").write_text(
        '[[claims]]\nsays = "half of amber"\nof = "amber"\nvalue = "50%"\ninterval = ["38%", "62%"]\n'
    )
    code, page, _ = audit("--claim", "beryl 17%", "--claims", tmp_path / "claims.toml")

    assert code == 1
    assert (
        page.index("beryl 17%") < page.index("half of amber") < page.index("What the data support")
    )
    assert "1 of 2 are overstated or contradicted" in page


def test_a_margin_a_level_and_a_denominator_are_taken(tmp_path):
    """As flags; each is in the facts."""
    items = tmp_path / "items.txt"
    items.write_text("\n".join(f"q{i:02}" for i in range(1, 41)))
    found = json.loads(audit("--margin", "0.5", "--level", "0.9", "--items", items, "--json")[1])
    same = json.loads(audit("--margin", "0.5", "--level", "0.9", "--attempted", "40", "--json")[1])

    assert found == same
    assert (found["design"]["margin"], found["design"]["level"], found["design"]["attempted"]) == (0.5, 0.9, 40)  # fmt: skip
    assert found["cells"][0]["absent"] == 16
    assert found["cells"][0]["bounds"]["lowest"] == pytest.approx(31 / 88)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--outcome-is", "1=evnt"), "did you mean 'event'?"),
        (("--outcome-is", "bad"), "write VALUE=WORD"),
        (("--scale", "5"), "write the lowest and the highest mark"),
        (("--scale", "5-1"), "write the lowest and the highest mark"),
        (("--where", "model"), "write COLUMN=PATTERN"),
        (("--where", "modle=amber"), "did you mean 'model'?"),
        (("--rater", "harmful"), "agreement takes two"),
        (("--judge", "harmful", "--scale", "0-1"), "marks have no right and wrong"),
        (("--attempted", "5"), "more than the 5 attempted"),
        (("--attempted", "50", "--items", "x.txt"), "both say what was attempted"),
        (("--claim", "amber is bad"), "Write NAMES NUMBER"),
        (
            ("--claim", "amber > mauve"),
            "'mauve' is neither a system nor a group; there are systems amber, beryl",
        ),
        (("--rater", "harmful", "--rater", "harmful"), "column 'harmful' is held against itself"),
        (("--judge", "harmful"), "column 'harmful' is held against itself"),
        (("--claims", "none.toml"), "none.toml cannot be read"),
        (("-o", "audit.html"), "give a file that ends in .md or .json"),
        (("--margin", "0"), "--margin"),
        (("--margin", "nan"), "no finite number"),
        (("--margin", "inf"), "no finite number"),
        (("--margin", "1"), "of shares, which are 0 to 1, no difference is larger than 1"),
        (
            ("--scale", "0-4", "--margin", "4"),
            "of means on this scale, no difference is larger than 4",
        ),
        (("--level", "nan"), "no finite number"),
        (("--level", "1"), "--level"),
        (("--itm", "x"), "--item"),
    ],
)
def test_wrong_usage_is_told(arguments, words):
    """Exit code 2, and what to write instead."""
    code, out, err = audit(*arguments)

    assert (code, out) == (2, "")
    assert words in err


def test_what_is_audited_is_never_written_over(tmp_path):
    """By whatever name it goes."""
    path = tmp_path / "results.json"
    path.write_text(json.dumps([{"item": i, "y": i % 2} for i in range(20)]))
    (tmp_path / "link.json").symlink_to(path)
    items = tmp_path / "items.json"
    items.write_bytes(path.read_bytes())
    before = path.read_bytes()
    for name in ("results.json", "link.json", "items.json"):
        code, _, err = call("audit", path, "--item", "item", "--outcome", "y", "--items", items,
                            "-o", tmp_path / name)  # fmt: skip
        assert code == 2
        assert "is what is read; name another file" in err

    assert path.read_bytes() == items.read_bytes() == before


def test_a_scale_may_begin_below_zero(tmp_path):
    """As of signed marks."""
    path = tmp_path / "r.csv"
    path.write_text("item,y\n" + "".join(f"q{i},{i % 5 - 2}\n" for i in range(20)))
    found = json.loads(
        call("audit", path, "--item", "item", "--outcome", "y", "--scale", "-2-2", "--json")[1]
    )

    assert (found["design"]["scale"], found["cells"][0]["value"]) == ([-2, 2], 0)


def test_it_needs_no_plugin_and_no_network(project):
    """Nothing is loaded that could ask a model."""
    path = project.path / "r.csv"
    path.write_text("item,y\n" + "".join(f"q{i},{i % 2}\n" for i in range(20)))
    project.env |= {"DOSIMETER_PLUGINS": "none-of-these"}

    assert (
        "50.0 %"
        in project.call("audit", "r.csv", "--item", "item", "--outcome", "y", check=0).stdout
    )
