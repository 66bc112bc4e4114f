"""The address of a channel in the event loop: what the whole way says, for whoever asks, while it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.events import PlaybackWish, Refusal
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.hookspecs import hookimpl
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Session, StreamService, Tariff
from smarty_core.testing.installation import CORE_ROUTERS
from tests.web.site import Site

URL = "/tvmiddleware/api/channel/url/"


class Slow(StreamRouter[DriverSettings]):
    """A router that is not asked in the event loop."""

    def issue(self, request: PlayRequest) -> StreamUrl:
        return StreamUrl(f"http://slow.test/{request.prefix}")


class Telling(StreamRouter[DriverSettings]):
    """One that puts what it is told into the address."""

    supports = frozenset({"inline", "token"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        told = f"{request.account_id}/{request.ip}/{request.device}/{request.user_agent}/{request.audio_pid}"
        return StreamUrl(f"http://telling.test/{told}?token={request.token}")


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[Site]:
    made = Site(sqlite_database)
    yield made
    made.installation.close()


def address(answer: httpx.Response) -> str:
    if answer.status_code == 302:
        return answer.headers["location"]
    found = re.search(r"http://[^\"<]*", answer.text)
    assert found is not None
    return found[0]


def token_of(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(address(answer)).query)["token"][0]


def owner(site: Site, answer: httpx.Response) -> int:
    """The account a token was given to, as a video server's question shows."""
    return site.system.stream_tokens.check(token_of(answer), "", "127.0.0.1", site.world.now).facts.account_id


def shape(answer: httpx.Response) -> tuple[Any, ...]:
    """Everything of an answer but its token, which is always another."""
    token = token_of(answer)
    headers = {name: value.replace(token, "TOKEN") for name, value in answer.headers.items()}
    return answer.status_code, dict(sorted(headers.items())), answer.text.replace(token, "TOKEN")


@pytest.mark.parametrize(
    "asked",
    [{}, {"redirect": 0}, {"redirect": 0, "device": "tizen"}, {"device": "mag_250", "redirect": 0}, {"device": "wrt"},
     {"exclude_service_id": "999"}, {"redirect": 0, "audio_pid": "2"}],
)  # fmt: skip
def test_both_ways_say_the_same(site: Site, asked: dict[str, Any]) -> None:
    first = site.ask(URL, site.keys[0], cid=site.channels[0].id, **asked)
    again = site.in_the_loop(URL, site.keys[0], cid=site.channels[0].id, **asked)
    assert again is not None
    assert shape(again) == shape(first)
    assert token_of(again) != token_of(first)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=25))
def test_everybody_gets_a_token_of_his_own_for_what_he_asked(site: Site, asked: list[tuple[int, int, bool]]) -> None:
    for who, which, redirect in asked:
        channel = site.channels[which]
        answer = site.ask(URL, site.keys[who], cid=channel.id, redirect=int(redirect))
        grant = site.system.stream_tokens
        assert owner(site, answer) == site.accounts[who].id
        assert grant.check(token_of(answer), channel.url_prefix, "127.0.0.1", site.world.now)
        other = site.channels[(which + 1) % 3]
        with pytest.raises(Exception, match="other content"):
            grant.check(token_of(answer), other.url_prefix, "127.0.0.1", site.world.now)
    assert site.prepared.hits or len(asked) < 10


def test_it_asks_no_database(site: Site) -> None:
    site.ask(URL, site.keys[0], cid=site.channels[0].id)
    said: list[str] = []
    engine = site.system.database.engine
    listen = lambda *args: said.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    assert site.in_the_loop(URL, site.keys[0], cid=site.channels[0].id) is not None
    event.remove(engine, "before_cursor_execute", listen)
    assert said == []


