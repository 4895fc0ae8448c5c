"""Plans that are refused where they are made, and what is told in a limited run or one that goes on."""

from contextlib import closing

import pytest

from dosimeter import PlanError
from dosimeter.engine.build import build_categories
from dosimeter.engine.forecast import forecast
from dosimeter.engine.plan import plan
from dosimeter.engine.setup import Facts, write_plan
from dosimeter.journal.store import Store
from dosimeter.stack import load_stack

STACK = """
name = "n"
[targets.a]
model = "toy/one"
[targets.b]
model = "toy/two"
[[categories]]
id = "toys"
attacks = ["direct", "again"]
[[raters]]
id = "word"
"""
MUTE = """
@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="mute", summary="Has no words", factory=f"{__name__}:Mute"),
            AttackSpec(id="late", summary="Has words for one item", factory=f"{__name__}:Late")]

class Mute:
    def __init__(self, options): ...
    def variants(self, item):
        return ()

class Late(Mute):
    def variants(self, item):
        return [Variant(attack="late", key="k")] if item.id == "toys/19" else ()
"""
TWINS = """
@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="twins", summary="s", factory=f"{__name__}:Twins", version="1",
                         factors=(Factor(name="a", role=FactorRole.NOTE),),
                         panels=(PanelInfo(name="one", summary="1"), PanelInfo(name="two", summary="1")))]

class Twins:
    def __init__(self, options): ...
    def items(self, panel):
        yield Item(**dict(id="twins/1", opening=(user("x"),), intent=Intent.HARMFUL, family="f",
                          category="twins", provenance=Provenance(source="toy", licence="CC0-1.0")) | dict(**MORE))
"""


@pytest.fixture
def build(tmp_path):
    """A stack and its parts."""

    def go(registry, text, limit=None):
        path = tmp_path / "stack.toml"
        path.write_text(text)
        stack, secrets = load_stack(path, registry=registry, environ={}, limit=limit)
        return stack, build_categories(stack, registry, secrets)

    return go


@pytest.fixture
def with_mute(build, registry_of, toy_source, tmp_path):
    """Build a stack with an attack that has no variant of any item, or of most."""
    registry = registry_of(mute=MUTE, toy=toy_source)
    facts = Facts(components=(), language_models=frozenset(), version="1")

    def written(*which):
        with closing(Store(tmp_path / "journal.sqlite")) as store:
            return write_plan(store, *which, facts)

    def go(*attacks, limit=None):
        text = STACK.replace('["direct", "again"]', str(list(attacks)))
        return build(registry, text, limit), written

    return go


@pytest.mark.parametrize("count", ["write", "forecast"])
def test_an_attack_without_a_variant_of_any_item_is_refused_where_a_plan_is_made(with_mute, count):
    """It would be in no table; refused, nothing is written."""
    (stack, parts), written = with_mute("direct", "mute")
    told = r"attack 'mute' has no variant of any item; .* \(its items are translated to nothing\)"
    with pytest.raises(PlanError, match=told):
        written(stack, parts) if count == "write" else forecast(stack, parts)

    (stack, parts), written = with_mute("direct", "late")
    assert written(stack, parts) == forecast(stack, parts).attempts == 20 * 2 + 2


def test_families_that_are_too_few_under_one_attack_are_told_of_that(with_mute):
    """The other attack's are enough, and it will have its numbers."""
    (stack, parts), _ = with_mute("direct", "late")
    (told,) = [w for w in forecast(stack, parts).warnings if "no estimate" in w]

    assert told == "toys, attack late: 1 family; below 10 the report gives no estimate"


def test_a_run_that_goes_on_is_not_refused_by_what_an_attack_says_now(with_mute):
    """Each target has its own walk through the plan: what it lacks now is failed by name."""
    (stack, parts), _ = with_mute("direct", "mute")

    assert len(list(plan(stack, parts, stack.targets[0]))) == 20


def test_a_limit_that_leaves_an_attack_nothing_is_told_and_not_refused(with_mute):
    """The items that are left say nothing of the others."""
    (stack, parts), written = with_mute("direct", "late", limit=1)
    found = forecast(stack, parts)

    assert found.attempts == 2
    assert any("attack late has no variant of 1 request" in w for w in found.warnings)
    assert written(stack, parts) == 2


def test_a_limit_that_leaves_nothing_to_ask_is_refused(with_mute):
    """Such a run would be done before it begins."""
    (stack, parts), written = with_mute("late", limit=1)
    with pytest.raises(PlanError, match="of any item that the limit leaves; raise the limit"):
        written(stack, parts)


@pytest.mark.parametrize(
    "other",
    ['opening=(user("y"),)', "intent=Intent.BENIGN", 'goal="g"', 'family="g"', 'language="sw"',
     'reference=Reference(schema="s", value=b"1")', 'translations=(Translation(language="sw", text="z"),)',
     'factors=(("a", "b"),)'],
)  # fmt: skip
def test_two_panels_whose_items_of_one_id_differ_are_refused(build, registry_of, toy_source, other):
    """In whatever: the answers of one would be marked as the other's."""
    name = other.partition("=")[0]
    unlike = TWINS.replace("**MORE", f"**({{}} if panel == 'one' else dict({other}))")
    registry = registry_of(twins=unlike, toy=toy_source)
    text = STACK.replace('id = "toys"', 'id = "twins"\npanel = ["one", "two"]')
    with pytest.raises(PlanError, match=f"'twins/1'.* differ in {name}"):
        list(plan(*build(registry, text)))


@pytest.mark.parametrize("languages", [("de", "de"), ("de", "DE"), ("en",)])
def test_two_texts_of_an_item_in_one_language_are_refused(
    build, registry_of, toy_source, languages
):
    """An attack would say one of them, and nobody would know which."""
    given = ", ".join(f'Translation(language="{one}", text="x")' for one in languages)
    twins = TWINS.replace("**MORE", f"translations=({given},)")
    text = STACK.replace('id = "toys"', 'id = "twins"\npanel = "one"')
    with pytest.raises(PlanError, match=r"item 'twins/1' .* two texts in one language"):
        list(plan(*build(registry_of(twins=twins, toy=toy_source), text)))


def test_translations_of_what_is_left_out_are_named(build, registry_of, toy_source):
    """Who chose a language that no item has is told which there are."""
    given = 'Translation(language="de", text="x"), Translation(language="eo", text="x")'
    twins = TWINS.replace("**MORE", f"translations=({given})")
    text = STACK.replace('id = "toys"', 'id = "twins"\npanel = "one"').replace("again", "mute")
    stack, parts = build(registry_of(twins=twins, toy=toy_source, mute=MUTE), text)
    with pytest.raises(PlanError, match=r"\(its items are translated to de, eo\)"):
        forecast(stack, parts)
