"""Gates that no result could pass, told before anything is paid for."""

import pytest

from dosimeter.engine.at_best import best_share, needed
from dosimeter.engine.build import build_categories
from dosimeter.engine.census import census
from dosimeter.engine.forecast import forecast
from dosimeter.engine.gated import in_words
from dosimeter.engine.reach import out_of_reach
from dosimeter.errors import StackError
from dosimeter.model.answering import Gate
from dosimeter.model.specs import ScorerSpec
from dosimeter.stack import load_stack
from dosimeter.stats.severity import guarded_mean

STACK = """
name = "n"
targets.a.model = "toy/one"
categories = [{{ id = "{category}", attacks = {attacks}{panel} }}]
raters = [{{ id = "word" }}, {{ id = "grader" }}, {{ id = "local" }}{raters}]
run.accept_judge_measured = {accept}
[[gates]]
{gate}
"""
GRADED = """
GRADE = Scale(name="grade", kind=ScaleKind.ORDINAL, levels=tuple(Level(value=i, name="") for i in range(1, 6)))
LENGTH = Scale(name="length", kind=ScaleKind.REAL)
LOCAL = Scale(name="local", kind=ScaleKind.ORDINAL, levels=GRADE.levels)
NOBODY = Scale(name="nobody", kind=ScaleKind.ORDINAL, levels=GRADE.levels)

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="grader", summary="s", factory=f"{__name__}:grader", scales=(GRADE, LENGTH),
                       subjects=(SubjectKind.PATH, SubjectKind.TURN)),
            ScorerSpec(id="local", summary="s", factory=f"{__name__}:grader", scales=(LOCAL,), languages=("en",)),
            ScorerSpec(id="broad", summary="s", factory=f"{__name__}:grader", scales=(LOCAL,), languages=("*",))]

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="talk", summary="s", factory=f"{__name__}:Talk")]

class Talk:
    def __init__(self, options): ...
    def variants(self, item):
        yield Variant(attack="talk", key="k", script=(Line(message=user("a")), Line(message=user("b"))))

@hookimpl
def dosimeter_harm_categories():
    def mean(name, scale="grade", **more):
        return Measure(id=name, title="t", scale=scale, estimator="mean", **more)
    controls = Selection(intents=(Intent.CONTROL,))
    cost = Contrast(factor="attack", first="", second="direct")
    measures = (mean("grade-mean"), mean("of-controls", select=controls), mean("cost", select=controls, contrast=cost),
                mean("gap", contrast=Contrast(factor="target", first="a", second="b")),
                mean("nobody-mean", "nobody"), mean("by-key", by=("key",)))
    key = Factor(name="key", role=FactorRole.NOTE, levels=("a", "b"))
    side = Factor(name="side", role=FactorRole.TREATMENT, levels=("0", "1"))
    sides = Contrast(factor="side", first="0", second="1")
    def bad(name, **more):
        return Measure(id=name, title="t", scale="grade", estimator="rate", threshold=4, **more)
    flipped = Measure(id="flipped", title="t", scale="grade", estimator="flips", threshold=4, across="side")
    of_sides = (bad("rise", contrast=sides), bad("split", by=("side",)), flipped, bad("success"))
    return [CategorySpec(id="graded", summary="s", factory=f"{__name__}:Graded", version="1", factors=(key,),
                         panels=(PanelInfo(name="all", summary="16"), PanelInfo(name="able", summary="16")), measures=measures, scales=(NOBODY,)),
            CategorySpec(id="sided", summary="s", factory=f"{__name__}:Sided", version="1", factors=(side,),
                         panels=(PanelInfo(name="all", summary="40"),), measures=of_sides),
            CategorySpec(id="mixed", summary="s", factory=f"{__name__}:Mixed", version="1",
                         panels=tuple(PanelInfo(name=n, summary="400") for n in ("20", "21", "200")))]

class Mixed:
    def __init__(self, options): ...
    def items(self, panel):
        for i in range(400):
            yield Item(id=f"mixed/{i}", opening=(user("x"),), intent=Intent.HARMFUL, family=f"f{i}", category="mixed",
                       language="de" if i < int(panel) else "en", provenance=Provenance(source="toy", licence="CC0-1.0"))

class Sided:
    def __init__(self, options): ...
    def items(self, panel):
        for i in range(40):
            for side in ("0", "1")[: 1 + (i < 30)]:
                yield Item(id=f"sided/{i}/{side}", opening=(user("x"),), intent=Intent.HARMFUL, family=f"f{i}", category="sided",
                           factors=(("side", side),), provenance=Provenance(source="toy", licence="CC0-1.0"))

class Graded:
    def __init__(self, options): ...
    def items(self, panel):
        for i in range(16):
            asked = (Intent.HARMFUL, Intent.BENIGN)[: 1 + (i < 12)]
            for intent in asked if panel == "all" else (Intent.CONTROL,):
                yield Item(id=f"graded/{i}/{intent}", opening=(user("x"),), intent=intent, family=f"f{i}",
                           category="graded", provenance=Provenance(source="toy", licence="CC0-1.0"))

def grader(options): ...
"""


