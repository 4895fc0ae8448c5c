"""The raters that a category names, and the scales that they bring: of its own package, and installed."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module, metadata

from dosimeter.bounded import within
from dosimeter.model.rating import Scale
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.testing.component import Specimen

GROUP, HOOK = "dosimeter", "dosimeter_harm_scorers"
LOAD_SECONDS = 5.0
"""For a plugin to be imported, as every command has it."""


def raters(one: Specimen, spec: CategorySpec) -> dict[str, ScorerSpec]:
    """Give those raters that *spec* names and that are there, by id."""
    found: dict[str, ScorerSpec] = {}
    for module in (one.hooks, *sorted(p.value for p in metadata.entry_points(group=GROUP))):
        if set(spec.raters) <= found.keys():
            break
        for rater in _declared(module):
            if rater.id in spec.raters:
                found.setdefault(rater.id, rater)
    return found


@cache
def _declared(module: str) -> tuple[ScorerSpec, ...]:
    """Give the raters of a module of hooks; of one that is not there, fails or hangs, none."""
    try:
        with within(LOAD_SECONDS):
            given = tuple(getattr(import_module(module), HOOK, tuple)())
    except KeyboardInterrupt:
        raise
    except BaseException:  # of whoever's plugin: `doctor` tells
        return ()
    return tuple(rater for rater in given if isinstance(rater, ScorerSpec))


def scales(spec: CategorySpec, found: Mapping[str, ScorerSpec]) -> dict[str, Scale]:
    """Give the scales of *spec* and of the raters *found*, by name."""
    brought = [scale for rater in found.values() for scale in rater.scales]
    return {scale.name: scale for scale in (*brought, *spec.scales)}
