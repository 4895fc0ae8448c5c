"""The items out of `items.toml`: always the same, in the same order."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from dosimeter import Intent, Item, Link, NoOptions, PlanError, Provenance, pairs, user

CATEGORY, PANEL = "starter", "all"


@cache
def data() -> dict[str, Any]:
    """Give the file."""
    file = resources.files(__package__).joinpath("items.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


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
    """Build the category."""
    return Starter()
