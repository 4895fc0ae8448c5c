"""The attack: pure, and countable before any call."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from dosimeter import Item, Line, Text, Variant, pairs, user
from dosimeter_attack_starter.options import StarterOptions

ATTACK, FACTOR = "starter", "starter_template"
PLACE = "{request}"
LANGUAGE = "en"


@cache
def templates() -> dict[str, str]:
    """Give every frame by name."""
    file = resources.files(__package__).joinpath("templates.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


class Starter:
    """Puts an item's last message into frames."""

    def __init__(self, options: StarterOptions) -> None:
        self._chosen = tuple((name, templates()[name]) for name in options.templates)

    def variants(self, item: Item) -> Iterable[Variant]:
        """Give one variant a frame, in order; none of an item that they do not fit."""
        if not _fits(item):
            return
        request = item.opening[-1].text
        for name, frame in self._chosen:
            said = frame.replace(PLACE, request)  # last, so that no brace of a request counts
            yield Variant(
                attack=ATTACK,
                key=name,
                factors=pairs([(FACTOR, name)]),
                script=(Line(message=user(said)),),
            )


def _fits(item: Item) -> bool:
    """Whether an item is in the frames' language, and ends with words alone: a picture would be lost."""
    words = all(isinstance(part, Text) for part in item.opening[-1].parts)
    return words and item.language.partition("-")[0].lower() == LANGUAGE


def build(options: StarterOptions) -> Starter:
    """Build the attack."""
    return Starter(options)
