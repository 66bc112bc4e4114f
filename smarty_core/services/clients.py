"""Operators: making a new one, and the keys that other systems use for him."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smarty_core.errors import Conflict, InvalidValue, NotFound
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Client
from smarty_core.storage.vault import Vault, new_api_key
from smarty_core.values import is_email

SAFE_KEY: Final = 16
"""Characters below which a key can be guessed; shorter ones of old scripts are taken all the same."""
LONGEST_KEY: Final = 255
KEYS: Final = {
    "device": "api_key",
    "billing": "billing_api_key",
    "content": "content_api_key",
    "streaming": "streaming_api_key",
}
"""The APIs that take a key of the operator, and its column."""

_PREFIX: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Clients:
    """Makes operators."""

    def __init__(self, *, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def create(self, *, name: str, api_key: str, domain_prefix: str, email: str, parent_id: int | None = None) -> int:
        """Add an operator with this device API key; the other three keys are made up. His id.

        Raises `Conflict` for a domain prefix that is taken, `NotFound` for a parent that is not there, `InvalidValue`
        for what will not do.
        """
        name, email = name.strip(), email.strip()
        if not (1 <= len(name) <= 255 and name.isprintable()):
            raise InvalidValue("name: 1 to 255 characters, printable ones only")
        _demand_key(api_key)
        if not _PREFIX.fullmatch(domain_prefix):
            raise InvalidValue("domain_prefix: 1 to 63 lower-case letters, digits and hyphens, as in a host name")
        if not is_email(email):
            raise InvalidValue("email: not an address")
        keys = [self._vault.encrypt(key) for key in (api_key, new_api_key(), new_api_key(), new_api_key())]
        client = Client(
            name=name,
            email=email,
            domain_prefix=domain_prefix,
            parent_id=parent_id,
            api_key=keys[0],
            billing_api_key=keys[1],
            content_api_key=keys[2],
            streaming_api_key=keys[3],
        )
        try:
            with self._database.write() as session:
                if parent_id is not None:
                    if session.get(Client, parent_id) is None:
                        raise NotFound(f"there is no operator {parent_id}")
                    bump(session, f"client:{parent_id}")  # he knows whether there are operators below him
                session.add(client)
                session.flush()
                bump(session, f"client:{client.id}")
                return client.id
        except IntegrityError as exc:
            raise Conflict(f"the domain prefix {domain_prefix!r} is taken") from exc

    def key(self, client_id: int, api: str) -> str:
        """The operator's key for an API of `KEYS`; empty when he has none.

        Raises `NotFound`, `InvalidValue` for an API that takes none, `StorageError` when it cannot be read any more.
        """
        column = _column(api)
        with self._database.read() as session:
            stored = getattr(_client(session, client_id), column)
        return self._vault.decrypt(stored)

    def replace_key(self, client_id: int, api: str, key: str = "") -> str:
        """Give the operator another key for an API, a made up one when it is not named; the key.

        The old one is good no longer, in every process within a second. Raises `NotFound`, `InvalidValue`.
        """
        column, key = _column(api), key or new_api_key()
        _demand_key(key)
        with self._database.write() as session:
            setattr(_client(session, client_id), column, self._vault.encrypt(key))
            bump(session, f"client:{client_id}")
        return key


def _demand_key(key: str) -> None:
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InvalidValue(f"api_key: 1 to {LONGEST_KEY} printable ASCII characters")


def _column(api: str) -> str:
    if api not in KEYS:
        raise InvalidValue(f"api: {api!r} is none of {', '.join(KEYS)}")
    return KEYS[api]


def _client(session: Session, client_id: int) -> Client:
    found = session.get(Client, client_id)
    if found is None:
        raise NotFound(f"there is no operator {client_id}")
    return found