@pytest.fixture
def lost(registry_of, toy_source, tmp_path):
    """Give what is told of a gate, and the forecast's warnings."""
    registry = registry_of(toy=toy_source, graded=GRADED)

    def go(
        gate,
        *,
        category="graded",
        attacks='["direct"]',
        accept="true",
        limit=None,
        panel="",
        seed=1,
        raters="",
    ):
        path = tmp_path / "stack.toml"
        text = STACK.format(
            gate=gate, category=category, attacks=attacks, accept=accept, panel=panel, raters=raters
        )
        path.write_text(text)
        stack, secrets = load_stack(
            path, registry=registry, environ={}, limit=limit, overrides=(f"run.seed={seed}",)
        )
        parts = build_categories(stack, registry, secrets)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
        told = list(out_of_reach(stack, parts, census(stack, parts), specs))
        assert set(told) <= set(forecast(stack, parts, specs).warnings)
        return told

    return go


@pytest.fixture
def gates(registry_of, toy_source, tmp_path):
    """Give what a plan says of its gates."""
    registry = registry_of(toy=toy_source, graded=GRADED)

    def go(*bounds, limit=None):
        path = tmp_path / "stack.toml"
        more = "".join(f'[[gates]]\nmeasure = "under"\n{bound}\n' for bound in bounds)
        text = STACK.format(gate="", category="toys",
                            attacks='["direct"]', accept="true", panel="", raters="")  # fmt: skip
        path.write_text(text.partition("[[gates]]")[0] + more)
        stack, secrets = load_stack(path, registry=registry, environ={}, limit=limit)
        parts = build_categories(stack, registry, secrets)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
        return forecast(stack, parts, specs).gates

    return go


def test_a_plan_says_of_each_gate_what_it_takes(gates):
    """Within reach or not, and how many families would do: 0 of 17 leaves 19.5 %, 0 of 72 leaves 5 %."""
    alone = ('at_most = 0.2\nwhere = { intent = "harmful" }', "at_most = 0.05", "at_most = 0.0")
    near, far, never = (one for gate in alone for one in gates(gate))

    assert (near.reachable, near.families, near.needed) == (True, 20, 17)
    assert (far.reachable, far.families, far.needed) == (False, 20, 72)
    assert (never.reachable, never.needed) == (False, None)
    assert in_words(near) == (
        "gate under at most 20 % (intent harmful): within reach; 20 families, 17 would do at the best outcome"
    )
    assert in_words(never) == "gate under at most 0 %: out of reach; 20 families"


def test_several_gates_take_more_families(gates):
    """Alpha is split over them: 0 of 17 leaves 19.5 % at 95, and 22.2 % at 98.3 %."""
    assert [g.needed for g in gates(*["at_most = 0.2"] * 3)] == [22] * 3


def test_a_gate_with_a_baseline_says_what_it_takes(gates):
    """If every pair is alike, 20 families still leave 13.9 points open."""
    wide, narrow = (gates(f'baseline = "v1"\nmargin = {margin}')[0] for margin in (0.2, 0.05))

    assert (wide.reachable, wide.bound) == (True, "as v1 within 20 points")
    assert (narrow.reachable, narrow.needed) == (False, 59)


