"""Which numbers a frozen plan makes planned, where only the comparison can be odd."""

import pytest
from attrs import evolve

from dosimeter import Estimate, Scale, ScaleKind, ScorerSpec
from dosimeter.analysis.standing import Registered
from dosimeter.journal.design import Known
from dosimeter.prereg.deviations import Deviation, deviations
from dosimeter.prereg.lockfile import Lock

SPEC = ScorerSpec(
    id="r", summary="s", factory="m:f", scales=(Scale(name="s", kind=ScaleKind.BOOLEAN),)
)
KNOWN = Known(k=1, id="r1", name="r", label="r", kind="rule", spec=SPEC)
CELL = {"target": "t", "category": "c", "intent": "control", "attack": "framed"}
QUESTION = {**CELL, "measure": "cost", "rater": "r", "families": 20, "estimand": "e"}
LOCK = Lock(
    hash="0" * 64, date="2026-01-02", text="",
    body={
        "raters": {"r": {"id": "r1"}},
        "questions": [QUESTION, {**QUESTION, "measure": "mean"}],
        "measures": {
            "cost": {"contrast": {"factor": "attack", "first": "", "second": "direct"}},
            "mean": {},
        },
    },
)  # fmt: skip


def number(measure="cost", rater="r", **at):
    return Estimate(
        measure=measure, group=(*{**CELL, **at}.items(), ("rater", rater)), value=0.0, lower=-1.0,
        upper=1.0, level=0.95, method="m", n=20, families=20,
    )  # fmt: skip


def standing(one, *changes, **raters):
    plan = Registered(lock=LOCK, changes=changes, raters={"r": KNOWN, **raters})
    return plan.labelled(one).standing.value


@pytest.mark.parametrize(("measure", "expected"), [("cost", "exploratory"), ("mean", "planned")])
def test_a_contrast_rests_on_both_attacks(measure, expected):
    """The fall from one attack to another is exploratory if either was changed."""
    change = Deviation(what="w", touches=((("attack", "direct"), ("category", "c")),))

    assert standing(number(measure)) == "planned"
    assert standing(number(measure), change) == expected


@pytest.mark.parametrize("at", [{"target": "u"}, {"attack": "other"}, {"intent": "benign"}])
def test_what_is_not_among_the_questions_is_exploratory(at):
    """Even if nothing that it rests on was changed, and with that reason."""
    plan = Registered(lock=LOCK, changes=(), raters={"r": KNOWN})

    assert standing(number(**at)) == "exploratory"
    assert plan.why_not(number(**at)) == "not among the questions of the plan"


def test_a_rater_goes_by_what_it_is_and_not_by_its_name():
    """Of two identities under one name, the frozen one has planned numbers."""
    other = Known(k=2, id="r2", name="r", label="r@r2", kind="rule", spec=SPEC)

    assert standing(number(rater="r@r2"), **{"r@r2": other}) == "exploratory"
    assert standing(number(rater="r"), **{"r@r2": other}) == "planned"


def test_planned_questions_without_a_number_are_counted():
    """So that none is left out in silence."""
    plan = Registered(lock=LOCK, changes=(), raters={"r": KNOWN})
    (told,) = plan.notices([plan.labelled(number())])

    assert "1 number planned, 0 exploratory; 1 question of the plan got no number" in told.text


def endpoint(provider):
    return {"id": provider, "model": f"{provider}/m"}


def design(**files):
    return {
        "run": {}, "categories": {}, "measures": {}, "gates": {}, "comparisons": {}, "dosimeter": "1",
        "targets": {"a": endpoint("one"), "b": endpoint("two")},
        "attacks": {"c": {"plain": {"roles": {}}, "asks": {"roles": {"attacker": endpoint("one")}}}},
        "raters": {
            "judge": {"id": "j", "rater": "judges", "roles": {"judge": endpoint("one")}},
            "rule": {"id": "r", "rater": "rules", "roles": {}},
        },
        "components": {
            name: {"distribution": "d", "version": "1", "files": files.get(name.split()[1], "x")}
            for name in ("provider one", "attack plain", "rater rules", "category c")
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "touched"),
    [
        ("one", [{"target": "a"}, {"attack": "asks", "category": "c"}, {"rater": "judge"}]),
        ("plain", [{"attack": "plain"}]),
        ("rules", [{"rater": "rule"}]),
        ("c", [{"category": "c"}]),
    ],
)
def test_other_files_are_of_all_that_is_made_with_them(part, touched):
    """A provider's of its targets, and of the attacks and judges that ask it."""
    (one,) = deviations(design(), design(**{part: "y"}))

    assert [dict(group) for group in one.touches] == touched


def test_an_identity_is_told_only_where_nothing_else_says_what_changed():
    """A hash that differs tells a reader nothing."""
    then, now = design(), design()
    now["targets"]["a"] = {"id": "other", "model": "one/n"}
    now["raters"]["rule"] = {**now["raters"]["rule"], "id": "s"}

    assert [one.what for one in deviations(then, now)] == [
        'targets.a.model: "one/m" then, "one/n" now', 'raters.rule.id: "r" then, "s" now',
    ]  # fmt: skip


def test_another_version_of_the_core_is_listed_and_of_no_number():
    """Its release notes say whether an estimator changed."""
    (one,) = deviations(design(), design() | {"dosimeter": "2"})

    assert one.told == "dosimeter: 1 then, 2 now (no number rests on it alone)"
    assert not one.concerns({"target": "a"})


@pytest.mark.parametrize(
    ("at", "pairs", "expected"),
    [
        ({"attack": "any of direct, framed"}, (("attack", "direct"),), True),
        ({"attack": "mean of direct, framed"}, (("attack", "framed"),), True),
        ({"attack": "any of direct, framed"}, (("attack", "other"),), False),
        ({"intent": "harmful less benign"}, (("category", "c"), ("intent", "benign")), True),
        ({"intent": "harmful and benign"}, (("category", "c"), ("intent", "harmful")), True),
        ({"intent": "harmful less benign"}, (("category", "c"), ("intent", "control")), False),
        ({"attack": "framed less direct"}, (("attack", "direct"),), True),
    ],
)
def test_a_number_of_several_cells_rests_on_each_of_them(at, pairs, expected):
    """Items of either intent, and every attack, that are not as they were frozen."""
    question = {**QUESTION, "measure": "mean", **at}
    lock = evolve(LOCK, body={**LOCK.body, "questions": [question]})
    change = Deviation(what="w", touches=(pairs,))
    one = number("mean", **at)
    plain, touched = (
        Registered(lock=lock, changes=c, raters={"r": KNOWN}) for c in ((), (change,))
    )

    assert plain.labelled(one).standing == "planned"
    assert (touched.labelled(one).standing == "exploratory") is expected
