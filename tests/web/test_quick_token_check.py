"""The check of stream tokens in the event loop: it says what the ordinary way says, and yes no oftener."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarty_core.app import create_app
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl, TokenFacts
from smarty_core.errors import ProviderUnavailable
from smarty_core.storage.database import Database
from smarty_core.storage.models import Session, StreamService
from smarty_core.testing.installation import CORE_ROUTERS, LIVE_MASK, Installation
from smarty_core.testing.subscribers import HOME_IP
from smarty_core.web.device.stream import quick_token_check
from smarty_core.web.dispatch import Dispatcher
from smarty_core.web.response import Cors
from smarty_core.web.surface import Routes
from smarty_core.web.surfaces import api_routes

CHECK = "/tvmiddleware/api/streamservice/token/check/"
PATHS = (
    CHECK,
    CHECK.rstrip("/"),
    f"/api{CHECK}",
    "/streaming/api/streamservice/token/check/",
    "/api/streaming/api/streamservice/token/check",
)
SERVER, PROXY, STRANGER = "198.51.100.9", "10.0.0.1", "203.0.113.9"
Lines = tuple[tuple[bytes, bytes], ...]


class Plain(StreamRouter[DriverSettings]):
    """A router that is asked with each check; its server may be away."""

    supports = frozenset({"token"})
    asked = 0
    away = False

    def issue(self, request: PlayRequest) -> StreamUrl:
        return StreamUrl(f"http://plain.test/{request.prefix}?token={request.token}")

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        Plain.asked += 1
        if Plain.away:
            raise ProviderUnavailable("away")
        return {"X-Count": str(Plain.asked)}


class Inline(Plain):
    """One that only computes."""

    supports = frozenset({"token", "inline"})


class Breaking(Inline):
    """One whose header would end the head of the answer."""

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        return {"X-Name": "viewer\r\nX-Max-Sessions: 99"}


ROUTERS = {**CORE_ROUTERS["smarty.stream_router"], "plain": Plain, "inline": Inline, "breaking": Breaking}


class Site:
    """Three channels: `free`, `bound` to the viewer's address, and `plain` whose router must be asked each time."""

    def __init__(self, database: Database) -> None:
        Plain.asked, Plain.away = 0, False
        self.installation = Installation(database, {"smarty.stream_router": ROUTERS}, TRUSTED_PROXIES=[PROXY])
        self.world = self.installation.world
        self.operator = self.world.operator()
        tariff = self.world.tariff(self.operator)
        self.channels = {
            name: self.installation.channel(
                tariff, name, services=[StreamService(client_id=self.operator.id, name=name, host=SERVER, **columns)]
            ).id
            for name, columns in {
                "free": {"mask": LIVE_MASK},
                "bound": {"mask": LIVE_MASK, "check_ip": True},
                "plain": {"router": "plain"},
                "inline": {"router": "inline"},
                "breaking": {"router": "breaking"},
            }.items()
        }
        self.account = self.world.subscriber(self.operator, tariffs=[tariff])
        self.viewer = self.world.viewer(self.operator)
        self.system = self.installation.system
        self.app = create_app(self.system)
        surfaces = [
            replace(surface, methods=tuple(replace(method, quick=None) for method in surface.methods))
            for surface in api_routes().surfaces
        ]
        self.ordinary = Dispatcher(Routes(surfaces), self.app.answerer, nowhere, max_bytes=10_000, cors=Cors([]))

    def token(self, channel: str = "free") -> str:
        played = self.system.playback.channel_url(
            self.viewer, self.operator, self.channels[channel], ip=HOME_IP, device="mag", now=self.world.now
        )
        return parse_qs(urlsplit(played.uri).query)["token"][0]

    def checked(self, channel: str = "free") -> str:
        """A token the video server has asked about before."""
        token = self.token(channel)
        assert status(ask(self.app, query(token, channel, HOME_IP))) == 200
        return token

    def quickly(self, asked: str, headers: Lines = (), peer: str = STRANGER) -> Any:
        """What is said in the event loop; None: nothing."""
        return quick_token_check(self.system, scope(asked, headers=headers, peer=peer))

    def both(self, asked: str, **options: Any) -> list[Mapping[str, Any]]:
        """The answer, which is the same on both ways."""
        quick = ask(self.app, asked, **options)
        assert quick == ask(self.ordinary, asked, **options), asked
        return quick


async def nowhere(*_: Any) -> None:
    raise AssertionError("this is no path of the API")


