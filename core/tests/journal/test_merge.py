"""A merge invents nothing that no journal says."""

import json
from contextlib import closing

import pytest
from journals import RATER, Made

from dosimeter import Component, Mark, Opinion
from dosimeter.analysis.report import make_report
from dosimeter.journal.conflicts import read_conflicts
from dosimeter.journal.merge import merge
from dosimeter.journal.purge import deleted_replies, purge_replies
from dosimeter.journal.reader import Reader
from dosimeter.model.stackfile import RunConfig
from dosimeter.serialize import to_json


def facts_of_merged(tmp_path, *runs):
    """Merge journals of one attempt that differ in these facts of their runs; give the facts."""
    tmp_path.mkdir(exist_ok=True)
    paths = []
    for i, run in enumerate(runs):
        made = Made(tmp_path / f"{i}.sqlite", **run)
        made.attempt("hello")
        made.store.close()
        paths.append(made.path)
    made = merge(paths, tmp_path / "merged.sqlite")
    assert not made.conflicts
    with closing(Reader(made.journal)) as reader:
        return reader.run()


def test_what_no_journal_says_the_merged_one_does_not_say(tmp_path):
    """Neither a date, nor that the run took no time at all."""
    merged = facts_of_merged(tmp_path, {}, {})

    assert "created" not in merged
    assert "seconds" not in merged


@pytest.mark.parametrize("first", [{}, {"created": "2026-03-01T00:00:00Z", "seconds": "1.5"}])
def test_the_first_date_and_the_sum_of_times_are_kept(tmp_path, first):
    """Whichever journals say so."""
    later = {"created": "2026-03-02T00:00:00Z", "seconds": "2.000"}

    merged = facts_of_merged(tmp_path, first, later)

    assert merged["created"] == first.get("created", later["created"])
    assert merged["seconds"] == ("3.500" if first else "2.000")


def test_of_the_votes_that_were_asked_for_the_most_are(tmp_path):
    """A judge asked once here and three times there lacks votes in the union."""
    few, many = {"votes": "{}"}, {"votes": '{"aa": 3}'}
    for name, runs in (("ab", (few, many)), ("ba", (many, few))):
        assert json.loads(facts_of_merged(tmp_path / name, *runs)["votes"]) == {"aa": 3}


def test_a_merged_run_is_named_after_its_folder(tmp_path):
    """Not after the first of the runs that it was made of."""
    assert facts_of_merged(tmp_path / "both", {}, {})["name"] == "both"


def twins(tmp_path, *differ):
    """Make two journals of one rated attempt; *differ* is done to the second."""
    paths = []
    for name in ("a", "b"):
        made = Made(tmp_path / f"{name}.sqlite", raters=json.dumps([RATER]))
        made.attempt("hello", Opinion(marks=(Mark(scale="harm", value=2),)))
        for kind in ("provider", "sink"):
            made.store.component(Component(kind=kind, id="p", distribution="d", version="1",
                                           files_hash="aa"))  # fmt: skip
        for statement in differ if name == "b" else ():
            assert made.store.db.execute(statement).rowcount
        made.store.close()
        paths.append(made.path)
    return paths


def told(path):
    """Give the report of a journal, its notices by code, and the codes beside its numbers."""
    with closing(Reader(path)) as reader:
        report = make_report(reader)
        codes = [code for (code,) in reader.rows("SELECT code FROM event WHERE kind = 'fork'")]
    return report, {n.code: n.text for n in report.notices}, codes


OTHER_MARK = "UPDATE mark SET num = 5"
OTHER_FILES = "UPDATE component SET files_hash = 'bb' WHERE kind = '{}'"


