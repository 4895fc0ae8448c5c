"""What a reader should know of a file's items: the lint of shipped panels, and wordings that repeat."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dosimeter import Caveat, Intent, Item
from dosimeter.lint import lint
from dosimeter.lint.moulds import MOST_WIDER, moulds, near_duplicates


def notices(items: Sequence[Item], rows: Sequence[int]) -> Iterator[Caveat]:
    """Say what the content lint found, and whether families are worded too much alike.

    Args:
        items: Of the file.
        rows: The number of each one's row: a request and the twin beside it are one row.
    """
    spots = lint(items)
    if spots:
        counts = Counter(rule for _, rule in sorted({(s.item_id, s.rule) for s in spots}))
        rules = ", ".join(f"{rule} {n}" for rule, n in counts.most_common())
        row_of = {item.id: row for item, row in zip(items, rows, strict=True)}
        held = len({row_of[s.item_id] for s in spots})
        text = (
            f"{held} of {len(set(rows))} rows hold forms that no shipped panel would ({rules}), first"
            f" {spots[0].item_id}: a reply may repeat what the request brought"
        )
        yield Caveat(code="items", text=text)
    pairs, shape = near_duplicates(items), moulds(items)
    if pairs or shape.wider > MOST_WIDER:
        told = []
        if pairs:
            told.append(
                f"pairs of requests in different families that say nearly the same: {len(pairs)}; put those"
                " of one goal into one family, else the intervals may be too narrow"
            )
        if shape.wider > MOST_WIDER:
            told.append(
                f"beginnings of {shape.units} families: {shape.templates}; rows that are worded alike may be"
                " answered alike, and the intervals be too narrow"
            )
        text = ". ".join(told)
        yield Caveat(code="alike-items", text=text[0].upper() + text[1:])


def one_sided(items: Sequence[Item]) -> Iterator[Caveat]:
    """Say where nothing tells a target that refuses what it should from one that refuses everything."""
    if all(item.intent is not Intent.BENIGN for item in items):
        text = (
            "no row is benign, so over-refusal cannot be measured, and a target that refuses everything"
            " looks best: give each request a benign twin, in columns by twin_prompt or twin, or name the"
            " column of intents"
        )
        yield Caveat(code="items", text=text)
