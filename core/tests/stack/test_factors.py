"""Measures that name factors, and gates on them: what nobody declares is refused with the nearest name."""

import pytest

from dosimeter import StackError
from dosimeter.stack import load_stack

SIDED = """
@hookimpl
def dosimeter_attack_generators():
    style = Factor(name="style", role=FactorRole.TREATMENT, levels=("plain", "formal"))
    return [AttackSpec(id="styled", summary="s", factory="nowhere:x", factors=(style,))]

@hookimpl
def dosimeter_harm_categories():
    side = Factor(name="side", role=FactorRole.TREATMENT, levels=("0", "1"))
    topic = Factor(name="topic", role=FactorRole.STRATUM)
    def of(**more):
        return Measure(**{"id": "m", "title": "t", "scale": "refusal", "estimator": "rate", "threshold": "yes"} | more)
    both = Selection(intents=(Intent.HARMFUL, Intent.BENIGN))
    sides = Contrast(factor="side", first="0", second="1")
    meant = Contrast(factor="intent", first="benign", second="harmful", within=("side",))
    asked = of(ASKED)
    more = (of(id="rise", contrast=sides), of(id="meant", contrast=meant, select=both), of(id="split", by=("side",)),
            of(id="flips", estimator="flips", across="side"), of(id="rate"), of(id="each", direction=Direction.NEITHER))
    return [CategorySpec(id="sided", summary="s", factory="nowhere:x", version="1", factors=(side, topic),
                         panels=(PanelInfo(name="all", summary="s"),), measures=(asked, *more))]
"""
STACK = """
targets.a.model = "toy/one"
categories = [{ id = "sided", attacks = ["direct", "again"] }]
raters = [{ id = "word" }]
"""


@pytest.fixture
def faults(registry_of, toy_source, tmp_path):
    """Load a stack, and give its faults."""

    def go(asked="", gate=""):
        registry = registry_of(toy=toy_source, sided=SIDED.replace("ASKED", asked))
        path = tmp_path / "s.toml"
        path.write_text(STACK + (f"[[gates]]\n{gate}" if gate else ""))
        try:
            load_stack(path, registry=registry, environ={})
        except StackError as exc:
            return str(exc)
        return ""

    return go


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ('by=("sied",)', "categories.sided.measures.m: no factor 'sied' is declared; did you mean 'side'?"),
        ('by=("topic",)', ""),
        ('by=("style",)', ""),
        ('select=Selection(factors=(("side", "2"),))', "factor 'side' has no level '2'; there are 0, 1"),
        ('contrast=Contrast(factor="side", first="0", second="one")', "factor 'side' has no level 'one'"),
        ('contrast=Contrast(factor="side", first="0", second="1", within=("topic",))',
         "within 'topic' needs a factor that declares its levels"),
        ('contrast=Contrast(factor="style", first="plain", second="fromal")', "did you mean 'formal'?"),
        ('contrast=Contrast(factor="attack", first="direct", second="agian")',
         "no attack 'agian'; did you mean 'again'?"),
        ('contrast=Contrast(factor="attack", first="direct", second="of-others")', ""),
        ('estimator="flips", across="wording"', "no factor 'wording' is declared; there are side, style, topic"),
    ],
)  # fmt: skip
def test_a_factor_that_nobody_declares_is_refused(faults, asked, says):
    """An item's or an attack's, and its levels; an attack that is not installed may be another's."""
    told = faults(asked)

    assert says in told
    assert bool(told) is bool(says)


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ('measure = "rise"\nat_most = 0.2', ""),
        ('measure = "rise"\nat_least = -0.5\nwhere.side = "1 less 0"', ""),
        ('measure = "rise"\nat_most = 0.2\nwhere.side = "1"', "no side '1'; "),
        ('measure = "rise"\nat_most = 1.5', "is a difference of shares from -1 to 1, the threshold is 1.5"),
        ('measure = "flips"\nat_most = -2', "is a difference of shares from -1 to 1, the threshold is -2"),
        ('measure = "meant"\nat_least = 0.2\nwhere.intent = "harmful less benign"', ""),
        ('measure = "meant"\nat_least = 0.2\nwhere.intent = "harmful"',
         "no intent 'harmful'; there are harmful less benign"),
        ('measure = "split"\nat_most = 0.2\nwhere.side = "1"', ""),
        ('measure = "split"\nat_most = 0.2\nwhere.side = "2"', "no side '2'; there are 0, 1"),
        ('measure = "rate"\nat_most = 0.2\nwhere.side = "1"', "unknown key"),
        ('measure = "rate"\nat_most = 0.2\nwhere.attack = "any"', ""),
        ('measure = "rate"\nat_most = 0.2\nwhere.attack = "any of again, direct"', ""),
        ('measure = "rate"\nat_most = 0.2\nwhere.attack = "any of agian, direct"',
         "gates[0].where.attack: no attack 'agian'; did you mean 'again'?"),
        ('measure = "each"\nat_most = 0.2\nwhere.attack = "any"',
         "'each' is asked of each attack by itself, and of no set of them"),
    ],
)  # fmt: skip
def test_a_gate_on_parts_and_differences_is_held_against_what_they_are_called(faults, gate, says):
    """By the levels that are declared, and the set of the stack's attacks."""
    told = faults(gate=gate)

    assert says in told
    assert bool(told) is bool(says)
