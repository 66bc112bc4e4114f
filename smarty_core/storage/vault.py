"""How secrets are kept: encrypted when they are needed in clear again, as keyed or plain hashes otherwise.

Everything derives from SECRET_KEY with HKDF (RFC 5869), one derived key per purpose, so that no use weakens another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from smarty_core.errors import StorageError

PREFIX = "enc1:"


class Vault:
    """Encrypts, hashes and compares. One per process, made from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, b"encryption")))
        self._codes = _derive(secret_key, b"subscriber codes")
        self._staff = PasswordHasher()
        self.token_key = _derive(secret_key, b"stream tokens")
        """Signs stream tokens."""

    def encrypt(self, text: str) -> str:
        """Text for a column (API keys, PINs, attribute secrets); empty stays empty."""
        return PREFIX + self._fernet.encrypt(text.encode()).decode("ascii") if text else ""

    def decrypt(self, stored: str) -> str:
        """The text behind `encrypt`. Raises `StorageError` when SECRET_KEY is not the one it was written with."""
        if not stored:
            return ""
        if not stored.startswith(PREFIX):
            raise StorageError("a stored secret is not encrypted; it was written by hand or damaged")
        try:
            return self._fernet.decrypt(stored[len(PREFIX) :].encode("ascii")).decode()
        except (InvalidToken, UnicodeError) as exc:
            raise StorageError("a stored secret cannot be read: SECRET_KEY is not the one it was written with") from exc

    def revealed(self, value: Any) -> Any:
        """`value` decrypted when it is what `encrypt` gives, else as it is. Raises `StorageError` as `decrypt`."""
        return self.decrypt(value) if isinstance(value, str) and value.startswith(PREFIX) else value

    def code_hash(self, owner: str, code: str) -> str:
        """A keyed hash of a subscriber's short code. `owner` (operator and abonement) keeps equal codes apart."""
        return hmac.new(self._codes, f"{owner}\0{code}".encode(), hashlib.sha256).hexdigest()

    def code_matches(self, owner: str, code: str, stored: str) -> bool:
        return bool(stored) and hmac.compare_digest(self.code_hash(owner, code), stored)

    def staff_hash(self, password: str) -> str:
        """argon2id of a staff or dealer password."""
        return self._staff.hash(password)

    def staff_matches(self, password: str, stored: str) -> bool:
        try:
            return self._staff.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def key_hash(key: str) -> str:
    """SHA-256 of a long random key (authkey, stream token): enough, because nobody can guess the key itself."""
    return hashlib.sha256(key.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Constant-time comparison of two secrets."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_authkey() -> str:
    """A session key: 128 lower-case hex characters, the form real clients know."""
    return secrets.token_hex(64)


def new_api_key() -> str:
    """An operator's API key: 64 letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(64))


def _derive(secret_key: str, purpose: bytes) -> bytes:
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"smarty", info=purpose)
    return hkdf.derive(secret_key.encode())
