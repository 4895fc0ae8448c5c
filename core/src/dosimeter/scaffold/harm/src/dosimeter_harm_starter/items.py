"""The items out of `items.toml`: always the same, in the same order."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from dosimeter import Intent, Item, Link, NoOptions, PlanError, Provenance, pairs, user

CATEGORY, PANEL = "starter", "all"
FILE = "items.toml"
OF_FILE = ("version", "source", "licence", "checked_by", "date", "families")
OF_FAMILY = ("gravity", "goal", "harmful", "benign")
"""Keys that must be there."""


@cache
def data() -> dict[str, Any]:
    """Give the file.

    Raises:
        PlanError: If it is no TOML, naming the line, or lacks a key, naming the family.
    """
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        msg = f"{__package__}/{FILE} is no TOML: {exc}"
        raise PlanError(msg) from None
    _check(found, OF_FILE, "the file")
    _check(found["families"], (), "[families]")
    for topic, families in found["families"].items():
        _check(families, (), f"[families.{topic}]")
        for name, body in families.items():
            _check(body, OF_FAMILY, f"[families.{topic}.{name}]")
    return found


def _check(table: object, keys: tuple[str, ...], where: str) -> None:
    """Refuse what is no table, or lacks a key."""
    if not isinstance(table, dict):
        msg = f"{__package__}/{FILE}: {where} is no table"
        raise PlanError(msg)
    lacking = [key for key in keys if key not in table]
    if lacking:
        msg = f"{__package__}/{FILE}: {where} has no {', '.join(lacking)}, only {', '.join(table)}"
        raise PlanError(msg)


def _provenance() -> Provenance:
    told = data()
    return Provenance(
        source=f"{told['source']}, items {told['version']}", licence=told["licence"],
        checked_by=told["checked_by"], date=told["date"],
    )  # fmt: skip


def _family(topic: str, name: str, body: dict[str, Any]) -> Iterator[Item]:
    """Give request and twin, which name each other."""
    family = f"{CATEGORY}/{topic}/{name}"
    factors = pairs([("topic", topic), ("gravity", str(body["gravity"]))])
    for intent, twin in ((Intent.HARMFUL, Intent.BENIGN), (Intent.BENIGN, Intent.HARMFUL)):
        text = body[intent]
        yield Item(
            id=f"{family}/{intent}",
            opening=(user(text),),
            intent=intent,
            family=family,
            category=CATEGORY,
            goal=body["goal"] if intent is Intent.HARMFUL else f"the request itself: {text}",
            factors=factors,
            links=(Link(kind="twin-of", item_id=f"{family}/{twin}"),),
            provenance=_provenance(),
        )


class Starter:
    """The category."""

    def items(self, panel: str) -> Iterable[Item]:
        """Give a panel's items.

        Raises:
            PlanError: If there is no such panel.
        """
        if panel != PANEL:
            msg = f"category {CATEGORY!r} has no panel {panel!r}; there is {PANEL!r}"
            raise PlanError(msg)
        for topic, families in data()["families"].items():
            for name, body in families.items():
                yield from _family(topic, name, body)


def build(_: NoOptions) -> Starter:
    """Build the category, if its file can be read.

    Raises:
        PlanError: If not, in words; what `items` raises is told by type alone.
    """
    data()
    return Starter()
