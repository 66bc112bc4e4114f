"""Video servers ask about tokens: whatever is wrong with one has its documented code, its status and a log line."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from smarty_core.events import Event
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import StreamService
from tests.web.device.world import API, World

PATHS = (f"{API}/streamservice/token/check/", "/streaming/api/streamservice/token/check/")
HOME = "127.0.0.1"


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    made = World(sqlite_database)
    yield made
    made.close()


class Viewer:
    """A device of an operator that watches one of his channels."""

    def __init__(self, world: World, house: Any, channel: int = 0, *, uid: str = "first") -> None:
        self.session = world.login(house, device_uid=uid)
        self.address = world.get("/channel/url/", **self.session, cid=house.channels[channel], redirect=0)["uri"]
        self.token = parse_qs(urlsplit(self.address).query)["token"][0]


def check(
    world: World, token: str, *, path: str = PATHS[0], headers: Mapping[str, str] | None = None, **asked: str
) -> tuple[int, int]:
    """Status and code."""
    answer: httpx.Response = world.request("GET", path, params={"token": token, **asked}, headers=headers)
    return answer.status_code, answer.json()["error"]


def bind(world: World, house: Any) -> None:
    """From now on the addresses of viewers are compared."""
    with world.system.database.write() as session:
        session.get_one(StreamService, house.service).check_ip = True
        bump(session, f"client:{house.operator.id}:channels")


@pytest.mark.parametrize("path", PATHS)
def test_a_token_of_one_operator_is_good_for_nothing_of_another(world: World, path: str) -> None:
    alpha, beta = Viewer(world, world.alpha), Viewer(world, world.beta)
    assert check(world, alpha.token, path=path, name="Alpha-news") == (200, 0)
    assert check(world, alpha.token, path=path, name="Beta-news") == (403, 2)
    assert check(world, beta.token, path=path, name="Alpha-news") == (403, 2)
    assert check(world, alpha.token, path=path, name="Alpha-films") == (403, 2)


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_token_is_refused_and_logged_once(world: World, path: str, caplog: pytest.LogCaptureFixture) -> None:
    good = Viewer(world, world.alpha).token
    forged = [good[:-1] + ("A" if good[-1] != "A" else "B"), "B" + good[1:], good[:40], good * 2, "x", "0" * 32, ""]
    for token in forged:
        caplog.clear()
        with caplog.at_level(logging.INFO):
            assert check(world, token, path=path, name="Alpha-news") == (403, 1)
        told = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
        assert [one.name for one in told] == ["API_REQUEST_ERROR"]
        assert told[0].context["error"] == 1
        assert len(token) < 20 or token not in str(told[0])


def test_a_token_is_for_the_address_it_was_given_to_where_the_service_says_so(world: World) -> None:
    free = Viewer(world, world.alpha)
    assert check(world, free.token, ip="198.51.100.1") == (200, 0)
    bind(world, world.alpha)
    bound = Viewer(world, world.alpha)
    assert check(world, bound.token, ip=HOME) == (200, 0)
    for _ in range(2):  # one token, two viewers by turns: only the one it was given to watches
        assert check(world, bound.token, ip="198.51.100.1") == (403, 3)
        assert check(world, bound.token, ip=HOME) == (200, 0)
    assert check(world, bound.token) == (403, 3)
    assert check(world, bound.token, ip="198.51.100.1", name="Alpha-films") == (403, 2)  # the content comes first


def test_a_token_ends_with_its_life_with_its_session_and_with_its_service(world: World) -> None:
    expired, left = Viewer(world, world.alpha), Viewer(world, world.alpha, uid="second")
    removed = Viewer(world, world.beta)
    assert [check(world, one.token)[0] for one in (expired, left, removed)] == [200, 200, 200]
    world.get("/logout/", **left.session)
    assert check(world, left.token) == (403, 1)
    with world.system.database.write() as session:
        session.delete(session.get_one(StreamService, world.beta.service))
        bump(session, f"client:{world.beta.operator.id}:channels")
    assert check(world, removed.token) == (403, 1)
    world.move(seconds=timedelta(hours=1).total_seconds())
    assert check(world, expired.token) == (403, 1)


def test_a_token_survives_the_loss_of_all_that_is_cached(world: World) -> None:
    viewer = Viewer(world, world.alpha)
    world.system.cache.flush(protected=True)
    assert check(world, viewer.token, name="Alpha-news") == (200, 0)


@pytest.mark.parametrize(
    ("setting", "good", "old", "other"), [("keep", 503, 503, 503), ("allow", 200, 403, 403), ("deny", 403, 403, 403)]
)
def test_what_is_said_while_nobody_can_be_asked_is_a_setting(
    sqlite_database: Database, setting: str, good: int, old: int, other: int
) -> None:
    world = World(sqlite_database, STREAM_TOKEN_CHECK_WHEN_UNSURE=setting)
    bind(world, world.alpha)
    known, unknown = Viewer(world, world.alpha), Viewer(world, world.alpha, uid="second")
    assert check(world, known.token, ip=HOME) == (200, 0)
    with world.system.database.write() as rows:
        rows.execute(text("DROP TABLE stream_token"))
    assert check(world, known.token, ip=HOME) == (200, 0)  # from memory, whatever the setting
    assert check(world, unknown.token, ip=HOME, name="Alpha-news")[0] == good
    assert check(world, unknown.token, ip="198.51.100.1")[0] == other
    assert check(world, unknown.token, ip=HOME, name="Alpha-films")[0] == other
    passed_on = {"X-Real-Path": "/Alpha-news/index.m3u8", "X-Real-IP": HOME}  # the query is the viewer's own
    assert check(world, unknown.token, ip=HOME, headers=passed_on)[0] == other
    flussonic = check(world, unknown.token, ip=HOME, name="Alpha-news", request_type="update_session")[0]
    assert flussonic == {"keep": 500, "allow": 200, "deny": 403}[setting]
    assert check(world, "x" * 100)[0] == 403
    assert check(world, "0" * 32)[0] == (503 if setting == "keep" else 403)
    world.move(seconds=timedelta(hours=3).total_seconds())
    assert check(world, unknown.token, ip=HOME)[0] == old
    world.close()
