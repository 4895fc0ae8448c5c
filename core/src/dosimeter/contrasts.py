"""Which cells a measure compares or averages, and what its findings are called there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from dosimeter.model.contrasts import (
    AND,
    ATTACK,
    INTENT,
    LESS,
    OF_DESIGN,
    Contrasted,
    Side,
    factors_of,
    terms,
)
from dosimeter.model.design import Factor
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost
from dosimeter.nearest import nearest

Levels = Mapping[str, Sequence[str]]
"""Levels by name; none of a factor that may take any."""
Way = tuple[str, tuple[tuple[str, float], ...]]
"""One way to take a factor: what findings call it, and the weight of each level."""


def levels_of(factors: Sequence[Factor]) -> Levels:
    """Give the declared levels by name; none where a declaration of that name leaves them open."""
    out: dict[str, tuple[str, ...]] = {}
    for one in factors:
        before = out.get(one.name, one.levels)
        both = tuple(dict.fromkeys((*before, *one.levels)))
        out[one.name] = both if before and one.levels else ()
    return out


def contrasts(measure: Measure, known: Levels) -> Iterator[Contrasted]:
    """Give what the findings of *measure* are made of.

    Args:
        measure: What is asked.
        known: Levels of its factors, and the intents and attacks that there are.
    """
    ways = _ways(measure, known)
    for taken in product(*ways.values()):
        called = dict(zip(ways, (label for label, _ in taken), strict=True))
        levels = tuple((n, v) for n, v in called.items() if n not in OF_DESIGN)
        sides = tuple(
            _side(
                dict(zip(ways, (level for level, _ in one), strict=True)), prod(w for _, w in one)
            )
            for one in product(*(weighted for _, weighted in taken))
        )
        yield Contrasted(
            intent=called[INTENT], attack=called[ATTACK], levels=levels, sides=sides
        )  # fmt: skip


def parted(measure: Measure, found: Iterable[Contrasted]) -> Iterator[Contrasted]:
    """Leave out of a split what it does not split: a cell of which the plan has one part alone.

    Args:
        measure: What is asked.
        found: What it compares or takes apart, of one target and category, as the plan has it.
    """
    every = list(found)
    cells = Counter(_whole(measure, one) for one in every)
    return (one for one in every if not measure.by or cells[_whole(measure, one)] > 1)


def _whole(measure: Measure, one: Contrasted) -> tuple[object, ...]:
    """Give of what it is a part."""
    rest = tuple(pair for pair in one.levels if pair[0] not in measure.by)
    return one.intent, one.attack, rest


def attack_of(measure: Measure, one: Contrasted) -> str:
    """Give the attack of a finding as reports call it: of a cost that which costs."""
    return one.sides[-1].attack if is_cost(measure) else one.attack


def labels(measure: Measure, known: Levels) -> dict[str, list[str]]:
    """Give what findings of *measure* call what they are told apart by; *known* as in `comparisons`."""
    return {name: [label for label, _ in ways] for name, ways in _ways(measure, known).items()}


def _side(at: Mapping[str, str], weight: float) -> Side:
    levels = tuple((n, v) for n, v in at.items() if n not in OF_DESIGN)
    return Side(intent=at[INTENT], attack=at[ATTACK], levels=levels, weight=weight)


def _ways(measure: Measure, known: Levels) -> dict[str, list[Way]]:
    """Give by factor the ways to take it, each of which is in a finding of its own."""
    known = {**known, INTENT: _selected(measure.select.intents, known[INTENT]),
             ATTACK: _selected(measure.select.attacks, known[ATTACK])}  # fmt: skip
    ways: dict[str, list[Way]] = {
        name: [_alone(level)] for name, level in measure.select.factors
    }  # fmt: skip
    ways |= {name: [_alone(level) for level in known.get(name, ())] for name in measure.by}
    for c in terms(measure.contrast):
        firsts = [c.first] if c.first else [v for v in known.get(c.factor, ()) if v != c.second]
        ways[c.factor] = [
            (f"{c.second}{LESS}{first}", ((c.second, 1.0), (first, -1.0))) for first in firsts
        ]
        for name in c.within:
            every = known.get(name, ())
            averaged = (AND.join(every), tuple((level, 1 / len(every)) for level in every))
            ways[name] = [averaged] if every else []
    for name in (INTENT, ATTACK):
        ways.setdefault(name, [_alone(level) for level in known[name]])
    return ways


def _alone(level: str) -> Way:
    return level, ((level, 1.0),)


def _selected(wanted: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(w) for w in wanted) if wanted else tuple(there)


def undeclared(measure: Measure, known: Levels) -> str:
    """Name a factor of *measure*, or a level of one, that nobody declares; empty if all are.

    Args:
        measure: What is asked.
        known: Declared levels of each factor; none where any will do.
    """
    for name in factors_of(measure):
        if name not in known:
            return f"no factor {name!r} is declared; {nearest(name, sorted(known))}"
    asked = [*measure.select.factors]
    for c in terms(measure.contrast):
        asked += [(c.factor, level) for level in (c.first, c.second) if level]
        for name in c.within:
            if name not in OF_DESIGN and not known[name]:
                return f"within {name!r} needs a factor that declares its levels"
    for name, level in asked:
        if known.get(name) and level not in known[name]:
            return f"factor {name!r} has no level {level!r}; {nearest(level, known[name])}"
    return ""
