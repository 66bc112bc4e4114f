"""Stream tokens: whom, what and how long they are good for, in every process alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from smarty_core.errors import Refused, StorageError
from smarty_core.services import stream_tokens as module
from smarty_core.services.stream_tokens import (
    EXPIRED,
    OTHER_CONTENT,
    OTHER_IP,
    Lifetime,
    StreamTokens,
    TokenFor,
    TokenRefused,
    is_name_of,
    server_names,
)
from smarty_core.storage.database import Database
from smarty_core.storage.models import Session, StreamService, StreamToken
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.testing.subscribers import START, SubscriberWorld

lifetimes = st.builds(Lifetime, st.integers(0, 500), st.integers(0, 2000), st.integers(0, 600), st.integers(0, 400))


@given(rules=lifetimes, checks=st.lists(st.integers(0, 400), max_size=12))
def test_a_life_is_prolonged_while_it_is_watched_and_never_past_its_end(rules: Lifetime, checks: list[int]) -> None:
    expires, latest = rules.first(START)
    assert START < expires <= latest == START + timedelta(seconds=max(1, rules.max_ttl))
    now = START
    for pause in checks:
        now += timedelta(seconds=pause)
        if now >= expires:
            return
        assert rules.ask_again(expires, now) >= 1
        assert rules.ask_again(expires, now) <= max(1, rules.auth_duration)
        if (expires - now).total_seconds() > 2:  # asked again in time, the token is still good then
            assert now + timedelta(seconds=rules.ask_again(expires, now)) < expires
        after = rules.prolonged(expires, latest, now)
        assert expires <= after <= latest
        if (expires - now).total_seconds() >= rules.threshold:
            assert after == expires
        expires = after


@pytest.mark.parametrize(
    ("prefix", "address", "names"),
    [
        ("news", "http://h/live/news/index.m3u8?token=x", {"news", "7", "live/news"}),
        ("news", "http://h/news/7/x", {"news", "7", "news/7"}),
        ("a/b", "http://h/c/a/b/index.m3u8", {"a/b", "7", "c/a/b"}),
        ("", "http://h/x/7/y", {"7", "x/7"}),
        ("н ы", "http://h/%D0%BD%20%D1%8B/x", {"н ы", "7"}),
        ("a\nb", "http://h/", {"7"}),
    ],
)
def test_a_server_may_call_content_by_its_path(prefix: str, address: str, names: set[str]) -> None:
    assert set(server_names(prefix, "7", address)) == names


@pytest.mark.parametrize(
    ("given_name", "good"),
    [
        ("news", True), ("/news/", True), ("news/index.m3u8", True), ("news/archive-1-60.m3u8?x=1", True),
        ("news/mpegts", True), ("news/timeshift_abs/123", True), ("live/news", True), ("live%2Fnews", True),
        ("news2", False), ("New", False), ("NEWS", False), ("", False), ("/", False), ("new", False), ("news/x", False),
        ("../news", False), ("x/news", False), ("\0", False),
    ],
)  # fmt: skip
def test_a_name_means_the_content_or_it_does_not(given_name: str, good: bool) -> None:
    assert is_name_of(given_name, ("news", "live/news")) is good


class House:
    """An operator with a video server and a logged-in subscriber."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        self.account = self.world.subscriber(self.operator, tariffs=[self.world.tariff(self.operator)])
        self.viewer = self.world.viewer(self.operator)
        row = StreamService(client_id=self.operator.id, name="server", host="198.51.100.9", mask="http://h/$prefix")
        self.world.add(row)
        self.row = row
        self.tokens = self.process()

    def process(self) -> StreamTokens:
        """The tokens as another process of the installation knows them."""
        return StreamTokens(database=self.world.database, settings=self.world.settings)

    def issue(self, *, check_ip: bool = False, **changed: Any) -> str:
        service = service_facts(self.row, center_enabled=True)
        from dataclasses import replace

        wanted = TokenFor(
            client_id=self.operator.id, account_id=self.account.id, session_id=self.viewer.session_id,
            service=replace(service, check_ip=check_ip), content_type="live", content_id=7, prefix="news",
            ip="192.0.2.1", max_sessions=2,
        )  # fmt: skip
        return self.tokens.issue(replace(wanted, **changed), now=START, address="http://h/live/news/index.m3u8")

    def code(self, token: str, name: str = "news", ip: str = "192.0.2.1", now: datetime = START, **more: str) -> int:
        """What the check says: 0 good."""
        try:
            self.tokens.check(token, name, ip, now, **more)
        except TokenRefused as refused:
            return refused.code
        return 0


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def test_a_token_is_good_for_its_content_in_every_process(house: House) -> None:
    token = house.issue()
    for tokens in (house.tokens, house.process()):
        checked = tokens.check(token, "live/news", "192.0.2.1", START)
        assert (checked.facts.account_id, checked.facts.max_sessions) == (house.account.id, 2)
        assert checked.service.id == house.row.id
    assert house.code(token, "sport") == OTHER_CONTENT
    assert house.code(token, "") == 0  # nothing was said about the content


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "ж", "\0", "a" * 200, "' OR 1=1 --"])
def test_an_invented_token_is_refused(house: House, token: str) -> None:
    house.issue()
    assert house.code(token) == EXPIRED


