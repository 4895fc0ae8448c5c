"""How attacks are tried: on the author's items and the kit's, each put by an attack of its own."""

import re
from collections.abc import Callable, Sequence
from itertools import islice

from attrs import evolve

from dosimeter.ids import UNCLEAR, canonical
from dosimeter.model.design import Item, Variant
from dosimeter.testing import samples
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.trying import seeded

KEY = re.compile(r"(?=.*[^\W\d_])[\w.:/+@=-]{1,64}")
"""Of a variant: a word that people can read, such as ``stage@en``."""
FEW = 100
"""Variants of an item that are looked at; that there is an end to them is one check's alone."""
Put = tuple[tuple[Variant, ...], ...]
"""Variants by item."""


def given(one: Specimen) -> tuple[Item, ...]:
    """Give what the attack is tried on: its author's items and the kit's."""
    return one.items + tuple(samples.items())


def variants(attack: object, item: Item) -> tuple[Variant, ...]:
    """Give the first variants of an item; what is none is another check's."""
    found: Callable[[Item], Sequence[Variant]] = attack.variants  # type: ignore[attr-defined]
    return tuple(v for v in islice(found(item), FEW) if isinstance(v, Variant))


def shown(variant: Variant) -> str:
    """Give the key of a variant for a message, if it is a word: people's text is none."""
    return variant.key if KEY.fullmatch(variant.key) else UNCLEAR


def put(one: Specimen, items: Sequence[Item]) -> Put:
    """Put each item, by an attack that is built for it alone.

    Raises:
        Untried: If it has no variant of any.
    """
    found = tuple(variants(one.build(), item) for item in items)
    if not any(found):
        msg = "give items that it has a variant of: Specimen(items=(...,))"
        raise Untried(msg)
    return found


def steady(one: Specimen, items: Sequence[Item]) -> Put:
    """Put each item twice and alike; what differs from one time to the next tells nothing else.

    Raises:
        Untried: If it differs, or there is nothing.
    """
    first, second = twice(one, items)
    if canonical(first) != canonical(second):
        msg = "it does not give the same variants twice"
        raise Untried(msg)
    return first


def twice(one: Specimen, items: Sequence[Item]) -> tuple[Put, Put]:
    """Put each item twice, under different states of the global generators."""
    with seeded(1):
        first = put(one, items)
    with seeded(2):
        return first, put(one, items)


def compare(first: Put, second: Put, where: str, todo: str) -> None:
    """Refuse variants that differ.

    Raises:
        Broken: Saying of how many items.
    """
    differ = [i for i, (a, b) in enumerate(zip(first, second, strict=True))
              if canonical(a) != canonical(b)]  # fmt: skip
    if differ:
        raise Broken(
            f"variants of {len(differ)} of {len(first)} items differ {where}, first of item"
            f" {differ[0]}",
            todo,
        )


def twins(one: Specimen) -> list[tuple[Item, Item]]:
    """Give pairs of items that differ in what is asked for, and in nothing else that may matter."""
    items = given(one)
    by_id = {item.id: item for item in items}
    found = []
    for n, item in enumerate(items):
        for link in item.links:
            other = by_id.get(link.item_id)
            if link.kind == "twin-of" and other in items[n:] and _alike(item, other):
                found.append((item, evolve(item, opening=other.opening, goal=other.goal,
                                           translations=other.translations)))  # fmt: skip
    return found


def _alike(item: Item, other: Item) -> bool:
    mine, theirs = (
        (
            i.language,
            i.factors,
            i.opening[:-1],
            [(t.language, t.checked_by) for t in i.translations],
        )
        for i in (item, other)
    )
    return mine == theirs
