"""The plan: pure, lazy, and honest about what it cannot show."""

from itertools import islice

import pytest
from attrs import evolve

from dosimeter import Bound, Level, PlanError, Role, Scale, ScaleKind, Sees, StackError
from dosimeter.cli.plan import in_words
from dosimeter.engine.build import build_accounts, build_categories
from dosimeter.engine.forecast import forecast
from dosimeter.engine.plan import plan
from dosimeter.engine.setup import design_hash
from dosimeter.model.design import Intent
from dosimeter.model.specs import ScorerSpec
from dosimeter.moves import most_asks
from dosimeter.stack import load_stack

STACK = """
name = "n"
[targets.a]
model = "toy/one"
max_tokens = 100
[targets.b]
model = "toy/two"
[[categories]]
id = "toys"
attacks = ["direct", "again"]
[[raters]]
id = "word"
"""


@pytest.fixture
def built(tmp_path):
    """A stack and its parts."""

    def go(registry, *overrides, text=STACK, limit=None):
        path = tmp_path / "stack.toml"
        path.write_text(text)
        stack, secrets = load_stack(
            path, registry=registry, overrides=overrides, environ={}, limit=limit
        )
        return stack, build_categories(stack, registry, secrets)

    return go


def test_the_same_stack_gives_the_same_attempts_whatever_is_installed_beside(
    built, registry_of, toy_source
):
    """Order and ids."""
    beside = """
@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="aaa", summary="First in any order", factory="nowhere:x")]
"""
    alone = [p.attempt for p in plan(*built(registry_of(toy=toy_source)))]
    crowded = [p.attempt for p in plan(*built(registry_of(aaa=beside, toy=toy_source)))]

    assert alone == crowded
    assert len(alone) == len({a.id for a in alone}) == 20 * 2 * 2


def test_the_first_attempt_of_a_huge_category_walks_one_item(built, toy):
    """Memory and time do not wait for 200,000 items."""
    stack, parts = built(toy, "categories.0.panel=huge")
    first = list(islice(plan(stack, parts), 4))

    assert {p.item.id for p in first} == {"toys/0"}
    assert type(parts[0].category).walked == 1


def test_ids_of_attempts_depend_on_what_is_measured_alone(built, toy):
    """Names, limits and operational options are not in them; seed, options and repeat are."""

    def ids(*overrides, **more):
        return [p.attempt.id for p in plan(*built(toy, *overrides, **more))]

    plain = ids()
    assert plain == ids("name=other", "run.max_retries=0", "targets.a.timeout=3.0")
    assert not set(plain) & set(ids("run.seed=2"))
    assert len(set(plain) & set(ids("targets.a.base=1.0"))) == len(plain) // 2
    assert set(plain) < set(ids("run.repeats=2"))
    assert set(ids(limit=5)) < set(plain)


BESIDE = """
@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="mixed", summary="Two panels", factory=f"{__name__}:Mixed", version="1",
                         panels=(PanelInfo(name="asked", summary="12"),
                                 PanelInfo(name="controls", summary="12, two of them asked")))]

class Mixed:
    def __init__(self, options): ...
    def items(self, panel):
        intent = Intent.HARMFUL if panel == "asked" else Intent.CONTROL
        for i in range(12):
            shared = i < 2
            yield Item(id=f"mixed/{i}" if shared else f"mixed/{panel}/{i}",
                       opening=(user(f"question {i}"),), intent=Intent.HARMFUL if shared else intent,
                       family=f"f{i}" if shared else f"{panel}{i}", category="mixed",
                       provenance=Provenance(source="toy", licence="CC0-1.0"))
"""


def test_panels_run_beside_each_other_under_the_same_attacks(built, registry_of, toy_source):
    """VALIDITY 7: every attack meets the controls; what two panels share is asked once."""
    registry = registry_of(mixed=BESIDE, toy=toy_source)

    def planned(*panels, **more):
        text = STACK.replace('id = "toys"', f'id = "mixed"\npanel = {list(panels)}')
        return list(plan(*built(registry, text=text, **more)))

    both = planned("asked", "controls")
    found = {(p.item.id, p.attempt.attack) for p in both}
    assert len(found) * 2 == len(both) == (12 + 10) * 2 * 2
    assert [p.attempt.id for p in both[: 12 * 4]] == [p.attempt.id for p in planned("asked")]
    # A limit is of each panel, or it would leave the controls out.
    few = {p.item.intent for p in planned("asked", "controls", limit=4)}
    assert few == {Intent.HARMFUL, Intent.CONTROL}


