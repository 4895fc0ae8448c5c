"""Parts that come with other files: which of them are mixed with what stands, and what is written."""

import pytest
from attrs import evolve
from journals import HARM, JUDGE, RATER

from dosimeter import Component, Level, Mark, Opinion, Outcome, RunChanged
from dosimeter.engine.changes import changes, take_over
from dosimeter.engine.parts import RaterPart
from dosimeter.journal.raters import declared
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Choice, RaterChoice
from dosimeter.serialize import from_json

KINDS = ("provider", "attack", "category", "rater", "sink", "executor")
MARK = Opinion(marks=(Mark(scale="harm", value=2),))
BROKE = Opinion(marks=(Mark(scale="harm", outcome=Outcome.FAILED, reason="error:KeyError"),))


def part(files, kind="rater", name="judge"):
    return Component(kind=kind, id=name, distribution="d", version="1", files_hash=files)


def rating(spec):
    """Give a rater as a stack has it."""
    return RaterPart(
        spec=spec, choice=RaterChoice(choice=Choice(id=spec.id, name="r")), scorer=None
    )


def events(store):
    return [k for (k,) in store.db.execute("SELECT kind FROM event WHERE kind != 'rater-added'")]


def test_other_files_of_whatever_decides_a_number_are_told(made):
    """Providers, attacks, categories and raters; how a report is written decides nothing."""
    old, new = ([part(files, kind) for kind in KINDS] for files in ("old", "new"))
    for one in old:
        made.store.component(one)

    assert [one.told.split()[0] for one in changes(made.store, new)] == list(KINDS[:4])
    assert changes(made.store, old) == []
    assert changes(made.store, [part("new", name="other")]) == []


@pytest.mark.parametrize("kind", KINDS[:3])
def test_a_part_that_is_no_rater_needs_a_fork(made, kind):
    """What it gave is in every answer; refused, nothing is written."""
    made.store.component(part("old", kind))
    found = changes(made.store, [part("new", kind)])
    with pytest.raises(RunChanged, match=r"new name .*--fork"):
        take_over(made.store, found, [], fork=False, by="x")

    assert events(made.store) == []
    assert changes(made.store, [part("new", kind)]) == found
    take_over(made.store, found, [], fork=True, by="x")
    assert events(made.store) == ["fork"]
    assert changes(made.store, [part("new", kind)]) == []


@pytest.mark.parametrize(
    ("opinion", "revision", "mixed"),
    [(MARK, 1, True), (MARK, 2, False), (BROKE, 1, False), (None, 1, False)],
)
def test_a_rater_needs_a_fork_where_marks_of_its_id_and_revision_stand(
    made, opinion, revision, mixed
):
    """Not where it was never heard, broke down on all, or has become another rater."""
    made.store.component(part("old"))
    made.attempt("x", *([(RATER, opinion)] if opinion else []))
    found = changes(made.store, [part("new")])
    raters = [rating(evolve(JUDGE, revision=revision))]
    if mixed:
        with pytest.raises(RunChanged, match="raise the revision"):
            take_over(made.store, found, raters, fork=False, by="x")
    take_over(made.store, found, raters, fork=mixed, by="x")

    assert events(made.store) == ["fork"] * mixed + ["rater-updated"]


def test_marks_of_whatever_options_count(made):
    """Two raters of one code and other options: what one gave was given by the files before."""
    other = made.rater("harsh", "22" * 16, evolve(JUDGE, scales=(evolve(HARM, summary="h"),)))
    made.store.component(part("old"))
    made.attempt("x", (other, MARK))
    with pytest.raises(RunChanged):
        take_over(
            made.store, changes(made.store, [part("new")]), [rating(JUDGE)], fork=False, by="x"
        )


def test_a_rater_whose_scales_are_others_is_refused_with_a_fork_too(made):
    """Marks of two scales under one name: a 4 of 5 that was withheld would be shown as a 4 of 10."""
    levels = (*HARM.levels, Level(value=6, name="more"))
    other = rating(evolve(JUDGE, scales=(evolve(HARM, levels=levels),)))
    known = made.rater("r", other.id, JUDGE)
    take_over(made.store, [], [other], fork=False, by="x")
    made.attempt("x", (known, MARK))
    for fork in (False, True):
        with pytest.raises(
            RunChanged, match="raters declare other scales than those of their marks"
        ):
            take_over(made.store, [], [other], fork=fork, by="x")

    assert events(made.store) == []
    assert from_json(declared(made.store, other.id), ScorerSpec).scales == JUDGE.scales
