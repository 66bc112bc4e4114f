"""From a box that asks for an address to an operator's script: our server, its API and the plugin together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from smarty_script_router.router import ScriptRouter
from smarty_script_router.workers import WORKERS

from smarty_core.services.configured_instances import ConfiguredInstances
from smarty_core.services.installation_check import check_plugins
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import CORE_ROUTERS, Installation
from smarty_core.testing.subscribers import API_KEY, PASSWORD

GOOD = "uri = 'http://%s.edge.test/%s/index.m3u8?t=%s' % (service, prefix, token)"
NEXT = "http://next.test/news1/index.m3u8"


class Town:
    """Operators with a channel each, played by a script first and by a mask when that fails."""

    def __init__(self, database: Database, publish: Callable[[Installation], str]) -> None:
        routers = {**CORE_ROUTERS["smarty.stream_router"], "script_router": ScriptRouter}
        self.installation = Installation(database, {"smarty.stream_router": routers})
        self.publish = publish
        self.api = ""

    def house(self, name: str, script: str, **attributes: Any) -> House:
        world = self.installation.world
        operator = world.operator(name, devices={"android": True})
        tariff = world.tariff(operator)
        known = {"client_id": operator.id, "type": "live"}
        attributes = {"deadline_ms": 2000, **attributes}
        services = [
            StreamService(name="script", router="script_router", mask=script, attributes=attributes, sort=1, **known),
            StreamService(name="next", mask="http://next.test/$prefix/index.m3u8", sort=2, **known),
        ]
        channel = self.installation.channel(tariff, "News", url_prefix="news1", services=services)
        world.subscriber(operator, tariffs=[tariff])
        return House(self, operator.id, channel.id, services[0].id)

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        self.api = self.api or self.publish(self.installation)
        url = f"{self.api}/tvmiddleware/api{path}"
        found: dict[str, Any] = httpx.get(
            url, params={"device": "android", **params}, timeout=30, trust_env=False
        ).json()
        assert found["error"] == 0, found
        return found


class House:
    """One operator's subscriber."""

    def __init__(self, town: Town, client_id: int, channel_id: int, service_id: int) -> None:
        self.town = town
        self.client_id = client_id
        self.channel_id = channel_id
        self.service_id = service_id
        self.authkey = ""

    def live(self) -> str:
        if not self.authkey:
            login = {"abonement": "1001", "password": PASSWORD, "api_key": API_KEY, "device_uid": "uid-1"}
            self.authkey = self.town.ask("/login/", client_id=self.client_id, **login)["authkey"]
        asked = {"client_id": self.client_id, "authkey": self.authkey, "cid": self.channel_id, "redirect": 0}
        uri: str = self.town.ask("/channel/url/", **asked)["uri"]
        return uri

    def write(self, script: str) -> None:
        """The operator gives his service another script."""
        with self.town.installation.system.database.write() as session:
            session.get_one(StreamService, self.service_id).mask = script
            bump(session, f"client:{self.client_id}:channels", f"client:{self.client_id}:tariffs")


@pytest.fixture
def town(sqlite_database: Database, publish: Any) -> Iterator[Town]:
    made = Town(sqlite_database, publish)
    yield made
    made.installation.close()


def test_the_script_makes_the_address_with_a_token_of_ours(town: Town) -> None:
    home = town.house("one", GOOD)
    address, _, token = home.live().partition("?t=")
    assert address == f"http://{home.service_id}.edge.test/news1/index.m3u8"
    check = {"token": token, "name": "news1"}
    assert (
        httpx.get(f"{town.api}/streaming/api/streamservice/token/check/", params=check, trust_env=False).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("uri = 'http://h/'\nuri = uri / 2", "line 2: TypeError"),
        ("uri = 'http://h/'\nwhile True:\n    pass", "it did not end within 50 ms"),
        ("uri = None", "uri was left empty"),
        ("uri = 'file:///etc/passwd'", "no complete address"),
        ("\nimport os\nuri = 'http://h/'", "line 2: scripts cannot import 'os'"),
    ],
)
def test_a_script_that_fails_costs_its_deadline_and_the_next_service_plays(
    town: Town, script: str, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    home = town.house("one", script, deadline_ms=50)
    with caplog.at_level(logging.WARNING):
        assert home.live() == NEXT
    assert line in caplog.text


def test_a_changed_script_answers_at_once(town: Town) -> None:
    home = town.house("one", GOOD)
    assert ".edge.test/" in home.live()
    home.write("uri = 'http://moved.test/' + prefix")
    assert home.live() == "http://moved.test/news1"
    home.write("uri = ")
    assert home.live() == NEXT
    home.write(GOOD)
    assert ".edge.test/" in home.live()


def test_operators_do_not_notice_each_others_scripts(town: Town) -> None:
    good = town.house("one", GOOD)
    bad = town.house("two", "x = []\nwhile True:\n    x.append('x' * 1000000)\nuri = ''", client_id=1)
    assert bad.live() == NEXT
    assert ".edge.test/" in good.live()
    assert set(WORKERS._workers) == {good.client_id, bad.client_id}, "the attribute led to nobody's process"


def test_check_names_the_lines_of_a_script_that_cannot_run(town: Town) -> None:
    town.house("one", "import os\nuri = prefx")
    system = town.installation.system
    instances = ConfiguredInstances(
        settings=system.settings, database=system.database, registry=system.registry, vault=system.vault
    )
    found = [finding for finding in check_plugins(system.hooks, instances, live=False) if finding.verdict == "problem"]
    (problem,) = found
    assert "script: line 1: scripts cannot import 'os'" in problem.text
    assert "script: line 2: unknown name 'prefx'" in problem.text