def test_the_report_of_a_merged_run_says_that_its_journals_disagreed(tmp_path):
    """How often, and where that is listed; merged once more, no conflict counts twice."""
    a, b = twins(tmp_path, OTHER_MARK)
    made = merge([a, b], tmp_path / "ab.sqlite")
    again = merge([made.journal, b], tmp_path / "abb.sqlite")

    assert len(made.conflicts) == 1
    for path in (made.journal, again.journal):
        report, notices, forks = told(path)
        assert report.complete
        assert notices["merge-conflicts"].startswith("1 conflict between merged journals")
        assert "`dosimeter runs show`" in notices["merge-conflicts"]
        assert not forks
        with closing(Reader(path)) as reader:
            assert read_conflicts(reader) == [str(made.conflicts[0])]
    assert "merge-conflicts" not in told(a)[1]


def test_a_part_with_other_files_makes_a_merged_run_a_forked_one(tmp_path):
    """As in a run that went on with --fork: its numbers are not of one design."""
    report, notices, forks = told(
        merge(twins(tmp_path, OTHER_FILES.format("provider")), tmp_path / "ab.sqlite").journal
    )

    assert forks == ["component provider/p (files_hash)"]
    assert "forked" in notices
    assert "merge-conflicts" in notices
    assert not report.reportable


def test_the_files_of_a_sink_fork_nothing(tmp_path):
    """They measure nothing; neither does a version alone, whose files are the same."""
    other = (
        "UPDATE component SET version = '2' WHERE kind = 'provider'",
        OTHER_FILES.format("sink"),
    )
    _, notices, forks = told(merge(twins(tmp_path, *other), tmp_path / "ab.sqlite").journal)

    assert notices["merge-conflicts"].startswith("2 conflicts")
    assert (forks, "forked" in notices) == ([], False)


def test_how_shards_were_run_is_listed_and_is_no_notice(tmp_path):
    """A budget and a gate decide no answer, and the next command sets them anew."""
    more = to_json(RunConfig(max_retries=9)).decode()
    other = (
        f"UPDATE run SET value = '{more}' WHERE key = 'run'",
        "INSERT INTO run VALUES ('gates', '[]')",
    )
    merged = merge(twins(tmp_path, *other), tmp_path / "ab.sqlite")

    assert "merge-conflicts" not in told(merged.journal)[1]
    with closing(Reader(merged.journal)) as reader:
        assert read_conflicts(reader) == ["run gates (value)", "run run (value)"]


SECRET = b"herons wade at dawn"


@pytest.mark.parametrize("deleted", ["a", "b"])
def test_what_one_journal_deleted_the_union_has_deleted(tmp_path, deleted):
    """Without a conflict: a deletion is no disagreement. No byte of the text is left in the file."""
    paths = {}
    for name in ("a", "b"):
        made = Made(tmp_path / f"{name}.sqlite")
        for n in range(40):
            made.attempt(f"{SECRET.decode()} {n}" * (1 + n % 3 * 300))
        made.store.close()
        paths[name] = made.path
    purge_replies(paths[deleted])
    kept = paths["b" if deleted == "a" else "a"]
    merged = merge([paths["a"], paths["b"]], tmp_path / "ab.sqlite")

    assert merged.conflicts == ()
    assert told(merged.journal)[0].deleted == 40
    with closing(Reader(merged.journal)) as reader:
        assert deleted_replies(reader) == 40
    assert SECRET in kept.read_bytes()
    for path in tmp_path.glob("ab.sqlite*"):
        assert SECRET not in path.read_bytes(), path.name


def test_a_merged_run_is_limited_if_a_shard_is(tmp_path):
    """And says it, whichever comes first: a part of the panel is no benchmark."""
    for name, runs in (("ab", ("", "yes")), ("ba", ("yes", ""))):
        told = facts_of_merged(tmp_path / name, *({"limited": one} for one in runs))
        assert told["limited"] == "yes"


def test_what_any_shard_skipped_the_merged_run_says(tmp_path):
    """The plan is one: what several shards skipped is the same families, and counts once."""
    one, two = ["c", "a", "harmful", 2], ["c", "b", "harmful", 1]
    told = facts_of_merged(
        tmp_path, {"skipped": json.dumps([one])}, {"skipped": json.dumps([one, two])}
    )

    assert json.loads(told["skipped"]) == [one, two]
