"""An installation to measure: one operator with many channels and a guide, many subscribers in 20 packages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from smarty_core.config import Settings
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.services.setup.initial import setup_system_objects
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Account,
    Category,
    Channel,
    Client,
    ClientPlayDevice,
    Customer,
    CustomerTariff,
    EpgChannel,
    EpgSource,
    PlayDevice,
    Programme,
    Session,
    StreamService,
    Tariff,
)
from smarty_core.storage.vault import Vault

PACKAGES = 20
SECRET_KEY = "a key for benchmarks only"
API_KEY = "k" * 64


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it is and who may ask: the authkeys of all sessions, in order."""

    settings: dict[str, Any]
    client_id: int
    authkeys: tuple[str, ...]


def authkey_of(number: int) -> str:
    """The authkey of the session with this number (128 hex characters)."""
    return hashlib.sha512(f"benchmark {number}".encode()).hexdigest()


def make_installation(
    folder: Path, *, channels: int, sessions: int, guide_days: int = 1, **settings: Any
) -> Installation:
    """Fill an empty SQLite database in `folder` (or the one that `settings` names).

    Programmes take an hour and the present ones have just begun, so nothing changes by itself for most of an hour.
    """
    given = {"DATABASE_URL": f"sqlite:///{folder / 'smarty.sqlite'}", "SECRET_KEY": SECRET_KEY,
             "VAR_FOLDER": str(folder), **settings}  # fmt: skip
    database = Database.at(Settings.of(given).databases)
    Migrations(database, Hooks()).upgrade()
    setup_system_objects(database, ["ru", "en"])
    client_id = _operator(database)
    tariffs = _line_up(database, client_id, channels, guide_days)
    keys = tuple(authkey_of(number) for number in range(sessions))
    _subscribers(database, client_id, tariffs, keys)
    database.close()
    return Installation(given, client_id, keys)


def _operator(database: Database) -> int:
    key = Vault(SECRET_KEY).encrypt(API_KEY)
    with database.write() as session:
        client = Client(name="bench", domain_prefix="bench", api_key=key)
        session.add(client)
        session.flush()
        for device in session.scalars(select(PlayDevice)):
            session.add(ClientPlayDevice(client_id=client.id, play_device_id=device.id, basic=True))
        return client.id


def _line_up(database: Database, client_id: int, number: int, guide_days: int) -> list[int]:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    with database.write() as session:
        source = EpgSource(name="bench", parser="dummy_source")
        categories = [Category(client_id=client_id, name=f"Категория {index}", sort=index) for index in range(8)]
        mask = "http://video/$prefix/index.m3u8?token=$token"
        services = [
            StreamService(client_id=client_id, name=f"live {index}", type="live", router="mask", mask=mask)
            for index in range(2)
        ]
        session.add_all([source, *categories, *services])
        session.flush()
        channels = []
        for index in range(number):
            guide = EpgChannel(source_id=source.id, source_channel_id=f"ch{index}", name=f"Канал {index}",
                               icon_url=f"icons/{index}.png", sort=index)  # fmt: skip
            channels.append(Channel(client_id=client_id, name=f"Телеканал номер {index}", sort=index, lcn_number=index,
                                    epg_channel=guide, category=categories[index % 8], url_prefix=f"channel-{index}",
                                    recording_days=3, services=services))  # fmt: skip
        tariffs = [
            Tariff(client_id=client_id, name=f"Пакет {index}", channels=channels[: number - index], services=services)
            for index in range(PACKAGES)
        ]
        session.add_all([*channels, *tariffs])
        session.flush()
        rows = [
            {"epg_channel_id": channel.epg_channel_id, "start": now + timedelta(hours=hour),
             "stop": now + timedelta(hours=hour + 1), "name": f"Передача {hour} на канале {channel.sort}",
             "description": "Подробное описание передачи, как его дают поставщики программы. " * 3}
            for channel in channels
            for hour in range(-6, 24 * guide_days - 6)
        ]  # fmt: skip
        session.execute(insert(Programme), rows)
        return [tariff.id for tariff in tariffs]


def _subscribers(database: Database, client_id: int, tariffs: list[int], keys: tuple[str, ...]) -> None:
    step = 10_000
    for first in range(0, len(keys), step):
        numbers = range(first + 1, min(first + step, len(keys)) + 1)
        with database.write() as session:
            session.execute(insert(Customer), [{"id": n, "client_id": client_id} for n in numbers])
            session.execute(insert(Account), [
                {"id": n, "client_id": client_id, "customer_id": n, "abonement": str(n), "active": True,
                 "status_reason": "ACTIVE"} for n in numbers])  # fmt: skip
            session.execute(insert(CustomerTariff), [
                {"client_id": client_id, "customer_id": n, "tariff_id": tariffs[n % len(tariffs)]} for n in numbers
            ])  # fmt: skip
            rows = [
                {"client_id": client_id, "account_id": n, "device": "android", "device_uid": f"uid{n}",
                 "ip": "127.0.0.1", "authkey_hash": hashlib.sha256(keys[n - 1].encode()).hexdigest()}
                for n in numbers
            ]  # fmt: skip
            session.execute(insert(Session), rows)
