"""The frames as data, and putting a request into one."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class Template:
    """One wording of a framing.

    Attributes:
        checked_by: Who read it; ``machine-translated`` if nobody who speaks the language did.
        lines: What the user says, turn by turn; ``{request}`` is in the last.
    """

    framing: str
    name: str
    language: str
    checked_by: str
    lines: tuple[str, ...]


@cache
def templates() -> tuple[Template, ...]:
    """Give every template of the package, in file order."""
    text = resources.files(__package__).joinpath("templates.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return tuple(
        Template(framing=framing, name=name, language=language,
                 checked_by=body["checked_by"], lines=tuple(body["lines"]))
        for framing, names in data.items()
        for name, languages in names.items()
        for language, body in languages.items()
    )  # fmt: skip


def select(framing: str, names: Iterable[str], languages: Iterable[str]) -> tuple[Template, ...]:
    """Give the templates of *framing* with these names, in these languages.

    Each of its names is written in each of its languages; its options let through no others.
    """
    mine = {(t.name, t.language): t for t in templates() if t.framing == framing}
    languages = tuple(languages)
    return tuple(mine[name, language] for name in names for language in languages)


def fill(template: Template, request: str, topic: str) -> tuple[str, ...]:
    """Put *request* into a template, verbatim, whatever characters it holds."""
    return tuple(
        request.join(part.replace("{topic}", topic) for part in line.split("{request}"))
        for line in template.lines
    )
