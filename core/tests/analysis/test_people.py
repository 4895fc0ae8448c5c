"""Votes of people, from the journal to the rows that numbers are made of."""

from contextlib import closing

import pytest

from dosimeter import Mark, Opinion
from dosimeter.analysis.load import SCORED, UNANSWERED, UNSERVED, groups
from dosimeter.analysis.sampled import Batches
from dosimeter.journal import (
    Reader,
    cast_vote,
    declare_person,
    draw_batch,
    ratable,
    read_design,
    serve,
)

CELL = ("t", "c", "harmful", "direct")


def rated(value):
    return Opinion(marks=(Mark(scale="harm", value=value),))


def rows(path, rater):
    """Give the one group of marks of *rater*."""
    with closing(Reader(path)) as reader:
        (one,) = [g for g in groups(reader, read_design(reader), frozenset()) if g.rater == rater]
    return one


def why_refused(path):
    """Say by code why each batch cannot speak for the cell."""
    with closing(Reader(path)) as reader:
        return [code for code, _, _ in Batches(reader=reader).refused(CELL, "path").values()]


@pytest.fixture
def forty(made):
    """Forty replies, each on a goal of its own, and one who reads them."""
    for _ in range(40):
        made.attempt("Herons wade.")
    return made.path, declare_person(made.path, "ann", ["harm"])


def drawn(path, pi=1.0, of=None):
    names = [r.subject_id for r in ratable(path)][:of]
    return draw_batch(path, policy="p", seed=1, pi=[(name, pi) for name in names])


def test_a_vote_that_was_corrected_enters_no_number(forty):
    """The correction stands in its place: one unit, one vote."""
    path, ann = forty
    name = drawn(path)
    subject = name.units[0].subject_id
    vote = {"rater_id": ann, "subject_id": subject, "batch_id": name.id}
    first = cast_vote(path, opinion=rated(5), **vote)
    cast_vote(path, opinion=rated(1), supersedes=first.id, **vote)
    one = rows(path, "ann")

    assert one.values[one.outcome == SCORED].tolist() == [1.0]


def test_what_was_passed_over_is_told_from_what_was_not_reached(forty):
    """Served in order: before the last one served no answer is non-response, after it a random part."""
    path, ann = forty
    batch = drawn(path)
    for n, unit in enumerate(batch.units[:30]):
        serve(path, batch.id, unit.subject_id)
        if n % 10:
            cast_vote(path, rater_id=ann, subject_id=unit.subject_id, opinion=rated(1),
                      batch_id=batch.id)  # fmt: skip
    outcome = rows(path, "ann").outcome.tolist()

    assert [outcome.count(code) for code in (SCORED, UNANSWERED, UNSERVED)] == [27, 3, 10]


@pytest.mark.parametrize(("of", "codes"), [(40, []), (39, ["part-frame"])])
def test_a_batch_speaks_for_a_cell_of_which_all_could_have_been_drawn(forty, of, codes):
    """One reply that was left out is enough: nobody knows why it was."""
    path, _ = forty
    drawn(path, of=of)

    assert why_refused(path) == codes


@pytest.mark.parametrize(("served", "codes"), [(0, []), (1, ["extreme-weights"]), (20, [])])
def test_a_unit_stands_for_all_that_was_drawn_and_not_reached(made, served, codes):
    """With pi a half and one of some fifty served, it would stand for a hundred."""
    for _ in range(140):
        made.attempt("Otters swim.")
    batch = drawn(made.path, pi=0.5)
    for unit in batch.units[:served]:
        serve(made.path, batch.id, unit.subject_id)

    assert len(batch.units) > 50  # one of them is under a 50th, and pi a half
    assert why_refused(made.path) == codes
