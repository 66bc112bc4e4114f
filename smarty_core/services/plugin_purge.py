"""Removes what an uninstalled plugin left behind: tables, its version table, instances, events, jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from smarty_core.errors import Conflict, InvalidValue, StorageError
from smarty_core.plugins.discovery import CORE, HOOKS_NAMESPACE, Discovery, namespace_of
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import CommandLock, JobRun, OutboxEvent, PluginInstance

NAME_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a plugin left. `instances` are of drivers nobody provides any more, with the names given to `look`."""

    plugin: str
    tables: tuple[str, ...] = ()
    version_tables: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    outbox: int = 0
    jobs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.version_tables or self.instances or self.outbox or self.jobs)

    def lines(self) -> list[str]:
        """One line for each thing."""
        said = [f"table {name}" for name in (*self.tables, *self.version_tables)]
        said += [f"plugin instance {name}" for name in self.instances]
        if self.outbox:
            said.append(f"{self.outbox} outbox events")
        return [*said, *(f"job record {name}" for name in self.jobs)]


class PluginPurge:
    """Looks for leftovers, and removes exactly what it found."""

    def __init__(self, *, database: Database, discovery: Discovery, capabilities: Iterable[str]) -> None:
        self._database = database
        self._discovery = discovery
        self._capabilities = tuple(capabilities)

    def look(self, plugin: str, drivers: Iterable[str] = ()) -> Leftovers:
        """What is left of `plugin`. Raises `Conflict` while it is installed, `InvalidValue` for no plugin's name.

        `drivers` are names of its drivers if they differ from the plugin's.
        """
        self._check(plugin)
        names = {plugin, *drivers}
        for driver in names:
            if where := self._provided(driver):
                raise Conflict(f"{driver!r} is still provided by {where}; uninstall it first (pip uninstall {where})")
        with self._database.read() as session:
            tables, versions = self._tables(session.connection(), plugin)
            rows = session.execute(
                select(PluginInstance.id, PluginInstance.capability, PluginInstance.driver, PluginInstance.name)
                .where(PluginInstance.driver.in_(sorted(names)))
                .order_by(PluginInstance.id)
            )
            instances = tuple(f"{number} {capability}/{driver} {name!r}" for number, capability, driver, name in rows)
            events = session.scalar(select(func.count()).where(OutboxEvent.plugin == plugin)) or 0
            jobs = tuple(
                session.scalars(select(JobRun.name).where(JobRun.name.startswith(f"{plugin}.", autoescape=True)))
            )
        return Leftovers(plugin, tables, versions, instances, events, jobs)

    def remove(self, plugin: str, drivers: Iterable[str] = ()) -> Leftovers:
        """Remove what `look` finds; the same object tells what that was. Raises `StorageError` when a table stays."""
        found = self.look(plugin, drivers)
        with self._database.write() as session:
            for instance in session.scalars(
                select(PluginInstance).where(PluginInstance.driver.in_(sorted({plugin, *drivers})))
            ):
                session.delete(instance)
            session.execute(delete(OutboxEvent).where(OutboxEvent.plugin == plugin))
            for record in found.jobs:
                session.execute(delete(JobRun).where(JobRun.name == record))
                session.execute(delete(CommandLock).where(CommandLock.name == f"command:{record}"))
        self._drop(found)
        return found

    def _drop(self, found: Leftovers) -> None:
        quote = self._database.engine.dialect.identifier_preparer.quote
        waiting = [*found.tables, *found.version_tables]
        while waiting:  # tables may refer to each other: drop what can be dropped until nothing is left
            stuck: list[str] = []
            failure: SQLAlchemyError | None = None
            for name in waiting:
                try:
                    with self._database.engine.begin() as connection:
                        connection.execute(text(f"DROP TABLE {quote(name)}"))
                except SQLAlchemyError as exc:
                    stuck.append(name)
                    failure = exc
            if len(stuck) == len(waiting):
                raise StorageError(f"could not drop {', '.join(stuck)}") from failure
            waiting = stuck

    def _tables(self, connection: Connection, plugin: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The plugin's tables and its version table. Those of the core, and of a plugin with a longer name, are not its
        own: `epg` does not own `epg_xmltv_cache` while `epg_xmltv` keeps versions of its own."""
        names = set(inspect(connection).get_table_names())
        owners = [name.removeprefix("alembic_version_") for name in names if name.startswith("alembic_version_")]
        others = [*owners, *(p.name for p in self._discovery.providers(HOOKS_NAMESPACE))]
        longer = tuple(f"{owner}_" for owner in others if owner.startswith(f"{plugin}_"))
        mine = sorted(
            name
            for name in names - set(Base.metadata.tables)
            if name.startswith(f"{plugin}_") and not (longer and name.startswith(longer))
        )
        return tuple(mine), tuple(sorted(names & {f"alembic_version_{plugin}"}))

    def _provided(self, name: str) -> str:
        """The distribution that provides a hook module or driver of this name, or is called so; empty if none."""
        for namespace in (HOOKS_NAMESPACE, *(namespace_of(capability) for capability in self._capabilities)):
            for provider in self._discovery.providers(namespace):
                if name in (provider.name, provider.plugin):
                    return provider.distribution
        return ""

    def _check(self, plugin: str) -> None:
        if plugin == CORE or not plugin.isidentifier() or plugin != plugin.lower() or len(plugin) > NAME_LIMIT:
            raise InvalidValue(f"{plugin[:100]!r} is not the name of a plugin")
