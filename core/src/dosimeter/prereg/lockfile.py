"""A frozen plan as text: JSON with a line for each fact, and its own hash in it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from dosimeter.errors import StackError
from dosimeter.jsontext import encode_finite

FORMAT = 1
SECTIONS = {"run", "targets", "categories", "attacks", "raters", "measures", "gates", "comparisons",
            "components",
            "dosimeter", "questions", "format", "frozen", "hash"}  # fmt: skip
SHOWN = 12
"""Digits of a hash that tell two plans apart in a sentence."""
Table = dict[str, Any]


@frozen(kw_only=True)
class Lock:
    """A frozen plan.

    Attributes:
        hash: sha256 of all else in it.
        date: The day on which it was frozen, as it says itself.
        body: What would be measured (`dosimeter.engine.freeze`), and the questions.
        text: The file.
    """

    hash: str
    date: str
    body: Mapping[str, Any]
    text: str

    @property
    def short(self) -> str:
        """Give the start of the hash."""
        return self.hash[:SHOWN]


def write_lock(design: Mapping[str, Any], date: str) -> Lock:
    """Make the file of a plan.

    Args:
        design: What would be measured, with its questions.
        date: The day, ISO 8601.
    """
    whole = {**design, "format": FORMAT, "frozen": date}
    text = json.dumps({**whole, "hash": _hash(whole)}, indent=1, sort_keys=True, allow_nan=False)
    return parse_lock(text + "\n", "the plan")


def read_lock(path: Path) -> Lock:
    """Read the file of a plan.

    Raises:
        StackError: If there is none, or it is not as it was frozen.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        msg = f"no plan at {path}; `dosimeter plan STACK --freeze {path}` writes one"
        raise StackError(msg) from exc
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no text in UTF-8"
        msg = f"the plan {path} cannot be read: {why}"
        raise StackError(msg) from exc
    return parse_lock(text, str(path))


def is_lock(path: Path) -> bool:
    """Say whether a file is a frozen plan, of whatever version, edited or not."""
    try:
        return _table(path.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return False


def _table(text: str) -> Table | None:
    """Read a text as far as to say whether it is a plan."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, dict) and {"format", "hash"} <= whole.keys() else None


def parse_lock(text: str, who: str) -> Lock:
    """Check the text of a plan that *who* names.

    Raises:
        StackError: If it is none, is of a later version, or was edited since it was frozen.
    """
    whole = _table(text)
    if whole is None:
        msg = f"{who} is no frozen plan; `dosimeter plan STACK --freeze FILE` writes one"
        raise StackError(msg)
    if whole["format"] != FORMAT:
        msg = f"{who} has a format that this dosimeter does not know ({FORMAT}); upgrade dosimeter"
        raise StackError(msg)
    if not whole.keys() >= SECTIONS:
        msg = f"{who} lacks {', '.join(sorted(SECTIONS - whole.keys()))}; freeze another"
        raise StackError(msg)
    said = whole.pop("hash")
    if said != _hash(whole):
        msg = (
            f"{who} was edited since it was frozen: its hash is not that of its text. Take it back as"
            " it was (git checkout), or freeze another"
        )
        raise StackError(msg)
    return Lock(hash=said, date=str(whole["frozen"]), body=whole, text=text)


def _hash(whole: Mapping[str, Any]) -> str:
    return hashlib.sha256(encode_finite(whole)).hexdigest()
