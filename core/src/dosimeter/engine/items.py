"""Which items are asked: those of the panels that the stack's limit and languages leave."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from attrs import astuple, fields_dict

from dosimeter.engine.parts import CategoryPart
from dosimeter.errors import PlanError, raised_at
from dosimeter.ids import derive_seed, word
from dosimeter.model.design import Item

T = TypeVar("T")
MOST_ITEMS = 1_000_000
"""Of one panel."""
YOURS = "mend it if it is yours; else report it to its authors"
"""What to do about a plugin that breaks its promise."""


def yielded(given: Iterable[T], who: str) -> Iterator[T]:
    """Pass on what a plugin yields; a fault is told by its type, as its words may quote an item.

    Raises:
        PlanError: If the plugin raises.
    """
    try:
        yield from given
        return
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as exc:
        # Its own PlanError is no exception: only plugins' code runs in here.
        kind = word(type(exc).__name__)
        msg = f"{who} raised {kind} {raised_at(exc)}; {YOURS}"
    raise PlanError(msg)


def chosen_items(part: CategoryPart, seed: int) -> Iterator[Item]:
    """Give the items of the panels that the stack's limit and languages leave, each once.

    Raises:
        PlanError: If nothing is left, or two items have one id.
    """
    panels = part.choice.panels
    before: dict[str, tuple[int, ...]] = {}
    for panel in panels:
        here: set[str] = set()
        for item in _of_panel(part, panel, seed):
            if item.id in here:
                raise _two_of(part, item, f"panel {panel!r}")
            here.add(item.id)
            if len(panels) > 1:
                given = tuple(map(hash, astuple(item, recurse=False)))
                held = before.setdefault(item.id, given)
                if held != given:
                    pairs = zip(fields_dict(Item), held, given, strict=True)
                    names = [name for name, a, b in pairs if a != b]
                    raise _two_of(part, item, f"panels {list(panels)}", names)
                if held is not given:
                    continue
            yield item


def _two_of(part: CategoryPart, item: Item, where: str, names: Sequence[str] = ()) -> PlanError:
    differ = f" and differ in {', '.join(names)}" if names else ""
    return PlanError(
        f"category {part.spec.id!r}, {where}: two items have the id {item.id!r}{differ}, and their"
        " answers would be taken for one's; each item needs an id of its own"
    )


def _of_panel(part: CategoryPart, panel: str, seed: int) -> Iterator[Item]:
    families = _families(part, panel, seed)
    languages = part.choice.languages
    empty = True
    for item in _all(part, panel):
        if families is not None and item.family not in families:
            continue
        if languages and item.language not in languages:
            continue
        empty = False
        yield item
    if empty:
        msg = (
            f"category {part.spec.id!r}, panel {panel!r}: no items are left"
            f" (limit={part.choice.limit}, languages={list(languages) or 'all'})"
        )
        raise PlanError(msg)


def cut_by_limit(part: CategoryPart) -> bool:
    """Whether the stack's limit leaves out a family of any of the panels."""
    most = part.choice.limit
    return most is not None and any(
        len({item.family for item in _all(part, panel)}) > most for panel in part.choice.panels
    )


def any_limited(parts: Iterable[CategoryPart]) -> bool:
    """Whether the stack's limit leaves out a family of any category: then it is not the benchmark."""
    return any(map(cut_by_limit, parts))


def _families(part: CategoryPart, panel: str, seed: int) -> frozenset[str] | None:
    """Choose *limit* families in turn over the strata, by the seed alone."""
    limit = part.choice.limit
    if limit is None:
        return None
    strata = {f.name for f in part.spec.factors if f.role == "stratum"}
    seen: dict[str, str] = {}
    for item in _all(part, panel):
        seen.setdefault(item.family, "|".join(v for n, v in item.factors if n in strata))
    by_stratum: dict[str, list[str]] = {}
    for family in sorted(seen, key=lambda f: derive_seed(seed, "family", f)):
        by_stratum.setdefault(seen[family], []).append(family)
    ranked = [
        (rank, derive_seed(seed, "stratum", stratum), family)
        for stratum, members in by_stratum.items()
        for rank, family in enumerate(members)
    ]
    return frozenset(family for _, _, family in sorted(ranked)[:limit])


def _all(part: CategoryPart, panel: str) -> Iterator[Item]:
    who = f"category {part.spec.id!r}"
    for n, item in enumerate(yielded(_lazy(part, panel), who)):
        if n == MOST_ITEMS:
            msg = f"{who} gives more than {MOST_ITEMS:,} items in panel {panel!r}, and they may have no end"
            raise PlanError(f"{msg}; {YOURS}")
        yield item


def _lazy(part: CategoryPart, panel: str) -> Iterator[Item]:
    yield from part.category.items(panel)
