"""Cards as files, which packages of scorers ship beside their rules."""

import json
from pathlib import Path
from typing import Protocol

from dosimeter.errors import RecordError, StackError
from dosimeter.model.cards import SCHEMA, Card
from dosimeter.model.facts import CardLine
from dosimeter.serialize import structure


class Readable(Protocol):
    """A file of a package, or any other that can be read: a `Path`, or what `importlib.resources` gives."""

    def read_text(self, encoding: str) -> str:
        """Give the text of the file."""
        ...


def read_card(file: Readable | str) -> tuple[CardLine, ...]:
    """Give the lines of the card that `dosimeter calibrate` wrote, for `ScorerSpec.card`.

    Args:
        file: The card's file: a path, or ``importlib.resources.files(__package__) / "card.json"``.

    Raises:
        RecordError: If the file holds no card, or one of a later version.
    """
    readable: Readable = Path(file) if isinstance(file, str) else file
    try:
        raw = json.loads(readable.read_text(encoding="utf-8"))
    except ValueError as exc:
        msg = f"{file} is no card: it is no JSON; write it anew with `dosimeter calibrate -o`"
        raise RecordError(msg) from exc
    schema = raw.get("schema") if isinstance(raw, dict) else None
    if schema != SCHEMA:
        msg = (
            f"{file} is no card of schema {SCHEMA}, but of {schema!r}; write it anew with"
            " `dosimeter calibrate -o`, or install the version that wrote it"
        )
        raise RecordError(msg)
    try:
        return structure(raw, Card, str(file)).lines
    except StackError as exc:
        raise RecordError(str(exc)) from exc.__cause__
