"""From a box that asks for an address to an Astra or Alta that plays: what they tell in headers is all that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from smarty_astra.router import Astra

from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP

ELSEWHERE = "198.51.100.9"
CHECK = "/tvmiddleware/api/streamservice/token/check/"


class Home:
    """A subscriber with two channels on one server; the tokens are for his address."""

    def __init__(self, database: Database, publish: Callable[[Installation], str], astra: Any, host: str) -> None:
        astra.url = astra.url.replace("127.0.0.1", "localhost")  # the address itself would be believed
        self.installation = Installation(database, {"smarty.stream_router": {"astra": Astra}}, TRUSTED_PROXIES=[])
        self.world, self.astra = self.installation.world, astra
        self.operator = self.world.operator("one")
        tariff = self.world.tariff(self.operator)
        service = StreamService(
            client_id=self.operator.id, name="live", router="astra", mask=astra.url, host=host, check_ip=True
        )
        self.news, self.sport = (
            self.installation.channel(tariff, name, url_prefix=name, services=[service]).id
            for name in ("news1", "tv/news1")
        )
        self.account = self.world.subscriber(self.operator, tariffs=[tariff])
        self.viewer = self.world.viewer(self.operator)
        self.base = publish(self.installation)

    def live(self, cid: int) -> str:
        played = self.installation.system.playback.channel_url(
            self.viewer, self.operator, cid, ip=HOME_IP, device="mag", now=self.world.now
        )
        return played.uri

    def play(self, uri: str, ip: str = HOME_IP) -> int:
        status: int = self.astra.get(uri, ip)
        return status


@pytest.fixture(params=["astra", "alta"])
def home(request: Any, sqlite_database: Database, publish: Any, astra: Any) -> Iterator[Callable[..., Home]]:
    made: list[Home] = []

    def move_in(host: str = "127.0.0.1") -> Home:
        made.append(Home(sqlite_database, publish, astra, host))
        astra.product = request.param
        astra.backend = made[-1].base + ("" if request.param == "astra" else CHECK)
        return made[-1]

    yield move_in
    for one in made:
        one.installation.close()


def test_a_token_plays_its_channel_at_its_address_only(home: Any, astra: Any) -> None:
    one = home()
    uri = one.live(one.news)
    assert one.play(uri) == 200
    assert one.play(uri, ELSEWHERE) == 403
    assert one.play(uri.replace("/news1/", "/tv/news1/")) == 403
    assert one.play(uri.partition("?")[0]) == 403
    assert one.play(one.live(one.sport)) == 200
    assert [session["login"] for session in astra.sessions.values()] == [str(one.account.id)] * 2


def test_an_answer_from_memory_is_as_strict(home: Any) -> None:
    one = home()
    uri = one.live(one.news)
    for _ in range(2):
        assert one.play(uri) == 200
        assert one.play(uri, ELSEWHERE) == 403
        assert one.play(uri.replace("/news1/", "/tv/news1/")) == 403


def test_what_a_viewer_writes_into_his_own_query_is_not_believed(home: Any) -> None:
    one = home()
    uri = one.live(one.news)
    assert one.play(uri) == 200
    assert one.play(f"{uri}&ip={HOME_IP}", ELSEWHERE) == 403
    assert one.play(f"{uri}&name=news1".replace("/news1/", "/tv/news1/")) == 403
    assert one.play(f"{uri}&name=other&ip={ELSEWHERE}") == 200, "his words do not hurt him either"


def test_only_the_server_of_the_service_is_believed(home: Any) -> None:
    one = home(host="192.0.2.200")
    uri = one.live(one.news)
    assert one.play(uri) == 403
    assert one.play(f"{uri}&ip={HOME_IP}") == 403


def test_headers_of_a_stranger_open_nothing(home: Any) -> None:
    one = home(host="192.0.2.200")
    token = one.live(one.news).rpartition("token=")[2]
    for headers in ({"X-Real-IP": HOME_IP}, {"X-Real-IP": HOME_IP, "X-Real-Path": "/news1/index.m3u8"}):
        asked = httpx.get(one.base + CHECK, params={"token": token}, headers=headers, timeout=30, trust_env=False)
        assert asked.status_code == 403
        assert asked.json()["error"] == 3
