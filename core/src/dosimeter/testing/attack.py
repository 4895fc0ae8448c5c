"""Promises of attacks: what they declare, and that variants are a pure function of the item."""

import random
import sys
from itertools import islice

from attrs import evolve

from dosimeter.ids import canonical, word
from dosimeter.model.design import Intent, Label, Reference, Variant
from dosimeter.model.doing import Role
from dosimeter.model.specs import AttackSpec
from dosimeter.testing import framing
from dosimeter.testing.component import Broken, Specimen
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.playing import SEED, perform, there
from dosimeter.testing.putting import KEY, compare, given, put, steady, twice, variants
from dosimeter.testing.trying import seeded, silently

MOST = 5000
"""Variants of one item; an attack that has more is held to have no end."""
UNSAID: dict[str, object] = {
    "id": "kit/another",
    "intent": Intent.CONTESTABLE,
    "label": Label.HIDDEN_DRAW,
    "links": (),
    "reference": Reference(schema="kit", value=b"truth"),
}
"""Fields of an item that nobody says, with other values."""


def _no_factors(one: Specimen) -> str:
    return "" if one.of(AttackSpec).factors else "it declares no factors"


@promise("attack")
def check_roles_are_of_others(one: Specimen) -> None:
    """Roles are those that a search needs besides the target, each once: a stack must fill them all."""
    spec = one.of(AttackSpec)
    again = len(set(spec.roles)) < len(spec.roles)
    if Role.TARGET in spec.roles or again or (spec.roles and not spec.search):
        raise Broken(
            f"it declares {', '.join(spec.roles)} and search={spec.search}",
            "declare each role once, never the target, and none without search=True",
        )


@promise("attack", unless=_no_factors)
def check_factors_have_plain_names(one: Specimen) -> None:
    """Each factor is declared once, under a single word: tables and files are headed by it."""
    names = [f.name for f in one.of(AttackSpec).factors]
    strange = [n for n in names if not n or word(n) != n or names.count(n) > 1]
    if strange:
        raise Broken(f"{strange[0]!r} is none", "name each once, of letters, digits and _")


@promise("attack")
def check_search_is_declared(one: Specimen) -> None:
    """It is declared a search if and only if it plays: another's ``play`` is never called."""
    built, spec = one.build(), one.of(AttackSpec)
    has = [name for name in ("variants", "bound", "play") if callable(getattr(built, name, None))]
    needs = ["variants", "bound", "play"] if spec.search else ["variants"]
    if not set(needs) <= set(has) or ("play" in has and not spec.search):
        raise Broken(
            f"search={spec.search} and it has {', '.join(has) or 'no method'}",
            "declare search=True and give it variants, bound and play; or variants alone",
        )


@promise("attack")
def check_variants_can_be_counted(one: Specimen) -> str:
    """Variants end and are Variants: a plan counts them before anything is asked."""
    n = 0
    for item in given(one):
        found = list(islice(one.build().variants(item), MOST + 1))
        if len(found) > MOST:
            raise Broken(f"more than {MOST} variants of an item", "let them end")
        strange = [type(v).__name__ for v in found if not isinstance(v, Variant)]
        if strange:
            raise Broken(f"it gives a {strange[0]}", "yield Variant(attack=..., key=..., ...)")
        n += len(found)
    return f"{n} variants of {len(given(one))} items"


@promise("attack")
def check_same_item_same_variants(one: Specimen) -> None:
    """The same item is put the same way each time: chance, clock and what was built before are nothing."""
    compare(
        *twice(one, given(one)), "the second time", "draw from a random.Random seeded by the text"
    )


@promise("attack")
def check_one_item_changes_no_other(one: Specimen) -> None:
    """What is put of one item does not depend on the items before it, nor on how often it was put."""
    items = given(one)
    alone, attack = steady(one, items), one.build()
    forth = tuple(variants(attack, item) for item in items)
    back = tuple(variants(attack, item) for item in items[::-1])[::-1]
    for among in (forth, back):
        compare(alone, among, "among others", "keep nothing from one item to the next")


@promise("attack")
def check_same_variants_in_another_process(one: Specimen) -> None:
    """Another process, with another order of sets, puts items the same way: a resume needs it."""
    here = steady(one, given(one))
    if there(one).variants != canonical(here):
        raise Broken("variants differ there", "sort what comes out of sets, and use no hash()")


