"""From a box that asks for an address to a Flussonic that plays: our server, its API and the plugin together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from smarty_flussonic.router import Flussonic, FlussonicSecuretoken

from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, EpgChannel, Programme, StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY, HOME_IP, PASSWORD

KEY = "k3yForTests"


class Home:
    """One subscriber with one channel, `news1`, played live and recorded by a Flussonic."""

    def __init__(
        self, database: Database, publish: Callable[[Installation], str], flussonic: Any, router: str, **columns: Any
    ) -> None:
        routers = {"mask": MaskRouter, "flussonic": Flussonic, "flussonic_securetoken": FlussonicSecuretoken}
        self.installation = Installation(
            database,
            {"smarty.stream_router": routers},
            TRUSTED_PROXIES=["127.0.0.1"],
            TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION=60,
        )
        self.world = self.installation.world
        self.flussonic = flussonic
        flussonic.now = int(self.world.now.timestamp())
        operator = self.world.operator("one", devices={"android": True})
        tariff = self.world.tariff(operator, **columns.pop("tariff", {}))
        if secret := columns.pop("secret", ""):
            # Secrets of services are stored encrypted with the key of the installation.
            columns["secret"] = self.installation.system.vault.encrypt(secret)
        known = {"client_id": operator.id, "router": router, "mask": flussonic.url, **columns}
        services = [
            StreamService(name="live", type="live", **known),
            StreamService(name="archive", type="pvr", recording_days=7, **known),
        ]
        guide = EpgChannel(name="news")
        self.world.add(guide)
        self.begin = self.world.now - timedelta(hours=2)
        hour = timedelta(hours=1)
        past = Programme(epg_channel_id=guide.id, start=self.begin, stop=self.begin + hour, name="Past")
        on_air = Programme(epg_channel_id=guide.id, start=self.begin + hour, stop=self.begin + 3 * hour, name="Now")
        self.world.add(past, on_air)
        self.past, self.on_air = past.id, on_air.id
        self.channel: Channel = self.installation.channel(
            tariff, "News", url_prefix="news1", services=services, epg_channel_id=guide.id, recording_days=7
        )
        self.world.subscriber(operator, tariffs=[tariff])
        self.api = publish(self.installation) + "/tvmiddleware/api"
        if router == "flussonic":
            flussonic.auth_url = self.api + "/streamservice/token/check/"
        login = {
            "client_id": operator.id,
            "api_key": API_KEY,
            "abonement": "1001",
            "password": PASSWORD,
            "device_uid": "uid-1",
        }
        self.session = {"client_id": operator.id, "device": "android"}
        self.session["authkey"] = self.ask("/login/", **login)["authkey"]

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        """An answer to the box at home, behind the balancer."""
        params = {"device": "android", **params}
        headers = {"X-Forwarded-For": HOME_IP, "X-Real-IP": HOME_IP}
        answer = httpx.get(self.api + path, params=params, headers=headers, timeout=30, trust_env=False)
        found: dict[str, Any] = answer.json()
        assert found["error"] == 0, found
        return found

    def live(self) -> str:
        uri: str = self.ask("/channel/url/", **self.session, cid=self.channel.id, redirect=0)["uri"]
        return uri

    def recorded(self, pid: int, **params: Any) -> str:
        asked = {**self.session, "cid": self.channel.id, "pid": pid, "redirect": 0, **params}
        uri: str = self.ask("/program/url/", **asked)["uri"]
        return uri

    def move(self, seconds: int) -> None:
        """Time passes, here and on the video server."""
        self.world.move(seconds=seconds)
        self.flussonic.now += seconds

    def play(self, uri: str, ip: str = HOME_IP) -> int:
        status: int = self.flussonic.get(uri, ip)
        return status


Move = Callable[..., Home]


@pytest.fixture
def home(sqlite_database: Database, publish: Any, flussonic: Any) -> Iterator[Move]:
    made: list[Home] = []

    def move_in(router: str = "flussonic", **columns: Any) -> Home:
        made.append(Home(sqlite_database, publish, flussonic, router, **columns))
        return made[-1]

    yield move_in
    for one in made:
        one.installation.close()


def test_live_and_every_way_into_the_archive_play(home: Move) -> None:
    one = home()
    begin = int(one.begin.timestamp())
    assert one.play(one.live()) == 200
    assert one.play(one.recorded(one.past)) == 200
    assert one.play(one.recorded(one.on_air)) == 200
    assert one.play(one.recorded(one.past, tv_pause=1)) == 200
    assert one.flussonic.played == [
        "live=index.m3u8",
        f"start={begin} length=3600",
        f"start={begin + 3600} length=now",
        f"moment={begin}",
    ]


def test_without_our_token_nothing_plays(home: Move) -> None:
    one = home()
    uri = one.live()
    assert one.play(uri.partition("?")[0]) == 403
    assert one.play(uri[:-1] + ("0" if uri[-1] != "0" else "1")) == 403
    assert one.play(uri.replace("/news1/", "/live/news1/")) == 403, "the token is for another stream"
    assert one.play(uri) == 200


def test_a_service_that_checks_the_address_plays_at_home_only(home: Move) -> None:
    one = home(check_ip=True)
    uri = one.live()
    assert one.play(uri, ip="198.51.100.9") == 403
    assert one.play(uri) == 200


def test_a_logout_ends_the_picture_when_the_server_asks_again(home: Move) -> None:
    one = home()
    uri = one.live()
    assert one.play(uri) == 200
    one.ask("/logout/", **one.session)
    one.move(seconds=59)
    assert one.play(uri) == 200
    one.move(seconds=1)
    assert one.play(uri) == 403


def test_a_watched_picture_goes_on_until_its_token_may_live_no_longer(home: Move) -> None:
    one = home()
    uri = one.live()
    watched = 0
    while one.play(uri) == 200:
        watched += 60
        one.move(seconds=60)
    assert watched == 10_800


@pytest.mark.parametrize(
    ("tariff", "attributes", "playing"),
    [
        ({}, None, [200, 200]),
        ({}, {"max_sessions": 1}, [403, 200]),
        ({}, {"unique": True}, [403, 200]),
        ({"basic_sessions_count": 1}, None, [403, 200]),
        ({"sessions_count": 1, "basic_sessions_count": 1}, {"max_sessions": 1}, [200, 200]),
    ],
)
def test_the_limit_of_sessions_reaches_the_server(
    home: Move, tariff: dict[str, Any], attributes: Any, playing: list[int]
) -> None:
    one = home(tariff=tariff, attributes=attributes)
    addresses = [one.live(), one.live()]
    assert [one.play(uri) for uri in addresses] == [200, 200]
    assert [one.play(uri) for uri in addresses] == playing


def test_the_check_answers_under_both_addresses_with_what_the_server_reads(home: Move) -> None:
    one = home(attributes={"max_sessions": 3})
    token = urlsplit(one.live()).query.removeprefix("token=")
    for base in (one.api, one.api.replace("/tvmiddleware/api", "/streaming/api")):
        answer = httpx.get(
            f"{base}/streamservice/token/check/", params={"token": token, "name": "news1", "proto": "hls"},
            timeout=30, trust_env=False,
        )  # fmt: skip
        assert answer.status_code == 200
        assert answer.headers["x-authduration"] == "60"
        assert answer.headers["x-max-sessions"] == "3"
        assert answer.headers["x-userid"].isdigit()
        assert "x-unique" not in answer.headers


def test_signed_links_play_at_home_and_nobody_is_asked(home: Move) -> None:
    one = home("flussonic_securetoken", secret=KEY, attributes={"lifetime": 600})
    one.flussonic.key = KEY
    uri = one.live()
    assert one.play(uri) == 200
    assert one.play(one.recorded(one.past)) == 200
    assert one.play(uri, ip="198.51.100.9") == 403
    one.move(seconds=600)
    assert one.play(uri) == 403


def test_a_key_that_differs_from_the_servers_opens_nothing(home: Move) -> None:
    one = home("flussonic_securetoken", secret="another key")
    one.flussonic.key = KEY
    assert one.play(one.live()) == 403
