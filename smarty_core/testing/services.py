"""pytest fixtures for the servers that tests need: SQL databases, Redis and a Redis Cluster.

Each kind of server is looked for in this order: the address in `SMARTY_TEST_<KIND>_URL`; a server on its standard
local port; one started for the test run; else the test is skipped with the reason, or fails when
`SMARTY_REQUIRE_SERVICES=1`. On a server that was there already, the run makes databases of its own named
`smarty_test_<worker>_<pid>` and removes them; in Redis it takes an empty index of its own.

`sqlite_database`, `postgresql_database`, `mariadb_database`
    A `Database` with the newest schema and no rows.
`database`, `database_url`
    The same once per kind of database.
`empty_database_url`
    The address of a database without tables, once per kind of database.
`redis_url`, `redis_cluster_nodes`
    An empty Redis; the (host, port) pairs of a real cluster of three masters, emptied before each test.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import redis
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.testing import servers
from smarty_core.testing.servers import Unavailable

KINDS = ("sqlite", "postgresql", "mariadb")

_numbers = itertools.count(1)


def worker() -> str:
    """Name of this pytest process among those of one run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _unavailable(kind: str, exc: Unavailable) -> BaseException:
    """The outcome of a test whose server cannot be had; to be raised."""
    reason = f"no server for this test: {kind}: {exc}"
    if os.environ.get("SMARTY_REQUIRE_SERVICES") == "1":
        return pytest.fail.Exception(f"SMARTY_REQUIRE_SERVICES=1 but {reason}", pytrace=False)
    return pytest.skip.Exception(reason)


class _Kept(NamedTuple):
    """A database that one test after another gets, and what its tables look like."""

    name: str
    shape: str


