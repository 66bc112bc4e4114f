"""Whether an installation can work: its servers, its drivers, and on request the services outside.

Every part is looked at whatever the others are like, so that all that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.engine import make_url

from smarty_core.contracts.driver import Probe
from smarty_core.errors import ConfigError, SmartyError, StorageError
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.configured_instances import Configured, ConfiguredInstances
from smarty_core.storage.cache.redis_store import PATIENT_SECONDS, REDIS_TROUBLE, connect
from smarty_core.storage.database import Database

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.config.caches import CacheAddress

Verdict = Literal["ok", "notice", "problem"]

PROBE_REASONS: Final = {"cannot_connect": "cannot connect", "refused_credentials": "the credentials are refused"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `part`: settings, database, cache or plugins."""

    part: str
    verdict: Verdict
    text: str


def check_database(settings: Settings, demand_current: Callable[[Database], object]) -> Iterator[Finding]:
    """Whether the master answers and is migrated (`demand_current` raises when not), and every replica answers."""
    try:
        database = Database.at(settings.databases)
    except (OSError, ImportError) as exc:
        yield Finding("database", "problem", f"the database cannot be opened: {exc}")
        return
    try:
        with database.read_master() as session:
            session.execute(text("SELECT 1 FROM DUAL" if database.dialect == "oracle" else "SELECT 1"))
        yield Finding("database", "ok", f"{_where(settings.databases.master)} answers")
        yield from _migrated(database, demand_current)
    except StorageError as exc:
        yield Finding("database", "problem", f"{_where(settings.databases.master)}: {_line(exc)}")
    finally:
        database.close()
    for url in settings.databases.replicas:
        yield _replica(url)


def _migrated(database: Database, demand_current: Callable[[Database], object]) -> Iterator[Finding]:
    try:
        demand_current(database)
    except ConfigError as exc:
        yield from (Finding("database", "problem", problem) for problem in exc.problems)
    else:
        yield Finding("database", "ok", "its tables are those of this release")


def _replica(url: str) -> Finding:
    replica = Database(url)
    try:
        with replica.read_master() as session:
            session.execute(text("SELECT 1 FROM DUAL" if replica.dialect == "oracle" else "SELECT 1"))
    except StorageError as exc:
        return Finding("database", "problem", f"read replica {_where(url)}: {_line(exc)}")
    finally:
        replica.close()
    return Finding("database", "ok", f"read replica {_where(url)} answers")


def check_cache(address: CacheAddress) -> Finding:
    """Whether the Redis, or some node of the cluster, answers."""
    if address.kind == "memory":
        return Finding("cache", "ok", "kept in the process")
    what = "Redis" if address.kind == "redis" else "Redis Cluster"
    client: Any = None
    try:
        client = connect(url=address.url, nodes=address.nodes, timeout=PATIENT_SECONDS)
        client.ping()
    except ConfigError as exc:
        return Finding("cache", "problem", str(exc))
    except REDIS_TROUBLE as exc:
        return Finding(
            "cache", "problem", f"{what} does not answer: {type(exc).__name__}: {' '.join(str(exc).split())}"
        )
    finally:
        if client is not None:
            client.close()
    return Finding("cache", "ok", f"{what} answers")


def check_plugins(hooks: Hooks, instances: ConfiguredInstances, *, live: bool) -> Iterator[Finding]:
    """Hook modules and configured instances that do not work; with `live` each instance's service is asked as well."""
    for plugin, reason in sorted(hooks.problems.items()):
        yield Finding("plugins", "problem", f"hooks of {plugin}: {_line(reason)}")
    configured: list[Configured] = []
    for part in (instances.of_settings, instances.of_database):
        try:
            configured += part()
        except SmartyError as exc:
            yield Finding("plugins", "problem", f"configured drivers cannot be listed: {_line(exc)}")
    for instance in configured:
        yield _instance(instance, instances, live=live)
    if not configured:
        yield Finding("plugins", "ok", "no driver is configured")


def _instance(instance: Configured, instances: ConfiguredInstances, *, live: bool) -> Finding:
    what = f"{instance.place} ({instance.capability} {instance.driver})"
    try:
        driver = instances.make(instance)
        if not live:
            return Finding("plugins", "ok", what)
        answer = driver.call("probe")
    except SmartyError as exc:
        return Finding("plugins", "problem", f"{what}: {_line(exc)}")
    if not isinstance(answer, Probe):
        return Finding("plugins", "problem", f"{what}: its probe gives no answer that can be read")
    if answer.ok:
        return Finding("plugins", "ok", f"{what} answers")
    reason = PROBE_REASONS.get(answer.reason, "the service cannot be used")
    return Finding("plugins", "problem", f"{what}: {reason}{f': {_line(answer.detail)}' if answer.detail else ''}")


def _where(url: str) -> str:
    """A database's address without its password."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def _line(said: object) -> str:
    return " ".join(str(said).split())
