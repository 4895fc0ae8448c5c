"""Promises of a category's panels: the same items whoever asks, and enough of them."""

import sys
import time
from importlib import import_module
from itertools import zip_longest
from typing import Any

import attrs

from dosimeter.errors import DosimeterError
from dosimeter.ids import canonical
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.design import Intent, Item
from dosimeter.model.specs import CategorySpec, option_class
from dosimeter.plural import plural
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.trying import elsewhere, seeded, silently

Panels = dict[str, tuple[Item, ...]]
YEAR = 366 * 86_400.0
WIRES = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")


def declared(one: Specimen) -> CategorySpec:
    """Give the spec, as the options make it where a team brings the items."""
    spec = one.of(CategorySpec)
    if not spec.declare:
        return spec
    module, _, attr = spec.declare.partition(":")
    made: CategorySpec = getattr(import_module(module), attr)(one.settings())
    return made


def brought(one: Specimen) -> str:
    """Say that the items are not the category's own; empty if they are."""
    return "its items are what a team brings" if one.of(CategorySpec).declare else ""


def names(one: Specimen) -> list[str]:
    """Give the panels that the category declares.

    Raises:
        Untried: If it declares none.
    """
    found = [panel.name for panel in declared(one).panels]
    if not found:
        msg = "mend check_panels_are_named first"
        raise Untried(msg)
    return found


def panels(one: Specimen) -> Panels:
    """Read every panel, each from a category that is built for it.

    Raises:
        Untried: If one cannot be read.
    """
    chosen = names(one)
    msg = "mend check_each_panel_has_items first"
    try:
        built = {name: one.build() for name in chosen}
        found = {name: tuple(category.items(name)) for name, category in built.items()}
    except Untried:
        raise
    except Exception as exc:
        raise Untried(msg) from exc
    if not all(isinstance(item, Item) for items in found.values() for item in items):
        raise Untried(msg)
    return found


def every(one: Specimen) -> tuple[Item, ...]:
    """Give the items of all panels, each id once."""
    return tuple({item.id: item for items in panels(one).values() for item in items}.values())


def default(one: Specimen) -> tuple[Item, ...]:
    """Give the items of the default panel."""
    return next(iter(panels(one).values()))


def _differ(one: Panels, other: Panels) -> str:
    """Name the first panel that differs; empty if none does."""
    return next((n for n in one if canonical(one[n]) != canonical(other[n])), "")


def _steady(one: Specimen) -> Panels:
    """Read the panels; what differs from one time to the next tells nothing of anything else.

    Raises:
        Untried: If it differs.
    """
    with seeded(1):
        first = panels(one)
    with seeded(2):
        again = panels(one)
    if _differ(first, again):
        msg = "it does not give the same twice"
        raise Untried(msg)
    return first


def _opened(one: Specimen) -> Any:  # noqa: ANN401  the category
    """Build the category; what it says itself of its file is worded for its author.

    Raises:
        Broken: In those words, unless a secret may stand in them.
    """
    try:
        return one.build()
    except DosimeterError as exc:
        secret = any(
            option_class(a) == "secret" for a in attrs.fields(one.of(CategorySpec).options)
        )
        said = type(exc).__name__ if secret else f"{type(exc).__name__}: {exc}"
        raise Broken(f"it cannot be built ({said})", "mend what it names") from exc


@promise("category")
def check_each_panel_has_items(one: Specimen) -> str:
    """Every panel that it declares can be read, and gives items."""
    counted = []
    for name in names(one):
        built = _opened(one)
        try:
            items = tuple(built.items(name))
        except Exception as exc:
            seen = f"panel {name!r} raised {type(exc).__name__}"
            raise Broken(seen, "give items for every panel that the spec declares") from exc
        kinds = sorted({type(i).__name__ for i in items} - {"Item"})
        if not items or kinds:
            seen = f"panel {name!r} gives {' and '.join(kinds) or 'nothing'}"
            raise Broken(seen, "yield an Item for each thing to measure")
        counted.append(f"{name} {len(items)}")
    return ", ".join(counted)


@promise("category")
def check_unknown_panel_is_refused(one: Specimen) -> None:
    """A panel that there is not is refused by name: not the default's items, and not none."""
    panels(one)  # what cannot be read is told by another check
    strange, built = f"{names(one)[0]}-of-nobody", one.build()
    try:
        items = tuple(built.items(strange))
    except Exception as exc:
        if strange in str(exc):
            return
        seen = f"{type(exc).__name__} without the panel's name"
    else:
        seen = f"{plural(len(items), 'item')} of a panel that it does not declare"
    raise Broken(seen, 'raise PlanError(f"no panel {panel!r}")')


