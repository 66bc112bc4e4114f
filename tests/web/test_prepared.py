"""Prepared answers: quick, and never anybody else's, never stale."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from smarty_core.services.device_commands import CommandFacts
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, Client
from tests.web.site import LIST, STATUS, Site, keys_in


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[Site]:
    made = Site(sqlite_database)
    yield made
    made.system.stop()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), min_size=5, max_size=25))
def test_no_answer_holds_another_sessions_key(site: Site, asked: list[tuple[int, bool, bool]]) -> None:
    for who, packed, change in asked:
        if change:
            with site.system.database.write() as session:
                bump(session, f"client:{site.operator.id}:channels")
        headers = {"Accept-Encoding": "gzip" if packed else "identity"}
        answer = site.ask(LIST, site.keys[who], headers=headers)
        assert answer.json()["error"] == 0
        assert keys_in(answer.text) == {site.keys[who]}


def test_a_prepared_answer_has_the_bytes_and_headers_of_the_first(site: Site) -> None:
    for headers in ({"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}):
        first = site.ask(LIST, site.keys[0], headers=headers)
        second = site.ask(LIST, site.keys[0], headers=headers)
        assert second.content == first.content
        assert sorted(second.headers.items()) == sorted(first.headers.items())


def test_a_known_answer_is_not_sent_again(site: Site) -> None:
    mark = site.asked_twice(LIST, site.keys[0]).headers["etag"]
    again = site.ask(LIST, site.keys[0], headers={"If-None-Match": mark})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mark)
    other = site.ask(LIST, site.keys[1], headers={"If-None-Match": mark})
    assert other.status_code == 200


def test_a_poll_tells_the_time_of_each_answer(site: Site) -> None:
    first = site.asked_twice(STATUS, site.keys[0]).json()
    site.world.move(seconds=30)
    second = site.ask(STATUS, site.keys[0]).json()
    assert second["utc_time"] - first["utc_time"] == 30
    assert {**second, "utc_time": 0} == {**first, "utc_time": 0}


def logout(site: Site) -> None:
    assert site.ask("/tvmiddleware/api/logout/", site.keys[0]).json()["error"] == 0


def message(site: Site) -> None:
    site.system.messages.create(site.operator.id, site.accounts[0].id, "Hello", "You")


def command(site: Site) -> None:
    site.system.device_commands.give(site.operator.id, site.accounts[0].id, CommandFacts(3, False, "", "", ""))


def switched_off(site: Site) -> None:
    with site.system.database.write() as session:
        session.execute(update(Client).where(Client.id == site.operator.id).values(enabled=False))
        bump(session, f"client:{site.operator.id}")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (logout, {"status": 1}),
        (message, {"has_new_messages": 1, "message": {"subject": "Hello", "text": "You", "no_confirmation": 0}}),
        (command, {"status": 0}),
        (switched_off, {"status": 1}),
    ],
)
def test_what_happens_is_told_by_the_next_poll(
    site: Site, change: Callable[[Site], None], told: dict[str, Any]
) -> None:
    before = site.asked_twice(STATUS, site.keys[0]).json()
    assert (before["status"], before["has_new_messages"], before["command"]) == (0, 0, {})
    change(site)
    after = site.ask(STATUS, site.keys[0]).json()
    assert {name: after[name] for name in told} == told
    if change is command:
        assert after["command"]["type"] == 3
        assert site.ask(STATUS, site.keys[0]).json()["command"] == {}


def test_a_renamed_channel_is_seen_at_once(site: Site) -> None:
    assert "Channel 1" in site.asked_twice(LIST, site.keys[0]).text
    with site.system.database.write() as session:
        session.execute(update(Channel).where(Channel.id == site.channels[1].id).values(name="Renamed"))
        bump(session, f"client:{site.operator.id}:channels")
    assert "Renamed" in site.ask(LIST, site.keys[0]).text


def test_a_tariff_that_ends_takes_its_channels_along(site: Site) -> None:
    extra = site.world.tariff(site.operator)
    site.installation.channel(extra, name="Extra")
    site.world.give_tariff(site.accounts[0], extra, valid_until=site.world.now + timedelta(minutes=5))
    with site.system.database.write() as session:
        client = f"client:{site.operator.id}"
        bump(session, f"account:{site.accounts[0].id}", f"{client}:tariffs", f"{client}:channels")
    assert len(site.asked_twice(LIST, site.keys[0]).json()["channels"]) == 4
    site.world.move(minutes=5)
    assert len(site.ask(LIST, site.keys[0]).json()["channels"]) == 3


def test_a_request_from_elsewhere_or_of_another_kind_goes_the_whole_way(site: Site) -> None:
    site.asked_twice(LIST, site.keys[0])
    scope = {"path": LIST, "client": ("127.0.0.1", 1), "headers": []}
    query = str(httpx.QueryParams(client_id=site.operator.id, authkey=site.keys[0], device="android")).encode()
    assert site.prepared.find({**scope, "query_string": query}) is not None
    assert site.prepared.find({**scope, "query_string": query, "client": ("192.0.2.9", 1)}) is None
    assert site.prepared.find({**scope, "query_string": query, "headers": [(b"origin", b"http://a")]}) is None
    assert site.prepared.find({**scope, "query_string": query + b"&lang=en"}) is None


def test_warm_lists_and_polls_ask_no_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (LIST, STATUS):
        site.asked_twice(path, site.keys[0])

    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("the database was asked")

    for name in ("read", "read_master", "write"):
        monkeypatch.setattr(site.system.database, name, refuse)
    assert site.ask(LIST, site.keys[0]).json()["error"] == 0
    assert site.ask(STATUS, site.keys[0], headers={"Accept-Encoding": "gzip"}).json()["error"] == 0


def test_packed_bytes_are_a_gzip_file(site: Site) -> None:
    site.asked_twice(LIST, site.keys[0], headers={"Accept-Encoding": "gzip"})
    query = str(httpx.QueryParams(client_id=site.operator.id, authkey=site.keys[0], device="android")).encode()
    scope = {"path": LIST, "client": ("127.0.0.1", 1), "headers": [(b"accept-encoding", b"gzip")]}
    found = site.prepared.find({**scope, "query_string": query})
    assert found is not None
    assert keys_in(gzip.decompress(found[1]["body"]).decode()) == {site.keys[0]}
