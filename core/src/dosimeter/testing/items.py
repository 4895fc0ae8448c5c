"""Promises of each item: who it is, where it comes from, and what it is tied to."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import attrs

from dosimeter.errors import DosimeterError
from dosimeter.lint.forms import OF_HARM
from dosimeter.model.conversation import Speaker
from dosimeter.model.design import FactorRole, Intent, Item, Label
from dosimeter.model.specs import CategorySpec, NoOptions
from dosimeter.plural import plural
from dosimeter.quoting import quoting_name
from dosimeter.serialize import from_json, to_json
from dosimeter.testing.component import Broken, Specimen
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.panels import brought, declared, every

WORD = re.compile(r"[a-z0-9][\w.+/-]{0,199}")
TWIN = "twin-of"
NOBODY = frozenset(
    {"nobody", "none", "no one", "n/a", "na", "-", "no", "unknown", "unchecked", "todo", "?"}
)


def first(wrong: Iterable[str]) -> str:
    """Name the first of some ids, and say how many there are; empty if there is none."""
    ids = list(wrong)
    return f"{plural(len(ids), 'item')}, first {ids[0]!r}" if ids else ""


@promise("category")
def check_items_are_of_the_category(one: Specimen) -> str:
    """Every item names the category that brings it."""
    mine = one.of(CategorySpec).id
    items = every(one)
    wrong = first(i.id for i in items if i.category != mine)
    if wrong:
        raise Broken(f"another category on {wrong}", f"write category={mine!r}")
    return plural(len(items), "item")


@promise("category")
def check_ids_are_words_of_the_category(one: Specimen) -> None:
    """Ids of items and families are words that begin with the category's id, as they are kept for ever."""
    top = f"{one.of(CategorySpec).id}/"
    wrong = first(
        i.id for i in every(one)
        if not all(n.startswith(top) and WORD.fullmatch(n) for n in (i.id, i.family))
    )  # fmt: skip
    if wrong:
        raise Broken(f"another id or family: {wrong}", f"call it such as {top}fire/barn/harmful")


@promise("category")
def check_openings_end_with_the_user(one: Specimen) -> None:
    """The opening ends with words of a user: that is what a target answers and an attack rewrites."""
    wrong = first(
        i.id for i in every(one)
        if not i.opening or i.opening[-1].speaker is not Speaker.USER
        or not i.opening[-1].text.strip()
    )  # fmt: skip
    if wrong:
        raise Broken(f"something else ends {wrong}", "let user(...) with words come last")


@promise("category", unless=brought)
def check_goals_are_stated(one: Specimen) -> str:
    """Harmful and contestable items say what would satisfy the asker: severity is measured against it."""
    of_harm = [i for i in every(one) if i.intent in OF_HARM]
    wrong = first(i.id for i in of_harm if not i.goal.strip())
    if wrong:
        raise Broken(f"no goal on {wrong}", 'write goal="..." in lay words')
    return f"{len(of_harm)} goals"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


@promise("category", unless=brought)
def check_family_has_one_goal(one: Specimen) -> None:
    """A family is one goal: its harmful items share it, as the same answer would satisfy them."""
    goals = defaultdict(set)
    for item in every(one):
        if item.intent is Intent.HARMFUL and item.goal.strip():
            goals[item.family].add(_plain(item.goal))
    wrong = sorted(f for f, g in goals.items() if len(g) > 1)
    if wrong:
        raise Broken(
            f"{len(goals[wrong[0]])} goals in family {wrong[0]!r}", "make two families of it"
        )


@promise("category", unless=brought)
def check_goal_is_one_family(one: Specimen) -> str:
    """Two families have two goals: one goal in two of them would be counted as two witnesses."""
    families = defaultdict(set)
    for item in every(one):
        if item.goal.strip():
            families[_plain(item.goal)].add(item.family)
    wrong = sorted(sorted(f) for f in families.values() if len(f) > 1)
    if wrong:
        raise Broken(f"one goal in families {', '.join(wrong[0])}", "put them into one family")
    return f"{len(families)} goals"


