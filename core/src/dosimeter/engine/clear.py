"""What is kept in the clear beside sealed text: names, which must not quote it."""

from attrs import evolve

from dosimeter.contracts import AttackGenerator
from dosimeter.errors import PlanError
from dosimeter.ids import digest
from dosimeter.model.conversation import Pairs, Text
from dosimeter.model.design import Item, Variant
from dosimeter.quoting import RUN, quoting_name

SHORT = 12


def clear_names(
    variant: Variant, item: Item, attack: AttackGenerator, key: bytes
) -> tuple[str, Pairs]:
    """Give key and factors of a variant as they may stand in the clear.

    Of a sealed item, what the attack would also say of the same item with another text stands; for
    the rest stands a keyed digest, as it may have been made from the text.

    Args:
        variant: Of *item*, by *attack*.
        item: What is put.
        attack: Who puts it.
        key: Of the seal that owns the item's text; empty for open text.
    """
    if not key:
        return variant.key, variant.factors
    blind = _blind(attack, item)
    said = dict(blind.get(variant.key, ()))

    def name(text: str) -> str:
        return "~" + digest("name", text, key=key)[:SHORT]

    return (
        variant.key if variant.key in blind else name(variant.key),
        tuple((n, v if said.get(n) == v else name(v)) for n, v in variant.factors),
    )


def _blind(attack: AttackGenerator, item: Item) -> dict[str, Pairs]:
    """Ask an attack for the variants of an item whose text it is not shown."""
    blank = tuple(evolve(m, parts=(Text(text="~"),)) for m in item.opening)
    foreign = tuple(evolve(t, text="~") for t in item.translations)
    other = evolve(item, opening=blank, goal="", reference=None, tools=(), translations=foreign)
    try:
        return {v.key: v.factors for v in attack.variants(other)}
    except Exception:  # it cannot do without the text, so whatever it says may quote it
        return {}


def check_names(item: Item) -> None:
    """Refuse a sealed item whose id, family, factors, links or provenance quote its text.

    Raises:
        PlanError: Naming what quotes, and not the words.
    """
    what = quoting_name(item)
    if what:
        msg = (
            f"category {item.category!r}: the {what} of an item that is {item.label.value} quotes {RUN}"
            " words of its text in a row; names are kept in the clear, so choose another"
        )
        raise PlanError(msg)