@pytest.mark.parametrize("what", ["logout", "tariff", "service", "switched_off", "excluded"])
def test_what_ends_the_right_to_it_ends_it_here(site: Site, what: str) -> None:
    channel = site.channels[0]
    service = channel.services[0].id
    assert site.asked_twice(URL, site.keys[0], cid=channel.id).status_code == 302
    asked: dict[str, Any] = {"cid": channel.id}
    with site.system.database.write() as session:
        if what == "logout":
            row = session.query(Session).filter(Session.account_id == site.accounts[0].id).one()
            site.system.sessions.end(session, [row], reason="logout")
        elif what == "tariff":
            session.get_one(Tariff, site.tariff.id).channels = []
            bump(session, f"client:{site.operator.id}:tariffs")
        elif what == "service":
            session.get_one(StreamService, service).available = False
            bump(session, f"client:{site.operator.id}:channels")
        elif what == "switched_off":
            session.get_one(type(channel), channel.id).enabled = False
            bump(session, f"client:{site.operator.id}:channels")
        else:
            asked["exclude_service_id"] = service
    answer = site.ask(URL, site.keys[0], **asked)
    assert answer.json()["error"] == (403 if what == "logout" else 404)


def test_another_service_is_taken_when_the_first_is_not_there(site: Site) -> None:
    channel = site.channels[0]
    with site.system.database.write() as session:
        row = session.get_one(type(channel), channel.id)
        spare = StreamService(
            client_id=site.operator.id, name="spare", mask="http://spare.test/$prefix?token=$token", sort=9
        )
        row.services.append(spare)
        tariff = session.get_one(Tariff, site.tariff.id)
        tariff.services.append(spare)
        bump(session, f"client:{site.operator.id}:channels", f"client:{site.operator.id}:tariffs")
    first = site.asked_twice(URL, site.keys[0], cid=channel.id, redirect=0).json()
    failed = site.asked_twice(
        URL, site.keys[0], cid=channel.id, redirect=0, exclude_service_id=first["stream_service_id"]
    )
    assert failed.json()["stream_service_id"] not in (first["stream_service_id"], 0)


def test_a_router_is_told_who_asks_now(sqlite_database: Database) -> None:
    site = Site(sqlite_database, {"smarty.stream_router": {**CORE_ROUTERS["smarty.stream_router"], "telling": Telling}})
    with site.system.database.write() as session:
        session.get_one(StreamService, site.channels[0].services[0].id).router = "telling"
        bump(session, f"client:{site.operator.id}:channels")
    asked: dict[str, Any] = {"cid": site.channels[0].id, "audio_pid": "7"}
    for who in (0, 1):
        site.ask(URL, site.keys[who], headers={"user-agent": "first"}, **asked)
    for who in (0, 1, 0):
        answer = site.in_the_loop(URL, site.keys[who], headers={"user-agent": f"box{who}"}, **asked)
        assert answer is not None
        assert urlsplit(address(answer)).path == f"/{site.accounts[who].id}/127.0.0.1/android/box{who}/7"
    site.installation.close()


def test_a_router_that_may_wait_is_never_asked_in_the_event_loop(sqlite_database: Database) -> None:
    site = Site(sqlite_database, {"smarty.stream_router": {**CORE_ROUTERS["smarty.stream_router"], "slow": Slow}})
    with site.system.database.write() as session:
        session.get_one(StreamService, site.channels[0].services[0].id).router = "slow"
        bump(session, f"client:{site.operator.id}:channels")
    for _ in range(3):
        assert address(site.ask(URL, site.keys[0], cid=site.channels[0].id)).startswith("http://slow.test/")
    assert site.in_the_loop(URL, site.keys[0], cid=site.channels[0].id) is None
    site.installation.close()


def test_a_plugin_that_may_forbid_is_asked_each_time(sqlite_database: Database) -> None:
    module, asked = ModuleType("guard"), []

    @hookimpl
    def authorize_playback(wish: PlaybackWish) -> Refusal | None:
        asked.append(wish.account_id)
        return Refusal("enough", "enough") if len(asked) > 2 else None

    module.authorize_playback = authorize_playback  # type: ignore[attr-defined]
    site = Site(sqlite_database, {"smarty.hooks": {"guard": module}, **CORE_ROUTERS})
    answers = [site.ask(URL, site.keys[0], cid=site.channels[0].id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 200]
    assert answers[2].json()["error"] == 404
    assert asked == [site.accounts[0].id] * 3
    site.installation.close()
