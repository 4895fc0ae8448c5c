"""How text and ids become bytes in the journal, and text comes back.

SQLite refuses lone surrogates as text, so text is stored as bytes: ``utf8`` for ordinary text,
``utf8sp`` (surrogatepass) for text that needs it, ``json`` for messages that are more than one
piece of text. ``purged`` marks a text that was deleted; ``sealed`` is `dosimeter.vault`'s.
"""

from dosimeter.errors import Purged, Sealed, VoteRefused
from dosimeter.model.conversation import Message, Speaker, Text, Unknown
from dosimeter.serialize import from_json, to_json
from dosimeter.vault import SEALED

PURGED = "purged"
HIDDEN = frozenset({PURGED, SEALED})
"""Codecs of bytes that cannot be read here."""


def encode_text(text: str) -> tuple[str, bytes]:
    """Give codec and bytes of *text*."""
    try:
        return "utf8", text.encode("utf-8")
    except UnicodeEncodeError:
        return "utf8sp", text.encode("utf-8", "surrogatepass")


def decode_text(codec: str, data: bytes) -> str:
    """Undo `encode_text`.

    Raises:
        Purged: The text was deleted.
        Sealed: Its owner's secret is not here.
    """
    if codec == SEALED:
        msg = "this text belongs to a sealed panel whose secret is not here"
        raise Sealed(msg)
    if codec == PURGED:
        msg = "this text was deleted from the journal"
        raise Purged(msg)
    return data.decode("utf-8", "surrogatepass" if codec == "utf8sp" else "strict")


def encode_message(message: Message) -> tuple[str, bytes]:
    """Give codec and bytes of a message's body."""
    if len(message.parts) == 1 and isinstance(message.parts[0], Text):
        return encode_text(message.parts[0].text)
    return "json", to_json(message)


def decode_message(speaker: str, prefilled: int, codec: str, data: bytes) -> Message:
    """Rebuild a message from its row.

    A text that is deleted, or sealed with no secret here, is an `Unknown` part of kind ``purged``
    or ``sealed``: neither empty nor an error.
    """
    if codec in HIDDEN:
        gone = Unknown(kind=codec, raw="")
        return Message(speaker=Speaker(speaker), parts=(gone,), prefilled=bool(prefilled))
    if codec == "json":
        return from_json(data, Message)
    text = Text(text=decode_text(codec, data))
    return Message(speaker=Speaker(speaker), parts=(text,), prefilled=bool(prefilled))


def raw_id(name: str) -> bytes:
    """Give an id as the journal keeps it.

    Raises:
        VoteRefused: If it is none.
    """
    try:
        return bytes.fromhex(name)
    except ValueError:
        msg = f"{name!r} is no id: an id is 32 hex digits"
        raise VoteRefused(msg) from None