def test_a_forecast_does_not_count_controls_as_requests(built, registry_of, toy_source):
    """No cell has both, so that they add nothing to what a difference could show."""
    registry = registry_of(mixed=BESIDE, toy=toy_source)
    text = STACK.replace('id = "toys"', 'id = "mixed"\npanel = ["asked", "controls"]')
    found = forecast(*built(registry, text=text), [registry.get(ScorerSpec, "word")])

    assert {(r.families, r.controls, r.attempts) for r in found.rows} == {(12, 10, 22)}
    assert {(s.intent, s.families) for s in found.showing} == {("harmful", 12), ("control", 10)}
    assert "mixed: with 12 families this stack can show " in in_words(found, 160)


def test_a_design_tells_panels_apart_and_keeps_the_hash_of_one(built, registry_of, toy_source):
    """A run goes on if its panel is written as a list, and not if another panel is added."""
    registry = registry_of(mixed=BESIDE, toy=toy_source)

    def hashed(panel):
        text = STACK.replace('id = "toys"', f'id = "mixed"\npanel = {panel}')
        return design_hash(*built(registry, text=text))

    assert hashed('"asked"') == hashed('["asked"]') != hashed('["asked", "controls"]')


def test_a_limit_takes_families_by_the_seed(built, toy):
    """The same ones every time, not simply the first."""

    def families(*overrides):
        return {p.item.family for p in plan(*built(toy, *overrides, limit=5))}

    assert len(families()) == 5
    assert families() == families()
    assert families() != families("run.seed=5")


def test_an_empty_selection_is_an_error(built, toy):
    """Not a run of nothing: a language that the category does not have is told with those it has."""
    with pytest.raises(StackError, match=r"no items in 'xx'; there are en"):
        built(toy, 'categories.0.languages=["xx"]')


def test_a_plugin_that_raises_is_named_without_its_words(built, registry_of, toy_source):
    """What it says may quote an item."""
    bad = toy_source.replace("            yield Item(", "            if i == 3: raise ValueError('the prompt')\n            yield Item(")  # fmt: skip
    with pytest.raises(PlanError, match=r"category 'toys' raised ValueError") as caught:
        list(plan(*built(registry_of(toy=bad))))

    assert "the prompt" not in str(caught.value)
    assert "mend it if it is yours; else report it to its authors" in str(caught.value)


def test_what_a_factory_says_against_its_options_is_told_with_the_path(
    built, registry_of, toy_source
):
    """Nobody knows which of ten attacks is meant else."""
    fussy = toy_source.replace(
        "class Plain_again(Plain_direct):",
        "def Plain_again(options):\n    raise StackError('seven is too many')\nclass Unused(Plain_direct):",
    )
    with pytest.raises(
        StackError, match=r"^categories\[0\]\.attacks\[1\]: seven is too many"
    ) as caught:
        built(registry_of(toy=fussy))

    assert caught.value.faults == (("categories[0].attacks[1]", "seven is too many"),)


def test_the_languages_of_a_stack_choose_the_items(built, registry_of, toy_source):
    """Those it names, and without a name all."""
    two = toy_source.replace(
        'category="toys",', 'category="toys", language="de" if i % 2 else "en",'
    ).replace('version="1",', 'version="1", languages=("en", "de"),')
    registry = registry_of(toy=two)

    def spoken(*settings):
        return {p.item.language for p in plan(*built(registry, *settings))}

    assert spoken('categories.0.languages=["de"]') == {"de"}
    assert spoken() == {"en", "de"}


