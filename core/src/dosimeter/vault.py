"""The machines' door to text: what is stored, under whose key. People's door is `disclosure`.

Text of a sealed panel is encrypted before it reaches the database, its write-ahead log included,
and every digest of it is keyed: the hash of a short sentence would tell whoever guesses it.
"""

import hashlib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dosimeter.errors import Sealed, StackError
from dosimeter.ids import digest_bytes
from dosimeter.model.design import Label
from dosimeter.model.work import OPEN, Seal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SEALED = "sealed"
NAME, NONCE = 8, 12
SHORTEST_SECRET = 16
WORK = {"n": 2**14, "r": 8, "p": 1}
"""Cost of scrypt (RFC 7914): what guessing a weak secret costs, some 50 ms a guess."""


def make_seal(panel: str, secret: str) -> Seal:
    """Derive a panel's seal from its secret.

    Raises:
        StackError: If the secret is shorter than 16 characters.
    """
    return _derived(panel, f"dosimeter panel {panel}".encode(), secret, f"panel {panel!r}")


def owner_seal(secret: str, salt: bytes) -> Seal:
    """Derive the seal of a run's owner; *salt* is the run's own.

    Raises:
        StackError: If the secret is shorter than 16 characters.
    """
    return _derived("", b"dosimeter run " + salt, secret, "the run's owner")


def _derived(panel: str, salt: bytes, secret: str, whose: str) -> Seal:
    if len(secret) < SHORTEST_SECRET:
        msg = (
            f"the secret of {whose} has {len(secret)} characters; at least"
            f" {SHORTEST_SECRET} are needed, for example from `openssl rand -hex 32`"
        )
        raise StackError(msg)
    return Seal(panel=panel, key=hashlib.scrypt(secret.encode(), salt=salt, dklen=32, **WORK))


def fingerprint(seal: Seal) -> str:
    """Name a seal without giving its key away: 16 hex digits, empty for open text."""
    return digest_bytes("panel", b"", key=seal.key)[: 2 * NAME] if seal.key else ""


def _cipher(key: bytes) -> "ChaCha20Poly1305":
    try:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    except ImportError as exc:
        msg = "sealed text needs the package cryptography: pip install 'dosimeter[seal]'"
        raise StackError(msg) from exc
    return ChaCha20Poly1305(key)


class Vault:
    """Encrypts for the owners of sealed text and decrypts for those who hold their secrets.

    A sealed blob is the name of its key (8 bytes), a nonce (12 bytes), and the ciphertext of
    codec, NUL and bytes under ChaCha20-Poly1305 (RFC 8439).
    """

    def __init__(self, seals: Iterable[Seal] = ()) -> None:
        self._ciphers: dict[bytes, ChaCha20Poly1305] = {}
        self._seals: dict[str, Seal] = {}
        for seal in seals:
            self._seals[seal.panel] = seal
            self._add(seal)

    def owner(self, category: str, label: Label) -> Seal:
        """Give the owner of the text of an item.

        Raises:
            Sealed: If the item is not public and its panel's secret is not here.
        """
        if label is Label.PUBLIC:
            return OPEN
        if category not in self._seals:
            msg = f"items of {category!r} are {label.value}, and the panel's secret is not here"
            raise Sealed(msg)
        return self._seals[category]

    def _add(self, seal: Seal) -> bytes:
        name = bytes.fromhex(fingerprint(seal))
        if name and name not in self._ciphers:
            self._ciphers[name] = _cipher(seal.key)
        return name

    def put(self, codec: str, data: bytes, *, owner: Seal) -> tuple[str, bytes]:
        """Give codec and bytes as they are to be stored: as they are, or encrypted for *owner*."""
        if not owner.key:
            return codec, data
        name, nonce = self._add(owner), os.urandom(NONCE)
        hidden = self._ciphers[name].encrypt(nonce, codec.encode() + b"\0" + data, name)
        return SEALED, name + nonce + hidden

    def get(self, codec: str, data: bytes) -> tuple[str, bytes]:
        """Undo `put`.

        Raises:
            Sealed: If the owner's secret is not here.
        """
        if codec != SEALED:
            return codec, data
        name, nonce = data[:NAME], data[NAME : NAME + NONCE]
        if name not in self._ciphers:
            msg = "this text belongs to a sealed panel whose secret is not here"
            raise Sealed(msg)
        plain = self._ciphers[name].decrypt(nonce, data[NAME + NONCE :], name)
        inner, _, text = plain.partition(b"\0")
        return inner.decode(), text
