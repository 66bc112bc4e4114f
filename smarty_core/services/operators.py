"""Operators as every request needs them: found by number, proven by their API key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exists, select

from smarty_core.errors import NotFound, StorageError
from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client
from smarty_core.storage.vault import Vault, same
from smarty_core.values import Secret

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT = 10_000

SIGNED_APIS = ("billing", "content", "streaming")
"""APIs whose calls are signed, each with a key of its own."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `permissions`: the sections he may use, None = all. `time_zone` empty = the server's."""

    id: int
    name: str
    uid: str = ""
    email: str = ""
    site: str = ""
    domain_prefix: str = ""
    currency: str = "RUB"
    payment_method: str = ""
    geo_locator: str = ""
    time_zone: str = ""
    parent_id: int | None = None
    has_children: bool = False
    api_url: str = ""
    redirect_url: str = ""
    logo_url: str = ""
    channel_autosort: str = "custom"
    subscription_model: bool = False
    permissions: frozenset[str] | None = None

    def allows(self, section: str) -> bool:
        """Whether the operator may use a section (archive, vod, radio, games, monitoring, tv, reports, apps)."""
        return self.permissions is None or section in self.permissions

    def zone(self, server_zone: str) -> ZoneInfo:
        """The operator's time zone; the server's when he has none or one that does not exist."""
        try:
            return ZoneInfo(self.time_zone or server_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(server_zone)


@dataclass(frozen=True, slots=True)
class _Known:
    operator: Operator
    api_key: Secret
    signing_keys: Mapping[str, Secret]


class Operators:
    """The operators of the installation. Changes of an operator's row bump `client:<id>`."""

    def __init__(self, *, database: Database, vault: Vault, cache: Cache) -> None:
        self._database = database
        self._vault = vault
        self._known: Remembered[_Known] = Remembered(cache.tag_versions.vector, limit=OPERATORS_KEPT)

    def by_id(self, client_id: int) -> Operator:
        """The operator with this number. Raises `NotFound` when there is none or he is switched off."""
        return self._find(client_id).operator

    def all_ids(self) -> tuple[int, ...]:
        """The numbers of all operators that are switched on; read anew each time."""
        with self._database.read() as session:
            return tuple(session.scalars(select(Client.id).where(Client.enabled).order_by(Client.id)))

    def exists(self, client_id: int) -> bool:
        """Whether there is an operator with this number, switched on or off; read anew each time."""
        with self._database.read() as session:
            return session.scalar(select(Client.id).where(Client.id == client_id)) is not None

    def authenticate(self, client_id: int, api_key: str) -> Operator:
        """The operator whose number and device API key these are. Raises `NotFound` without saying which is wrong."""
        try:
            known = self._find(client_id)
        except NotFound:
            same(api_key, "0" * 64)
            raise NotFound("client_id or api_key is wrong") from None
        if not known.api_key or not same(api_key, known.api_key.reveal()):
            raise NotFound("client_id or api_key is wrong")
        return known.operator

    def signing_key(self, client_id: int, api: str) -> tuple[Operator, Secret]:
        """The operator and his key for the calls of one API: billing, content or streaming; an empty one when he has
        none. Raises `NotFound`."""
        known = self._find(client_id)
        return known.operator, known.signing_keys[api]

    def _find(self, client_id: int) -> _Known:
        return self._known.get(client_id, tags=(f"client:{client_id}",), build=lambda: self._read(client_id))

    def _read(self, client_id: int) -> _Known:
        with self._database.read() as session:
            row = session.scalar(select(Client).where(Client.id == client_id, Client.enabled))
            if row is None:
                raise NotFound("no such operator")
            children = session.scalar(select(exists().where(Client.parent_id == client_id, Client.enabled)))
        signing_keys = {api: self._readable(getattr(row, f"{api}_api_key")) for api in SIGNED_APIS}
        operator = Operator(
            id=row.id,
            name=row.name,
            uid=row.uid,
            email=row.email,
            site=row.site,
            domain_prefix=row.domain_prefix,
            currency=row.currency,
            payment_method=row.payment_method,
            geo_locator=row.geo_locator,
            time_zone=row.time_zone,
            parent_id=row.parent_id,
            has_children=bool(children),
            api_url=row.api_url,
            redirect_url=row.redirect_url,
            logo_url=row.logo_url,
            channel_autosort=row.channel_autosort,
            subscription_model=row.subscription_model,
            permissions=None if row.permissions is None else frozenset(row.permissions),
        )
        return _Known(operator, self._readable(row.api_key), signing_keys)

    def _readable(self, stored: str) -> Secret:
        """A stored key; empty when it cannot be read after a change of SECRET_KEY: nobody gets in by it, other
        operators work on."""
        try:
            return Secret(self._vault.decrypt(stored))
        except StorageError:
            return Secret("")