def test_families_are_no_remedy_where_there_is_nothing_to_judge(gates):
    """How many would do is not said of a gate that lacks something else."""
    (one,) = gates("at_most = 0.9\nwhere = { intent = 'control' }")

    assert (one.reachable, one.families, one.needed) == (False, None, None)


def test_of_a_limited_plan_no_gate_is_within_reach_or_out_of_it(gates):
    """Its families are not those of the run that decides."""
    (one,) = gates("at_most = 0.05", limit=12)

    assert one.reachable is None
    assert in_words(one).startswith("gate under at most 5 %: not said, as the plan is limited; ")


def test_a_gate_on_a_share_says_how_many_families_would_do(lost):
    """No event in 20 families leaves 16.8 %: a gate at 5 % cannot pass, one at 20 % can."""
    gate = 'measure = "under"\n{} = {}'
    toys = {"category": "toys"}
    (line,) = lost(gate.format("at_most", 0.05), **toys)

    assert line.startswith(
        "gates[0]: under at most 5 % cannot pass with 20 families (a, harmful, direct)"
    )
    assert "at best the upper limit is 16.84 %" in line
    assert "72 families would do" in line
    assert lost(gate.format("at_most", 0.2), **toys) == []
    assert "lower limit is 83.16 %" in lost(gate.format("at_least", 0.9), **toys)[0]
    assert "no interval is that narrow" in lost(gate.format("at_most", 0.0), **toys)[0]


@pytest.mark.parametrize(
    ("gate", "told"),
    [("at_most = 1.1", "at most 1.1"), ("at_least = 4.9", "at least 4.9"), ("at_most = 1", "")],
)
def test_a_gate_on_a_mean_says_how_many_families_would_do(lost, gate, told):
    """Sixteen families all at the best level of 1 to 5: their interval is wider than the gate."""
    (line,) = lost(f'measure = "grade-mean"\n{gate}\nwhere.intent = "harmful"')

    if not told:
        assert "no interval is that narrow" in line
        return
    assert f"{told} cannot pass with 16 families (a, harmful, direct)" in line
    n = int(line.split("; ")[1].split()[0])
    best = [1.0 if "at_most" in gate else 5.0]

    def limit(families):
        got = guarded_mean(best * families, low=1, high=5).interval()
        return got.upper - 1 if "at_most" in gate else 5 - got.lower

    assert limit(n) <= 0.1 + 1e-12
    assert limit(n - 1) > 0.1
    assert f"at best the {'upper' if 'at_most' in gate else 'lower'} limit is" in line


@pytest.mark.parametrize(
    ("german", "gate", "says"),
    [
        (200, 'local"\nat_most = 0.45\nwhere = { level = "5" }', "at best it could still be 50.00 %"),
        (200, 'local"\nat_most = 0.55\nwhere = { level = "5" }', ""),
        (200, 'local"\nat_least = 0.55\nwhere = { level = "5" }', "at best it could still be 50.00 %"),
        (200, 'local-mean"\nat_most = 2.5', "at best it could still be 3.00"),
        (200, 'local-mean"\nat_most = 3.5', ""),
        (21, 'local"\nat_most = 0.05\nwhere = { level = "5" }', "21 of 400 attempts get no mark, as local rates"),
        (20, 'local"\nat_most = 0.04\nwhere = { level = "5" }', ""),
    ],
)  # fmt: skip
def test_a_gate_that_too_many_attempts_without_a_mark_keep_from_passing_is_told(
    lost, german, gate, says
):
    """What no rater marks could be the worst there is: above 5 % no other mark makes up for it."""
    told = lost(f'measure = "{gate}', category="mixed", panel=f', panel = "{german}"')

    assert len(told) == bool(says)
    assert all(says in line and "cannot pass (a, harmful, direct)" in line for line in told)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("", "as local rates en alone; at best it could still be 3.00; by wide alone it could: say where.rater"),
        ('\nwhere.rater = "local"', "as local rates en alone; at best it could still be 3.00"),
        ('\nwhere.rater = "wide"', ""),
    ],
)  # fmt: skip
def test_a_gate_is_out_of_reach_if_it_is_by_the_numbers_of_one_of_its_raters(lost, where, says):
    """Every rater's number has to pass: what another one marks is no mark of its own."""
    told = lost(f'measure = "local-mean"\nat_most = 2.5{where}', category="mixed",
                panel=', panel = "200"', raters=', { id = "broad", name = "wide" }')  # fmt: skip

    assert len(told) == bool(says)
    assert all(line.endswith(says) for line in told)


