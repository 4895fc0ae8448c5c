"""What models cost: a stack's own prices, and the dated ones of providers."""

import json
from collections.abc import Sequence

import attrs

from dosimeter.model.specs import ProviderSpec
from dosimeter.model.work import Endpoint, Price
from dosimeter.registry import Registry


def priced(
    own: Sequence[Price], endpoints: Sequence[Endpoint], registry: Registry
) -> tuple[Price, ...]:
    """Add the providers' dated prices of models that the stack prices not itself."""
    found = {p.model: p for p in own}
    for e in endpoints:
        spec = registry.get(ProviderSpec, e.provider)
        name = f"{e.provider}/{e.model}"
        listed = {p.model: p for p in spec.prices}
        price = listed.get(e.model) or listed.get("*")
        if price is not None and name not in found and _default_account(spec, e):
            found[name] = attrs.evolve(price, model=name)
    return tuple(found.values())


def _default_account(spec: ProviderSpec, e: Endpoint) -> bool:
    """Whether *e* is at the provider's own address: others have prices of their own."""
    given = {**dict(e.identity), **dict(e.operational)}
    return all(
        given.get(a.name) == json.dumps(a.default)
        for a in attrs.fields(spec.options)
        if a.metadata.get("account") and a.name in given
    )
