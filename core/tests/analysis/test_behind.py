"""What stands behind the numbers: who judged, by which rubric, what it took, and who marks otherwise."""

import json
from contextlib import closing

import attrs
import pytest
from journals import JUDGE, TARGET

from dosimeter import CallDone, Mark, Opinion, Reply, Role, Stop, Usage, assistant, digest, user
from dosimeter.analysis.report import make_report
from dosimeter.analysis.rubrics import hash_of
from dosimeter.journal import declare_person
from dosimeter.journal.costs import told
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Estimate
from dosimeter.model.conversation import Sampling
from dosimeter.model.design import Label
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Direction, Level, Scale, ScaleKind, Sees
from dosimeter.model.specs import CategorySpec, PanelInfo
from dosimeter.model.work import Cost, Endpoint, Seal, Try
from dosimeter.publish import quotations
from dosimeter.serialize import to_json
from dosimeter.sinks.plain import plain

RUBRIC = Scale(
    name="harm", kind=ScaleKind.ORDINAL, hazard=True, withhold_from=4, summary="How far it serves.",
    direction=Direction.HIGHER_IS_WORSE,
    levels=tuple(Level(value=n, name=f"level {n}", rule=f"rule {n}") for n in (1, 2, 3, 4, 5)),
)  # fmt: skip
RATE = Measure(id="harmful", title="harmful replies", scale="harm", estimator="rate", threshold=3)
ASKED = attrs.evolve(JUDGE, id="bare", card=(), scales=(RUBRIC,))
BARE = digest("rater", ("bare",))
SEAT = Endpoint(id=digest("endpoint", ("seat",)), name="seat", provider="q", model="wise",
                sampling=Sampling(temperature=0.0), system_prompt="Judge fairly.",
                identity=(("base_url", '"http://judge/"'),))  # fmt: skip


def rated(value):
    return Opinion(marks=(Mark(scale="harm", value=value),))


def report(path):
    with closing(Reader(path)) as reader:
        return make_report(reader)


def asked(made, attempt, model="wise-2", tokens=7):
    """Write the answer that the judge had for its rating of *attempt*."""
    rating = digest("rating", (attempt, BARE, 0))
    made.store.call(
        CallDone(
            id=digest("call", (rating,)), scope_id=rating, epoch=0, step=0, index=0, role=Role.JUDGE,
            endpoint=SEAT.id, request_digest=digest("r", (rating,)), ask_id="a",
            conversation=(user("How bad?"),),
            reply=Reply(messages=(assistant("3"),), stop=Stop.END, model=model,
                        usage=Usage(input=tokens, output=1)),
        ),
        "rating",
    )  # fmt: skip


@pytest.fixture
def judged(made):
    """Twelve replies, which a judge without a card put at level 3."""
    category = CategorySpec(
        id="c", summary="s", factory="m:f", version="1", scales=(RUBRIC,), measures=(RATE,),
        panels=(PanelInfo(name="all", summary="all"),),
    )  # fmt: skip
    made.store.db.execute(
        "UPDATE spec SET body = ? WHERE kind = 'category'", (to_json(category).decode(),)
    )
    made.endpoint(SEAT)
    made.store.db.execute("UPDATE endpoint SET is_target = 0 WHERE name = 'seat'")
    made.store.db.execute("DELETE FROM rater")
    made.rater("bare", BARE, ASKED)
    made.store.db.execute(
        "INSERT INTO component VALUES ('rater', 'bare', 'dosimeter-scorer-bare', '1.2', 'f17e')"
    )
    for _ in range(12):
        asked(made, made.attempt("Herons wade.", (BARE, rated(3))))
    return made


def of_judge(found):
    (one,) = [
        f for f in found.findings if f.measure == "harmful" and ("rater", "bare") in f.group
    ]  # fmt: skip
    assert isinstance(one, Estimate)
    return one


def test_a_report_says_who_judged(judged):
    """Provider, model as it called itself, settings, its prompt's hash, calls, whose questions."""
    (rater,) = report(judged.path).raters
    (judge,) = rater.asks
    facts = plain(judge)

    assert (judge.provider, judge.model, judge.returned_models) == ("q", "wise", ("wise-2",))
    assert (facts["role"], facts["calls"], facts["tokens_in"]) == ("judge", 12, 84)
    assert facts["sampling"] == {"temperature": 0.0, "top_p": None, "max_tokens": None}
    assert facts["identity"] == {"base_url": "http://judge/"}
    assert len(judge.system_prompt_hash) == 12
    assert (rater.source, rater.files_hash) == ("dosimeter-scorer-bare 1.2", "f17e")


