"""Redis is killed, hangs, refuses to write or forgets everything, under load: no device notices."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from smarty_core.testing import servers
from smarty_core.testing.servers import PrivateServer
from tests.faults.load import failures, slowest
from tests.faults.served import Served, lasting, serving, soaking, write_settings
from tests.faults.town import migrate, settle

pytestmark = [pytest.mark.soak, pytest.mark.long]

SLOWEST_SECONDS = 5.0
"""Nobody waits longer, however busy the machine is; the server itself gives Redis 50 ms."""

TROUBLE = "does not do its work"

Fault = Callable[[PrivateServer], contextlib.AbstractContextManager[None]]


@dataclass
class City:
    served: Served
    redis: PrivateServer


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    (folder / "redis").mkdir()
    url = f"sqlite:///{folder / 'smarty.sqlite'}"
    migrate(url)
    town = settle(url, devices=10_000 if soaking() else 1_500)
    with servers.private_redis("--dir", str(folder / "redis")) as server:
        write_settings(folder, database=url, cache=f"redis://127.0.0.1:{server.port}/0")
        with serving(folder, town) as served:
            served.watch(range(1, 9))
            yield City(served, server)


@contextlib.contextmanager
def killed(server: PrivateServer) -> Iterator[None]:
    server.kill()
    yield
    server.start()


def hanging(server: PrivateServer) -> contextlib.AbstractContextManager[None]:
    return server.hanging()


@contextlib.contextmanager
def failing_to_save(server: PrivateServer) -> Iterator[None]:
    """MISCONF: its disk is gone, so it takes no more writes, and not even a PING."""
    with redis.Redis(port=server.port, decode_responses=True) as client:
        folder = Path(client.config_get("dir")["dir"])
        folder.rmdir()
        client.config_set("save", "3600 1")
        client.bgsave()
        while client.info("persistence")["rdb_last_bgsave_status"] != "err":
            time.sleep(0.01)
        with pytest.raises(redis.ResponseError, match="MISCONF"):
            client.set("x", 1)
        yield
        client.config_set("save", "")
        folder.mkdir()


@contextlib.contextmanager
def without_replicas(server: PrivateServer) -> Iterator[None]:
    """NOREPLICAS: it may only be read."""
    with redis.Redis(port=server.port) as client:
        client.config_set("min-replicas-to-write", 1)
        with pytest.raises(redis.ResponseError, match="NOREPLICAS"):
            client.set("x", 1)
        yield
        client.config_set("min-replicas-to-write", 0)


@contextlib.contextmanager
def flushed(server: PrivateServer) -> Iterator[None]:
    with redis.Redis(port=server.port) as client:
        client.flushall()
        yield
        client.flushall()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", [killed, hanging, failing_to_save, without_replicas, flushed])
def test_no_device_notices(city: City, fault: Fault) -> None:
    served = city.served
    told = len(served.lines(TROUBLE))
    with served.mixed() as load:
        load.goes_on(0.3)
        begun = time.monotonic()
        with fault(city.redis):
            load.goes_on(lasting(1.2))
            lasted = time.monotonic() - begun
        load.goes_on(0.5)
    answered = load.answered
    assert not failures(answered), failures(answered)
    assert len(answered) > 150 * lasted, "the load was not what it should be"
    assert slowest(answered) < SLOWEST_SECONDS
    assert len(served.lines(TROUBLE)) - told <= 1 + lasted // 60, "once a minute is enough"
    assert fault is flushed or served.lines(TROUBLE), "the log does not say it"
    assert not served.lines("Traceback")
    _is_used_again(city)


@pytest.mark.timeout(600)
def test_no_device_notices_that_a_node_of_the_cluster_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'smarty.sqlite'}"
    migrate(url)
    town = settle(url, devices=1_000)
    with servers.private_cluster() as nodes:
        cache = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        write_settings(tmp_path, database=url, cache=cache)
        with serving(tmp_path, town) as served:
            served.watch(range(1, 9))
            with served.mixed() as load:
                load.goes_on(0.3)
                with nodes[0].hanging():
                    load.goes_on(lasting(1.2))
                load.goes_on(0.5)
                nodes[1].kill()
                load.goes_on(lasting(1.2))
            assert not failures(load.answered), failures(load.answered)
            assert slowest(load.answered) < SLOWEST_SECONDS
            assert 1 <= len(served.lines(TROUBLE)) <= 1 + lasting(1.2) // 20
            assert not served.lines("Traceback")


def _is_used_again(city: City) -> None:
    """Values come into Redis again when devices nobody has heard of ask."""
    served, numbers = city.served, itertools.count()
    with redis.Redis(port=city.redis.port) as client:
        client.flushall()

        def stored() -> bool:
            opened = json.loads(served.connection.ask(served.town.login(next(numbers))).body)
            assert served.is_good(served.town.status_of(opened["authkey"]))
            return bool(client.dbsize())

        served.until(stored)
