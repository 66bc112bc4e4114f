"""Tokens given and prolonged by many at the same time, on every kind of database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from smarty_core.errors import StorageError
from smarty_core.services.seen import Sighting
from smarty_core.services.sessions import NewSession
from smarty_core.services.stream_tokens import StreamTokens, TokenFor, TokenRefused
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.models import Session, StreamService
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.testing.subscribers import HOME_IP, START, SubscriberWorld

KEY = b"k" * 32
THREADS = 12
ROUNDS = 8


class Town:
    """Subscribers who all switch the channel at the same moment."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        self.accounts = [self.world.subscriber(self.operator, str(1000 + number)) for number in range(THREADS)]
        new = [
            NewSession(self.operator.id, account.id, None, "mag", account.abonement, basic=True, ip=HOME_IP)
            for account in self.accounts
        ]
        with database.write() as session:
            self.sessions = [number for _, number in self.world.sessions.create_all(new, session=session, now=START)]
        row = StreamService(client_id=self.operator.id, name="server", mask="http://h/$prefix")
        self.world.add(row)
        self.service = service_facts(row)
        self.tokens = self.process()

    def process(self) -> StreamTokens:
        versions = TagVersions()
        versions.confirm()
        return StreamTokens(database=self.world.database, tag_versions=versions, settings=self.world.settings, key=KEY)

    def wish(self, number: int) -> TokenFor:
        return TokenFor(
            client_id=self.operator.id, account_id=self.accounts[number].id, session_id=self.sessions[number],
            service=self.service, content_type="channel", content_id=7, prefix="news", ip=HOME_IP,
        )  # fmt: skip

    def end_session(self, number: int) -> None:
        with self.world.database.write() as session:
            row = session.get_one(Session, self.sessions[number])
            self.world.sessions.end(session, [row], reason="logout")


def test_every_token_is_known_to_others_when_it_is_told_and_only_the_lost_session_is_refused(
    database: Database,
) -> None:
    town = Town(database)
    town.end_session(5)
    start = threading.Barrier(THREADS)

    def switch(number: int) -> int:
        start.wait(30)
        refused = 0
        for _ in range(ROUNDS):
            token = town.tokens.issue(town.wish(number), now=START)
            try:
                checked = town.process().check(token, "news", HOME_IP, START)
            except TokenRefused:
                refused += 1
                continue
            assert checked.facts.account_id == town.accounts[number].id
        return refused

    with ThreadPoolExecutor(THREADS) as pool:
        refused = list(pool.map(switch, range(THREADS), timeout=120))
    assert refused == [ROUNDS if number == 5 else 0 for number in range(THREADS)]


def test_signs_of_life_and_prolongations_written_meanwhile_disturb_nobody(database: Database) -> None:
    town = Town(database)
    known = [town.tokens.issue(town.wish(number), now=START) for number in range(THREADS)]
    near_end = START + timedelta(seconds=town.tokens.lifetime.ttl - 300)
    done = threading.Event()
    others = town.process()

    def switch(number: int) -> None:
        for _ in range(ROUNDS):
            town.tokens.issue(town.wish(number), now=START)

    def see() -> int:
        rounds = 0
        while not done.is_set() or rounds < 2:
            rounds += 1
            at = START + timedelta(minutes=rounds)
            for account, session_id in zip(reversed(town.accounts), reversed(town.sessions), strict=True):
                town.world.sessions.writer.note(Sighting(session_id, account.id, town.operator.id, at))
            town.world.sessions.writer.flush()
        return rounds

    def prolong() -> None:
        for token in known:
            others.check(token, "news", HOME_IP, near_end)
        others.prolongations.flush()

    with ThreadPoolExecutor(THREADS + 2) as pool:
        seeing, prolonging = pool.submit(see), pool.submit(prolong)
        try:
            list(pool.map(switch, range(THREADS), timeout=120))
        finally:
            done.set()
        assert seeing.result(60) >= 2
        prolonging.result(60)
    after_end = START + timedelta(seconds=town.tokens.lifetime.ttl + 1)
    for token in known:
        town.process().check(token, "news", HOME_IP, after_end)


def test_two_processes_that_prolong_the_same_tokens_at_once_both_store_them(database: Database) -> None:
    town = Town(database)
    known = [town.tokens.issue(town.wish(number), now=START) for number in range(THREADS)]
    processes = [town.process() for _ in range(4)]
    start = threading.Barrier(len(processes))

    def prolong(tokens: StreamTokens, minutes: int) -> None:
        for token in known:
            tokens.check(token, "news", HOME_IP, START + timedelta(minutes=minutes))
        start.wait(30)
        tokens.prolongations.flush()

    with ThreadPoolExecutor(len(processes)) as pool:
        list(pool.map(prolong, processes, (55, 56, 57, 58), timeout=60))
    assert [tokens.prolongations.waiting for tokens in processes] == [0] * len(processes)
    prolonged = START + timedelta(minutes=55, seconds=town.tokens.lifetime.ttl - 1)
    for token in known:
        town.process().check(token, "news", HOME_IP, prolonged)  # whoever was first; the others may have seen it


def test_a_token_is_given_while_the_database_is_away_and_good_when_it_is_back(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(sqlite_database)

    def away() -> None:
        raise StorageError("away")

    with monkeypatch.context() as patched:
        for way in ("write", "read", "read_master"):
            patched.setattr(sqlite_database, way, away)
        token = town.tokens.issue(town.wish(0), now=START)
        with pytest.raises(StorageError):
            town.process().check(token, "news", HOME_IP, START)
    town.process().check(token, "news", HOME_IP, START)