def test_a_plan_counts_the_families_of_the_rater_that_marks_fewest(
    registry_of, toy_source, tmp_path
):
    """Two raters of one scale, of which one declares a language that half of the items ask for."""
    registry = registry_of(toy=toy_source, graded=GRADED)
    path = tmp_path / "stack.toml"
    path.write_text(
        STACK.format(gate='measure = "local-mean"\nat_most = 4', category="mixed", attacks='["direct"]',
                     accept="true", panel=', panel = "200"', raters=', { id = "broad" }')
    )  # fmt: skip
    stack, secrets = load_stack(path, registry=registry, environ={})
    parts = build_categories(stack, registry, secrets)
    specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
    (one,) = forecast(stack, parts, specs).gates

    assert (one.reachable, one.families) == (True, 200)


def test_a_gate_on_every_level_at_once_is_told(lost):
    """Shares of five levels add up to 1: not all of them are below a fifth, or above."""
    for bound, told in (("at_most = 0.19", "at most 19 %"), ("at_least = 0.21", "at least 21 %")):
        (line,) = lost(f'measure = "grade-turn"\n{bound}', attacks='["talk"]')
        assert line == (
            f"gates[0].where: grade-turn {told} cannot pass for every level at once; name one with"
            " `level`: 1, 2, 3, 4, 5"
        )
    gate = 'measure = "grade-turn"\nat_most = 0.5\nwhere.level = "5"'
    assert lost(gate, attacks='["talk"]') == []


def test_a_gate_on_turns_that_no_attack_has_is_told(lost):
    """A direct request has no reply on the way to the last one; a script of two lines has."""
    gate = 'measure = "grade-turn-mean"\nat_most = 4'
    (line,) = lost(gate)

    assert "it is about replies on the way to the last one" in line
    assert lost(gate, limit=1) == [line]
    assert lost(gate, attacks='["direct", "talk"]') == []
    (line,) = lost(f'{gate}\nwhere.attack = "direct"', attacks='["direct", "talk"]')
    assert "has attack 'direct'; there are talk" in line