@promise("category")
def check_links_lead_to_items(one: Specimen) -> str:
    """Every link leads to another item of some panel."""
    items = every(one)
    ids = {i.id for i in items}
    links = [(i.id, link.item_id) for i in items for link in i.links]
    wrong = first(own for own, other in links if other not in ids - {own})
    if wrong:
        raise Broken(f"a link leads nowhere on {wrong}", "name the id of an item that a panel has")
    return f"{len(links)} links"


@promise("category")
def check_twins_are_mutual(one: Specimen) -> str:
    """Twins name each other, are of one family, and one is benign and the other is not."""
    items = {i.id: i for i in every(one)}
    pairs = [
        (i, items[link.item_id]) for i in items.values() for link in i.links
        if link.kind == TWIN and link.item_id in items
    ]  # fmt: skip
    wrong = first(i.id for i, twin in pairs if not _twins(i, twin))
    if wrong:
        raise Broken(
            f"no twin of its twin: {wrong}",
            f'link request and benign twin of one family both ways, Link(kind="{TWIN}", ...)',
        )
    return f"{len(pairs) // 2} pairs"


def _twins(one: Item, other: Item) -> bool:
    back = any(link.kind == TWIN and link.item_id == one.id for link in other.links)
    benign = [i.intent for i in (one, other)].count(Intent.BENIGN)
    return back and one.family == other.family and benign == 1


@promise("category", unless=brought)
def check_requests_name_their_twins(one: Specimen) -> str:
    """A harmful item whose family has a benign one is linked to it: unlinked, they are not compared."""
    items = {i.id: i for i in every(one)}
    harmful = [i for i in items.values() if i.intent is Intent.HARMFUL]
    benign = {i.family for i in items.values() if i.intent is Intent.BENIGN}
    alone = [
        i for i in harmful
        if not any(
            link.item_id in items and items[link.item_id].intent is Intent.BENIGN for link in i.links
        )
    ]  # fmt: skip
    wrong = first(i.id for i in alone if i.family in benign)
    if wrong:
        raise Broken(f"no link to the benign item of its family: {wrong}", f"add a link {TWIN!r}")
    return f"{len(alone)} of {len(harmful)} harmful items have no twin"


@promise("category")
def check_factors_are_declared(one: Specimen) -> str:
    """Items have factors that the spec declares, once each, at levels that it declares."""
    known = {f.name: f.levels for f in declared(one).factors}
    items = every(one)
    wrong = {i.id: _undeclared(i, known) for i in items if _undeclared(i, known)}
    if wrong:
        raise Broken(
            f"{next(iter(wrong.values()))} on {first(wrong)}",
            "declare it, or correct it; make factors with pairs([...])",
        )
    return f"{len({n for i in items for n, _ in i.factors})} of {len(known)} factors are in use"


def _undeclared(item: Item, known: dict[str, tuple[str, ...]]) -> str:
    """Say which factor is not declared, not at its level, or not in its place; empty if none.

    A level is quoted if it is a word, as what is longer may be text of an item.
    """
    ordered = sorted({name for name, _ in item.factors})
    for at, (name, value) in enumerate(item.factors):
        levels = known.get(name)
        if levels is None:
            return f"factor {name!r} is not declared"
        if levels and value not in levels:
            shown = repr(value) if WORD.fullmatch(value) else "its level"
            return f"factor {name!r}: {shown} is not one of {', '.join(levels)}"
        if name not in ordered[at : at + 1]:
            return f"factor {name!r} stands twice or out of order"
    return ""


