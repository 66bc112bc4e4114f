"""What an uninstalled plugin left behind is found and removed, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest
from sqlalchemy import func, inspect, select, text

from smarty_core.errors import Conflict, InvalidValue
from smarty_core.plugins.discovery import Discovery, Provider
from smarty_core.services.plugin_purge import PluginPurge
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client, CommandLock, JobRun, OutboxEvent, PluginAttribute, PluginInstance
from smarty_core.values import utc_now


class Installed:
    """Stands for discovery: what is installed, by namespace."""

    def __init__(self, *providers: Provider) -> None:
        self._providers = providers

    def providers(self, namespace: str) -> Sequence[Provider]:
        return [provider for provider in self._providers if provider.namespace == namespace]


def purge(database: Database, *providers: Provider) -> PluginPurge:
    discovery = cast(Discovery, Installed(*providers))
    return PluginPurge(database=database, discovery=discovery, capabilities=("cas", "payment_gateway"))


def left_by_old(database: Database) -> None:
    """Things of `old`, of `old_times` (another plugin) and of the core."""
    with database.engine.begin() as connection:
        for name in ("old_parent", "old_times_cache", "alembic_version_old", "alembic_version_old_times"):
            connection.execute(text(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE old_child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES old_parent (id))")
        )
    now = utc_now()
    with database.write() as session:
        client = Client(name="one", domain_prefix="one", api_key="")
        session.add(client)
        session.flush()
        for driver in ("old", "older", "kept"):
            row = PluginInstance(client_id=client.id, capability="cas", driver=driver, name=driver)
            row.attributes = [PluginAttribute(key="k", value="v")]
            session.add(row)
        for plugin in ("old", "old", "old_times"):
            session.add(OutboxEvent(plugin=plugin, hook="h", payload={}, next_attempt_at=now))
        for name in ("old.clean", "old_times.clean", "oldXclean", "epg_import"):
            session.add(JobRun(name=name, started_at=now))
        session.add(CommandLock(name="command:old.clean", owner="x", acquired_at=now, expires_at=now))


@pytest.fixture
def messy(database: Database) -> Any:
    left_by_old(database)
    yield database
    existing = set(inspect(database.engine).get_table_names())
    with database.engine.begin() as connection:
        for name in ("old_child", "old_parent", "old_times_cache", "alembic_version_old", "alembic_version_old_times"):
            if name in existing:
                connection.execute(text(f"DROP TABLE {name}"))


def test_looking_names_everything_and_changes_nothing(messy: Database) -> None:
    found = purge(messy).look("old", ["older"])
    assert found.tables == ("old_child", "old_parent")
    assert found.version_tables == ("alembic_version_old",)
    assert [name.partition(" ")[2] for name in found.instances] == ["cas/old 'old'", "cas/older 'older'"]
    assert (found.outbox, found.jobs, bool(found)) == (2, ("old.clean",), True)
    assert len(found.lines()) == 7
    assert purge(messy).look("old", ["older"]) == found


def test_removing_leaves_everything_of_others(messy: Database) -> None:
    removed = purge(messy).remove("old", ["older"])
    assert removed.tables == ("old_child", "old_parent")
    assert not purge(messy).look("old", ["older"])
    tables = set(inspect(messy.engine).get_table_names())
    assert {"old_times_cache", "alembic_version_old_times", "client", "job_run"} <= tables
    assert not tables & {"old_child", "old_parent", "alembic_version_old"}
    with messy.read() as session:
        assert list(session.scalars(select(PluginInstance.driver))) == ["kept"]
        assert session.scalar(select(func.count()).select_from(PluginAttribute)) == 1
        assert list(session.scalars(select(OutboxEvent.plugin))) == ["old_times"]
        assert sorted(session.scalars(select(JobRun.name))) == ["epg_import", "oldXclean", "old_times.clean"]
        assert session.scalar(select(func.count()).select_from(CommandLock)) == 0


def test_a_plugin_that_is_installed_is_refused(sqlite_database: Database) -> None:
    provider = Provider("smarty.cas", "old", "smarty-old", "1.0", "smarty_old:Cas")
    for name, drivers in (("old", ()), ("other", ("old",))):
        with pytest.raises(Conflict, match="smarty-old"):
            purge(sqlite_database, provider).remove(name, drivers)


@pytest.mark.parametrize("name", ["", "core", "Old", "old-er", "1old", "o; DROP TABLE client", "a" * 65, "old%", "é\0"])
def test_what_is_no_plugins_name_is_refused(sqlite_database: Database, name: str) -> None:
    with pytest.raises(InvalidValue):
        purge(sqlite_database).remove(name)


def test_a_name_that_begins_a_table_of_the_core_owns_none_of_it(sqlite_database: Database) -> None:
    for name in ("client", "epg", "stream", "plugin", "tariff"):
        assert not purge(sqlite_database).look(name)
    before = set(inspect(sqlite_database.engine).get_table_names())
    purge(sqlite_database).remove("epg")
    assert set(inspect(sqlite_database.engine).get_table_names()) == before


def test_nothing_left_is_nothing_to_remove(database: Database) -> None:
    removed = purge(database).remove("never_there")
    assert not removed
    assert removed.lines() == []
