"""A rater is asked only where all that it is to see is here; an empty text in its place is none."""

import asyncio

import pytest
from attrs import evolve
from journals import HARM

from dosimeter import Mark, Opinion, Role, ScorerSpec, Sees
from dosimeter.engine.meter import Meter
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.rate import Ratings, check_readable
from dosimeter.errors import StackError
from dosimeter.journal.raters import declare
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.stackfile import Choice, RaterChoice

SPEC = ScorerSpec(id="seer", summary="s", factory="m:f", scales=(HARM,))
MARKED = Opinion(marks=(Mark(scale="harm", value=1),))
GONE = "UPDATE blob SET codec = 'purged', bytes = x'' WHERE k = ({})"
TEXTS = {
    "goal": "SELECT goal FROM item",
    "reference": "SELECT reference FROM item",
    "prompt": "SELECT body FROM message WHERE speaker = 'user'",
    "reply": "SELECT body FROM message WHERE speaker = 'assistant'",
}


class Rule:
    """Notes what it is shown."""

    def __init__(self):
        self.cases = []

    def rate(self, cases):
        self.cases += cases
        return [MARKED] * len(cases)


class Judge(Rule):
    """Needs no model for its opinion."""

    def rate(self, case, rng):
        self.cases.append(case)
        return MARKED
        yield


class Host:
    """Is asked for nothing."""

    def open(self, *_):
        pass

    def close(self, name):
        pass


class Here:
    """Asks the rule in this process."""

    def __init__(self, scorer):
        self.scorer = scorer

    def ask(self, rule, cases):
        return self.scorer.rate(cases)

    def close(self):
        pass


def rated(made, scorer, sees):
    """Let *scorer* rate what is there; give what it was shown, and how many attempts it left."""
    spec = evolve(SPEC, sees=frozenset(map(Sees, sees)), judge=isinstance(scorer, Judge),
                  roles=(Role.JUDGE,) if isinstance(scorer, Judge) else ())  # fmt: skip
    part = RaterPart(
        spec=spec, choice=RaterChoice(choice=Choice(id="seer", name="s")), scorer=scorer
    )
    store = Store(made.path)
    declare(store, part.id, "s", "rule", "{}")

    async def sweep():
        writer = Writer(store)
        ratings = Ratings(parts=(part,), journal=made.path, writer=writer, driver=Host(),
                          workshop=None, rubrics={}, timeout=9.0, meter=Meter(),
                          rules=Here(scorer))  # fmt: skip
        try:
            await ratings.sweep()
            return len(ratings.left)
        finally:
            ratings.close()
            await writer.aclose()

    return scorer.cases, asyncio.run(sweep())


@pytest.mark.parametrize("scorer", [Rule, Judge])
@pytest.mark.parametrize(
    ("gone", "sees", "left"),
    [
        ("goal", ["reply", "goal"], 1),
        ("reference", ["reply", "reference"], 1),
        ("prompt", ["reply", "prompt"], 1),
        ("prompt", ["conversation"], 1),
        ("reply", ["reply"], 1),
        ("reply", ["goal"], 1),
        ("goal", ["reply", "prompt", "conversation", "reference"], 0),
        ("reference", ["reply", "goal"], 0),
        ("prompt", ["reply", "goal", "reference"], 0),
    ],
)
def test_a_rater_is_not_asked_where_what_it_sees_is_deleted(made, scorer, gone, sees, left):
    """The attempt is left, as one whose reply is deleted is; a rater that does not see it is asked."""
    made.attempt("hello")
    goal, _ = made.store.blob("utf8", b"a goal")
    reference, _ = made.store.blob("bytes", b"[]")
    made.store.db.execute("UPDATE item SET goal = ?, reference = ?, reference_schema = 's'",
                          (goal, reference))  # fmt: skip
    assert made.store.db.execute(GONE.format(TEXTS[gone])).rowcount == 1

    cases, found = rated(made, scorer(), sees)

    assert (len(cases), found) == (1 - left, left)


def test_an_item_without_goal_and_reference_is_rated(made):
    """What never was there is not deleted."""
    made.attempt("hello")
    cases, left = rated(made, Judge(), ["goal", "reference"])

    assert ([c.goal for c in cases], [c.reference for c in cases], left) == ([""], [None], 0)


def test_a_reply_without_text_makes_no_purged_run_readable(made):
    """What was sent before it stays, and is no reply; one that is left is."""
    part = RaterPart(
        spec=SPEC, choice=RaterChoice(choice=Choice(id="seer", name="s")), scorer=Rule()
    )
    made.attempt("hello")
    made.attempt("")
    made.store.db.execute("UPDATE call SET reply = leaf WHERE k = 2")
    made.store.db.execute(
        "UPDATE candidate SET leaf = (SELECT leaf FROM call WHERE k = 2) WHERE k = 2"
    )
    check_readable(made.store, [part])
    made.store.db.execute(GONE.format(TEXTS["reply"]))

    check_readable(made.store, [])
    with pytest.raises(StackError, match="so rater 's' could rate nothing; go on without"):
        check_readable(made.store, [part])