def query(token: str, name: str = "", ip: str = "") -> str:
    return f"token={token}&name={name}&ip={ip}"


def scope(asked: str, *, path: str = CHECK, headers: Lines = (), peer: str = STRANGER) -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "path": path, "query_string": asked.encode("latin-1"),
        "headers": [(b"host", b"smarty"), *headers], "client": (peer, 4711),
    }  # fmt: skip


def ask(app: Dispatcher, asked: str, **options: Any) -> list[Mapping[str, Any]]:
    """The ASGI messages of the answer."""
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(app(scope(asked, **options), receive, send))  # type: ignore[arg-type]
    return sent


def status(messages: Sequence[Mapping[str, Any]]) -> int:
    found: int = messages[0]["status"]
    return found


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[Site]:
    made = Site(sqlite_database)
    yield made
    made.ordinary.close()
    made.installation.close()


def test_a_yes_and_each_kind_of_no_have_the_bytes_of_the_ordinary_way(site: Site) -> None:
    token = site.checked()
    wishes = {
        query(token, "free", HOME_IP): 200,
        query(token): 200,
        f"proto=hls&token={token}&name=free&referer=&user_agent=a%20b&session_id=x": 200,
        query(token, "sport", HOME_IP): 403,
        query("0" * 32, "free", HOME_IP): 403,
        query("", "free"): 403,
        "": 403,
    }
    for path in PATHS:
        for asked, expected in wishes.items():
            assert status(site.both(asked, path=path)) == expected
    assert site.quickly(query(token, "free", HOME_IP)) is not None
    site.world.move(seconds=site.system.stream_tokens.lifetime.ttl)
    assert status(site.both(query(token, "free", HOME_IP))) == 403


SPELLINGS = {
    "token={token}&name=free": True,
    "name=free%2Findex.m3u8&token={token}": True,
    "token={token}&name=%2Ffree/": True,
    "token=&token={token}&name=free": True,
    "token={token}&token=&name=sport&name=free": True,
    "token={token}&name=free&name=": True,
    "token={token}&&name=free&x": True,
    "token={token}&name=free%3Fa=1": True,
    "token={token}&name=free&device=mag_250": False,
    "token={token}&name=free&device=": False,
    "%74oken={token}&name=free": False,
    "token={token}&name=free?%00": False,
    "token={token}&name=free?%EE%80%80": False,
    "token={token}&ip=%00": False,
    "token={token}&name=free&ip=%FF": True,
    "token={token}&name=fr%65e": True,
    "token={token}&name=+free": False,
    "token={token}+": False,
    "token={token}&name=Free": False,
    "token={token}&" + "a&" * 900: False,
    "token={token}&name=free?" + "a" * 5000: False,
    "token={token}&" + "&" * 2500: False,
}
"""Queries, and whether they are answered at once."""


def test_every_spelling_of_a_query_has_the_answer_of_the_ordinary_way(site: Site) -> None:
    token = site.checked()
    for spelling, quick in SPELLINGS.items():
        asked = spelling.format(token=token)
        assert (site.quickly(asked) is not None) is quick, asked
        site.both(asked)


