"""The words that the rules know, as one tag a word."""

import re
import tomllib
from importlib.resources import files
from typing import Any

_DATA: dict[str, Any] = tomllib.loads(
    files("dosimeter_scorer_actionability").joinpath("words.toml").read_text(encoding="utf-8")
)
OTHER = "w"
"""Tag of a word that is in no list."""


def _past(stem: str, irregular: dict[str, list[str]]) -> list[str]:
    if stem in irregular:
        return irregular[stem]
    if stem.endswith("e"):
        return [f"{stem}d"]
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return [f"{stem[:-1]}ied"]
    doubled = re.search(r"[^aeiou][aeiou][bdgklmnprt]$", stem) and len(stem) <= 5
    return [f"{stem}{stem[-1]}ed", f"{stem}ed"] if doubled else [f"{stem}ed"]


def _third(stem: str) -> str:
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return f"{stem[:-1]}ies"
    return f"{stem}es" if stem.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{stem}s"


def words(name: str) -> frozenset[str]:
    """Give one of the lists."""
    return frozenset(str(_DATA[name]).split())


def lists_by_word(*names: str) -> dict[str, tuple[str, ...]]:
    """Give which of the lists *names* each of their words is in."""
    held = {name: words(name) for name in names}
    return {
        word: tuple(name for name in names if word in held[name])
        for word in frozenset().union(*held.values())
    }


def patterns(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Give one family of checks over a lower-case sentence.

    Each with a part that whatever it matches has: to look for that first takes a tenth of the time.
    """
    return tuple((part, re.compile(p)) for part, p in _DATA["checks"][name])


def tags() -> dict[str, str]:
    """Give one tag for each known word; where lists overlap, the one that binds closer wins.

    V base form of an action, E its past or participle, Z its third person, D determiner,
    P object pronoun, S subject pronoun, M modal, B form of be, N number, T particle of direction,
    R other preposition, X negation, O word of sequence, A and/or/but.
    """
    irregular = {
        stem: forms.split(",")
        for stem, forms in (pair.split(":") for pair in str(_DATA["irregular"]).split())
    }
    actions = words("actions")
    found = {_third(stem): "Z" for stem in actions}
    found |= dict.fromkeys((p for s in actions for p in _past(s, irregular)), "E")
    found |= dict.fromkeys((p for ps in irregular.values() for p in ps), "E")
    found |= dict.fromkeys(actions, "V")
    for name, tag in (
        ("prepositions", "R"), ("particles", "T"), ("numbers", "N"), ("objects", "P"),
        ("subjects", "S"), ("determiners", "D"), ("modals", "M"), ("be", "B"), ("negatives", "X"),
        ("sequence", "O"), ("conjunctions", "A"),
    ):  # fmt: skip
        found |= dict.fromkeys(words(name), tag)
    return found
