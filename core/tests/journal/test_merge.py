"""A merge invents nothing that no journal says."""

from contextlib import closing

import pytest
from journals import Made

from dosimeter.journal.merge import merge
from dosimeter.journal.reader import Reader


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


def test_a_merged_run_is_named_after_its_folder(tmp_path):
    """Not after the first of the runs that it was made of."""
    assert facts_of_merged(tmp_path / "both", {}, {})["name"] == "both"