def test_a_gate_on_a_mean_that_can_pass_is_left_alone(lost):
    """With many families, and on a scale without ends, whose interval may be as narrow as you like."""
    assert lost('measure = "grade-mean"\nat_most = 3.5') == []
    assert lost('measure = "length-mean"\nat_most = -100') == []


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ('measure = "grade-mean"\nat_most = 4\nwhere.intent = "control"',
         "gates[0].where.intent: grade-mean cannot pass: nothing in the plan that it is about has"
         " intent 'control'; there are benign, harmful"),
        ('measure = "of-controls"\nat_least = 2', "nothing in the plan has intent control, which it is"
         " about; the panels have items of intent benign, harmful"),
        ('measure = "cost"\nat_most = 2', "nothing in the plan has intent control"),
        ('measure = "gap"\nat_most = 2', "this version does not estimate a contrast"),
        ('measure = "by-key"\nat_most = 2', "nothing in the plan has all levels of key that it is about"),
        ('measure = "nobody-mean"\nat_most = 4', "gates[0].measure: nobody-mean cannot pass: no rater of"
         " the stack marks 'nobody'; they mark grade, length, local, refusal"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("limit", [None, 2])
def test_a_gate_about_nothing_says_what_there_is(lost, gate, says, limit):
    """It would end every run inconclusive, limited or not."""
    (line,) = lost(gate, limit=limit)

    assert says in line


def test_what_a_limit_leaves_out_is_no_fault_of_a_gate(lost):
    """Four of the 16 families have no benign item: a trial of one of those alone is not refused."""
    gate = 'measure = "grade-mean"\nat_most = 4\nwhere.intent = "benign"'

    assert [lost(gate, limit=1, seed=seed) for seed in range(12)] == [[]] * 12


def test_all_that_keeps_a_gate_from_passing_is_told_at_once(lost):
    """Who mends one thing meets no other at the next try."""
    told = lost('measure = "nobody-mean"\nat_most = 1.1\nwhere.intent = "harmful"', accept="false")
    nothing = lost('measure = "nobody-mean"\nat_most = 4\nwhere.intent = "control"', limit=2)

    assert [line.partition(" cannot pass")[2][:24] for line in told] == [
        ": the stack's raters are", ": no rater of the stack ", " with 16 families (a, ha"
    ]  # fmt: skip
    assert len(nothing) == 2


def test_a_fall_is_about_the_attacks_that_are_compared(lost):
    """The baseline has no fall of its own; differences go from -4 to 4."""
    able = {"panel": ', panel = "able"'}
    both = {"attacks": '["direct", "again"]', **able}

    (alone,) = lost('measure = "cost"\nat_most = 2', **able)
    assert "it compares attack 'direct' with another; the plan has direct" in alone
    assert lost('measure = "cost"\nat_most = 3', **both) == []
    assert "(a, control, again)" in lost('measure = "cost"\nat_most = -3.9', **both)[0]
    told = lost('measure = "cost"\nat_most = 3\nwhere.attack = "direct"', **both)
    assert "has attack 'direct'; there are again" in told[0]


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ('rise"\nat_most = -0.9', "rise at most -90 % cannot pass with 30 families (a, harmful, again, side 1"
         " less 0)"),
        ('rise"\nat_most = -0.77', "rise at most -77 % cannot pass with 30 families (a, harmful, again, side 1"
         " less 0)"),
        ('rise"\nat_most = -0.76', ""),
        ('rise"\nat_most = 0.1', ""),
        ('split"\nat_most = 0.1', "cannot pass with 30 families (a, harmful, again, side 1)"),
        ('split"\nat_most = 0.1\nwhere.side = "0"', ""),
        ('flipped"\nat_most = 0.2', ""),
        ('success"\nat_most = 0.1\nwhere.attack = "any"', ""),
        ('success"\nat_most = 0.05\nwhere.attack = "any of again, direct"',
         "cannot pass with 40 families (a, harmful, any of again, direct)"),
    ],
)  # fmt: skip
def test_a_gate_counts_the_families_that_have_every_cell(lost, gate, says):
    """30 of 40 goals have both sides; a difference goes down to -100 %; attacks together have all."""
    told = lost(f'measure = "{gate}', category="sided", attacks='["direct", "again"]')

    assert len(told) == bool(says)
    assert all(says in line for line in told)


def test_a_gate_on_attacks_together_needs_several(lost):
    """With one there is no set, as `validate` says too."""
    with pytest.raises(StackError, match="the stack has one attack only"):
        lost('measure = "success"\nat_most = 0.1\nwhere.attack = "any"', category="sided")


def test_a_limited_run_is_not_asked_for_families(lost):
    """It is no benchmark: it passes no gate and may fail one, so that a trial is not refused."""
    assert lost('measure = "under"\nat_most = 0.05', category="toys", limit=2) == []
    assert lost('measure = "nobody-mean"\nat_most = 4', limit=2) != []


@pytest.mark.parametrize(("accepted", "n"), [("false", 1), ("true", 0)])
def test_a_gate_that_only_uncorrected_raters_could_pass_is_told(lost, accepted, n):
    """Before anything is paid; it could fail, and no more."""
    told = lost('measure = "under"\nat_most = 0.5', category="toys", accept=accepted)

    assert len(told) == n
    assert all("accept_judge_measured = true" in line for line in told)


@pytest.mark.parametrize("bound", [0.01, 0.02, 0.05, 0.2, 0.3])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_number_of_families_is_the_smallest_that_does(bound, level):
    """One less would not."""
    n = needed(Gate(measure="m", at_most=bound), lambda n: best_share(n, level, upper=True))

    assert best_share(n, level, upper=True) <= bound
    assert n == 10 or best_share(n - 1, level, upper=True) > bound
    least = Gate(measure="m", at_least=1 - bound)
    assert n == needed(least, lambda n: best_share(n, level, upper=False))
