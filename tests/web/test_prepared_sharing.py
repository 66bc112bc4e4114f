"""What is prepared for one session serves all of its package, and whoever differs gets his own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarty_core.app import create_app
from smarty_core.services.position_notes import PositionNote
from smarty_core.storage.database import Database, bump
from smarty_core.testing.subscribers import API_KEY
from tests.web.site import GUIDE, LIST, PORTAL, PROGRAMS, STATUS, Site, keys_in


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[Site]:
    made = Site(sqlite_database)
    yield made
    made.system.stop()


def test_what_one_session_asked_lies_ready_for_the_others_of_its_package(site: Site) -> None:
    for key in site.keys:
        site.ask(STATUS, key)
    site.ask(LIST, site.keys[0])
    for key in site.keys[1:]:
        answer = site.in_the_loop(LIST, key)
        assert answer is not None
        assert keys_in(answer.text) == {key}


def test_another_package_finds_its_own_answer(site: Site) -> None:
    small = site.world.tariff(site.operator)
    site.installation.channel(small, name="Small")
    site.world.subscriber(site.operator, "1004", tariffs=[small])
    other = site.world.log_in(site.operator, abonement="1004", password="4711", device_uid="uid1004").authkey
    site.ask(STATUS, other)
    assert len(site.asked_twice(LIST, site.keys[0]).json()["channels"]) == 3
    assert site.in_the_loop(LIST, other) is None
    assert [channel["name"] for channel in site.ask(LIST, other).json()["channels"]] == ["Small"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([LIST, STATUS, PROGRAMS, GUIDE, PORTAL]), st.integers(0, 5)),
        min_size=5,
        max_size=16,
    )
)
def test_prepared_and_made_answers_are_the_same(site: Site, asked: list[tuple[int, str, int]]) -> None:
    """Whatever was asked before, by whom and in which order, an answer is what a fresh process says."""
    for who, path, change in asked:
        if change == 0:
            site.world.move(minutes=7)
        elif change == 1:
            with site.system.database.write() as session:
                bump(session, f"account:{site.accounts[who].id}")
        elif change == 2:
            site.system.cache.flush()
        params = {"api_key": API_KEY, "cid": site.channels[0].id}
        told = site.ask(path, site.keys[who], **params).json()
        made = site.ask(path, site.keys[who], app=create_app(site.system), **params).json()
        once = {"random_uuid4": "", "channel_list_changed": 0}  # another one each time, and told only once
        assert {**told, **once} == {**made, **once}


def test_every_portal_gets_a_uuid_of_its_own(site: Site) -> None:
    answers = [site.ask(PORTAL, api_key=API_KEY).json() for _ in range(3)]
    assert site.prepared.hits == 2
    assert len({UUID(answer["random_uuid4"]) for answer in answers}) == 3
    assert len({str({**answer, "random_uuid4": ""}) for answer in answers}) == 1


def test_an_answer_without_a_session_is_not_for_somebody_whose_session_is_in_a_cookie(site: Site) -> None:
    query = str(httpx.QueryParams(client_id=site.operator.id, device="android", api_key=API_KEY)).encode()
    scope = {"path": PORTAL, "client": ("127.0.0.1", 1), "headers": [], "query_string": query}
    site.ask(PORTAL, api_key=API_KEY)
    assert site.prepared.find(scope) is not None
    assert site.prepared.find({**scope, "headers": [(b"cookie", b"authkey=" + b"a" * 128)]}) is None


def test_the_seconds_left_count_down_in_a_prepared_answer(site: Site) -> None:
    first = site.asked_twice(PROGRAMS, site.keys[0], cid=site.channels[0].id)
    site.world.move(seconds=40)
    second = site.in_the_loop(PROGRAMS, site.keys[0], cid=site.channels[0].id)
    assert second is not None
    ages = [int(answer.headers["cache-control"].rpartition("=")[2]) for answer in (first, second)]
    assert ages[0] - ages[1] == 40


def test_a_position_that_waits_to_be_written_is_seen_at_once(site: Site) -> None:
    site.asked_twice(GUIDE, site.keys[0], cid=site.channels[0].id)
    viewer = site.system.sessions.find(site.keys[0], site.operator.id)
    assert viewer is not None
    note = PositionNote(site.operator.id, viewer.account_id, "program", 1, 0, 5, 60, is_viewed=False, at=site.world.now)
    site.system.positions.notes.add(note)
    assert site.in_the_loop(GUIDE, site.keys[0], cid=site.channels[0].id) is None
    assert site.in_the_loop(GUIDE, site.keys[1], cid=site.channels[0].id) is None  # never asked before
    assert site.in_the_loop(GUIDE, site.keys[1], cid=site.channels[0].id) is not None


def test_today_is_another_day_after_midnight(site: Site) -> None:
    site.asked_twice(GUIDE, site.keys[0], cid=site.channels[0].id)
    site.world.move(hours=24)
    assert site.in_the_loop(GUIDE, site.keys[0], cid=site.channels[0].id) is None
