"""A small installation with many logged-in devices, in any database, and what those devices ask."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import insert, select
from sqlalchemy.orm import Session as Orm

from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Channel, Customer, CustomerTariff, EpgChannel, Programme, Session
from smarty_core.storage.vault import Vault, key_hash
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY, PASSWORD
from smarty_core.values import utc_now
from tests.faults.load import Request

SECRET_KEY = "a key for tests only"
API = "/tvmiddleware/api"
CHANNELS = 6
KEPT_BACK = 10
"""So many devices at the end of the list have no part in the mix."""

LOGIN_FROM = 1_000_000
"""Accounts from this number on are there to be logged in; nobody is logged in there yet."""


@dataclass(frozen=True)
class Town:
    """Who lives there. Account N has the authkey `authkeys[N - 1]`."""

    client_id: int
    channels: tuple[int, ...]
    programmes: tuple[int, ...]
    authkeys: tuple[str, ...]
    logins: int

    def ask(self, kind: str, path: str, number: int | None = None, *, tells: int = 0, **params: object) -> Request:
        """A request of the device `number`, or of one that is not logged in."""
        who: dict[str, object] = {"client_id": self.client_id, "device": "android"}
        who |= {"api_key": API_KEY} if number is None else {"authkey": self.authkeys[number - 1]}
        return Request(kind, f"{API}{path}?{urlencode(who | params)}", (number or 0, tells))

    def status_of(self, authkey: str) -> Request:
        """The poll of a device with a session of its own."""
        sent = {"client_id": self.client_id, "device": "android", "authkey": authkey}
        return Request("AccountStatus", f"{API}/account/status/?{urlencode(sent)}")

    def status(self, number: int) -> Request:
        return self.ask("AccountStatus", "/account/status/", number)

    def channel_list(self, number: int) -> Request:
        return self.ask("ChannelList", "/channel/list/", number)

    def login(self, number: int) -> Request:
        """The login of the `number`-th (from 0) account that is there for it."""
        abonement = str(LOGIN_FROM + number % self.logins)
        return self.ask("Login", "/login/", abonement=abonement, password=PASSWORD, device_uid=f"box-{abonement}")

    def channel_url(self, number: int, channel: int) -> Request:
        return self.ask("ChannelUrl", "/channel/url/", number, cid=channel, redirect=0)

    def position(self, number: int, seconds: int, programme: int = 0) -> Request:
        """The player of the device says how far it is in one of the programmes."""
        sent = {"content_type": "program", "content_id": self.programmes[programme], "position": seconds}
        return self.ask("Position", "/content/position/set/", number, tells=seconds, **sent)

    def code(self, number: int, code: int) -> Request:
        """The subscriber changes the code that unlocks channels."""
        return self.ask("SettingsSave", "/settings/save/", number, tells=code, parent_code=code)

    def token_check(self, token: str) -> Request:
        return Request("TokenCheck", f"{API}/streamservice/token/check/?{urlencode({'token': token})}")

    def hot(self, number: int) -> list[Request]:
        """What a device asks all day."""
        channel = self.channels[number % CHANNELS]
        return [
            self.status(number),
            self.channel_list(number),
            self.ask("ChannelPrograms", "/channel/programs/", number, cid=channel),
            self.ask("ProgramList", "/program/list/", number, cid=channel),
            self.ask("PortalSettingsList", "/portal/settings/list/"),
        ]

    def mix(self, chance: random.Random, tokens: Sequence[str]) -> Request:
        """One request of everything there is, of any device."""
        number = chance.randint(1, len(self.authkeys) - KEPT_BACK)
        kind = chance.choices(("hot", "url", "token", "login"), (80, 8, 8, 4))[0]
        if kind == "url":
            return self.channel_url(number, chance.choice(self.channels))
        if kind == "token":
            return self.token_check(chance.choice(tokens))
        if kind == "login":
            return self.login(chance.randrange(self.logins))
        return chance.choice(self.hot(number))


def migrate(url: str) -> None:
    """Make the tables of the newest release."""
    database = Database(url)
    Migrations(database, Hooks(Discovery(environ={}, injected={}))).upgrade()
    database.close()


def settle(url: str, *, devices: int, logins: int = 50) -> Town:
    """Fill a migrated database: an operator, channels with a guide, `devices` logged-in accounts, `logins` others."""
    database = Database(url)
    installation = Installation(database)
    world = installation.world
    world.now = utc_now()
    operator, tariff, first = installation.house("town", devices={"android": False, "mag": True})
    channels = [first, *(installation.channel(tariff, f"Channel{number}") for number in range(1, CHANNELS))]
    programmes = _guide(database, [channel.id for channel in channels])
    keys = tuple(hashlib.sha512(f"town {number}".encode()).hexdigest() for number in range(1, devices + 1))
    _move_in(database, operator.id, tariff.id, keys, range(LOGIN_FROM, LOGIN_FROM + logins))
    installation.close()
    database.close()
    return Town(operator.id, tuple(channel.id for channel in channels), tuple(programmes), keys, logins)


def pairs(session: Orm, key: Any, value: Any) -> dict[Any, Any]:
    """One column by another, of all rows."""
    return {row[0]: row[1] for row in session.execute(select(key, value))}


def _guide(database: Database, channels: Iterable[int]) -> list[int]:
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    with database.write() as session:
        rows = []
        for channel in channels:
            guide = EpgChannel(name=f"guide {channel}")
            session.add(guide)
            session.flush()
            session.get_one(Channel, channel).epg_channel_id = guide.id
            rows += [
                Programme(
                    epg_channel_id=guide.id, start=now + timedelta(hours=hour), stop=now + timedelta(hours=hour + 1),
                    name=f"programme {hour}",
                )
                for hour in range(-12, 36)
            ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _move_in(database: Database, client: int, tariff: int, keys: Sequence[str], others: Iterable[int]) -> None:
    vault = Vault(SECRET_KEY)
    now = utc_now()
    everyone = [*range(1, len(keys) + 1), *others]
    with database.write() as session:
        session.execute(insert(Customer), [{"id": n, "client_id": client} for n in everyone])
        session.execute(insert(Account), [
            {"id": n, "client_id": client, "customer_id": n, "abonement": str(n), "active": True,
             "status_reason": "ACTIVE", "password": vault.code_hash(f"{client}:{n}", PASSWORD)} for n in everyone
        ])  # fmt: skip
        session.execute(
            insert(CustomerTariff), [{"client_id": client, "customer_id": n, "tariff_id": tariff} for n in everyone]
        )
        devices = [
            {"client_id": client, "account_id": n, "device": "android", "device_uid": f"uid-{n}", "ip": "127.0.0.1",
             "basic": False, "last_seen_at": now - timedelta(hours=1), "authkey_hash": key_hash(key)}
            for n, key in enumerate(keys, 1)
        ]  # fmt: skip
        session.execute(insert(Session), devices)
