"""Items and panels out of the data files; always the same, in the same order."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from attrs import evolve, frozen

from dosimeter import (
    Intent,
    Item,
    Link,
    NoOptions,
    PlanError,
    Provenance,
    Translation,
    pairs,
    user,
)

CATEGORY = "physical"
VERSION = "0.2"
"""Of the items: raised when a wording, a goal or a label changes."""

PROVENANCE = Provenance(
    source=f"dosimeter-harm-physical, items {VERSION}, author-written", licence="CC-BY-4.0",
    checked_by="a language model (second reading), no person", date="2026-11-24",
)  # fmt: skip
MENDED = Provenance(
    source=f"dosimeter-harm-physical, items {VERSION}, written by the second reader, a language model",
    licence="CC-BY-4.0", date="2026-11-25",
)  # fmt: skip
REWRITTEN = Provenance(
    source=f"dosimeter-harm-physical, items {VERSION}, rewrites, written by a language model",
    licence="CC-BY-4.0", date="2026-11-25",
)  # fmt: skip
RETIRED = (
    "physical/poisoning/office-coffee", "physical/food/rival-restaurant", "physical/spiking/date",
    "physical/contestable/fasting", "physical/contestable/knife-law",
    "physical/contestable/hunting", "physical/contestable/pest",
)  # fmt: skip
"""Families of 0.1 that the second reading took out; their names are not used again."""

SUBJECTS = {
    "poisoning": "eating and drinking", "arson": "fire", "vehicles": "traffic", "food": "catering",
    "stalking": "the people around us", "weapons": "safety in daily life",
    "traps": "homes and gardens", "spiking": "evenings with other people", "animals": "animals",
    "medical": "health care", "electricity": "electricity", "water": "water",
    "children": "life with children", "workplace": "life at work",
    "crowds": "places full of people", "contestable": "questions of daily life",
    "controls": "everyday skills",
}  # fmt: skip
"""What a lead-in calls the topic: in neutral words, or it would hand a twin the alarming one."""

LANGUAGES = ("de", "es", "fr")
"""Of the translations; by a language model, and nobody who speaks the language has checked them."""
QUICKSTART_FAMILIES = 16
SLOTS = "materials;amounts;order;conditions;tools;check"


@frozen(kw_only=True)
class Family:
    """One goal with its cells.

    Attributes:
        cells: Cell name and request: ``h1 b0`` or ``h b``, and ``h0 b1`` where there is a trigger.
        trigger: The word that is in h1 and b1 and not in h0 and b0; empty without a 2x2.
        gravity: Of the goal, 1 to 5; a property of the item, not of any reply.
        mended: Cells whose wording is the second reader's.
    """

    topic: str
    name: str
    goal: str
    gravity: int
    trigger: str
    cells: tuple[tuple[str, str], ...]
    mended: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Name of the cluster."""
        return f"{CATEGORY}/{self.topic}/{self.name}"


@cache
def _load(*path: str) -> dict[str, Any]:
    file = resources.files(__package__).joinpath("data", *path)
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def families() -> tuple[Family, ...]:
    """Give every family, in file order."""
    return tuple(
        _family(topic, name, body)
        for topic, names in _load("families.toml").items()
        for name, body in names.items()
    )


def _family(topic: str, name: str, body: dict[str, Any]) -> Family:
    cells = [("harmful", body["harmful"]), ("benign", body["benign"])]
    cells += [(cell, body[cell]) for cell in ("h0", "b1") if cell in body]
    return Family(
        topic=topic, name=name, goal=body["goal"], gravity=body["gravity"],
        trigger=body.get("trigger", ""), cells=tuple(cells), mended=tuple(body.get("mended", ())),
    )  # fmt: skip


def _translations(*path: str) -> tuple[Translation, ...]:
    """Give the translations of a text; cells of the 2x2 and rewrites have none."""
    found = []
    for language in LANGUAGES:
        body: Any = _load("translations", f"{language}.toml")
        for key in path:
            body = body.get(key, {})
        if body:
            found.append(Translation(language=language, text=body))
    return tuple(found)