def test_the_stored_token_is_a_hash(house: House) -> None:
    token = house.issue()
    with house.world.database.read() as session:
        (row,) = session.scalars(select(StreamToken))
        assert token not in {str(value) for value in vars(row).values()}
        assert house.code(row.token_hash) == EXPIRED


def test_a_token_bound_to_an_address_is_good_there_only(house: House) -> None:
    free, bound = house.issue(), house.issue(check_ip=True)
    with house.world.database.write() as session:
        session.query(StreamToken).filter(StreamToken.check_ip).one()
    assert house.code(free, ip="203.0.113.5") == 0
    assert house.code(bound) == 0
    assert house.code(bound, ip="::ffff:192.0.2.1") == 0
    for ip in ("203.0.113.5", "", "x", "192.0.2.1, 203.0.113.5"):
        assert house.code(bound, ip=ip) == OTHER_IP


def test_a_header_is_believed_from_the_video_server_only(house: House) -> None:
    bound = house.issue(check_ip=True)
    server, stranger = "198.51.100.9", "203.0.113.9"
    assert house.code(bound, ip="", caller=server, real_ip="192.0.2.1") == 0
    assert house.code(bound, ip="", caller=stranger, real_ip="192.0.2.1") == OTHER_IP
    assert house.code(bound, ip="", caller="", real_ip="192.0.2.1") == OTHER_IP
    assert house.code(bound, ip="203.0.113.5", caller=server, real_ip="192.0.2.1") == OTHER_IP


def test_a_watched_token_lives_on_and_an_unwatched_one_ends(house: House) -> None:
    rules = house.tokens.lifetime
    watched, forgotten = house.issue(), house.issue()
    now, latest = START, START + timedelta(seconds=rules.max_ttl)
    while now < latest:
        assert house.code(watched, now=now) == 0
        now += timedelta(seconds=rules.auth_duration)
    assert house.code(watched, now=latest) == EXPIRED
    assert house.code(forgotten, now=START + timedelta(seconds=rules.ttl)) == EXPIRED


def test_a_prolonged_token_is_prolonged_in_every_process(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_SECONDS", 0.0)
    rules, token, other = house.tokens.lifetime, house.issue(), house.process()
    near_end = START + timedelta(seconds=rules.ttl - rules.threshold + 1)
    after_end = START + timedelta(seconds=rules.ttl + 1)
    house.tokens.check(token, "news", "", near_end)
    other.check(token, "news", "", after_end)


def test_a_token_dies_with_its_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_SECONDS", 0.0)
    token = house.issue()
    with house.world.database.write() as session:
        session.execute(delete(Session).where(Session.id == house.viewer.session_id))
    assert house.code(token) == EXPIRED
    with pytest.raises(Refused) as refused:
        house.issue()
    assert refused.value.reason == "session_ended"


def test_checking_again_within_a_second_asks_no_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_SECONDS", 3600.0)
    token = house.issue()
    house.tokens.check(token, "news", "", START)

    def away() -> Any:
        raise StorageError("away")

    monkeypatch.setattr(house.world.database, "read", away)
    monkeypatch.setattr(house.world.database, "write", away)
    assert house.code(token) == 0
    with pytest.raises(StorageError):
        house.tokens.check("0" * 32, "news", "", START)  # nobody can say: the server keeps its decision


def test_expired_tokens_are_cleaned_and_live_ones_stay(house: House) -> None:
    house.issue()
    late = house.tokens.lifetime.ttl
    assert house.tokens.clean(START + timedelta(seconds=late - 1)) == 0
    assert house.tokens.clean(START + timedelta(seconds=late)) == 1
    with house.world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StreamToken)) == 0


def test_tokens_are_never_the_same(house: House) -> None:
    assert len({house.issue() for _ in range(20)} | {house.tokens.new() for _ in range(20)}) == 40