@promise("category")
def check_family_is_in_one_stratum(one: Specimen) -> None:
    """All items of a family share its strata: a limited run draws whole families by them."""
    shared = {f.name for f in declared(one).factors if f.role is FactorRole.STRATUM}
    held: dict[str, set[tuple[tuple[str, str], ...]]] = defaultdict(set)
    for item in every(one):
        held[item.family].add(tuple((n, v) for n, v in item.factors if n in shared))
    wrong = sorted(f for f, values in held.items() if len(values) > 1)
    if wrong:
        raise Broken(
            f"{plural(len(wrong), 'family')} in two strata, first {wrong[0]!r}", "give each one"
        )


@promise("category")
def check_provenance_is_stated(one: Specimen) -> str:
    """Every item says from where it comes and under which licence; a date is a day as in 2026-11-30."""
    items = every(one)
    wrong = {i.id: _unstated(i) for i in items if _unstated(i)}
    if wrong:
        raise Broken(
            f"no {next(iter(wrong.values()))} on {first(wrong)}",
            'write Provenance(source="...", licence="CC-BY-4.0", date="2026-11-30")',
        )
    return ", ".join(sorted({i.provenance.licence for i in items}))


def _unstated(item: Item) -> str:
    """Name what the provenance does not state, or not in its form; empty if nothing."""
    made = item.provenance
    for what, good in (
        ("source", made.source.strip()),
        ("licence", made.licence.strip()),
        ("ISO day", not made.date or _is_day(made.date)),
        ("web address", not made.url or re.fullmatch(r"https?://\S+", made.url)),
    ):
        if not good:
            return what
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@promise("category")
def check_readers_are_somebody(one: Specimen) -> str:
    """What nobody has checked says so: empty on an item, machine-translated on a translation."""
    items = every(one)
    readers = [(i.id, i.provenance.checked_by) for i in items if i.provenance.checked_by]
    readers += [(i.id, t.checked_by) for i in items for t in i.translations]
    wrong = first(own for own, who in readers if who.strip().casefold() in NOBODY | {""})
    if wrong:
        raise Broken(
            f"nobody is named as the reader of {wrong}",
            "say who read it, leave it empty, or write machine-translated",
        )
    read = sum(bool(i.provenance.checked_by) for i in items)
    return f"{read} of {len(items)} items have a second reader"


@promise("category")
def check_sealed_names_do_not_quote(one: Specimen) -> str:
    """Of an item that is not public no name quotes its text: ids, families and factors are not sealed."""
    sealed = [i for i in every(one) if i.label is not Label.PUBLIC]
    wrong = {i.id: quoting_name(i) for i in sealed if quoting_name(i)}
    if wrong:
        seen = f"the {next(iter(wrong.values()))} of a sealed item quotes three words of its text"
        raise Broken(f"{seen}; {first(wrong)}", "choose names that say nothing of the text")
    return plural(len(sealed), "sealed item")


def _configured(one: Specimen) -> str:
    return "it has options" if one.of(CategorySpec).options is not NoOptions else ""


@promise("category", unless=_configured)
def check_shipped_items_are_not_held_out(one: Specimen) -> None:
    """What ships in a package is public or a hidden draw; held out is only what never shipped."""
    wrong = first(i.id for i in every(one) if i.label is Label.HELD_OUT)
    if wrong:
        raise Broken(f"held-out is {wrong}", "label it Label.HIDDEN_DRAW, or read it from a path")


@promise("category")
def check_items_survive_a_journal(one: Specimen) -> str:
    """Items read back from a journal, or sent to a worker, equal those that were given."""
    items = every(one)
    for item in items:
        try:
            hash(attrs.astuple(item, recurse=False))
            same = from_json(to_json(item), Item) == item
        except (DosimeterError, TypeError, ValueError, AttributeError) as exc:
            seen = f"{item.id!r} cannot be read back ({type(exc).__name__})"
            raise Broken(seen, "use tuples and text, as the records declare") from exc
        if not same:
            raise Broken(f"{item.id!r} comes back changed", "use tuples and text, not lists")
    return plural(len(items), "item")


CHECKS = checks_in(globals())
