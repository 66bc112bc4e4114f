"""The installation of the load benchmarks: many sessions, an archive, a guide long enough for heavy answers."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.engine import make_url

from benchmarks.guide_documents import WORDS
from benchmarks.installation import PACKAGES, SECRET_KEY, make_installation
from smarty_core.config import Settings
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Account,
    Channel,
    Device,
    PlayDevice,
    Programme,
    StreamService,
    Tariff,
    tariff_stream_service,
)
from smarty_core.storage.models import Session as DeviceSession
from smarty_core.storage.vault import Vault

DEVICE = "android"
GUIDE_DAYS = 3
"""Days of guide asked for by ProgramList, about 80 kB of JSON."""

DESCRIPTION_SENTENCES = 7
STEP = 10_000


@dataclass(frozen=True, slots=True)
class World:
    """What a virtual device has to know. `channels`: ids every package holds; `records`: (channel, past programme),
    empty where the guide is about to change."""

    settings_file: str
    client_id: int
    sessions: int
    channels: tuple[int, ...]
    records: tuple[tuple[int, int], ...]
    window: tuple[int, int]


def password_of(number: int) -> str:
    """The code of the account with this number."""
    return f"{number * 7919 % 1_000_000:06d}"


@contextlib.contextmanager
def world(
    folder: Path, *, sessions: int, channels: int, logins: int = 0, database: str = "", redis: str = ""
) -> Iterator[World]:
    """An installation in `folder`; with `database` (the address of a server) in a database of its own there.

    The first `logins` accounts have a password and a known device, so they can log in again. From now on SIGTERM ends
    the process in order, so that what it has made and started goes with it.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    with _own_database(database) as url:
        settings: dict[str, Any] = {
            "VAR_FOLDER": str(folder), "SECRET_KEY": SECRET_KEY, "MAX_LA": 1000, "MAX_USED_MEM": 100,
            "TVMIDDLEWARE_API_URL": "http://tv.example/tvmiddleware/api",
        }  # fmt: skip
        if url:
            settings["DATABASE_URL"] = url
        if redis:
            settings["CACHE_URL"] = redis
        made = make_installation(folder, channels=channels, sessions=sessions, **settings)
        path = folder / "bench.py"
        path.write_text("".join(f"{name} = {value!r}\n" for name, value in made.settings.items()))
        store = Database.at(Settings.of(made.settings).databases)
        try:
            window = _fill(store, made.client_id)
            _let_in(store, made.client_id, logins)
            with store.read() as session:
                ids = tuple(session.scalars(select(Channel.id).order_by(Channel.sort)))[: channels - PACKAGES + 1]
                past = datetime.now(UTC) - timedelta(hours=3)
                records = session.execute(
                    select(Channel.id, Programme.id)
                    .join(Programme, Programme.epg_channel_id == Channel.epg_channel_id)
                    .where(Programme.start <= past, Programme.stop > past, Channel.id.in_(ids))
                ).all()
        finally:
            store.close()
        yield World(str(path), made.client_id, sessions, ids, tuple((row[0], row[1]) for row in records), window)


@contextlib.contextmanager
def _own_database(server: str) -> Iterator[str]:
    if not server:
        yield ""
        return
    name = f"smarty_bench_{os.getpid()}"
    engine = create_engine(make_url(server), isolation_level="AUTOCOMMIT")
    quote = engine.dialect.identifier_preparer.quote
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {quote(name)}"))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                force = " WITH (FORCE)" if engine.dialect.name == "postgresql" else ""
                connection.execute(text(f"DROP DATABASE IF EXISTS {quote(name)}{force}"))
    finally:
        engine.dispose()


def _fill(database: Database, client_id: int) -> tuple[int, int]:
    """An archive service for all channels and days of guide before those that are there; the window to ask for."""
    with database.write() as session:
        archive = StreamService(client_id=client_id, name="archive", type="pvr", router="mask", recording_days=3,
                                mask="http://video/$prefix/archive-$flpbt-$flpdur.m3u8?token=$token")  # fmt: skip
        session.add(archive)
        session.flush()
        channels = session.scalars(select(Channel).order_by(Channel.sort)).all()
        for channel in channels:
            channel.services.append(archive)
        tariffs = session.scalars(select(Tariff.id)).all()
        session.execute(
            insert(tariff_stream_service),
            [{"tariff_id": tariff_id, "stream_service_id": archive.id} for tariff_id in tariffs],
        )
        first = session.scalars(select(func.min(Programme.start))).one()
        begin = first - timedelta(days=GUIDE_DAYS - 1)
        rows = [
            {"epg_channel_id": channel.epg_channel_id, "start": begin + timedelta(hours=hour),
             "stop": begin + timedelta(hours=hour + 1), "name": f"Передача {hour} на канале {channel.sort}",
             "description": _description(channel.sort * 100 + hour)}
            for channel in channels
            for hour in range(24 * (GUIDE_DAYS - 1))
        ]  # fmt: skip
        session.execute(insert(Programme), rows)
    return int(begin.timestamp()), int((begin + timedelta(days=GUIDE_DAYS)).timestamp())


def _description(number: int) -> str:
    """A few sentences that differ from programme to programme, so that answers pack as real ones do."""
    draw = random.Random(number)
    return " ".join(" ".join(draw.choices(WORDS, k=9)).capitalize() + "." for _ in range(DESCRIPTION_SENTENCES))


def _let_in(database: Database, client_id: int, logins: int) -> None:
    vault = Vault(SECRET_KEY)
    with database.read() as session:
        kind = session.scalar(select(PlayDevice.id).where(PlayDevice.system_name == DEVICE))
    for first in range(1, logins + 1, STEP):
        numbers = range(first, min(first + STEP, logins + 1))
        with database.write() as session:
            session.execute(
                update(Account),
                [{"id": n, "password": vault.code_hash(f"{client_id}:{n}", password_of(n))} for n in numbers],
            )
            session.execute(
                insert(Device),
                [{"client_id": client_id, "account_id": n, "play_device_id": kind, "device_uid": f"uid{n}"}
                 for n in numbers],
            )  # fmt: skip
    if logins:
        with database.write() as session:
            bound = select(Device.id).where(Device.account_id == DeviceSession.account_id).scalar_subquery()
            session.execute(
                update(DeviceSession).where(DeviceSession.account_id <= logins).values(device_id=bound),
                execution_options={"synchronize_session": False},
            )
