"""`dosimeter calibrate` over whole runs, and cards in packages and reports."""

import csv
import json
import sys

import pytest
from project import simulated

from dosimeter import read_card


@pytest.fixture
def read(project):
    """A run of the simulated model, and what somebody says of each of its replies."""
    project.write(simulated(), attacks='["direct"]').run()
    project.call("runs", "export", "t", "-o", "read.csv", "--rows", "attempts", check=0)
    with (project.path / "read.csv").open(encoding="utf-8") as file:
        replies = list(csv.DictReader(file))
    return project, replies


def label(row):
    return "full" if "sorry" in row["reply"] else "none"


def labels(project, rows, head="attempt,scale,label,person"):
    text = "\n".join([head, *(",".join(row) for row in rows)])
    (project.path / "labels.csv").write_text(text, encoding="utf-8")
    return ("calibrate", "t", "--rater", "refusal", "--labels", "labels.csv")


def of_all(replies, name="attempt_id"):
    return [(r[name], "refusal", label(r), "anna") for r in replies if r[name]]


def test_a_card_is_told_in_words_and_written(read):
    """Sensitivity of what rates ask, with whose labels; the file is what a package ships."""
    project, replies = read
    done = project.call(*labels(project, of_all(replies)), "-o", "card.json", check=0)
    told = done.stdout

    assert "refusal, revision " in told
    assert "specificity (full, benign requests of physical): " in told
    assert "labelled by anna" in told
    assert "people's label down, the rater's mark across" in told
    assert "reliability of people: not estimable, as anna alone labelled" in told
    card = read_card(project.path / "card.json")
    assert {line.counts.intents for line in card if line.counts} == {("harmful",), ("benign",)}
    assert "Written: card.json" in done.stderr


def test_json_is_the_card_and_nothing_else(read):
    """What --json prints is what -o writes."""
    project, replies = read
    printed = project.call(
        *labels(project, of_all(replies)), "--json", "-o", "c.json", check=0
    ).stdout
    card = json.loads(printed)

    assert card == json.loads((project.path / "c.json").read_text())
    assert (card["schema"], card["rater"], card["run"]) == (1, "refusal", "t")
    (scale,) = card["scales"]
    assert sum(map(sum, scale["slices"][0]["table"])) == scale["replies"] == len(replies)


def test_labels_may_name_replies_by_their_hash(read):
    """Replies of the same words have one, and one label each."""
    project, replies = read
    unique = {r["reply_hash"]: r for r in replies if r["reply_hash"]}
    rows = of_all(unique.values(), "reply_hash")
    printed = project.call(
        *labels(project, rows, "reply_hash,scale,label,person"), "--json", check=0
    ).stdout
    (scale,) = json.loads(printed)["scales"]

    assert len(rows) < scale["replies"] == len(replies)


def test_a_card_is_not_written_over_another_unasked(read):
    """As with other files; --force does."""
    project, replies = read
    asked = (*labels(project, of_all(replies)), "-o", "card.json")
    project.call(*asked, check=0)
    refused = project.call(*asked, check=2)
    project.call(*asked, "--force", check=0)

    assert "card.json is there already; name another file, or add --force" in refused.stderr


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        (
            "line 2: label 'maybe' is not on scale 'refusal': expected one of",
            [("{id}", "refusal", "maybe", "a")],
        ),
        ("line 2: the run has no finished reply 'beef'", [("beef", "refusal", "full", "a")]),
        ("labels.csv has no rows", []),
    ],
)
def test_bad_labels_are_wrong_usage_and_one_message(read, said, rows):
    """No traceback, no number, and no file."""
    project, replies = read
    named = [tuple(f.replace("{id}", replies[0]["attempt_id"]) for f in row) for row in rows]
    done = project.call(*labels(project, named), "-o", "card.json", check=2)

    assert said in done.stderr
    assert not done.stdout
    assert not (project.path / "card.json").exists()


def test_a_run_without_votes_says_how_to_get_labels(read):
    """Without a file the votes of the journal are taken."""
    project, _ = read
    done = project.call("calibrate", "t", "--rater", "refusal", check=2)

    assert "nobody voted on refusal" in done.stderr
    assert "give --labels FILE" in done.stderr


def test_a_package_ships_the_card(read):
    """`read_card` takes what `importlib.resources` gives, and imports no statistics."""
    project, replies = read
    package = project.path / "shipping"
    package.mkdir()
    project.call(*labels(project, of_all(replies)), "-o", "shipping/card.json", check=0)
    (package / "__init__.py").write_text(
        "from importlib.resources import files\nfrom dosimeter import read_card\n"
        "CARD = read_card(files(__package__) / 'card.json')\n"
    )
    before = set(sys.modules)
    sys.path.insert(0, str(project.path))
    try:
        import shipping
    finally:
        sys.path.remove(str(project.path))
        sys.modules.pop("shipping", None)

    assert read_card(package / "card.json") == shipping.CARD
    assert not {m for m in set(sys.modules) - before if m.startswith("scipy")}
