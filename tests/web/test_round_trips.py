"""What an answer costs besides computing: what is asked of SQL and of a real Redis, counted on the way to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis.connection
from sqlalchemy import event

from smarty_core.storage.database import Database
from smarty_core.testing.servers import redis_server
from smarty_core.testing.subscribers import API_KEY, START
from tests.web.device.world import World

NOON = int(START.timestamp())

Asked = tuple[str, Mapping[str, Any]]

STEADY: Mapping[str, Asked] = {
    "AccountStatus": ("/account/status/", {}),
    "CategoryList": ("/category/list/", {}),
    "ChannelList": ("/channel/list/", {}),
    "ChannelListV2": ("/v2/channel/list/", {}),
    "ChannelInfoV2": ("/v2/channel/info/", {"channel_ids": "{news}"}),
    "ChannelIconList": ("/channel/icon/list/", {"api_key": API_KEY}),
    "ChannelPrograms": ("/channel/programs/", {"cid": "{news}"}),
    "HealthCheck": ("/health/check/", {}),
    "PortalSettingsList": ("/portal/settings/list/", {"api_key": API_KEY}),
    "ProgramList": ("/program/list/", {"cid": "{news}", "time_from": NOON - 7200, "time_to": NOON + 7200}),
    "StreamServiceTokenCheck": ("/streamservice/token/check/", {"token": "{token}", "name": "Alpha-news"}),
}
ISSUING: Mapping[str, Asked] = {
    "ChannelUrl": ("/channel/url/", {"cid": "{news}", "redirect": 0}),
    "ProgramUrl": ("/program/url/", {"cid": "{news}", "time": NOON - 10_000, "redirect": 0}),
}


@dataclass
class Counted:
    """What was asked, in order. One item of `redis` is one round trip, however many commands go in it."""

    sql: list[str] = field(default_factory=list)
    redis: list[str] = field(default_factory=list)


class Devices:
    """Devices of one operator in front of one process; another process shares its database and its Redis."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self.world = World(database, CACHE_URL=redis_url)
        self.counted = Counted()
        event.listen(self.world.system.database.engine, "before_cursor_execute", self._count_sql)
        self.first = self.log_in(0)
        self.token = self.ask(ISSUING["ChannelUrl"])["uri"].partition("token=")[2]

    def log_in(self, number: int) -> dict[str, Any]:
        return self.world.login(self.world.alpha, "1001", device="android", device_uid=f"uid{number}")

    def move_to_another_process(self) -> None:
        """From now on, one that has heard of nobody yet is asked."""
        self.world.close()
        self.world.installation.__dict__.pop("system")
        self.world._app = None
        event.listen(self.world.system.database.engine, "before_cursor_execute", self._count_sql)

    def ask(self, asked: Asked, login: Mapping[str, Any] | None = None) -> dict[str, Any]:
        path, params = asked
        known = {"{news}": self.world.alpha.channels[0]}
        if "{token}" in params.values():
            known["{token}"] = self.token
        sent = {name: known.get(value, value) for name, value in params.items()}
        answer = self.world.get(path, **(login or self.first), device="android", **sent)
        assert answer["error"] == 0, (path, answer)
        return answer

    def cost_of(self, asked: Asked, login: Mapping[str, Any] | None = None) -> Counted:
        """Of one more answer."""
        self.counted = Counted()
        self.ask(asked, login)
        return self.counted

    def _count_sql(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.counted.sql.append(statement)


@pytest.fixture
def devices(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Devices]:
    connection = redis.connection.AbstractConnection
    send = connection.send_packed_command

    def counting(self: Any, command: Any, check_health: bool = True) -> None:
        made.counted.redis.append(str(command))
        send(self, command, check_health)

    with redis_server() as port:
        made = Devices(sqlite_database, f"redis://127.0.0.1:{port}/0")
        monkeypatch.setattr(connection, "send_packed_command", counting)
        yield made
        made.world.close()


def test_the_first_answer_is_counted(devices: Devices) -> None:
    devices.move_to_another_process()
    cost = devices.cost_of(STEADY["ChannelList"])
    assert any("FROM channel" in statement for statement in cost.sql)
    assert any("GET" in command for command in cost.redis)


def test_a_warm_answer_asks_neither_sql_nor_redis(devices: Devices) -> None:
    for _ in range(2):
        for asked in STEADY.values():
            devices.ask(asked)
    costs = {name: devices.cost_of(asked) for name, asked in STEADY.items()}
    assert costs == dict.fromkeys(STEADY, Counted())


def test_a_warm_stream_address_and_its_token_cost_neither(devices: Devices) -> None:
    for asked in ISSUING.values():
        devices.ask(asked)
        assert devices.cost_of(asked) == Counted()


def test_a_session_another_process_knows_costs_one_round_trip(devices: Devices) -> None:
    strangers = {name: devices.log_in(number + 1) for number, name in enumerate(STEADY)}
    for login in strangers.values():
        devices.ask(STEADY["AccountStatus"], login)
    devices.move_to_another_process()
    for asked in STEADY.values():
        devices.ask(asked)
    costs = {name: devices.cost_of(STEADY[name], login) for name, login in strangers.items()}
    assert [statement for cost in costs.values() for statement in cost.sql] == []
    asking = {name: len(cost.redis) for name, cost in costs.items() if cost.redis}
    without_session = {"ChannelIconList", "HealthCheck", "PortalSettingsList", "StreamServiceTokenCheck"}
    assert asking == dict.fromkeys(STEADY.keys() - without_session, 1)


def test_a_session_no_process_knows_is_read_once_and_told_to_the_others(devices: Devices) -> None:
    for asked in STEADY.values():
        devices.ask(asked)
    for number, name in enumerate(("ChannelList", "ChannelPrograms", "CategoryList")):
        cost = devices.cost_of(STEADY[name], devices.log_in(number + 1))
        assert [statement.partition(" ")[0] for statement in cost.sql] == ["BEGIN", "SELECT", "SELECT"]
        assert [command.count("GET") + 2 * command.count("SET") for command in cost.redis] == [1, 2]
