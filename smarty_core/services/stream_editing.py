"""Stream services: made and changed by name, with the channels and tariffs that use them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smarty_core.errors import DriverError, InvalidValue, NotFound
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.stream_routers import CAPABILITY, raw_settings
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, Client, DataCenter, StreamService, Tariff
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.storage.vault import Vault

TYPES: Final = ("live", "pvr", "vod", "multicast")
ROUTINGS: Final = ("dynamic", "static")
STORAGES: Final = ("memory", "ssd", "hdd")
CHECKS: Final = ("ping", "tcp", "http", "is_alive")
EVERYTHING: Final = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be of a service. `columns`: fields of `StreamService` by name; `attributes` are merged, an empty one
    is removed; `channels` and `tariffs`: ids, `all`, or None = as they are; `data_center`: its name, made if needed."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    channels: Collection[int] | str | None = None
    tariffs: Collection[int] | str | None = None
    data_center: str | None = None


class StreamEditing:
    """Makes and changes the stream services of operators."""

    def __init__(self, *, database: Database, vault: Vault, registry: DriverRegistry) -> None:
        self._database = database
        self._vault = vault
        self._registry = registry

    def save(self, client_id: int, name: str, wanted: Wanted) -> int:
        """Make the service of this name, or change it; its id.

        Raises `NotFound` for an operator, channel or tariff that is not there, `InvalidValue` for what will not do, and
        for settings its router does not take. Then nothing is changed.
        """
        name = name.strip()
        if not (1 <= len(name) <= 255 and name.isprintable()):
            raise InvalidValue("name: 1 to 255 characters, printable ones only")
        _check_choices(wanted.columns)
        with self._database.write() as session:
            if session.get(Client, client_id) is None:
                raise NotFound(f"there is no operator {client_id}")
            query = select(StreamService).where(StreamService.client_id == client_id, StreamService.name == name)
            row = session.scalars(query.order_by(StreamService.id)).first()
            if row is None:
                row = StreamService(client_id=client_id, name=name)
                session.add(row)
            self._change(session, row, wanted)
            session.flush()
            self._demand_router(row)
            _connect(session, row, wanted)
            bump(session, f"client:{client_id}:channels", f"client:{client_id}:tariffs")
            return row.id

    def delete(self, client_id: int, name: str) -> int:
        """Remove the services of this name; how many. Their tokens end, viewers are sent to other services."""
        with self._database.write() as session:
            query = select(StreamService).where(StreamService.client_id == client_id, StreamService.name == name)
            rows = session.scalars(query).all()
            for row in rows:
                session.delete(row)
            bump(session, f"client:{client_id}:channels", f"client:{client_id}:tariffs")
            return len(rows)

    def all(self, client_id: int) -> list[dict[str, Any]]:
        """Every service of an operator with what there is to see of it; no secrets."""
        with self._database.read() as session:
            query = select(StreamService).where(StreamService.client_id == client_id).order_by(StreamService.sort)
            return [_shown(session, row) for row in session.scalars(query.order_by(StreamService.id))]

    def _change(self, session: Session, row: StreamService, wanted: Wanted) -> None:
        for name, value in wanted.columns.items():
            setattr(row, name, self._vault.encrypt(value) if name == "secret" else value)
        if wanted.attributes:
            merged = {**(row.attributes or {}), **wanted.attributes}
            row.attributes = {name: value for name, value in merged.items() if value != ""} or None
        if wanted.data_center is not None:
            row.data_center = _data_center(session, row.client_id, wanted.data_center)

    def _demand_router(self, row: StreamService) -> None:
        facts = service_facts(row)
        try:
            driver = self._registry.driver_class(CAPABILITY, facts.router)
            raw = raw_settings(facts, driver.Settings.model_fields, self._vault)
            self._registry.instance(CAPABILITY, facts.router, f"service {facts.id} ({facts.name})", raw)
        except DriverError as exc:
            raise InvalidValue(f"router {facts.router}: {exc}") from exc


def _check_choices(columns: Mapping[str, Any]) -> None:
    for name, choices in (("type", TYPES), ("routing", ROUTINGS), ("storage_class", STORAGES)):
        if name in columns and columns[name] not in choices:
            raise InvalidValue(f"{name}: one of {', '.join(choices)}")
    if not 0 <= columns.get("port", 0) <= 65_535:
        raise InvalidValue("port: 0 to 65535")


def _data_center(session: Session, client_id: int, name: str) -> DataCenter | None:
    if not name:
        return None
    query = select(DataCenter).where(DataCenter.client_id == client_id, DataCenter.name == name)
    found = session.scalars(query.order_by(DataCenter.id)).first()
    return found or DataCenter(client_id=client_id, name=name)


def _connect(session: Session, row: StreamService, wanted: Wanted) -> None:
    """Have exactly the wanted channels and tariffs use the service."""
    models: tuple[tuple[Any, Collection[int] | str | None], ...] = (
        (Channel, wanted.channels), (Tariff, wanted.tariffs),
    )  # fmt: skip
    for model, ids in models:
        if ids is None:
            continue
        owned: dict[int, Any] = {
            one.id: one for one in session.scalars(select(model).where(model.client_id == row.client_id))
        }
        chosen = set(owned) if isinstance(ids, str) else set(ids)
        if missing := sorted(chosen - set(owned)):
            raise NotFound(f"the operator has no {model.__name__.lower()} {missing[0]}")
        for number, one in owned.items():
            if number in chosen and row not in one.services:
                one.services.append(row)
            elif number not in chosen and row in one.services:
                one.services.remove(row)


def _users(session: Session, model: Any, row: StreamService) -> int:
    query = select(func.count()).select_from(model).where(model.services.any(StreamService.id == row.id))
    return session.scalar(query) or 0


def _shown(session: Session, row: StreamService) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "type": row.type, "router": row.router, "routing": row.routing,
        "data_center": row.data_center.name if row.data_center else "", "enabled": row.enabled,
        "available": row.available, "host": row.host, "port": row.port, "mask": row.mask,
        "checks": [check for check in CHECKS if getattr(row, f"check_{check}")],
        "load": row.load, "sessions": row.session_count, "max_sessions": row.max_sessions,
        "channels": _users(session, Channel, row), "tariffs": _users(session, Tariff, row),
    }  # fmt: skip