def test_words_to_copy_say_who_judged_and_by_which_rubric(judged):
    """At the end of what is quoted, with what nobody knows of the judge."""
    (said,) = quotations(report(judged.path))

    assert "no agreement of bare with people is known" in said
    assert "bare asks seat, which is q/wise, returned as wise-2, system prompt sha256 " in said
    assert "12 answers; questions of dosimeter-scorer-bare 1.2, files f17e." in said
    rubric, _, reliability = said.partition(" Reliability of people on harm ")
    assert rubric.endswith(f"Rubric: harm of c, sha256 {hash_of(RUBRIC)}.")
    assert "not estimable: nobody voted; would need two people" in reliability


def test_a_judge_that_was_not_asked_yet_is_named(made):
    """By the stack; nothing that it has not said is made up."""
    made.endpoint(SEAT)
    made.store.db.execute("DELETE FROM rater")
    made.rater("bare", BARE, ASKED)
    made.attempt("Herons wade.")
    made.stack(raters=[{"choice": {"name": "bare", "roles": [["judge", "seat"]]}}])
    (rater,) = report(made.path).raters
    (judge,) = rater.asks

    assert (judge.name, judge.calls, judge.returned_models, judge.tokens_in) == (
        "seat",
        0,
        (),
        None,
    )


def test_a_report_has_the_rubric_of_each_category(judged):
    """Title, hash, text and levels, and who marked by it."""
    (rubric,) = report(judged.path).rubrics

    assert (rubric.category, rubric.title, rubric.raters) == ("c", "harm", ("bare",))
    assert (rubric.text, rubric.withheld) == ("How far it serves.", False)
    assert [v.rule for v in rubric.levels] == ["rule 1", "rule 2", "rule 3", "rule 4", "rule 5"]


def test_who_gave_no_mark_by_a_rubric_did_not_mark_by_it(judged):
    """A judge none of whose answers could be read."""
    judged.store.db.execute("UPDATE mark SET outcome = 'failed', num = NULL, reason = 'no-verdict'")

    assert report(judged.path).rubrics[0].raters == ()


def test_another_word_in_a_rubric_is_another_hash():
    """Examples and anchors too, as raters are shown them."""
    other = attrs.evolve(RUBRIC.levels[4], anchor="Herons wade.")

    assert hash_of(RUBRIC) != hash_of(attrs.evolve(RUBRIC, levels=(*RUBRIC.levels[:4], other)))


def test_a_sealed_category_tells_the_hash_of_its_rubric_alone(judged):
    """Its words could say what its items are about."""
    judged.attempt("x", label=Label.HELD_OUT, owner=Seal(panel="c", key=b"k" * 32))
    (rubric,) = report(judged.path).rubrics

    assert (rubric.withheld, rubric.text, rubric.levels) == (True, None, None)
    assert rubric.hash == hash_of(RUBRIC)
    assert "rule 3" not in json.dumps(plain(rubric))


def attempts(made):
    return [a for (a,) in made.store.db.execute("SELECT lower(hex(id)) FROM attempt ORDER BY k")]


def vote(made, values):
    """Let Anna mark the first replies so."""
    anna = declare_person(made.path, "anna", ["harm"])
    for attempt, value in zip(attempts(made), values, strict=False):
        made.rate(attempt, anna, rated(value))
    return anna


def test_votes_that_differ_stand_beside_the_number(judged):
    """However few they are, in counts; and above all numbers."""
    vote(judged, (3, 1, 1, 5))
    found = report(judged.path)
    (one,) = found.agreements
    (told,) = [n.text for n in found.notices if n.code == "agreement"]
    (beside,) = [c.text for c in of_judge(found).caveats if c.code == "agreement"]

    assert (one.both, one.differ, one.person, one.rater) == (4, 3, "anna", "bare")
    assert beside == "of 4 replies marked by both, anna marks 3 otherwise than bare"
    assert told == f"harm: {beside}; no number is corrected by labels of anna"
    assert beside in quotations(found)[0]


def test_a_vote_that_was_corrected_does_not_differ(judged):
    """What stands is what the person says last."""
    first = attempts(judged)[0]
    anna = vote(judged, (1,))
    judged.rate(first, anna, rated(3), vote=1)
    judged.store.db.execute(
        "UPDATE rating SET supersedes = (SELECT id FROM rating WHERE vote = 0 AND rater = w.k)"
        " FROM rater w WHERE w.name = 'anna' AND rating.rater = w.k AND rating.vote = 1"
    )
    (one,) = report(judged.path).agreements

    assert (one.both, one.differ) == (1, 0)


def test_of_a_judge_with_several_votes_most_count(judged):
    """A person differs from what most of them say, not from one of them."""
    for n in (1, 2):
        judged.rate(attempts(judged)[0], BARE, rated(1), vote=n)
    vote(judged, (1, 3))
    (one,) = report(judged.path).agreements

    assert (one.both, one.differ) == (2, 0)


def test_of_a_judge_without_card_and_votes_it_is_said_that_nobody_knows(judged):
    """A published card says how often a rater errs; so nothing of the kind is said of one that has one."""
    bare = {c.code for c in of_judge(report(judged.path)).caveats}
    db = judged.store.db
    db.execute(
        "UPDATE rater SET body = ?", (to_json(attrs.evolve(ASKED, card=JUDGE.card)).decode(),)
    )
    carded = {c.code for c in of_judge(report(judged.path)).caveats}

    assert bare - carded == {"agreement-unknown"}


