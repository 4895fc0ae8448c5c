"""What a category's measures rest on beside it: raters and their scales, attacks and their factors.

Of its own package, and of those that are installed.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module, metadata
from typing import TypeVar

from dosimeter.bounded import within
from dosimeter.model.rating import Scale
from dosimeter.model.specs import AttackSpec, CategorySpec, ScorerSpec
from dosimeter.testing.component import Specimen

GROUP = "dosimeter"
RATERS, ATTACKS = "dosimeter_harm_scorers", "dosimeter_attack_generators"
T = TypeVar("T", AttackSpec, ScorerSpec)
LOAD_SECONDS = 5.0
"""For a plugin to be imported, as every command has it."""


def raters(one: Specimen, spec: CategorySpec) -> dict[str, ScorerSpec]:
    """Give those raters that *spec* names and that are there, by id."""
    found: dict[str, ScorerSpec] = {}
    for module in _modules(one):
        if set(spec.raters) <= found.keys():
            break
        for rater in _declared(module, RATERS, ScorerSpec):
            if rater.id in spec.raters:
                found.setdefault(rater.id, rater)
    return found


def attacks(one: Specimen) -> dict[str, AttackSpec]:
    """Give every attack that is there, by id."""
    found = (a for module in _modules(one) for a in _declared(module, ATTACKS, AttackSpec))
    return {attack.id: attack for attack in found}


def _modules(one: Specimen) -> tuple[str, ...]:
    return (one.hooks, *sorted(p.value for p in metadata.entry_points(group=GROUP)))


@cache
def _declared(module: str, hook: str, kind: type[T]) -> tuple[T, ...]:
    """Give what a module of hooks declares; of one that is not there, fails or hangs, nothing."""
    try:
        with within(LOAD_SECONDS):
            given = tuple(getattr(import_module(module), hook, tuple)())
    except KeyboardInterrupt:
        raise
    except BaseException:  # of whoever's plugin: `doctor` tells
        return ()
    return tuple(spec for spec in given if isinstance(spec, kind))


def scales(spec: CategorySpec, found: Mapping[str, ScorerSpec]) -> dict[str, Scale]:
    """Give the scales of *spec* and of the raters *found*, by name."""
    brought = [scale for rater in found.values() for scale in rater.scales]
    return {scale.name: scale for scale in (*brought, *spec.scales)}
