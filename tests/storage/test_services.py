"""The fixtures that hand out servers."""

from __future__ import annotations

import pytest
import redis
from redis.cluster import RedisCluster

from smarty_core.storage.database import Database
from smarty_core.storage.models import JobRun
from smarty_core.testing import servers
from smarty_core.values import utc_now


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_finds_an_empty_schema(database: Database, turn: int) -> None:
    with database.write() as session:
        assert session.query(JobRun).count() == 0
        session.add(JobRun(name=f"turn {turn}", started_at=utc_now()))
    with database.read() as session:
        assert session.query(JobRun).count() == 1


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    from sqlalchemy import inspect

    assert inspect(database.engine).get_table_names() == []
    database.close()


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_finds_an_empty_redis(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("turn", turn)


@pytest.mark.parametrize("turn", [1, 2])
def test_the_cluster_spreads_keys(redis_cluster_nodes: list[tuple[str, int]], turn: int) -> None:
    client = RedisCluster(host=redis_cluster_nodes[0][0], port=redis_cluster_nodes[0][1])
    for number in range(60):
        assert client.set(f"{turn}:{number}", "x")
    sizes = [redis.Redis(host=host, port=port) for host, port in redis_cluster_nodes]
    assert all(node.dbsize() > 0 for node in sizes)
    assert sum(node.dbsize() for node in sizes) == 60
    for node in sizes:
        node.close()
    client.close()


def test_servers_can_be_started_when_none_runs() -> None:
    import psycopg
    import pymysql

    with servers.redis_server() as port, redis.Redis(port=port) as client:
        assert client.ping()
    with (
        servers.postgresql_server() as port,
        psycopg.connect(f"postgresql://smarty@127.0.0.1:{port}/postgres") as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)
    with servers.mariadb_server() as port:
        pymysql.connect(host="127.0.0.1", port=port, user="root").close()
    assert not servers.answers(port)


def test_a_missing_server_is_told_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from smarty_core.testing import services

    monkeypatch.delenv("SMARTY_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no server for this test: mongodb: nothing there"):
        raise services._unavailable("mongodb", servers.Unavailable("nothing there"))
    monkeypatch.setenv("SMARTY_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="SMARTY_REQUIRE_SERVICES"):
        raise services._unavailable("mongodb", servers.Unavailable("nothing there"))
