"""Words of plugins and endpoints that stand in a journal in the clear: none of them may quote."""

import json
import sqlite3

from dosimeter.ids import UNCLEAR, digest_bytes, word
from dosimeter.model.doing import NOTES
from dosimeter.model.rating import FURTHER, REASONS
from dosimeter.model.work import Seal


def ask_name(name: str, owner: Seal) -> str:
    """Give a plugin's own id of an ask as it is kept: in the clear, so it must not quote."""
    if not owner.key:
        return word(name)
    return digest_bytes("ask", name.encode("utf-8", "surrogatepass"), key=owner.key)


def in_clear(given: str, owner: Seal, *, known: bool) -> str:
    """Give a plugin's word as it may stand in the clear; beside sealed text only known ones."""
    return word(given) if known or not owner.key else UNCLEAR


def own_reason(given: str, owner: Seal) -> str:
    """Give why there is no mark as it may stand in the clear.

    The core decides by the word before the colon, so that stays where it is one of the core's.
    """
    head, colon, more = given.partition(":")
    if not colon or head not in REASONS:
        return in_clear(given, owner, known=given in REASONS)
    told = FURTHER.fullmatch(more) is not None if owner.key else word(given) == given
    return given if told else f"{head}:{UNCLEAR}"


def own_name(given: str | None, owner: Seal) -> str | None:
    """Give what an endpoint calls itself or its reply; beside sealed text only a word."""
    return word(given) if given and owner.key else given


def vocabulary(db: sqlite3.Connection) -> frozenset[str]:
    """Give the kinds of notes that are declared, and the names of who may make some."""
    declared = [
        json.loads(body) for (body,) in db.execute("SELECT body FROM spec WHERE kind = 'attack'")
    ]
    names = [name for (name,) in db.execute("SELECT name FROM rater")]
    kinds = [kind for spec in declared for kind in spec.get("notes", ())]
    return NOTES.union(kinds, names, (s["id"] for s in declared), ("core",))
