"""Sealing personal fields at rest: AES-256-GCM, bound to the place where they belong.

A sealed field is a version byte, a 96-bit random nonce and the ciphertext with its tag. What it
is bound to (`place`, such as "person:<id>/phone") is not stored: moved to another row or column,
it no longer opens.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_BYTES = 32
_NONCE_BYTES = 12


class CannotOpen(ValueError):
    """Sealed with another key, for another place, or changed since."""


def seal(key: bytes, text: str, *, place: str) -> bytes:
    """`text` sealed with `key` (32 bytes) for `place`; b"" stays b""."""
    if not text:
        return b""
    nonce = os.urandom(_NONCE_BYTES)
    return VERSION + nonce + _cipher(key).encrypt(nonce, text.encode(), _bound(place))


def unseal(key: bytes, sealed: bytes, *, place: str) -> str:
    """The text that was sealed for `place`. Raises CannotOpen."""
    if not sealed:
        return ""
    if sealed[:1] != VERSION:
        raise CannotOpen(f"{place}: sealed in a way that this version does not know")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, ciphertext, _bound(place)).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"{place}: another key, another place, or changed since") from error


def fingerprint(key: bytes, text: str, *, purpose: str) -> str:
    """64 hex digits by which equal texts are found without being readable (HMAC-SHA256).

    Different for each purpose, so that one list of fingerprints says nothing about another.
    """
    derived = hmac.digest(key, b"citysteward fingerprint/" + purpose.encode(), "sha256")
    return hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key must have {KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(key)


def _bound(place: str) -> bytes:
    return VERSION + b"citysteward field/" + place.encode()
