"""The frames as data, and putting a request into one."""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from attrs import frozen

from dosimeter import StackError

MACHINE = "machine-translated"


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

    Raises:
        StackError: If a name or a language is not there, naming the nearest.
    """
    mine = [t for t in templates() if t.framing == framing]
    chosen = []
    for name in names:
        for language in languages:
            found = [t for t in mine if (t.name, t.language) == (name, language)]
            if not found:
                raise StackError(_missing(framing, name, language, mine))
            chosen += found
    return tuple(chosen)


def _missing(framing: str, name: str, language: str, mine: list[Template]) -> str:
    names = sorted({t.name for t in mine})
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
        return f"attack {framing!r} has no template {name!r}; {hint}"
    languages = sorted({t.language for t in mine if t.name == name})
    return (
        f"attack {framing!r}: template {name!r} is not written in {language!r};"
        f" there are {', '.join(languages)}"
    )


def fill(template: Template, request: str, topic: str) -> tuple[str, ...]:
    """Put *request* into a template, verbatim, whatever characters it holds."""
    return tuple(
        request.join(part.replace("{topic}", topic) for part in line.split("{request}"))
        for line in template.lines
    )
