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
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from smarty_core.storage.database import Database
from smarty_core.testing import servers
from smarty_core.testing.servers import Unavailable
from smarty_core.testing.sql_servers import SqlServer, create_schema, is_alive, numbers

KINDS = ("sqlite", "postgresql", "mariadb")


def _unavailable(kind: str, exc: Unavailable) -> BaseException:
    """The outcome of a test whose server cannot be had; to be raised."""
    reason = f"no server for this test: {kind}: {exc}"
    if os.environ.get("SMARTY_REQUIRE_SERVICES") == "1":
        return pytest.fail.Exception(f"SMARTY_REQUIRE_SERVICES=1 but {reason}", pytrace=False)
    return pytest.skip.Exception(reason)


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
    create_schema(URL.create("sqlite", database=str(path)))
    return path


@contextlib.contextmanager
def _schema_url(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        path = folder / f"smarty{next(numbers)}.sqlite"
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
            if holder and not is_alive(int(holder)):
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
