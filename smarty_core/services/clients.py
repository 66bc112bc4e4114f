"""Operators: making a new one."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.exc import IntegrityError

from smarty_core.errors import Conflict, InvalidValue, NotFound
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Client
from smarty_core.storage.vault import Vault, new_api_key
from smarty_core.values import is_email

SAFE_KEY: Final = 16
"""Characters below which a key can be guessed; shorter ones of old scripts are taken all the same."""
LONGEST_KEY: Final = 255
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
        if not (1 <= len(api_key) <= LONGEST_KEY and api_key.isascii() and api_key.isprintable()):
            raise InvalidValue(f"api_key: 1 to {LONGEST_KEY} printable ASCII characters")
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