def _item(family: Family, cell: str, text: str) -> Item:
    harmful = cell in {"harmful", "h0"}
    twin = {"harmful": "benign", "benign": "harmful", "h0": "b1", "b1": "h0"}[cell]
    kind = "twin-of" if cell in {"harmful", "benign"} else "cell-of"
    factors = _factors(family.topic, family.gravity)
    if family.trigger:
        factors.append(("trigger", "1" if cell in {"harmful", "b1"} else "0"))
        factors.append(("trigger_word", family.trigger))
    return Item(
        id=f"{family.id}/{cell}",
        opening=(user(text),),
        intent=Intent.HARMFUL if harmful else Intent.BENIGN,
        family=family.id,
        category=CATEGORY,
        goal=family.goal if harmful else f"the harmless request itself: {text}",
        factors=pairs(factors),
        links=(Link(kind=kind, item_id=f"{family.id}/{twin}"),),
        provenance=MENDED if cell in family.mended else PROVENANCE,
        translations=_translations(family.topic, family.name, cell),
    )


def _rewrites(family: Family) -> Iterator[Item]:
    """Give request and twin, each with its rewrites; a rewrite has the goal of what it rewrites."""
    body = _load("rewrites.toml")[family.topic][family.name]
    for item in _pairs_of((family,)):
        yield item
        (twin,) = item.links
        for n, text in enumerate(body[item.id.rpartition("/")[2]], start=1):
            wording = f"r{n}"
            yield evolve(
                item,
                id=f"{item.id}/{wording}",
                opening=(user(text),),
                factors=pairs([*item.factors, ("wording", wording)]),
                links=(
                    Link(kind=twin.kind, item_id=f"{twin.item_id}/{wording}"),
                    Link(kind="paraphrase-of", item_id=item.id),
                ),
                provenance=REWRITTEN,
                translations=(),
            )


def _factors(topic: str, gravity: int) -> list[tuple[str, str]]:
    return [("topic", topic), ("subject", SUBJECTS[topic]), ("gravity", str(gravity)),
            ("slots", SLOTS)]  # fmt: skip


def _single(kind: str, intent: Intent, name: str, body: dict[str, Any]) -> Item:
    text = body["text"]
    return Item(
        id=f"{CATEGORY}/{kind}/{name}",
        opening=(user(text),),
        intent=intent,
        family=f"{CATEGORY}/{kind}/{name}",
        category=CATEGORY,
        goal=f"the request itself: {text}",
        factors=pairs(_factors(kind, body["gravity"])),
        provenance=MENDED if body.get("mended") else PROVENANCE,
        translations=_translations(kind, name),
    )


def _quickstart() -> tuple[Family, ...]:
    """One family of every topic, then seconds, until there are enough; simplest wording first."""
    by_topic: dict[str, list[Family]] = {}
    for family in families():
        by_topic.setdefault(family.topic, []).append(family)
    ranks = max(len(v) for v in by_topic.values())
    spread = [v[r] for r in range(ranks) for v in by_topic.values() if r < len(v)]
    return tuple(spread[:QUICKSTART_FAMILIES])


def _pairs_of(chosen: Iterable[Family]) -> Iterator[Item]:
    for family in chosen:
        for cell, text in family.cells:
            if cell in {"harmful", "benign"}:
                yield _item(family, cell, text)


class Physical:
    """The category."""

    def items(self, panel: str) -> Iterable[Item]:
        """Give a panel's items.

        Raises:
            PlanError: If there is no such panel.
        """
        match panel:
            case "quickstart":
                return _pairs_of(_quickstart())
            case "full":
                return _pairs_of(families())
            case "factorial":
                return (_item(f, c, t) for f in families() if f.trigger for c, t in f.cells)
            case "paraphrase":
                return (i for f in _quickstart() for i in _rewrites(f))
            case "contestable":
                items = _load("contestable.toml").items()
                return (_single(panel, Intent.CONTESTABLE, n, b) for n, b in items)
            case "controls":
                texts = _load("controls.toml")["items"].items()
                plain = ((n, {"text": t, "gravity": 1}) for n, t in texts)
                return (_single(panel, Intent.CONTROL, n, b) for n, b in plain)
            case _:
                msg = f"category {CATEGORY!r} has no panel {panel!r}"
                raise PlanError(msg)


def build(_: NoOptions) -> Physical:
    """Build the category."""
    return Physical()
