"""A `Host` that works without a server, for the tests of drivers and hook modules.

Time stands still until a test moves it; the cache and the outbox are dictionaries; the database is SQLite in memory;
outgoing HTTP is real (the socket guard keeps it on loopback). What the plugin did can be looked at afterwards.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.pool import StaticPool

from smarty_core.api.host import Host
from smarty_core.api.surroundings import BoundT
from smarty_core.api.work import JobStatus
from smarty_core.config.logs import LOGS
from smarty_core.contracts.routes import JobSpec
from smarty_core.errors import InvalidValue
from smarty_core.http import Client
from smarty_core.storage.base import NAMING
from smarty_core.testing.fake_facades import (
    FakeAccounts,
    FakeCatalogue,
    FakeEntitlements,
    FakeGuide,
    FakeLedger,
    FakeMessages,
    FakePlaces,
    FakePlayback,
    Subscribers,
)

START: Final = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""What the clock says at first: Unix time 1700000000."""


class FakeClock:
    """Stands still; `move` it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **span: float) -> None:
        """Move on by `timedelta(**span)`."""
        self._now += timedelta(**span)


@dataclass
class FakeLog:
    """Remembers (level, event, context); `others`: what went to logs of the product, by their names."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    others: dict[str, FakeLog] = field(default_factory=dict)

    def debug(self, event: str, **context: Any) -> None:
        self.lines.append(("debug", event, context))

    def info(self, event: str, **context: Any) -> None:
        self.lines.append(("info", event, context))

    def warning(self, event: str, **context: Any) -> None:
        self.lines.append(("warning", event, context))

    def error(self, event: str, **context: Any) -> None:
        self.lines.append(("error", event, context))

    def exception(self, event: str, **context: Any) -> None:
        self.lines.append(("exception", event, context))

    def of(self, log: str) -> FakeLog:
        if log not in LOGS:
            raise InvalidValue(f"not a log: {log}")
        return self.others.setdefault(log, FakeLog())

    def events(self) -> list[str]:
        return [event for _, event, _ in self.lines]


class FakeCache:
    """A dictionary with an age per value, following the fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._values: dict[str, tuple[datetime, Any, tuple[str, ...]]] = {}

    def get(self, key: str) -> Any:
        until, value, _ = self._values.get(key, (self._clock.now(), None, ()))
        return value if until > self._clock.now() else None

    def set(self, key: str, value: Any, *, timeout: float, deps: Sequence[str] = ()) -> None:
        self._values[key] = (self._clock.now() + timedelta(seconds=timeout), value, tuple(deps))

    def get_or_build(self, key: str, build: Callable[[], Any], *, timeout: float, deps: Sequence[str] = ()) -> Any:
        found = self.get(key)
        if found is None:
            found = build()
            self.set(key, found, timeout=timeout, deps=deps)
        return found

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    def bump(self, tag: str) -> None:
        """What a change in the core does: everything that depends on `tag` is gone."""
        self._values = {key: kept for key, kept in self._values.items() if tag not in kept[2]}


class FakeSql:
    """SQLite in memory; tables are made when the first session opens."""

    def __init__(self, plugin: str) -> None:
        self.metadata = MetaData(naming_convention=NAMING)
        self.prefix = f"{plugin}_"
        self._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    def table_name(self, name: str) -> str:
        return self.prefix + name

    @contextlib.contextmanager
    def session(self, *, write: bool = False) -> Iterator[SqlSession]:
        self.metadata.create_all(self._engine)
        with SqlSession(self._engine) as session:
            yield session
            if write:
                session.commit()

    def close(self) -> None:
        self._engine.dispose()


class FakeJobs:
    """Keeps jobs; `run(name)` runs one at once."""

    def __init__(self) -> None:
        self.specs: dict[str, JobSpec] = {}

    def add(self, job: JobSpec) -> None:
        self.specs[job.name] = job

    def status(self) -> Sequence[JobStatus]:
        return [JobStatus(name) for name in self.specs]

    def run(self, name: str) -> None:
        self.specs[name].run()


class FakeOutbox:
    """Entries wait until `deliver`; one whose handler raises stays, with those behind it of the same key."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, Mapping[str, Any]]] = []
        self._handlers: dict[str, Callable[[Mapping[str, Any]], object]] = {}

    def put(self, kind: str, payload: Mapping[str, Any], *, key: str, session: SqlSession | None = None) -> None:
        self.entries.append((key, kind, payload))

    def handle(self, kind: str, handler: Callable[[Mapping[str, Any]], object]) -> None:
        self._handlers[kind] = handler

    def deliver(self) -> list[BaseException]:
        """Hand every entry to its handler once; returns what was raised."""
        failures: list[BaseException] = []
        stuck: set[str] = set()
        waiting = []
        for key, kind, payload in self.entries:
            if key in stuck:
                waiting.append((key, kind, payload))
                continue
            try:
                self._handlers[kind](payload)
            except Exception as failure:  # noqa: BLE001  a test wants to see whatever it was
                failures.append(failure)
                stuck.add(key)
                waiting.append((key, kind, payload))
        self.entries = waiting
        return failures


class FakeI18n:
    """Answers with the key, or with the texts it was given."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def text(self, key: str, *, language: str = "", **values: Any) -> str:
        return self.texts.get(key, key).format(**values)


class FakeSettings:
    """The documented settings a test wants to be set."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def of_locator(self, name: str, model: type[BoundT]) -> BoundT:
        return model.model_validate(self.values.get("GEO_LOCATOR_SETTINGS", {}).get(name, {}))


@dataclass(frozen=True, slots=True)
class FakeHost(Host):
    """`Host` with the fakes' own types where tests look inside: `host.log.events()`, `host.clock.move(seconds=5)`."""

    log: FakeLog
    clock: FakeClock
    cache: FakeCache
    sql: FakeSql
    jobs: FakeJobs
    outbox: FakeOutbox
    i18n: FakeI18n
    settings: FakeSettings
    accounts: FakeAccounts
    catalogue: FakeCatalogue
    guide: FakeGuide
    entitlements: FakeEntitlements
    playback: FakePlayback
    ledger: FakeLedger
    messages: FakeMessages
    places: FakePlaces

    @classmethod
    def make(cls, plugin: str) -> FakeHost:
        """A fresh host for `plugin`."""
        clock = FakeClock()
        people = Subscribers()
        catalogue = FakeCatalogue()
        return cls(
            plugin=plugin,
            accounts=FakeAccounts(people),
            catalogue=catalogue,
            guide=FakeGuide(clock.now),
            entitlements=FakeEntitlements(catalogue),
            playback=FakePlayback(catalogue),
            ledger=FakeLedger(clock.now),
            messages=FakeMessages(),
            places=FakePlaces(),
            sql=FakeSql(plugin),
            cache=FakeCache(clock),
            http=Client(plugin),
            jobs=FakeJobs(),
            outbox=FakeOutbox(),
            log=FakeLog(),
            clock=clock,
            i18n=FakeI18n(),
            settings=FakeSettings(),
        )

    def close(self) -> None:
        """Let go of the database and of kept connections."""
        self.sql.close()
        cast(Client, self.http).close()