def ruled(judged, **changes):
    """Make the judge a rule; give what its number says of how often it errs."""
    rule = attrs.evolve(ASKED, judge=False, roles=(), **changes)
    body = to_json(rule).decode()
    judged.store.db.execute("UPDATE rater SET kind = 'rule', body = ? WHERE name = 'bare'", (body,))
    said = of_judge(report(judged.path)).caveats
    return [c.text for c in said if c.code == "agreement-unknown"]


def test_of_a_rule_without_card_and_votes_it_is_said_that_its_error_is_unknown(judged):
    """As of a judge, in words for a rule, beside what is quoted too; not once it has a card."""
    unknown = ["how often bare errs is not known"]

    assert ruled(judged) == unknown
    assert unknown[0] in quotations(report(judged.path))[0]
    assert ruled(judged, card=JUDGE.card) == []


def test_of_a_rule_that_people_checked_their_count_stands_there_instead(judged):
    """Votes tell something of its error."""
    vote(judged, (1, 3))

    assert ruled(judged) == []


def test_of_a_rule_that_repeats_a_guardrails_verdict_no_error_is_told(judged):
    """It judges nothing; with the reply before it, it would."""
    assert ruled(judged, sees=frozenset({Sees.VERDICT})) == []
    assert ruled(judged, sees=frozenset({Sees.VERDICT, Sees.REPLY})) != []


@pytest.mark.parametrize(("model", "named"), [(None, ["seat"]), ("wise-2", [])])
def test_a_model_that_tells_no_id_is_named(made, model, named):
    """A change of what is behind its address would not show."""
    made.endpoint(SEAT)
    made.store.db.execute("UPDATE endpoint SET is_target = 0 WHERE name = 'seat'")
    made.rater("bare", BARE, ASKED)
    asked(made, made.attempt("Herons wade.", (BARE, rated(3))), model=model)
    told = [n.text for n in report(made.path).notices if n.code == "model-unnamed"]

    assert told == [
        f"{n} tells no model id, so a change of the model behind it would not show" for n in named
    ]


def tried(made, endpoint, status="ok", cost=Cost(), failure="transient", **tokens):  # noqa: B008
    one = Try(
        call_id=digest("call", (made.n,)), scope_id=digest("x", ()), endpoint=endpoint.id, epoch=1,
        n=1, started=1.0, seconds=0.1, status=status, failure="" if status == "ok" else failure,
        **tokens,
    )  # fmt: skip
    made.store.tried(one, cost)


def test_what_each_endpoint_took_is_told_and_what_nobody_said_is_unknown(judged):
    """Tokens of answers that were not counted, and money without a price, are not zero."""
    tried(judged, TARGET, cost=Cost(money=0.25), tokens_in=5, tokens_out=6)
    tried(judged, TARGET, "http-429", cost=Cost(money=0.0))
    tried(judged, SEAT, tokens_in=3)
    target, seat = report(judged.path).usage

    assert (target.endpoint, target.roles, target.requests) == ("t", ("target",), 2)
    assert (target.tokens_in, target.tokens_out, target.money) == (5, 6, 0.25)
    assert (seat.roles, seat.tokens_in, seat.tokens_out, seat.money) == (("judge",), 3, None, None)


@pytest.mark.parametrize(
    ("status", "failure", "charged", "known"),
    [
        ("stream-broken", "transient", 417, False),
        ("lost", "lost", 30, False),
        ("gone", "permanent", 0, False),
        ("http-500", "transient", 0, False),
        ("transport:ReadTimeout", "transient", 30, False),
        ("transport:refused", "transient", 0, True),
        ("transport:timeout", "transient", 0, True),
        ("http-404", "permanent", 0, True),
        ("http-503", "transient", 0, True),
        ("no-token", "auth", 0, True),
    ],
)
def test_tokens_of_a_try_that_may_have_taken_some_and_did_not_say_are_unknown(
    judged, status, failure, charged, known
):
    """Beside an answer of which they are known, and alone; what took none for sure is none."""
    tried(judged, TARGET, tokens_in=5, tokens_out=6)
    for endpoint in (TARGET, SEAT):
        tried(judged, endpoint, status, cost=Cost(tokens=charged), failure=failure)
    found = [(one.tokens_in, one.tokens_out) for one in report(judged.path).usage]

    assert found == ([(5, 6), (0, 0)] if known else [(None, None)] * 2)


def test_a_run_of_which_nobody_told_a_token_has_not_taken_none(judged):
    """At a glance too: a failure that may have been answered is not nothing."""
    tried(judged, TARGET, "gone", failure="permanent")

    with closing(Reader(judged.path)) as reader:
        assert told(reader.db)[:2] == (None, None)
