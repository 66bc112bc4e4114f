"""DATABASES and CACHES in all the forms operators have written them in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import make_url

from smarty_core.config import Settings
from smarty_core.config.caches import CacheAddress
from smarty_core.errors import ConfigError

REDIS = "core.cache.backends.RedisCache"


def database(**entry: Any) -> Settings:
    return Settings.for_tests(DATABASES={"default": entry})


def cache(**entry: Any) -> CacheAddress:
    return Settings.for_tests(CACHES={"default": entry}).cache


def problems_of(**values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        Settings.for_tests(**values)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("django.db.backends.postgresql", "postgresql"),
        ("django.db.backends.postgresql_psycopg2", "postgresql"),
        ("django.db.backends.mysql", "mysql"),
        ("django.db.backends.oracle", "oracle"),
    ],
)
def test_a_server_of_every_kind_is_addressed(engine: str, kind: str) -> None:
    hard = "p@s:s/w#o?r%d ü"
    settings = database(ENGINE=engine, NAME="smarty", USER="sm@rty", PASSWORD=hard, HOST="db", PORT="7")

    url = make_url(settings.databases.master)

    assert (url.get_backend_name(), url.username, url.password) == (kind, "sm@rty", hard)
    assert (url.host, url.port, url.database) == ("db", 7, "smarty")


def test_a_sqlite_file_is_addressed() -> None:
    assert make_url(database(ENGINE="django.db.backends.sqlite3", NAME="/var/x.db").databases.master).database == (
        "/var/x.db"
    )


def test_local_sockets_and_ipv6_are_addressed() -> None:
    mysql = make_url(database(ENGINE="x.mysql", NAME="n", HOST="/run/mysqld/mysqld.sock").databases.master)
    postgresql = make_url(database(ENGINE="x.postgresql", NAME="n", HOST="/run/postgresql").databases.master)
    six = make_url(database(ENGINE="x.postgresql", NAME="n", HOST="fd00::1", PORT=5432).databases.master)

    assert dict(mysql.query) == {"unix_socket": "/run/mysqld/mysqld.sock"}
    assert dict(postgresql.query) == {"host": "/run/postgresql"}
    assert (six.host, six.port) == ("fd00::1", 5432)


def test_tls_options_are_passed_on_and_others_are_told_about() -> None:
    mysql = database(ENGINE="x.mysql", NAME="n", OPTIONS={"ssl": {"ca": "/ca.pem"}, "init_command": "SET x=1"})

    assert dict(make_url(mysql.databases.master).query) == {"ssl_ca": "/ca.pem"}
    assert mysql.notices == ("DATABASES['default']['OPTIONS']: not used: init_command",)


def test_an_address_wins_over_databases() -> None:
    settings = Settings.for_tests(
        DATABASE_URL="postgres://u:p@h/n", DATABASES={"default": {"ENGINE": "x.mysql", "NAME": "n"}}
    )

    assert settings.databases.master == "postgresql://u:p@h/n"


def test_a_second_master_is_told_about() -> None:
    entry = {"ENGINE": "x.mysql", "NAME": "n"}
    settings = Settings.for_tests(DATABASES={"default": entry, "other": entry})

    assert settings.databases.replicas == ()
    assert "DATABASES['other'] is not used" in settings.notices[0]


@pytest.mark.parametrize(
    ("databases", "said"),
    [
        ({"default": {"ENGINE": "x.mysql"}}, "DATABASES['default']['NAME']"),
        ({"default": {"ENGINE": "x.mysql", "NAME": "n", "PORT": "seven"}}, "DATABASES['default']['PORT']: not a port"),
        ({"default": {"ENGINE": "x.mysql", "NAME": "n", "PASWORD": "x"}}, "did you mean 'PASSWORD'?"),
        ({"default": "mysql"}, "DATABASES['default']: not a dictionary"),
        ({"main": {"ENGINE": "x.mysql", "NAME": "n"}}, "DATABASES: there is no entry 'default'"),
    ],
)
def test_wrong_databases_are_named(databases: Any, said: str) -> None:
    assert said in problems_of(DATABASES=databases)


def test_a_misspelt_replica_is_suggested() -> None:
    entry = {"ENGINE": "x.mysql", "NAME": "n"}
    said = problems_of(DATABASES={"default": entry, "slave1": entry}, REPLICATED_DATABASE_SLAVES=["slvae1"])

    assert "did you mean 'slave1'?" in said


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ({"BACKEND": REDIS, "LOCATION": "redis://10.0.0.1:6379/1"}, "redis://10.0.0.1:6379/1"),
        ({"BACKEND": REDIS, "LOCATION": ["redis://10.0.0.1:6379/1"]}, "redis://10.0.0.1:6379/1"),
        ({"BACKEND": REDIS, "LOCATION": "10.0.0.1:6379:2"}, "redis://10.0.0.1:6379/2"),
        ({"BACKEND": REDIS, "LOCATION": "10.0.0.1:6379"}, "redis://10.0.0.1:6379/0"),
        ({"BACKEND": REDIS, "LOCATION": "unix:/run/redis.sock:3"}, "unix:///run/redis.sock?db=3"),
        ({"BACKEND": REDIS, "LOCATION": "unix:///run/redis.sock?db=3"}, "unix:///run/redis.sock?db=3"),
        (
            {"BACKEND": REDIS, "LOCATION": "redis://h:1", "OPTIONS": {"PASSWORD": "p@s", "DB": 4}},
            "redis://:p%40s@h:1/4",
        ),
    ],
)
def test_one_redis_is_addressed(entry: dict[str, Any], url: str) -> None:
    found = cache(**entry)

    assert (found.kind, found.url) == ("redis", url)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"LOCATION": ""},
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "a-mere-name"},
        {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    ],
)
def test_the_process_is_the_cache(entry: dict[str, Any]) -> None:
    assert cache(**entry).kind == "memory"


def test_a_cluster_is_addressed_by_its_nodes() -> None:
    nodes = [{"host": "a", "port": "7000"}, {"host": "b", "port": 7001}]
    options = {"CONNECTION_POOL_KWARGS": {"startup_nodes": nodes, "password": "p@s"}}

    by_django = cache(BACKEND=REDIS, LOCATION="redis://a:7000", OPTIONS=options, KEY_PREFIX="tv")
    by_url = Settings.for_tests(CACHE_URL="rediss+cluster://u:p@a:7000,b:7001").cache

    assert (by_django.kind, by_django.nodes, by_django.prefix) == ("cluster", (("a", 7000), ("b", 7001)), "tv")
    assert make_url(by_django.url).password == "p@s"
    assert (by_url.kind, by_url.nodes) == ("cluster", (("a", 7000), ("b", 7001)))
    assert (by_url.url.partition("://")[0], make_url(by_url.url).password) == ("rediss", "p")


@pytest.mark.parametrize(
    ("caches", "said"),
    [
        ({"default": {"BACKEND": REDIS, "LOCATION": "http://x"}}, "CACHES['default']['LOCATION']: not an address"),
        ({"default": {"BACKEND": REDIS}}, "CACHES['default']['LOCATION']: not an address"),
        ({"default": {"BACKEND": "x.MemcachedCache"}}, "CACHES['default']['BACKEND']: no such cache"),
        ({"default": {"BACKEND": "x.MemcachedCache", "LOCATION": "10.0.0.1:11211"}}, "['BACKEND']: no such cache"),
        ({"default": {"LOCATON": "redis://x"}}, "did you mean 'LOCATION'?"),
        ({"main": {}}, "CACHES: there is no entry 'default'"),
        (
            {"default": {"OPTIONS": {"CONNECTION_POOL_KWARGS": {"startup_nodes": [{"host": "a", "port": "x"}]}}}},
            "every node needs a host and a port",
        ),
    ],
)
def test_wrong_caches_are_named(caches: Any, said: str) -> None:
    assert said in problems_of(CACHES=caches)
