"""Gives every plugin its `Host`: its own corner of the database, cache, jobs and outbox, and the public use cases.

Drivers are made before the use cases exist that they may call, so the facades of the use cases are looked up when
they are used: `PluginHosts.provide(accounts=..., guide=...)` hands them over at the end of the composition.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from smarty_core.api.host import Host
from smarty_core.api.surroundings import BoundT
from smarty_core.api.work import JobStatus
from smarty_core.config.logs import LOGS
from smarty_core.contracts.routes import JobSpec
from smarty_core.errors import InvalidValue, NotSupported, StorageError
from smarty_core.events import SECRET_NAMES, log_event
from smarty_core.http import Client
from smarty_core.plugins.binding import bind
from smarty_core.plugins.isolation import plugin_log
from smarty_core.services.jobs import Jobs
from smarty_core.services.outbox import TASK, Outbox
from smarty_core.storage.base import NAMING
from smarty_core.storage.database import Database
from smarty_core.values import Secret, utc_now

if TYPE_CHECKING:
    from smarty_core.config import Settings

FACADES: Final = ("accounts", "catalogue", "guide", "entitlements", "playback", "ledger", "messages", "places")
"""The use cases of `Host`, in its order."""

HIDDEN_SETTINGS: Final = frozenset(
    {
        "DATABASES",
        "DATABASE_URL",
        "CACHES",
        "CACHE_URL",
        "SECRET_KEY",
        "LOGGING",
        "RAVEN_CONFIG",
        "GEO_LOCATOR_SETTINGS",
    }
)
"""Settings that hold credentials of the core, or of several plugins, and are not shown to plugins."""


class CacheBackend(Protocol):
    """What is needed of `storage.cache`."""

    def get(self, key: str) -> Any: ...

    def set(self, key: str, value: Any, *, timeout: float, deps: Sequence[str] = ()) -> None: ...

    def get_or_build(self, key: str, build: Callable[[], Any], *, timeout: float, deps: Sequence[str] = ()) -> Any: ...

    def delete(self, key: str) -> None: ...


class PluginHosts:
    """Makes one frozen `Host` per plugin and keeps it."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        cache: CacheBackend,
        jobs: Jobs,
        outbox: Outbox,
        clock: Callable[[], datetime] = utc_now,
        texts: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._cache = cache
        self._jobs = jobs
        self._outbox = outbox
        self._clock = clock
        self._texts = texts or {}
        self._facades: dict[str, object] = {}
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def provide(self, **facades: object) -> None:
        """Hand over use cases by the names they have in `Host`."""
        if unknown := sorted(set(facades) - set(FACADES)):
            raise ValueError(f"Host has no {', '.join(unknown)}")
        self._facades.update(facades)

    def host(self, plugin: str) -> Host:
        """The host of `plugin`, always the same object."""
        with self._lock:
            if plugin not in self._hosts:
                self._hosts[plugin] = self._make(plugin)
            return self._hosts[plugin]

    def _make(self, plugin: str) -> Host:
        facades = {name: cast(Any, _Late(self._facades, name)) for name in FACADES}
        return Host(
            plugin=plugin,
            **facades,
            sql=_Sql(plugin, self._database),
            cache=_Cache(plugin, self._cache),
            http=Client(plugin),
            jobs=_JobBoard(plugin, self._jobs),
            outbox=_Outbox(plugin, self._outbox, self._database),
            log=_Log(plugin_log(plugin)),
            clock=_Clock(self._clock),
            i18n=_I18n(self._texts),
            settings=_SettingsView(self._settings),
        )


class _Late:
    """A use case that is looked up when it is used."""

    def __init__(self, facades: Mapping[str, object], name: str) -> None:
        self._found = facades
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if self._name not in self._found:
            raise NotSupported(f"host.{self._name} is not available in this process")
        return getattr(self._found[self._name], attribute)

    def __repr__(self) -> str:
        return f"<host.{self._name}>"


class _Sql:
    def __init__(self, plugin: str, database: Database) -> None:
        self.metadata = MetaData(naming_convention=NAMING)
        self.prefix = f"{plugin}_"
        self._database = database

    def table_name(self, name: str) -> str:
        return self.prefix + name

    def session(self, *, write: bool = False) -> contextlib.AbstractContextManager[Session]:
        return self._database.write() if write else self._database.read()