UNDECLARED = {
    "item": ('family=f"f{i}",', 'family=f"f{i}", factors=(("mood", "x"),),'),
    "level": ('family=f"f{i}",', 'family=f"f{i}", factors=(("mood", "odd"),),'),
    "variant": ('key="as-is")', 'key="as-is", factors=(("mood", "x"),))'),
    "twice": (
        'yield Variant(attack=self.name, key="as-is")',
        'yield from [Variant(attack=self.name, key="as-is")] * 2',
    ),
    "stranger": ("attack=self.name", 'attack="other"'),
    "both": ('family=f"f{i}",', 'family=f"f{i}", factors=(("answer", "x"),),'),
}


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("item", r"item 'toys/0' has factor 'mood', which category 'toys' does not declare"),
        ("level", r"item 'toys/0': factor 'mood' is 'odd', declared levels are \['x'\]"),
        (
            "variant",
            r"attack 'direct' of dosimeter-toy 1.2 sets factors it does not declare: \['mood'\]",
        ),
        (
            "twice",
            r"attack 'direct' of dosimeter-toy 1.2 gives item 'toys/0' the same variant key twice",
        ),
        (
            "stranger",
            r"attack 'direct' of dosimeter-toy 1.2 yields a variant that names attack 'other'",
        ),
        (
            "both",
            r"attack 'direct' of dosimeter-toy 1.2 and item 'toys/0' .* both have factors \['answer'\]",
        ),
    ],
)
def test_what_a_plugin_does_not_declare_is_refused(built, registry_of, toy_source, what, told):
    """A factor that nobody declared has no role in an analysis; two variants of a key are one."""
    text = toy_source.replace(*UNDECLARED[what])
    if what == "both":
        text = text.replace('key="as-is")', 'key="as-is", factors=(("answer", "y"),))')
        text = text.replace(
            "AttackSpec(", 'AttackSpec(factors=(Factor(name="answer", role="note"),), '
        )
        text = text.replace(
            'version="1",', 'version="1", factors=(Factor(name="answer", role="note"),),'
        )
    if what == "level":
        mood = 'factors=(Factor(name="mood", role=FactorRole.NOTE, levels=("x",)),)'
        text = text.replace('version="1",', f'version="1", {mood},')
    with pytest.raises(PlanError, match=told):
        list(plan(*built(registry_of(toy=text))))


def test_the_design_is_what_is_attempted_and_nothing_else(built, toy):
    """Sinks, raters, gates, budget and operational options may change under way."""
    plain = design_hash(*built(toy))
    more = '[[sinks]]\nid = "json"\n[[gates]]\nmeasure = "under"\nat_most = 0.9\n'
    same = ("run.budget.tokens=9", "run.max_retries=0", "targets.a.timeout=3.0", "name=other")

    assert design_hash(*built(toy, *same, text=STACK + more)) == plain
    for other in ("run.seed=2", "run.repeats=2", "targets.a.base=1.0", "categories.0.panel=huge"):
        assert design_hash(*built(toy, other)) != plain


@pytest.mark.parametrize("environ", [{"ONE": "k1", "TWO": "k2"}, {}])
def test_endpoints_of_one_key_share_a_limiter_and_those_of_two_do_not(tmp_path, toy, environ):
    """A key has one rate, and the smallest that is named for it; its variable's name stands for it."""
    path = tmp_path / "stack.toml"

    def limiters(a, b):
        keyed = STACK.replace('"toy/one"\n', f'"toy/one"\nkey = "${{{a}}}"\n')
        path.write_text(keyed.replace('"toy/two"\n', f'"toy/two"\nkey = "${{{b}}}"\n'))
        stack, secrets = load_stack(path, registry=toy, environ=environ, sends=False)
        found = build_accounts(stack, secrets, toy)
        return [found[target.id] for target in stack.targets]

    one, same = limiters("ONE", "ONE")
    first, second = limiters("ONE", "TWO")
    assert one is same
    assert first is not second


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ([], False),
        (["run.budget.tokens=9000"], True),
        (["run.budget.requests=9"], False),
        (["run.budget.tokens=9000", "targets.b.max_tokens=5"], False),
    ],
)
def test_a_budget_that_a_long_reply_could_break_is_told(built, toy, settings, warned):
    """Nothing bounds a reply of target b unless the stack does."""
    found = forecast(*built(toy, *settings))

    assert any(w.startswith("b may answer at any length") for w in found.warnings) is warned


