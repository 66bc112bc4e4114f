"""Tables are brought up step by step on every database, and a history that went wrong is explained and mended."""

from __future__ import annotations

import io
import re
import runpy
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import LargeBinary, inspect, text
from sqlalchemy.dialects.mysql import TINYBLOB

from smarty_core.errors import ConfigError, StorageError
from smarty_core.hookspecs import hookimpl
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.migrations import Migrations
from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.migrations.history import FOLDER, History

pytestmark = pytest.mark.long

CORE = History("core", FOLDER / "versions", Base.metadata)


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    made = Database(empty_database_url)
    yield made
    made.close()


def hooks_of(**plugins: Any) -> Hooks:
    injected = {"smarty.hooks": [Injected.of("smarty.hooks", name, module) for name, module in plugins.items()]}
    return Hooks(Discovery(environ={}, injected=injected))


def migrations(database: Database, **plugins: Any) -> Migrations:
    return Migrations(database, hooks_of(**plugins))


def execute(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def versions(database: Database, owner: str = "core") -> list[str]:
    with database.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(f"SELECT version_num FROM alembic_version_{owner}"))]


def other_type(_context: Any, _column: Any, _there: Any, there: Any, wanted: Any) -> bool | None:
    """MariaDB makes a BLOB of 16 bytes a TINYBLOB; everything else is compared as Alembic does."""
    return False if isinstance(there, TINYBLOB) and isinstance(wanted, LargeBinary) else None


def test_the_steps_end_at_the_tables_of_the_models(empty: Database) -> None:
    changes = migrations(empty).upgrade()
    assert [change.taken for change in changes] == [CORE.revisions]
    with empty.engine.connect() as connection:
        options = {"version_table": CORE.version_table, "compare_type": other_type}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    assert versions(empty) == [CORE.head]


def test_migrating_again_does_nothing(empty: Database) -> None:
    migrations(empty).upgrade()
    execute(empty, "INSERT INTO country (code, phone_code, name) VALUES ('RU', '7', 'Россия')")
    assert [(change.taken, change.notes) for change in migrations(empty).upgrade()] == [((), ())]
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM country")).scalar() == "Россия"


def test_two_hosts_at_once_take_every_step_once(empty_database_url: str) -> None:
    taken: list[tuple[str, ...]] = []
    failures: list[BaseException] = []

    def host() -> None:
        database = Database(empty_database_url)
        try:
            taken.extend(change.taken for change in migrations(database).upgrade())
        except BaseException as failure:
            failures.append(failure)
        finally:
            database.close()

    threads = [threading.Thread(target=host) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(taken) == [(), (), CORE.revisions]


def test_a_server_on_an_empty_database_names_the_command(empty: Database) -> None:
    with pytest.raises(ConfigError, match=r"core: 0001.*run: smarty_manage migrate"):
        migrations(empty).demand_current()
    migrations(empty).upgrade()
    migrations(empty).demand_current()


def test_fake_notes_the_newest_step_and_touches_no_table(empty: Database) -> None:
    changes = migrations(empty).fake()
    assert changes[0].notes == (f"noted as being at {CORE.head}; no table was touched",)
    assert versions(empty) == [CORE.head]
    assert inspect(empty.engine).get_table_names() == ["alembic_version_core"]
    assert migrations(empty).fake() == []


def test_tables_that_have_no_version_are_recognised(empty: Database) -> None:
    Base.metadata.create_all(empty.engine)
    execute(empty, "INSERT INTO country (code, phone_code, name) VALUES ('RU', '7', 'Россия')")
    change = migrations(empty).upgrade()[0]
    assert "without a version" in change.notes[0]
    assert versions(empty) == [CORE.head]
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM country")).scalar() == 1


def test_a_first_step_that_broke_off_is_made_anew(empty: Database) -> None:
    Base.metadata.create_all(empty.engine, tables=[Base.metadata.tables[name] for name in ("client", "country")])
    change = migrations(empty).upgrade()[0]
    assert change.notes == ("a first step that did not come to its end had left 2 empty tables; they were made anew",)
    assert change.taken == CORE.revisions
    assert set(Base.metadata.tables) <= set(inspect(empty.engine).get_table_names())


def test_strange_tables_with_data_are_left_alone(empty: Database) -> None:
    Base.metadata.create_all(empty.engine, tables=[Base.metadata.tables["country"]])
    execute(empty, "INSERT INTO country (code, phone_code, name) VALUES ('RU', '7', 'Россия')")
    with pytest.raises(ConfigError, match=r"some hold data \(country\).*Nothing was changed"):
        migrations(empty).upgrade()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM country")).scalar() == 1


def test_a_version_of_a_newer_release_is_refused_by_migrate_and_served(empty: Database) -> None:
    migrations(empty).upgrade()
    execute(empty, "UPDATE alembic_version_core SET version_num = '9999'", "ALTER TABLE country ADD extra INTEGER")
    with pytest.raises(ConfigError, match=r"names 9999, a step this release does not have.*A newer release"):
        migrations(empty).upgrade()
    migrations(empty).demand_current()
    assert versions(empty) == ["9999"]


def test_a_wrong_version_over_the_right_tables_is_mended(empty: Database) -> None:
    migrations(empty).upgrade()
    execute(empty, "UPDATE alembic_version_core SET version_num = 'typo'")
    change = migrations(empty).upgrade()[0]
    assert "typo" in change.notes[0]
    assert versions(empty) == [CORE.head]


STEP = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before!r}


def upgrade():
    {body}
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Path]:
    """A hook module with migrations, and the folder of its steps."""
    folder = tmp_path / "demo_versions"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "demo_versions", raising=False)
    module = ModuleType("demo_hooks")

    @hookimpl
    def register_migrations() -> str:
        return "demo_versions"

    module.register_migrations = register_migrations  # type: ignore[attr-defined]
    return module, folder


