"""A small installation with operators and subscribers, for tests of everything that needs a logged-in device.

`SubscriberWorld(database)` joins the real services around a real database; only the clock, the plugins' ears and the
geo locators are stand-ins. Rows are added with `operator()`, `tariff()`, `subscriber()` and friends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.config import Settings
from smarty_core.contracts.geo_locator import Place
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.account_settings import AccountSettings
from smarty_core.services.account_status import AccountStatus
from smarty_core.services.device_commands import DeviceCommands
from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.geo import Places
from smarty_core.services.login import LoggedIn, Login, LoginAttempt
from smarty_core.services.messages import Messages
from smarty_core.services.operators import Operator, Operators
from smarty_core.services.play_devices import PlayDevices
from smarty_core.services.portal import Portal
from smarty_core.services.sessions import Sessions, Viewer
from smarty_core.services.setup.initial import setup_system_objects
from smarty_core.services.subnets import subnet_bounds
from smarty_core.storage.cache.memory import MemoryCache
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import (
    Account,
    AccountSubnet,
    AccountTariff,
    Channel,
    Client,
    ClientPlayDevice,
    Customer,
    CustomerTariff,
    PlayDevice,
    Tariff,
)
from smarty_core.storage.vault import Vault

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
API_KEY = "k" * 64
PASSWORD = "4711"
HOME_IP = "192.0.2.10"


class RecordedHooks:
    """Stands for the plugins: keeps what they would have been told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def notify(self, hook: str, **event: Any) -> None:
        self.told.append((hook, event["event"]))

    def notify_durable(self, session: SqlSession, hook: str, *, event: Any, order_key: str = "") -> None:
        self.told.append((hook, event))

    def is_used(self, hook: str) -> bool:
        return False

    def implementers(self, hook: str) -> tuple[str, ...]:
        return ()

    def of(self, hook: str) -> list[Any]:
        return [event for name, event in self.told if name == hook]


class KnownPlaces:
    """Stands for the driver registry: one locator that knows the addresses it is told."""

    def __init__(self) -> None:
        self.by_ip: dict[str, Place] = {}

    def instance(self, capability: str, name: str, instance_key: str, raw_settings: Mapping[str, Any]) -> KnownPlaces:
        return self

    def call(self, method: str, address: IPv4Address | IPv6Address) -> Place | None:
        return self.by_ip.get(str(address))