def test_the_forecast_counts_and_prices(built, toy):
    """Calls, tokens, cost by the stack's own dated prices, time at the rate limit."""
    prices = '[[prices]]\nmodel = "toy/one"\ninput = 1.0\noutput = 10.0\ndate = "2026-01-01"\n'
    stack, parts = built(toy, "run.requests_per_minute.a=10", text=STACK + prices)
    found = forecast(stack, parts)
    one = next(r for r in found.rows if r.target == "a" and r.attack == "direct")
    words = in_words(found, 160)

    assert (one.families, one.attempts, one.calls, one.minutes) == (20, 20, 20, 2.0)
    assert one.tokens == 20 * (100 + len("question 1") // 4)
    assert one.money == pytest.approx(20 * (100 * 10 + 2 * 1) / 1e6)
    assert found.attempts == 80
    assert "no price is known for toy/two" in words
    assert "[[prices]]" in words
    assert "toys: with 20 families this stack can show a difference of" in words


ASKING = """
ANSWER = Factor(name="answer", role=FactorRole.TREATMENT)

@hookimpl
def dosimeter_attack_generators():
    spec = lambda i, **more: AttackSpec(id=i, summary="s", factory=f"{__name__}:{i}", **more)
    return [spec("hunt", search=True, roles=(Role.ATTACKER,)), spec("talk", factors=(ANSWER,))]

@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="on", kind=ScaleKind.BOOLEAN)
    return [ScorerSpec(id="judge", summary="s", factory=f"{__name__}:build", scales=(scale,), judge=True,
                       sees=frozenset({Sees.REPLY, Sees.PROMPT}), roles=(Role.JUDGE,),
                       subjects=(SubjectKind.PATH, SubjectKind.TURN))]

class hunt:
    def __init__(self, options): ...
    def variants(self, item):
        yield Variant(attack="hunt", key="k")
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 3), (Role.ATTACKER, 5)))

class talk:
    def __init__(self, options): ...
    def variants(self, item):
        lines = [Line(message=user(w * 40)) for w in "abc"]
        yield Variant(attack="talk", key="k", script=tuple(lines), factors=(("answer", "LANGUAGE"),))
"""
ASKED = """
name = "n"
[targets.a]
model = "toy/one"
max_tokens = 100
system = "SYSTEM78"
[endpoints.helper]
model = "toy/helper"
max_tokens = 50
[endpoints.grader]
model = "toy/grader"
max_tokens = 10
[[categories]]
id = "toys"
attacks = ["talk"]
[[raters]]
id = "word"
[[raters]]
id = "judge"
votes = 2
roles = { judge = "grader" }
"""
PRICES = "".join(
    f'[[prices]]\nmodel = "toy/{name}"\ninput = {a}\noutput = {b}\ndate = "2026-01-01"\n'
    for name, a, b in (("one", 1.0, 2.0), ("helper", 10.0, 20.0), ("grader", 100.0, 200.0))
)
HUNT = 'categories.0.attacks=[{id = "hunt", roles = { attacker = "helper" }}]'


@pytest.fixture
def foretold(built, registry_of, toy_source):
    """Forecast the stack with a judge and attacks that ask a lot."""

    def go(*overrides, language="en", accounts=None, roles=", roles=(Role.ATTACKER,)", rubric=()):
        source = ASKING.replace("LANGUAGE", language).replace(", roles=(Role.ATTACKER,)", roles)
        registry = registry_of(toy=toy_source, asking=source)
        stack, parts = built(registry, *overrides, text=ASKED + PRICES, limit=1)
        specs = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
        if rubric:
            parts = [evolve(p, spec=evolve(p.spec, scales=rubric)) for p in parts]
            specs = [evolve(s, sees=(*s.sees, Sees.RUBRIC)) for s in specs]
        return forecast(stack, parts, specs, accounts)

    return go


def test_each_scripted_turn_sends_what_came_before_again(foretold):
    """Three lines of 40 characters after a system prompt of 8, replies of 100 tokens."""
    (row,) = foretold().rows
    sent = [8 + 40, 8 + 80 + 400, 8 + 120 + 800]

    assert row.calls == 3
    assert row.tokens == sum(n // 4 for n in sent) + 3 * 100


def test_a_judge_is_counted_for_every_vote_on_every_subject(foretold):
    """Two votes on a path and the two turns before it, each shown prompt and reply."""
    found = foretold()
    (judge,) = found.judges
    t_in = 3 * 2 * ((400 + 40) // 4)

    assert (judge.rater, judge.endpoints, judge.votes, judge.calls) == ("judge", ("grader",), 2, 6)
    assert judge.tokens == t_in + 6 * 10
    assert judge.money == pytest.approx((t_in * 100 + 60 * 200) / 1e6)
    assert found.calls == 3 + 6
    assert found.tokens == found.rows[0].tokens + judge.tokens
    assert found.money == pytest.approx(found.rows[0].money + judge.money)
    assert "judge  grader      2      6" in in_words(found, 160)
    assert f"9 calls, about {found.tokens:,} tokens, cost {found.money:.4f}" in in_words(found, 160)


def test_a_judge_that_reads_the_rubric_is_counted_with_all_of_it(foretold):
    """A policy is a summary of 80 characters; of levels, rule and example."""
    policy = Scale(name="p", kind=ScaleKind.BOOLEAN, summary="x" * 80)
    level = Level(value=1, name="one", rule="x" * 100, example="x" * 60)
    graded = Scale(name="g", kind=ScaleKind.ORDINAL, levels=(level, evolve(level, value=2)))
    bare, words, levels = (foretold(rubric=r).judges[0].tokens for r in ((), (policy,), (graded,)))

    assert (words - bare, levels - bare) == (6 * 80 // 4, 6 * 2 * 160 // 4)


def test_a_judge_is_not_counted_where_it_is_not_asked(foretold):
    """Replies asked for in a language that it does not declare."""
    assert foretold(language="sw").judges[0].calls == 0


def test_a_search_is_counted_at_its_bound_and_each_role_at_its_own_price(foretold):
    """Three asks of the target and five of the attacker an attempt."""
    found = foretold(HUNT)
    (row,) = found.rows
    opening = len("question 1")
    one = (3 * ((8 + opening) // 4), 3 * 100)
    helper = (5 * (opening // 4), 5 * 50)

    assert row.calls == 3 + 5
    assert row.tokens == sum(one) + sum(helper)
    assert row.money == pytest.approx(
        (one[0] * 1 + one[1] * 2 + helper[0] * 10 + helper[1] * 20) / 1e6
    )
    assert foretold(HUNT, "prices=[]").money is None


def test_a_bound_that_names_a_role_twice_is_their_sum():
    """For plan and run alike."""
    bound = Bound(asks=((Role.TARGET, 1), (Role.ATTACKER, 5), (Role.TARGET, 2)))

    assert most_asks(bound) == {Role.TARGET: 3, Role.ATTACKER: 5}


def test_a_search_that_counts_on_a_role_it_has_not_declared_is_refused(foretold):
    """No endpoint serves it, so its asks can be neither counted nor made."""
    with pytest.raises(PlanError, match="attack 'hunt' counts asks in role 'attacker'"):
        foretold('categories.0.attacks=["hunt"]', roles="")


def test_the_time_is_that_of_the_slowest_account(foretold):
    """Each endpoint at its own rate; those on one account share the smallest."""
    rates = "run.requests_per_minute={ a = 1, helper = 10, grader = 2 }"
    found = foretold(HUNT, rates)

    assert [found.rows[0].minutes, found.judges[0].minutes, found.minutes] == [3.0, 3.0, 3.0]
    shared = foretold(HUNT, rates, accounts={"a": "x", "helper": "x", "grader": "x"})
    assert shared.minutes == 3 + 5 + 6
    assert foretold(HUNT, "run.requests_per_minute={ grader = 2 }").rows[0].minutes is None