def test_a_plugin_has_steps_and_a_version_of_its_own(empty: Database, plugin: tuple[ModuleType, Path]) -> None:
    module, folder = plugin
    body = 'op.create_table("demo_note", sa.Column("id", sa.Integer, primary_key=True))'
    (folder / "a.py").write_text(STEP.format(revision="d1", before=None, body=body))
    taken = {change.owner: change.taken for change in migrations(empty, demo=module).upgrade()}
    assert taken == {"core": CORE.revisions, "demo": ("d1",)}
    assert versions(empty, "demo") == ["d1"]
    body = 'op.add_column("demo_note", sa.Column("text", sa.String(20)))'
    (folder / "b.py").write_text(STEP.format(revision="d2", before="d1", body=body))
    with pytest.raises(ConfigError, match="demo: d2"):
        migrations(empty, demo=module).demand_current()
    taken = {change.owner: change.taken for change in migrations(empty, demo=module).upgrade()}
    assert taken == {"core": (), "demo": ("d2",)}
    assert migrations(empty).upgrade()[0].notes == ()  # uninstalled: its tables and version stay


def test_a_step_that_fails_changes_nothing(sqlite_database: Database, plugin: tuple[ModuleType, Path]) -> None:
    module, folder = plugin
    body = 'op.create_table("demo_note", sa.Column("id", sa.Integer))\n    op.execute("SELECT * FROM no_such_table")'
    (folder / "a.py").write_text(STEP.format(revision="d1", before=None, body=body))
    with pytest.raises(StorageError, match="no such table"):
        migrations(sqlite_database, demo=module).upgrade()
    assert "demo_note" not in inspect(sqlite_database.engine).get_table_names()


def test_several_versions_at_once_are_reduced_to_the_newest(
    sqlite_database: Database, plugin: tuple[ModuleType, Path]
) -> None:
    module, folder = plugin
    for revision, before in (("d1", None), ("d2", "d1")):
        (folder / f"{revision}.py").write_text(STEP.format(revision=revision, before=before, body="pass"))
    migrations(sqlite_database, demo=module).upgrade()
    execute(sqlite_database, "INSERT INTO alembic_version_demo VALUES ('d1')")
    change = next(c for c in migrations(sqlite_database, demo=module).upgrade() if c.owner == "demo")
    assert change.notes == ("the version table named d1, d2 at once; kept the newest, d2",)
    assert versions(sqlite_database, "demo") == ["d2"]


def test_a_plugin_whose_steps_are_missing_is_left_out_and_named(sqlite_database: Database) -> None:
    module = ModuleType("demo_hooks")

    @hookimpl
    def register_migrations() -> str:
        return "no_such_package.versions"

    module.register_migrations = register_migrations  # type: ignore[attr-defined]
    hooks = hooks_of(demo=module)
    assert [change.owner for change in Migrations(sqlite_database, hooks).upgrade()] == ["core"]
    assert hooks.problems["demo"].startswith("its migrations 'no_such_package.versions' cannot be found")


def test_every_step_can_be_written_for_oracle() -> None:
    sql = io.StringIO()
    context = MigrationContext.configure(dialect_name="oracle", opts={"as_sql": True, "output_buffer": sql})
    with Operations.context(context):
        for path in sorted((FOLDER / "versions").glob("[0-9]*.py")):
            runpy.run_path(str(path))["upgrade"]()
    written = sql.getvalue()
    assert set(re.findall(r'CREATE TABLE "?(\w+)', written)) == set(Base.metadata.tables)
    names = set(re.findall(r'(?:TABLE|INDEX|CONSTRAINT) "?(\w+)', written))
    assert [name for name in names if len(name) > 128] == []


def test_a_plugin_that_needs_a_later_core_is_named(sqlite_database: Database, plugin: tuple[ModuleType, Path]) -> None:
    module, folder = plugin
    (folder / "a.py").write_text(STEP.format(revision="d1", before=None, body="pass"))
    (folder / "__init__.py").write_text(f'requires_core = "{CORE.head}"\n')
    assert [step.owner for step in migrations(sqlite_database, demo=module).histories()] == ["core", "demo"]
    sys.modules["demo_versions"].requires_core = "9999"  # type: ignore[attr-defined]
    hooks = hooks_of(demo=module)
    assert [change.owner for change in Migrations(sqlite_database, hooks).upgrade()] == ["core"]
    assert hooks.problems["demo"].startswith(f"it needs step 9999 of the core, and this release ends at {CORE.head}")


def test_a_step_must_not_leave_references_to_nothing(
    sqlite_database: Database, plugin: tuple[ModuleType, Path]
) -> None:
    module, folder = plugin
    migrations(sqlite_database).upgrade()
    with sqlite_database.engine.connect() as connection:  # as an operator may have left it, with references not watched
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("INSERT INTO city (country_id, name) VALUES (77, 'nowhere')")
        raw.execute("PRAGMA foreign_keys=ON")
    body = "op.execute(\"INSERT INTO city (country_id, name) VALUES (78, 'nowhere')\")"
    (folder / "a.py").write_text(STEP.format(revision="d1", before=None, body=body))
    with pytest.raises(StorageError, match="a step left rows of city that refer to nothing in country"):
        migrations(sqlite_database, demo=module).upgrade()
    (folder / "a.py").write_text(STEP.format(revision="d1", before=None, body="pass"))
    assert migrations(sqlite_database, demo=module).upgrade()[1].taken == ("d1",)
    with sqlite_database.read() as session:
        assert session.execute(text("SELECT country_id FROM city")).scalars().all() == [77]
