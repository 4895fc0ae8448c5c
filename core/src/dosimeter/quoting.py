"""Names of items that quote their text: of a sealed item the names are kept in the clear."""

import re
from collections.abc import Iterator

from dosimeter.model.design import Item, Label

RUN, LETTERS = 3, 12
"""So many words in a row of so many letters in all are a quotation, and no coincidence."""
_WORDS = re.compile(r"[^\W_]+")


def quoting_name(item: Item) -> str:
    """Say which name of a sealed item quotes its text, such as ``"id"``; empty if none does."""
    if item.label is Label.PUBLIC:
        return ""
    texts = [*(m.text for m in item.opening), item.goal, *(t.text for t in item.translations)]
    held = {run for text in texts for run in _runs(text)}
    return next((what for what, name in _names(item) if not held.isdisjoint(_runs(name))), "")


def _names(item: Item) -> Iterator[tuple[str, str]]:
    yield "id", item.id
    yield "family", item.family
    for name, value in item.factors:
        yield f"factor {name!r}", value
    for link in item.links:
        yield "link", link.item_id
    for t in item.translations:
        yield from (("translation's tag", t.language), ("translation's reader", t.checked_by))
    made = item.provenance
    yield from (("source", made.source), ("reader", made.checked_by), ("URL", made.url))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(text.casefold())
    runs = zip(*(words[i:] for i in range(RUN)), strict=False)
    return {run for run in runs if sum(map(len, run)) >= LETTERS}