class SubscriberWorld:
    """Services and rows. `now` is the present of all of them; move it as the test needs."""

    def __init__(self, database: Database, **overrides: Any) -> None:
        self.database = database
        self.now = START
        self.settings: Settings = Settings.for_tests(**{"GEO_LOCATORS": ["known"], **overrides})
        self.vault = Vault("a key for tests only")
        self.hooks = RecordedHooks()
        self.locator = KnownPlaces()
        setup_system_objects(database, ["ru", "en"])
        self.join()

    def join(self) -> None:
        """Build the services anew, as another process of the same installation would."""
        self.cache = MemoryCache()
        listen(self.database, self.cache)
        hooks = cast(Hooks, self.hooks)
        database, cache, vault, settings = self.database, self.cache, self.vault, self.settings
        self.operators = Operators(database=database, vault=vault, cache=cache)
        self.play_devices = PlayDevices(database=database, cache=cache)
        self.device_settings = DeviceSettings(database=database, cache=cache)
        self.places = Places(
            database=database,
            cache=cache,
            settings=settings,
            registry=cast(DriverRegistry, self.locator),
            vault=vault,
            hooks=hooks,
        )
        self.entitlements = Entitlements(database=database, cache=cache)
        self.sessions = Sessions(
            database=database,
            cache=cache,
            settings=settings,
            operators=self.operators,
            places=self.places,
            hooks=hooks,
            clock=self.clock,
        )
        self.login = Login(
            database=database,
            vault=vault,
            cache=cache,
            settings=settings,
            sessions=self.sessions,
            entitlements=self.entitlements,
            places=self.places,
            play_devices=self.play_devices,
            device_settings=self.device_settings,
            hooks=hooks,
        )
        self.messages = Messages(database=database, cache=cache, hooks=hooks, clock=self.clock)
        self.device_commands = DeviceCommands(database=database, cache=cache, clock=self.clock)
        self.account_status = AccountStatus(
            cache=cache,
            sessions=self.sessions,
            entitlements=self.entitlements,
            messages=self.messages,
            commands=self.device_commands,
        )
        self.account_settings = AccountSettings(database=database, cache=cache, vault=vault, hooks=hooks)
        self.portal = Portal(play_devices=self.play_devices, device_settings=self.device_settings, places=self.places)

    def clock(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)

    def system(self) -> Any:
        """The services by the names of `app.System`, for the web."""
        names = (
            "settings", "database", "vault", "cache", "clock", "hooks", "operators", "play_devices", "places",
            "entitlements", "sessions", "login", "messages", "device_commands", "account_status", "account_settings",
            "portal",
        )  # fmt: skip
        return SimpleNamespace(**{name: getattr(self, name) for name in names})

    def add(self, *rows: Any, tags: Iterable[str] = ()) -> None:
        """Store rows and bump tags."""
        with self.database.write() as session:
            session.add_all(rows)
            bump(session, *tags)

    def operator(self, name: str = "one", *, devices: Mapping[str, bool] | None = None, **columns: Any) -> Operator:
        """An operator that allows device types (name -> basic); MAG is basic and Android additional by default."""
        allowed = {"mag": True, "tvip": True, "eltex": True, "android": False, "ios": False}
        client = Client(name=name, domain_prefix=name, api_key=self.vault.encrypt(API_KEY), **columns)
        with self.database.write() as session:
            session.add(client)
            session.flush()
            for system_name, basic in (allowed if devices is None else devices).items():
                kind = session.scalars(select(PlayDevice).where(PlayDevice.system_name == system_name)).one()
                session.add(ClientPlayDevice(client_id=client.id, play_device_id=kind.id, basic=basic))
            bump(session, f"client:{client.id}")
        return self.operators.by_id(client.id)

    def tariff(self, operator: Operator, *, channels: int = 0, **columns: Any) -> Tariff:
        """A tariff with that many channels of its own."""
        columns.setdefault("name", "tariff")
        tariff = Tariff(client_id=operator.id, **columns)
        tariff.channels = [Channel(client_id=operator.id, name=f"channel {number}") for number in range(channels)]
        self.add(tariff, tags=(f"client:{operator.id}:tariffs", f"client:{operator.id}:channels"))
        return tariff

    def subscriber(
        self,
        operator: Operator,
        abonement: str = "1001",
        *,
        tariffs: Iterable[Tariff] = (),
        customer: Mapping[str, Any] | None = None,
        subnets: Iterable[str] = (),
        **columns: Any,
    ) -> Account:
        """An active account; its customer holds `tariffs`."""
        payer = Customer(client_id=operator.id, **{"firstname": "Ivan", "lastname": "Petrov", **(customer or {})})
        columns = {"active": True, "status_reason": "ACTIVE", **columns}
        password = self.vault.code_hash(f"{operator.id}:{abonement}", PASSWORD)
        account = Account(client_id=operator.id, abonement=abonement, password=password, customer=payer, **columns)
        for cidr in subnets:
            low, high = subnet_bounds(cidr)
            account.subnets.append(AccountSubnet(client_id=operator.id, cidr=cidr, low=low, high=high))
        with self.database.write() as session:
            session.add(account)
            session.flush()
            for tariff in tariffs:
                session.add(CustomerTariff(client_id=operator.id, customer_id=payer.id, tariff_id=tariff.id))
            bump(session, f"account:{account.id}", f"customer:{payer.id}")
        return account

    def give_tariff(self, account: Account, tariff: Tariff, **columns: Any) -> None:
        """A tariff for this account alone."""
        row = AccountTariff(client_id=account.client_id, account_id=account.id, tariff_id=tariff.id, **columns)
        self.add(row, tags=(f"account:{account.id}",))

    def log_in(self, operator: Operator, **attempt: Any) -> LoggedIn:
        """Log in with abonement 1001 and the password from home, unless said otherwise."""
        if not attempt.keys() & {"abonement", "phone_number", "anonymous"}:
            attempt = {"abonement": "1001", "password": PASSWORD, **attempt}
        attempt.pop("anonymous", None)
        attempt = {"ip": HOME_IP, "device": "mag", "device_uid": "uid-1", **attempt}
        return self.login.login(operator, LoginAttempt(**attempt), self.now)

    def viewer(self, operator: Operator, **attempt: Any) -> Viewer:
        """The viewer behind a new session."""
        viewer = self.sessions.find(self.log_in(operator, **attempt).authkey, operator.id)
        assert viewer is not None
        return viewer


def listen(database: Database, cache: MemoryCache) -> None:
    """Let a cache hear of what this process changes, as the tag watcher does in a server."""

    def heard(versions: Mapping[str, int]) -> None:
        cache.tag_versions.learn(versions)

    database.on_bump(heard)