class _Cache:
    def __init__(self, plugin: str, cache: CacheBackend) -> None:
        self._prefix = f"ext:{plugin}:"
        self._cache = cache

    def get(self, key: str) -> Any:
        with contextlib.suppress(StorageError):
            return self._cache.get(self._prefix + key)
        return None

    def set(self, key: str, value: Any, *, timeout: float, deps: Sequence[str] = ()) -> None:
        with contextlib.suppress(StorageError):
            self._cache.set(self._prefix + key, value, timeout=timeout, deps=deps)

    def get_or_build(self, key: str, build: Callable[[], Any], *, timeout: float, deps: Sequence[str] = ()) -> Any:
        return self._cache.get_or_build(self._prefix + key, build, timeout=timeout, deps=deps)

    def delete(self, key: str) -> None:
        with contextlib.suppress(StorageError):
            self._cache.delete(self._prefix + key)


class _JobBoard:
    def __init__(self, plugin: str, jobs: Jobs) -> None:
        self._plugin = plugin
        self._jobs = jobs

    def add(self, job: JobSpec) -> None:
        self._jobs.register_plugin_job(self._plugin, job, replace=True)

    def status(self) -> Sequence[JobStatus]:
        return [
            JobStatus(
                name=job.name.removeprefix(f"{self._plugin}."),
                last_run=job.last_run,
                ok=job.status in ("ok", "running", "never"),
                seconds=job.seconds or 0.0,
                next_run=job.next_run,
                message=job.error,
            )
            for job in self._jobs.status()
            if job.owner == self._plugin
        ]


class _Outbox:
    def __init__(self, plugin: str, outbox: Outbox, database: Database) -> None:
        self._plugin = plugin
        self._outbox = outbox
        self._database = database

    def put(self, kind: str, payload: Mapping[str, Any], *, key: str, session: Session | None = None) -> None:
        if not key or len(key) > 180:
            raise InvalidValue("an outbox entry needs a key of 1 to 180 characters")
        # Entries and events of the core keep their orders apart.
        order_key = f"{TASK}{key}"
        if session is not None:
            self._outbox.put(session, plugin=self._plugin, hook=TASK + kind, payload=payload, order_key=order_key)
            return
        with self._database.write() as own:
            self._outbox.put(own, plugin=self._plugin, hook=TASK + kind, payload=payload, order_key=order_key)

    def handle(self, kind: str, handler: Callable[[Mapping[str, Any]], object]) -> None:
        self._outbox.handle(self._plugin, kind, handler)


class _Log:
    """Events under the plugin's name; secrets are masked where all events are."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def debug(self, event: str, **context: Any) -> None:
        log_event(self._log, logging.DEBUG, event, stacklevel=2, **context)

    def info(self, event: str, **context: Any) -> None:
        log_event(self._log, logging.INFO, event, stacklevel=2, **context)

    def warning(self, event: str, **context: Any) -> None:
        log_event(self._log, logging.WARNING, event, stacklevel=2, **context)

    def error(self, event: str, **context: Any) -> None:
        log_event(self._log, logging.ERROR, event, stacklevel=2, **context)

    def exception(self, event: str, **context: Any) -> None:
        log_event(self._log, logging.ERROR, event, stacklevel=2, exc_info=True, **context)

    def of(self, log: str) -> _Log:
        if log not in LOGS:
            raise InvalidValue(f"not a log: {log[:100]!r}; known: {', '.join(LOGS)}")
        return _Log(logging.getLogger(log))


@dataclass(frozen=True, slots=True)
class _Clock:
    now: Callable[[], datetime]


class _I18n:
    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    def text(self, key: str, *, language: str = "", **values: Any) -> str:
        for known in (self._texts.get(language, {}), self._texts.get("en", {})):
            if key in known:
                with contextlib.suppress(LookupError, ValueError):
                    return known[key].format(**values)
        return key


class _SettingsView:
    """The documented settings without what would let a plugin into the core's own servers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get(self, name: str, default: Any = None) -> Any:
        if name in HIDDEN_SETTINGS or SECRET_NAMES.search(name):
            return default
        value = self._settings.get(name, default)
        return default if isinstance(value, Secret) else value

    def of_locator(self, name: str, model: type[BoundT]) -> BoundT:
        raw = self._settings.GEO_LOCATOR_SETTINGS.get(name, {})
        return cast(BoundT, bind(model, raw, f"GEO_LOCATOR_SETTINGS.{name}"))