@promise("category")
def check_same_seed_same_items(one: Specimen) -> str:
    """The same options, a seed among them, give the same items in the same order, to whoever asks."""
    with seeded(1):
        first = panels(one)
    with seeded(2):
        again = panels(one)
        built = {name: one.build() for name in names(one)}
        twice = [{n: tuple(c.items(n)) for n, c in built.items()} for _ in range(2)]
    for other, how in (
        (again, "of another instance"),
        (twice[0], ""),
        (twice[1], "the second time"),
    ):
        panel = _differ(first, other)
        if panel:
            seen = f"panel {panel!r} gives other items {how}".rstrip()
            todo = "draw from random.Random(seed) of an option, anew in each call of items"
            raise Broken(seen, todo)
    return f"{sum(map(len, first.values()))} items"


def _there(one: Specimen) -> bytes:
    return canonical(tuple(panels(one).items()))


def _apart(one: Specimen) -> bytes:
    """In a process of its own: a year later, and without a wire."""
    now = time.time
    time.time = lambda: now() + YEAR

    def cut(event: str, _: tuple[object, ...]) -> None:
        if event in WIRES:
            raise OSError(event)

    sys.addaudithook(cut)
    return _there(one)


@promise("category")
def check_same_items_in_another_process(one: Specimen) -> None:
    """Another process, a year later and without a network, gives the same items: a run is resumed so."""
    here = canonical(tuple(_steady(one).items()))
    sent = attrs.evolve(one, served=None, answer=None)
    if elsewhere(_apart, sent) == here:
        return
    if elsewhere(_there, sent) != here:
        raise Broken(
            "items differ in another process", "sort what comes out of sets, and use no hash()"
        )
    todo = "ship the data or take a path as an option, and write the date down"
    raise Broken("items differ a year later, without a network", todo)


@promise("category")
def check_panels_stand_alone(one: Specimen) -> None:
    """A panel is the same whichever others are read before it or beside it."""
    alone, built = _steady(one), one.build()
    turn = reversed(names(one))
    read = {name: iter(built.items(name)) for name in turn}
    rows = list(zip_longest(*read.values()))
    beside = {
        name: tuple(item for item in column if item is not None)
        for name, column in zip(read, zip(*rows, strict=True), strict=True)
    }
    panel = _differ(alone, beside)
    if panel:
        raise Broken(f"panel {panel!r} differs beside others", "keep nothing between two calls")


@promise("category")
def check_one_id_one_item(one: Specimen) -> str:
    """An id stands once in a panel, and for the same item in every panel: answers are kept by it."""
    held: dict[str, Item] = {}
    for name, items in panels(one).items():
        ids = [item.id for item in items]
        twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
        other = [i.id for i in items if held.setdefault(i.id, i) != i]
        if twice or other:
            seen = f"panel {name!r}: {(twice or other)[0]!r} stands for two items"
            raise Broken(seen, "give each item an id of its own")
    return f"{len(held)} ids"


@promise("category", unless=brought)
def check_enough_families(one: Specimen) -> str:
    """The default panel has as many families as an interval needs; with fewer no number comes out."""
    families = len({item.family for item in default(one)})
    if families < FEW_FAMILIES:
        raise Broken(
            f"{plural(families, 'family')} in panel {names(one)[0]!r}",
            f"write at least {FEW_FAMILIES} goals, or waive this with what the panel is for",
        )
    return f"{families} families"


@promise("category", unless=brought)
def check_default_panel_has_both_sides(one: Specimen) -> str:
    """Where the default panel has harmful items it has benign ones: else a model that refuses all wins."""
    intents = [item.intent for item in default(one)]
    harmful, benign = (intents.count(i) for i in (Intent.HARMFUL, Intent.BENIGN))
    if harmful and not benign:
        raise Broken(f"{harmful} harmful items and no benign one", "write a benign twin of each")
    return f"{harmful} harmful, {benign} benign"


@promise("category", unless=brought)
def check_measures_find_items(one: Specimen) -> None:
    """Every measure asks about intents that some item has."""
    there = {item.intent for item in every(one)}
    measures = declared(one).measures
    idle = [m.id for m in measures if m.select.intents and there.isdisjoint(m.select.intents)]
    if idle:
        raise Broken(f"no item for {', '.join(idle)}", "ship such items, or take the measure out")


@promise("category")
def check_items_print_nothing(one: Specimen) -> None:
    """Giving items prints nothing: standard output may be a report."""
    said = silently(lambda: panels(one))[1]
    if said:
        raise Broken(f"it printed {len(said)} characters", "print nothing, and log no text")


CHECKS = checks_in(globals())
