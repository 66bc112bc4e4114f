"""Sessions: found by key, in memory for a moment, gone at once when they end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from smarty_core.services import session_memory as memory
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Client, Session
from smarty_core.storage.vault import key_hash
from smarty_core.testing.subscribers import SubscriberWorld


class House:
    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        self.other = self.world.operator("two")
        self.account = self.world.subscriber(self.operator, tariffs=[self.world.tariff(self.operator)])
        self.key = self.world.log_in(self.operator).authkey

    def find(self, key: str | None = None, client_id: int | None = None) -> Viewer | None:
        return self.world.sessions.find(key or self.key, client_id or self.operator.id)

    def change(self, **columns: Any) -> None:
        with self.world.database.write() as session:
            session.execute(update(Account).where(Account.id == self.account.id).values(**columns))
            bump(session, f"account:{self.account.id}")


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def test_a_key_is_stored_as_its_hash_only(house: House) -> None:
    with house.world.database.read() as session:
        (row,) = session.scalars(select(Session))
        assert row.authkey_hash == key_hash(house.key)
        stored = [str(value) for value in vars(row).values()]
    assert not any(house.key in value for value in stored)


def test_a_session_is_found_by_its_key_and_only_at_its_operator(house: House) -> None:
    found = house.find()
    assert found is not None
    assert (found.account_id, found.abonement, found.active) == (house.account.id, "1001", True)
    assert house.find(client_id=house.other.id) is None
    wrong = [
        "x", house.key[:-1], house.key + "0", house.key.upper(), "0" * 128, "ж" * 128, "\0" * 128, "a" * 100_000,
        house.key[:-1] + " ",
    ]  # fmt: skip
    for key in wrong:
        assert house.find(key) is None, key[:20]


def test_asking_again_asks_no_database_until_the_account_changes(house: House) -> None:
    house.find()
    statements: list[str] = []
    event.listen(house.world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(5):
        house.find()
    assert statements == []
    house.change(use_timeshift=True)
    found = house.find()
    assert found is not None
    assert found.use_timeshift


def test_a_change_while_a_session_is_read_is_not_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is read, then the account changes, then the version numbers are looked at."""
    find_card = memory.rows.find_card

    def slow(session: Any, hashed: str) -> Any:
        found = find_card(session, hashed)
        monkeypatch.setattr(memory.rows, "find_card", find_card)
        house.change(active=False)
        return found

    house.world.join()
    monkeypatch.setattr(memory.rows, "find_card", slow)
    first, second = house.find(), house.find()
    assert first is not None
    assert second is not None
    assert (first.active, second.active) == (True, False)


def test_logging_out_ends_the_session_at_once_and_no_other(house: House) -> None:
    second = house.world.log_in(house.operator, device_uid="uid-2").authkey
    house.find()
    house.find(second)
    assert not house.world.sessions.delete(house.key, house.other.id)
    assert house.world.sessions.delete(house.key, house.operator.id)
    assert house.find() is None
    assert house.find(second) is not None
    assert not house.world.sessions.delete(house.key, house.operator.id)
    assert [event.reason for event in house.world.hooks.of("session_closed")] == ["logout"]


def test_a_session_that_ends_while_it_is_read_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    find_card = memory.rows.find_card

    def slow(session: Any, hashed: str) -> Any:
        found = find_card(session, hashed)
        monkeypatch.setattr(memory.rows, "find_card", find_card)
        house.world.sessions.delete(house.key, house.operator.id)
        return found

    house.world.join()
    monkeypatch.setattr(memory.rows, "find_card", slow)
    assert house.find() is not None  # it was read before the end
    assert house.find() is None


def test_all_sessions_of_an_operator_are_ended_and_none_of_others(house: House) -> None:
    house.world.subscriber(house.other, tariffs=[house.world.tariff(house.other)])
    foreign = house.world.log_in(house.other, device_uid="uid-9").authkey
    for number in range(3):
        house.world.log_in(house.operator, device_uid=f"uid-{number + 2}")
    assert house.world.sessions.delete_all(house.operator.id) == 4
    assert house.find() is None
    assert house.find(foreign, house.other.id) is not None


def test_sessions_not_seen_for_long_are_ended(house: House) -> None:
    house.world.move(days=10)
    fresh = house.world.log_in(house.operator, device_uid="uid-2").authkey
    assert house.world.sessions.clean(10) == 0
    house.world.move(seconds=1)
    assert house.world.sessions.clean(10) == 1
    assert house.find() is None
    assert house.find(fresh) is not None
    assert [event.reason for event in house.world.hooks.of("session_closed")] == ["expired"]


def test_nobody_is_logged_in_at_an_operator_that_is_switched_off(house: House) -> None:
    house.find()
    with house.world.database.write() as session:
        session.execute(update(Client).where(Client.id == house.operator.id).values(enabled=False))
        bump(session, f"client:{house.operator.id}")
    assert house.find() is None


def test_a_model_is_stored_when_it_is_new_and_cut_when_it_is_long(house: House) -> None:
    viewer = house.find()
    assert viewer is not None
    house.world.sessions.name_model(viewer, "")
    house.world.sessions.name_model(viewer, "M" * 500)
    with house.world.database.read() as session:
        assert session.scalar(select(Session.model)) == "M" * 128
        assert session.scalar(select(func.count()).select_from(Session)) == 1
    named = house.find()
    assert named is not None
    assert named.model == "M" * 128
