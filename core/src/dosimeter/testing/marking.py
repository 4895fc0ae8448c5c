"""The raters that a category names, and the scales that they bring: of its own package, and installed."""

from collections.abc import Iterator, Mapping
from importlib import import_module, metadata

from dosimeter.model.rating import Scale
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.testing.kit import Specimen

GROUP, HOOK = "dosimeter", "dosimeter_harm_scorers"


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


def _declared(module: str) -> Iterator[ScorerSpec]:
    """Give the raters of a module of hooks; of one that is not there or fails, none."""
    try:
        given = tuple(getattr(import_module(module), HOOK, tuple)())
    except Exception:  # whose plugin it is, `doctor` tells
        return
    yield from (rater for rater in given if isinstance(rater, ScorerSpec))


def scales(spec: CategorySpec, found: Mapping[str, ScorerSpec]) -> dict[str, Scale]:
    """Give the scales of *spec* and of the raters *found*, by name."""
    brought = [scale for rater in found.values() for scale in rater.scales]
    return {scale.name: scale for scale in (*brought, *spec.scales)}
