"""Stream tokens: whom, what and how long they are good for, in every process alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from smarty_core.errors import StorageError
from smarty_core.events import Event
from smarty_core.services import token_prolonging
from smarty_core.services.stream_tokens import (
    EXPIRED,
    OTHER_CONTENT,
    OTHER_IP,
    ServerHeaders,
    StreamTokens,
    TokenFor,
    TokenRefused,
)
from smarty_core.services.token_life import Lifetime, is_name_of, server_names
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Session, StreamService, StreamToken
from smarty_core.storage.repositories import tokens as rows
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.storage.vault import key_hash
from smarty_core.testing.subscribers import START, SubscriberWorld

KEY = b"k" * 32

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
        self.tokens = self.process(self.world.cache.tag_versions)

    def process(self, tag_versions: TagVersions | None = None) -> StreamTokens:
        """The tokens as another process of the installation knows them."""
        if tag_versions is None:
            tag_versions = TagVersions()
            tag_versions.confirm()
        return StreamTokens(
            database=self.world.database, tag_versions=tag_versions, settings=self.world.settings, key=KEY
        )

    def issue(self, *, check_ip: bool = False, **changed: Any) -> str:
        service = service_facts(self.row, center_enabled=True)
        wanted = TokenFor(
            client_id=self.operator.id, account_id=self.account.id, session_id=self.viewer.session_id,
            service=replace(service, check_ip=check_ip), content_type="channel", content_id=7, prefix="news",
            ip="192.0.2.1", max_sessions=2,
        )  # fmt: skip
        address = "http://h/live/news/index.m3u8"
        return self.tokens.issue(replace(wanted, **changed), now=START, address=address)

    def code(self, token: str, name: str = "news", ip: str = "192.0.2.1", now: datetime = START, **more: Any) -> int:
        """What the check says: 0 good."""
        try:
            self.tokens.check(token, name, ip, now, **more)
        except TokenRefused as refused:
            return refused.code
        return 0

    def prolong(self, token: str) -> None:
        """Have it checked shortly before its end, and what comes of it stored."""
        rules = self.tokens.lifetime
        assert self.code(token, now=START + timedelta(seconds=rules.ttl - rules.threshold + 1)) == 0
        self.tokens.prolongations.flush()


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


def test_what_is_stored_of_a_prolonged_token_is_a_hash(house: House) -> None:
    token = house.issue()
    house.prolong(token)
    with house.world.database.read() as session:
        (row,) = session.scalars(select(StreamToken))
        assert token not in {str(value) for value in vars(row).values()}
        assert house.code(row.token_hash) == EXPIRED


def test_a_token_of_an_earlier_release_is_good_until_its_end(house: House) -> None:
    old, rules = "0123456789abcdef" * 2, house.tokens.lifetime
    expires, latest = rules.first(START)
    with house.world.database.write() as session:
        session.add(StreamToken(
            token_hash=key_hash(old), client_id=house.operator.id, account_id=house.account.id,
            session_id=house.viewer.session_id, stream_service_id=house.row.id, content_type="channel", content_id=7,
            content_name="news\n7", ip="192.0.2.1", check_ip=True, max_sessions=0, issued_at=START,
            expires_at=expires, max_expires_at=latest,
        ))  # fmt: skip
    assert house.code(old) == 0
    assert house.code(old, "sport") == OTHER_CONTENT
    assert house.code(old, ip="192.0.2.2") == OTHER_IP
    assert house.code(old, now=seconds(rules.ttl - 30)) == 0
    house.process().check(old, "news", "192.0.2.1", seconds(rules.ttl + 1))
    assert house.code(old, now=latest) == EXPIRED


@pytest.mark.parametrize("place", range(0, 100, 3))
def test_a_changed_token_is_refused_and_asks_no_database(house: House, place: int) -> None:
    token = house.issue()
    at = place % len(token)
    with statements(house) as asked:
        for other in "AZaz09-_":
            if other != token[at]:
                assert house.code(token[:at] + other + token[at + 1 :]) == EXPIRED
    assert asked == []


def test_a_token_of_another_installation_is_refused(house: House) -> None:
    stranger = StreamTokens(
        database=house.world.database, tag_versions=house.world.cache.tag_versions, settings=house.world.settings,
        key=b"x" * 32,
    )  # fmt: skip
    with pytest.raises(TokenRefused):
        stranger.check(house.issue(), "news", "", START)


def test_giving_a_token_asks_no_database(house: House) -> None:
    with statements(house) as asked:
        house.issue()
    assert asked == []


def test_a_service_that_is_removed_ends_its_tokens_in_every_process(house: House) -> None:
    token = house.issue()
    with house.world.database.write() as session:
        session.delete(session.get_one(StreamService, house.row.id))
        bump(session, f"client:{house.operator.id}:channels")
    house.world.cache.tag_versions.learn({f"client:{house.operator.id}:channels": 10**6})
    assert house.code(token) == EXPIRED
    with pytest.raises(TokenRefused):
        house.process().check(token, "news", "", START)


def test_a_token_bound_to_an_address_is_good_there_only(house: House) -> None:
    free, bound = house.issue(), house.issue(check_ip=True)
    assert house.code(free, ip="203.0.113.5") == 0
    assert house.code(bound) == 0
    assert house.code(bound, ip="::ffff:192.0.2.1") == 0
    for ip in ("203.0.113.5", "", "x", "192.0.2.1, 203.0.113.5"):
        assert house.code(bound, ip=ip) == OTHER_IP


def test_a_header_is_believed_from_the_video_server_only(house: House) -> None:
    bound = house.issue(check_ip=True)
    server, stranger = "198.51.100.9", "203.0.113.9"
    assert house.code(bound, ip="", caller=server, headers=ServerHeaders(ip="192.0.2.1")) == 0
    assert house.code(bound, ip="", caller=stranger, headers=ServerHeaders(ip="192.0.2.1")) == OTHER_IP
    assert house.code(bound, ip="", caller="", headers=ServerHeaders(ip="192.0.2.1")) == OTHER_IP
    assert house.code(bound, ip="203.0.113.5", caller=server, headers=ServerHeaders(ip="192.0.2.1")) == OTHER_IP


def test_a_watched_token_lives_on_and_an_unwatched_one_ends(house: House) -> None:
    rules = house.tokens.lifetime
    watched, forgotten = house.issue(), house.issue()
    now, latest = START, START + timedelta(seconds=rules.max_ttl)
    while now < latest:
        assert house.code(watched, now=now) == 0
        now += timedelta(seconds=rules.auth_duration)
    assert house.code(watched, now=latest) == EXPIRED
    assert house.code(forgotten, now=START + timedelta(seconds=rules.ttl)) == EXPIRED


def seconds(number: float) -> datetime:
    return START + timedelta(seconds=number)


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """What the database is asked within the block."""
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    engine = house.world.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def no_writing(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse() -> Any:
        raise StorageError("away")

    with monkeypatch.context() as patched:
        patched.setattr(house.world.database, "write", refuse)
        yield


def test_a_prolonged_token_is_prolonged_in_every_process(house: House) -> None:
    rules, token, other = house.tokens.lifetime, house.issue(), house.process()
    assert house.code(token, now=seconds(rules.ttl - rules.threshold + 1)) == 0
    house.tokens.prolongations.flush()
    other.check(token, "news", "", seconds(rules.ttl + 1))


def test_a_check_near_the_end_does_not_wait_for_a_batch(house: House) -> None:
    rules, token, other = house.tokens.lifetime, house.issue(), house.process()
    other.check(token, "news", "", seconds(0))
    assert house.code(token, now=seconds(rules.ttl - 30)) == 0
    assert house.tokens.prolongations.waiting == 0
    other.check(token, "news", "", seconds(rules.ttl + 1))  # though it remembers the old end


def test_a_batch_that_is_lost_stops_no_stream_that_is_asked_about_in_time(house: House) -> None:
    """Each process dies right after its check, with all its notes."""
    rules, token = house.tokens.lifetime, house.issue()
    now, latest = START, seconds(rules.max_ttl)
    while now < latest:
        checked = house.process().check(token, "news", "", now)
        now += timedelta(seconds=checked.facts.auth_duration)
    assert now >= latest


def test_without_the_database_a_token_is_good_until_its_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, token = house.tokens.lifetime, house.issue()
    with no_writing(house, monkeypatch):
        checked = house.tokens.check(token, "news", "", seconds(rules.ttl - 100))
        assert checked.facts.auth_duration == 99
    checked = house.tokens.check(token, "news", "", seconds(rules.ttl - 1))
    assert checked.facts.auth_duration == rules.auth_duration


def test_notes_are_written_at_the_end_and_kept_when_they_cannot_be(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rules, token = house.tokens.lifetime, house.issue()
    house.tokens.start()
    assert house.code(token, now=seconds(rules.ttl - 300)) == 0
    with no_writing(house, monkeypatch):
        house.tokens.close()
    (told,) = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert (told.name, dict(told.context)) == ("TOKENS_NOT_PROLONGED", {"waiting": 1, "error": "away"})
    house.tokens.close()
    house.process().check(token, "news", "", seconds(rules.ttl + 1))


def test_what_waits_is_bounded_and_the_rest_is_written_when_it_must_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_prolonging, "WAITING_LIMIT", 1)
    rules, one, two = house.tokens.lifetime, house.issue(), house.issue()
    for token in (one, two):
        assert house.code(token, now=seconds(rules.ttl - 300)) == 0
    assert house.tokens.prolongations.waiting == 1
    assert house.code(two, now=seconds(rules.ttl - 120)) == 0
    house.process().check(two, "news", "", seconds(rules.ttl + 1))


def test_a_logout_ends_a_token_at_once_here_and_with_the_news_elsewhere(house: House) -> None:
    news = TagVersions()
    news.confirm()
    token, other = house.issue(), house.process(news)
    other.check(token, "news", "", START)
    with house.world.database.write() as session:
        house.world.sessions.end(session, [session.get_one(Session, house.viewer.session_id)], reason="logout")
    assert house.code(token) == EXPIRED
    other.check(token, "news", "", START)
    news.learn({f"account:{house.account.id}": 10})
    with pytest.raises(TokenRefused):
        other.check(token, "news", "", START)
    with pytest.raises(TokenRefused):
        house.process().check(house.issue(), "news", "", START)


def test_a_session_that_ends_while_its_token_is_read_is_not_remembered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = house.issue(), house.process(house.world.cache.tag_versions)
    read = rows.find

    def slow(session: Any, token_hash: str) -> Any:
        found = read(session, token_hash)
        with monkeypatch.context() as patched, house.world.database.write() as writing:
            patched.undo()
            row = writing.get(Session, house.viewer.session_id)
            house.world.sessions.end(writing, [row] if row else [], reason="logout")
        return found

    monkeypatch.setattr(rows, "find", slow)
    other.check(token, "news", "", START)
    monkeypatch.setattr(rows, "find", read)
    with pytest.raises(TokenRefused):
        other.check(token, "news", "", START)


def test_a_service_that_changes_is_told_of_with_the_next_check(house: House) -> None:
    token = house.issue()
    assert house.tokens.check(token, "news", "", START).service.name == "server"
    with house.world.database.write() as session:
        session.get_one(StreamService, house.row.id).name = "renamed"
        bump(session, f"client:{house.operator.id}:channels")
    assert house.tokens.check(token, "news", "", START).service.name == "renamed"


def test_a_token_that_was_checked_before_asks_no_database(house: House) -> None:
    token, other = house.issue(), house.process()
    with statements(house) as asked:
        other.check(token, "news", "", START)
        first = len(asked)
        for minute in range(55):
            other.check(token, "news", "", seconds(60 * minute))
        assert len(asked) == first
        other.check(token, "news", "", seconds(house.tokens.lifetime.ttl - 300))  # prolonged by a note
        assert len(asked) == first


def test_an_unknown_token_asked_again_and_again_asks_the_database_once(house: House) -> None:
    with statements(house) as asked:
        for _ in range(50):
            assert house.code("0" * 32) == EXPIRED
        once = len(asked)
        assert once <= 2  # the beginning of a transaction and the question
        for made_up in ("x", "0" * 31, "0" * 33, "A" * 32, "z" * 32, "0" * 32 + "\n"):
            assert house.code(made_up) == EXPIRED
        assert len(asked) == once
        assert house.code("1" * 32) == EXPIRED
        assert len(asked) == 2 * once


def test_a_token_just_issued_elsewhere_is_good_at_once(house: House) -> None:
    other = house.process()
    for number in range(20):
        with pytest.raises(TokenRefused):
            other.check(f"{number:032x}", "news", "", START)
        other.check(house.issue(), "news", "", START)


def test_an_expired_token_is_asked_about_once_in_a_second(house: House) -> None:
    token, rules = house.issue(), house.tokens.lifetime
    house.code(token)
    with statements(house) as asked:
        for _ in range(50):
            assert house.code(token, now=seconds(rules.ttl)) == EXPIRED
    assert 0 < len(asked) <= 5  # the transaction, its row, its session, its service, once each


def test_without_the_database_known_tokens_are_good_and_of_others_nobody_can_say(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = house.issue()
    house.tokens.check(token, "news", "", START)

    def away() -> Any:
        raise StorageError("away")

    monkeypatch.setattr(house.world.database, "read_master", away)
    monkeypatch.setattr(house.world.database, "read", away)
    monkeypatch.setattr(house.world.database, "write", away)
    assert house.code(token) == 0
    for _ in range(2):
        with pytest.raises(StorageError):
            house.tokens.check("0" * 32, "news", "", START)  # the server keeps its decision


def test_a_process_that_lost_sight_of_changes_stops_answering_from_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = house.issue()
    assert house.code(token) == 0
    monkeypatch.setattr("smarty_core.storage.cache.tagversions.TRUSTED_SECONDS", 0.0)
    with statements(house) as asked:
        assert house.code(token) == 0
    assert asked


@pytest.mark.parametrize("gone", ["session", "service"])
def test_a_prolonged_token_whose_owner_is_gone_keeps_no_other_from_being_stored(house: House, gone: str) -> None:
    rules, one, two = house.tokens.lifetime, house.issue(), house.issue(session_id=0)
    spare = StreamService(client_id=house.operator.id, name="spare", mask="http://s/$prefix")
    house.world.add(spare)
    three = house.issue(service=service_facts(spare), session_id=0)
    for token in (one, two, three):
        assert house.code(token, now=seconds(rules.ttl - 300)) == 0
    with house.world.database.write() as session:
        row: Any = (
            session.get(Session, house.viewer.session_id) if gone == "session" else session.get(StreamService, spare.id)
        )
        session.delete(row)
    assert house.tokens.prolongations.flush() == 3
    assert house.tokens.prolongations.waiting == 0
    house.process().check(two, "news", "", seconds(rules.ttl + 1))
    with pytest.raises(TokenRefused):
        house.process().check(one if gone == "session" else three, "news", "", seconds(rules.ttl + 1))


def test_expired_tokens_are_cleaned_and_live_ones_stay(house: House) -> None:
    house.prolong(house.issue())
    with house.world.database.read() as session:
        (end,) = session.scalars(select(StreamToken.expires_at))
    assert house.tokens.clean(end - timedelta(seconds=1)) == 0
    assert house.tokens.clean(end) == 1
    with house.world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StreamToken)) == 0


def test_tokens_are_never_the_same(house: House) -> None:
    assert len({house.issue() for _ in range(200)}) == 200