@promise("attack")
def check_variant_keys_are_unique(one: Specimen) -> None:
    """No two variants of an item have one key: it tells them apart in ids and tables."""
    for n, found in enumerate(put(one, given(one))):
        keys = [v.key for v in found]
        if len(set(keys)) < len(keys):
            raise Broken(
                f"{len(keys)} variants of item {n} have {len(set(keys))} keys",
                "make the key of all that tells variants apart",
            )


@promise("attack")
def check_variant_keys_are_words(one: Specimen) -> None:
    """A key is a word that people can read, such as ``stage@en``: it heads rows of the report."""
    for n, found in enumerate(put(one, given(one))):
        strange = [v.key for v in found if not KEY.fullmatch(v.key)]
        if strange:
            raise Broken(
                f"a key of item {n} has {len(strange[0])} characters and is no word",
                "use letters, at most 64 with digits and _.:/+@=-, and nothing of the request",
            )


@promise("attack")
def check_variants_name_their_attack(one: Specimen) -> None:
    """A variant names the attack that gives it, by the id of its spec."""
    mine = one.of(AttackSpec).id
    for found in put(one, given(one)):
        other = [v.attack for v in found if v.attack != mine]
        if other:
            raise Broken(f"one names {word(other[0])!r}", f"write Variant(attack={mine!r}, ...)")


@promise("attack")
def check_factors_are_declared(one: Specimen) -> None:
    """A variant carries factors that its spec declares, each once, and no other."""
    declared = {f.name for f in one.of(AttackSpec).factors}
    for found in put(one, given(one)):
        for names in ([name for name, _ in v.factors] for v in found):
            strange = sorted({n for n in names if n not in declared or names.count(n) > 1})
            if strange:
                raise Broken(
                    f"{', '.join(map(word, strange))} is not declared, or stands twice",
                    "add Factor(name=...) to the spec, and make factors with pairs([...])",
                )


@promise("attack", unless=_no_factors)
def check_factors_are_at_declared_levels(one: Specimen) -> None:
    """A factor whose levels are declared has one of them: tables are laid out by those."""
    levels = {f.name: f.levels for f in one.of(AttackSpec).factors}
    for found in put(one, given(one)):
        for name, value in (pair for v in found for pair in v.factors):
            if levels.get(name) and value not in levels[name]:
                raise Broken(f"{name} is at no declared level", "declare the level, or no levels")


@promise("attack", unless=_no_factors)
def check_factors_are_not_the_items(one: Specimen) -> None:
    """No factor of a variant is one of its item's: nobody could tell which is meant."""
    items = given(one)
    for item, found in zip(items, put(one, items), strict=True):
        both = {n for n, _ in item.factors} & {n for v in found for n, _ in v.factors}
        if both:
            raise Broken(f"both have {', '.join(sorted(both))}", "give the attack's another name")


@promise("attack")
def check_only_what_is_said_matters(one: Specimen) -> None:
    """An item's id, intent, label, links and reference change nothing: a frame must not know who asks."""
    items = given(one)
    before = steady(one, items)
    for name, value in UNSAID.items():
        others = [evolve(item, **{name: value}) for item in items]  # type: ignore[arg-type]
        after = tuple(variants(one.build(), item) for item in others)
        todo = "use what the item says: opening, goal, language, translations, factors"
        compare(before, after, f"under another {name}", todo)


@promise("attack")
def check_global_chance_is_left_alone(one: Specimen) -> None:
    """It neither draws from the global generators of random numbers nor seeds them."""
    with seeded(SEED):
        before = _chance()
        perform(one, one.build())
        after = _chance()
    if after != before:
        raise Broken(
            "their state has changed", "use the rng of play, or a random.Random of your own"
        )


def _chance() -> tuple[str, ...]:
    numpy = sys.modules.get("numpy")
    return repr(random.getstate()), repr(numpy.random.get_state()) if numpy else ""


@promise("attack")
def check_nothing_outside_is_touched(one: Specimen) -> None:
    """At work it opens no file, connection or process: what it needs is read once."""
    put(one, given(one))
    seen = there(one).touched
    if seen:
        raise Broken(
            f"it does {', '.join(seen)}",
            "ask by yielding Asks; read data once, with functools.cache",
        )


@promise("attack")
def check_attack_prints_nothing(one: Specimen) -> None:
    """It prints nothing: standard output may be a report, and a request is no log."""
    said = silently(lambda: perform(one, one.build()))[1]
    if said:
        raise Broken(
            f"it printed {len(said)} characters", "log through structlog, and no text of an item"
        )


CHECKS = (*checks_in(globals()), *framing.CHECKS)
