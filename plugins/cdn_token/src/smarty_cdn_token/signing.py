"""Hashes of the operator's choice."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


def key_of(secret: str, form: str) -> bytes:
    """A secret written as `text`, `hex` or `base64`. Raises `ValueError` when it is not written so."""
    if form == "hex":
        return bytes.fromhex(secret)
    if form == "base64":
        return base64.b64decode(secret, validate=True)
    return secret.encode()


def digest_of(text: str, algorithm: str, key: bytes) -> bytes:
    """The hash; `key` matters for `hmac-...` only. Which one is weak is the network's choice, not ours."""
    kind, _, name = algorithm.rpartition("-")
    if kind:
        return hmac.digest(key, text.encode(), name)
    return hashlib.new(name, text.encode(), usedforsecurity=False).digest()


def encoded(digest: bytes, encoding: str, *, padding: bool) -> str:
    """`digest` as `hex`, `base64` or `base64url`."""
    if encoding == "hex":
        return binascii.hexlify(digest).decode("ascii")
    text = (base64.b64encode if encoding == "base64" else base64.urlsafe_b64encode)(digest).decode("ascii")
    return text if padding else text.rstrip("=")