class SqlServer:
    """A PostgreSQL or MariaDB server: makes, empties and removes databases of this run."""

    def __init__(self, kind: str, admin: URL) -> None:
        self.kind = kind
        self.admin = admin
        self.prefix = f"smarty_test_{worker()}_{os.getpid()}"
        self._template = ""
        self._kept = _Kept("", "")
        self._lent = False

    def fresh(self) -> URL:
        """A new database without tables."""
        name = f"{self.prefix}_{next(_numbers)}"
        self._create(name)
        return self.admin.set(database=name)

    def with_schema(self) -> URL:
        """A database with the newest schema and no rows. It is the same one, emptied, wherever that will do."""
        if self.kind == "postgresql":
            return self._postgresql_with_schema()
        name = f"{self.prefix}_schema"
        url = self.admin.set(database=name)
        if not self._template:
            self._create(name)
            _create_schema(url)
            self._template = name
        else:
            _empty_mariadb(url)
        return url

    def _postgresql_with_schema(self) -> URL:
        if not self._template:
            template = f"{self.prefix}_template"
            self._create(template)
            _create_schema(self.admin.set(database=template))
            self._template = template
        if self._kept.name and not self._lent:
            url = self.admin.set(database=self._kept.name)
            if _empty_postgresql(url) == self._kept.shape:
                self._lent = True
                return url
            self._drop(self._kept.name)  # a test has changed its tables
            self._kept = _Kept("", "")
        name = f"{self.prefix}_{next(_numbers)}"
        self._create(name, f' TEMPLATE "{self._template}"')
        url = self.admin.set(database=name)
        if not self._kept.name:
            self._kept, self._lent = _Kept(name, _empty_postgresql(url)), True
        return url

    def drop(self, url: URL) -> None:
        """Take a database back; the one that is used again stays."""
        if url.database == self._kept.name:
            self._lent = False
        elif url.database != self._template:
            self._drop(url.database or "")

    def clean(self) -> None:
        """Remove this run's databases, and those of runs that died."""
        with self._connected() as connection:
            sql = "SHOW DATABASES" if self.kind == "mariadb" else "SELECT datname FROM pg_database"
            names = [row[0] for row in connection.execute(text(sql))]
        for name in names:
            found = re.match(r"smarty_test_[a-z0-9]+_(\d+)_", name)
            if found and (int(found[1]) == os.getpid() or not _alive(int(found[1]))):
                self._drop(name)

    def _create(self, name: str, clause: str = "") -> None:
        with self._connected() as connection:
            if self.kind == "mariadb":
                connection.execute(text(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4"))
            else:
                connection.execute(text(f'CREATE DATABASE "{name}"{clause}'))

    def _drop(self, name: str) -> None:
        with self._connected() as connection:
            if self.kind == "mariadb":
                connection.execute(text(f"DROP DATABASE IF EXISTS `{name}`"))
            else:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _create_schema(url: URL) -> None:
    from smarty_core.plugins.discovery import Discovery
    from smarty_core.plugins.hooks import Hooks
    from smarty_core.services.migrations import Migrations

    database = Database(str(url.render_as_string(hide_password=False)))
    try:
        Migrations(database, Hooks(Discovery(environ={}, injected={}))).upgrade()
    finally:
        database.close()


_POSTGRESQL_SHAPE: Final = """
    SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
        SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull) AS line FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, contype, condeferrable, confdeltype)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ) AS lines"""
"""Columns of tables, indexes and sequences, and what binds them."""


def _empty_postgresql(url: URL) -> str:
    """Delete all rows, which is far faster than copying the template again; the shape of the tables."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    ours = "datname = current_database() AND pid <> pg_backend_pid()"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {ours}"))
            found = connection.execute(text(_POSTGRESQL_SHAPE)).scalar_one()
            names = set(inspect(connection).get_table_names())
            tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name in names]
            asked = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables)
            filled = {row[0] for row in connection.execute(text(asked))}
            for name in tables:
                if name in filled:
                    connection.execute(text(f'DELETE FROM "{name}"'))
            connection.execute(text("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"))
            return str(found)
    finally:
        engine.dispose()


def _empty_mariadb(url: URL) -> None:
    """TRUNCATE what holds rows; on an InnoDB without syncing that is far faster than creating the tables again."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            names = [name for name in inspect(connection).get_table_names() if not name.startswith("alembic_version")]
            asked = " UNION ALL ".join(f"(SELECT '{name}' FROM `{name}` LIMIT 1)" for name in names)
            filled = [row[0] for row in connection.execute(text(asked))]
            connection.execute(text("SET FOREIGN_KEY_CHECKS=0"))
            for name in filled:
                connection.execute(text(f"TRUNCATE TABLE `{name}`"))
            connection.execute(text("SET FOREIGN_KEY_CHECKS=1"))
    finally:
        engine.dispose()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def _sql_server(
    kind: str, variable: str, driver: str, standard: URL, start: Callable[[], contextlib.AbstractContextManager[int]]
) -> Iterator[SqlServer]:
    with contextlib.ExitStack() as stack:
        given = os.environ.get(variable)
        if given:
            url = make_url(given)
            if "+" not in url.drivername:
                url = url.set(drivername=driver)
        elif standard.port and servers.answers(standard.port):
            url = standard
        else:
            port = stack.enter_context(start())
            url = standard.set(port=port, username="smarty" if kind == "postgresql" else "root")
            url = url.set(database="postgres") if kind == "postgresql" else url
        server = SqlServer(kind, url)
        try:
            server.clean()
        except SQLAlchemyError as exc:
            raise Unavailable(f"the server at {url.render_as_string()} refuses: {str(exc)[:300]}") from exc
        stack.callback(server.clean)
        yield server


def _postgresql() -> contextlib.AbstractContextManager[SqlServer]:
    import getpass

    standard = URL.create("postgresql+psycopg", getpass.getuser(), host="127.0.0.1", port=5432, database="postgres")
    return _sql_server(
        "postgresql", "SMARTY_TEST_POSTGRESQL_URL", "postgresql+psycopg", standard, servers.postgresql_server
    )


def _mariadb() -> contextlib.AbstractContextManager[SqlServer]:
    standard = URL.create("mariadb+pymysql", "root", host="127.0.0.1", port=3306)
    return _sql_server("mariadb", "SMARTY_TEST_MARIADB_URL", "mariadb+pymysql", standard, servers.mariadb_server)


@pytest.fixture(scope="session")
def _sql_servers() -> Iterator[Callable[[str], SqlServer]]:
    """Servers by kind, looked for when first asked for and closed with the run."""
    known: dict[str, SqlServer | Unavailable] = {}
    with contextlib.ExitStack() as stack:

        def server(kind: str) -> SqlServer:
            if kind not in known:
                try:
                    known[kind] = stack.enter_context(_postgresql() if kind == "postgresql" else _mariadb())
                except Unavailable as exc:
                    known[kind] = exc
            found = known[kind]
            if isinstance(found, Unavailable):
                raise _unavailable(kind, found)
            return found

        yield server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    _create_schema(URL.create("sqlite", database=str(path)))
    return path


@contextlib.contextmanager
def _schema_url(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        path = folder / f"smarty{next(_numbers)}.sqlite"
        shutil.copy(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: SqlServer = request.getfixturevalue("_sql_servers")(kind)
    url = server.with_schema()
    yield url.render_as_string(hide_password=False)
    server.drop(url)


@contextlib.contextmanager
def _database(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    with _schema_url(kind, request, folder) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with _database("sqlite", request, tmp_path) as database:
        yield database


@pytest.fixture
def postgresql_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with _database("postgresql", request, tmp_path) as database:
        yield database


@pytest.fixture
def mariadb_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with _database("mariadb", request, tmp_path) as database:
        yield database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with _database(request.param, request, tmp_path) as database:
        yield database


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with _schema_url(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server: SqlServer = request.getfixturevalue("_sql_servers")(request.param)
    url = server.fresh()
    yield url.render_as_string(hide_password=False)
    server.drop(url)


@pytest.fixture(scope="session")
def _redis_index() -> Iterator[str]:
    try:
        with _redis() as url:
            yield url
    except Unavailable as exc:
        raise _unavailable("redis", exc) from exc


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    given = os.environ.get("SMARTY_TEST_REDIS_URL")
    if given:
        yield given
        return
    if servers.answers(6379):
        with _claimed_index("redis://127.0.0.1:6379") as url:
            if url:
                yield url
                return
    with servers.redis_server() as port:
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def _claimed_index(server: str) -> Iterator[str]:
    """The address of an index that nobody uses, or nothing when all are taken. Index 0 holds who has taken which."""
    with redis.Redis.from_url(server, decode_responses=True) as admin:
        for index in range(15, 0, -1):
            claim = f"smarty_test_claim:{index}"
            holder = admin.get(claim)
            if holder and not _alive(int(holder)):
                admin.delete(claim)
            with redis.Redis.from_url(f"{server}/{index}") as own:
                if not holder and own.dbsize() != 0:
                    continue
                if not admin.set(claim, os.getpid(), nx=True, ex=86400):
                    continue
                try:
                    yield f"{server}/{index}"
                finally:
                    own.flushdb()
                    admin.delete(claim)
                return
        yield ""


@pytest.fixture
def redis_url(_redis_index: str) -> str:
    with redis.Redis.from_url(_redis_index) as client:
        client.flushdb()
    return _redis_index


@pytest.fixture(scope="session")
def _cluster_ports() -> Iterator[list[int]]:
    try:
        with servers.redis_cluster() as ports:
            yield ports
    except Unavailable as exc:
        raise _unavailable("redis_cluster", exc) from exc


@pytest.fixture
def redis_cluster_nodes(_cluster_ports: list[int]) -> list[tuple[str, int]]:
    for port in _cluster_ports:
        with redis.Redis(port=port) as node:
            node.flushall()
    return [("127.0.0.1", port) for port in _cluster_ports]
