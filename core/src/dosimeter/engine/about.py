"""Which groups of a plan a gate is about: cells, parts of them, comparisons, and attacks taken together."""

from collections.abc import Sequence, Set as AbstractSet

from dosimeter.engine.census import Families, Group
from dosimeter.model.answering import Gate
from dosimeter.model.attacks import ANY, any_of, is_any, is_single, mean_of
from dosimeter.model.contrasts import factors_of
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_apart, of_any, selected, unbuilt
from dosimeter.model.rating import SubjectKind
from dosimeter.nearest import nearest

KEYS = ("category", "intent", "attack", "target")


def cells_of(gate: Gate, asked: Measure, every: Families) -> tuple[Families, str]:
    """Give the groups of which *gate* is about a finding, with their families; else why none is."""
    select = asked.select
    if what := unbuilt(asked):
        return {}, f".measure: {asked.id} cannot pass: this version does not estimate {what}"
    if select.kind is SubjectKind.TURN and not every:
        return {}, (
            f".measure: {asked.id} cannot pass: it is about replies on the way to the last one, and no"
            " attack of the plan has any"
        )
    about, why = _of_parts(asked, every) if is_apart(asked) else _of_cells(asked, every)
    if not why and asked.contrast is not None and not is_apart(asked):
        about, why = _falls(asked, about)
    if why:
        return {}, why
    if of_any(asked):
        about = {**about, **over_attacks(about)}
    keys = {*KEYS, *(name for group in about for name, _ in group.levels)}
    asking = [(key, value) for key, value in gate.where if key in keys]
    mine = {
        g: f for g, f in about.items()
        if (is_single(g.attack) or "attack" in dict(asking)) and all(_has(g, *one) for one in asking)
    }  # fmt: skip
    return mine, "" if mine else _astray(gate, asking, about)


def _of_cells(asked: Measure, every: Families) -> tuple[Families, str]:
    """Give the cells that a measure is about; else why there is none."""
    select = asked.select
    intents = {i.value for i in select.intents}
    about: Families = {g: f for g, f in every.items() if selected(asked, g.intent, g.attack)}
    if about:
        return about, ""
    lacking = [
        *(f"intent {i}" for i in sorted(intents)),
        *(f"attack {a}" for a in select.attacks),
    ]
    there = sorted({group.intent for group in every})
    return {}, (
        f".measure: {asked.id} cannot pass: nothing in the plan has {' or '.join(lacking)}, which it"
        f" is about; the panels have items of intent {', '.join(there)}"
    )


def _of_parts(asked: Measure, every: Families) -> tuple[Families, str]:
    """Give what a measure of parts of cells compares, or takes apart; else why there is none."""
    if every:
        return every, ""
    named = ", ".join(factors_of(asked))
    what = f"all levels of {named} that it" if named else "all that it"
    verb = "compares" if asked.contrast else "is about"
    return {}, f".measure: {asked.id} cannot pass: nothing in the plan has {what} {verb}"


def over_attacks(about: Families) -> Families:
    """Give the groups of several attacks together, with the families that each of them asks."""
    ways: dict[tuple[str, str, str], dict[str, AbstractSet[str]]] = {}
    for g, families in about.items():
        ways.setdefault((g.category, g.intent, g.target), {})[g.attack] = families
    out: dict[Group, AbstractSet[str]] = {}
    for (category, intent, target), by in ways.items():
        if len(by) > 1:
            each = frozenset.intersection(*map(frozenset, by.values()))
            for called in (any_of, mean_of):
                name = called(sorted(by))
                out[Group(category=category, intent=intent, target=target, attack=name)] = each
    return out


def _has(group: Group, key: str, value: str) -> bool:
    if key == "attack" and value == ANY:
        return is_any(group.attack)
    return _called(group, key) == value


def _called(group: Group, key: str) -> str:
    return str(getattr(group, key)) if key in KEYS else dict(group.levels).get(key, "")


def _astray(gate: Gate, asking: Sequence[tuple[str, str]], about: Families) -> str:
    """Say which word of ``where`` leads to no cell, and what stands there instead."""
    for key, value in asking:
        rest = [pair for pair in asking if pair[0] != key]
        there = {_called(g, key) for g in about if all(_has(g, *pair) for pair in rest)}
        if there:
            return (
                f".where.{key}: {gate.measure} cannot pass: nothing in the plan that it is about has"
                f" {key} {value!r}; {nearest(value, there)}"
            )
    told = ", ".join(f"{key} {value!r}" for key, value in asking)
    return f".where: {gate.measure} cannot pass: nothing in the plan has {told} together"


def _falls(asked: Measure, about: Families) -> tuple[Families, str]:
    """Give the groups that are compared with another, with the families of both."""
    c = asked.contrast
    assert c is not None
    base = {(g.category, g.intent, g.target): f for g, f in about.items() if g.attack == c.second}
    both = {
        g: families & base[g.category, g.intent, g.target]
        for g, families in about.items()
        if g.attack != c.second and (g.category, g.intent, g.target) in base
    }
    if both:
        return both, ""
    there = ", ".join(sorted({g.attack for g in about}))
    return {}, (
        f".measure: {asked.id} cannot pass: it compares attack {c.second!r} with another; the plan"
        f" has {there}"
    )