pieces = st.sampled_from(
    ["token", "name", "ip", "device", "=", "=", "&", "&", "%", "%2", "%2F", "%00", "%74oken", "+", "free", "bound",
     "free", "TOKEN", "TOKEN", HOME_IP, "::ffff:192.0.2.10", "mag", "/", "?", "\x80", "\xff", ";"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.one_of(
        st.lists(pieces, max_size=14).map("".join),
        st.permutations(["token=TOKEN", "name=free", "name=bound", f"ip={HOME_IP}", "x=", "ip=", "name=%62ound"]).map(
            lambda fields: "&".join(fields[:4])
        ),
    ),
    channel=st.sampled_from(["free", "bound"]),
    real_ip=st.sampled_from([b"", HOME_IP.encode(), b"x"]),
    path=st.sampled_from([b"", b"/free", b"/bound/index.m3u8", b"\xff"]),
    peer=st.sampled_from([SERVER, STRANGER, PROXY, ""]),
)
def test_no_query_at_all_has_another_answer(
    site: Site, asked: str, channel: str, real_ip: bytes, path: bytes, peer: str
) -> None:
    if not hasattr(site, "tokens"):
        site.tokens = {name: site.checked(name) for name in ("free", "bound")}  # type: ignore[attr-defined]
    asked = asked.replace("TOKEN", site.tokens[channel])  # type: ignore[attr-defined]
    headers = tuple(line for line in ((b"x-real-ip", real_ip), (b"x-real-path", path)) if line[1])
    site.both(asked, headers=headers, peer=peer)


AT_HOME = (b"x-real-ip", HOME_IP.encode())
BOUND_PATH = (b"x-real-path", b"/bound/index.m3u8")


def test_a_bound_token_is_good_from_its_address_only(site: Site) -> None:
    token = site.checked("bound")
    for ip, headers, peer, good, quick in (
        (HOME_IP, (), STRANGER, True, True),
        ("::ffff:" + HOME_IP, (), STRANGER, True, True),
        (STRANGER, (), STRANGER, False, False),
        ("", (), SERVER, False, False),
        ("", (AT_HOME,), SERVER, True, True),
        ("", ((b"x-real-ip", STRANGER.encode()), AT_HOME), SERVER, True, True),
        ("", (AT_HOME, (b"x-forwarded-for", SERVER.encode())), PROXY, True, True),
        ("", (AT_HOME, (b"x-forwarded-for", STRANGER.encode())), PROXY, False, False),
        ("", (AT_HOME,), STRANGER, False, False),
        (STRANGER, (AT_HOME,), SERVER, False, False),
        (HOME_IP, ((b"origin", b"http://a"),), STRANGER, True, False),
        (HOME_IP, (BOUND_PATH,), STRANGER, False, False),
        (HOME_IP, (BOUND_PATH,), SERVER, False, False),
        (STRANGER, (AT_HOME, BOUND_PATH), SERVER, True, True),
        ("", (AT_HOME, BOUND_PATH), SERVER, True, True),
        ("", (AT_HOME, (b"x-real-path", b"/sport/index.m3u8")), SERVER, False, False),
        ("", (AT_HOME, (b"x-real-path", b"/a/b"), (b"x-channel-id", b"bound")), SERVER, True, True),
        ("", (AT_HOME, (b"x-real-path", b"/a/b"), (b"x-channel-id", b"sport")), SERVER, False, False),
        ("", (AT_HOME, (b"x-channel-id", b"sport")), SERVER, True, True),
    ):
        asked = query(token, "bound", ip)
        assert (site.quickly(asked, headers, peer) is not None) is quick
        assert status(site.both(asked, headers=headers, peer=peer)) == (200 if good else 403)


def test_a_logout_ends_the_yes_at_once(site: Site) -> None:
    asked = query(site.checked(), "free")
    assert site.quickly(asked) is not None
    with site.system.database.write() as session:
        site.system.sessions.end(session, [session.get_one(Session, site.viewer.session_id)], reason="logout")
    assert site.quickly(asked) is None
    assert status(site.both(asked)) == 403


def test_what_is_said_changes_with_the_rest_of_the_life(site: Site) -> None:
    token, life = site.checked(), site.system.stream_tokens.lifetime
    durations = set()
    for _ in range(life.max_ttl // 50):
        answer = site.both(query(token, "free"))
        if status(answer) != 200:
            break
        durations.add(int(dict(answer[0]["headers"])[b"x-authduration"]))
        site.world.move(seconds=50)
    assert max(durations) == life.auth_duration
    assert min(durations) < 60


def test_a_router_that_must_be_asked_is_asked_each_time(site: Site) -> None:
    token = site.checked("plain")
    for number in (2, 3):
        assert site.quickly(query(token, "plain")) is None
        assert (b"x-count", str(number).encode()) in ask(site.app, query(token, "plain"))[0]["headers"]


def test_a_router_that_fails_is_asked_again(site: Site) -> None:
    Plain.away = True
    token = site.checked("inline")
    assert site.quickly(query(token, "inline")) is None
    Plain.away = False
    assert (b"x-count", b"2") in ask(site.app, query(token, "inline"))[0]["headers"]
    assert (b"x-count", b"2") in ask(site.app, query(token, "inline"))[0]["headers"]
    assert site.quickly(query(token, "inline")) is not None


def test_while_every_request_is_logged_none_is_quick(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    asked = query(site.checked(), "free")
    with caplog.at_level(logging.DEBUG, "smarty_api_requests"):
        assert site.quickly(asked) is None
    assert site.quickly(asked) is not None


def test_a_header_that_would_end_the_head_is_never_written_from_memory(site: Site) -> None:
    token = site.checked("breaking")
    assert site.quickly(query(token, "breaking", HOME_IP)) is None
