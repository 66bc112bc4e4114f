"""Signs of life are gathered in memory and written in batches; none is lost when the database is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import StorageError
from smarty_core.events import Event
from smarty_core.services import seen as seen_module
from smarty_core.services.seen import SeenWriter, Sighting
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Session
from smarty_core.testing.subscribers import HOME_IP, START, SubscriberWorld


class House:
    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        self.account = self.world.subscriber(self.operator, tariffs=[self.world.tariff(self.operator)])
        self.viewer = self.world.viewer(self.operator)
        self.second = self.world.viewer(self.operator, device_uid="uid-2")
        self.writer: SeenWriter = self.world.sessions.writer

    def sighting(self, minutes: float, *, second: bool = False, ip: str = "") -> Sighting:
        viewer = self.second if second else self.viewer
        moment = START + timedelta(minutes=minutes)
        known = (viewer.ip, viewer.country_id, viewer.city_id)
        return Sighting(viewer.session_id, viewer.account_id, viewer.client_id, moment, ip, *known)

    def places(self) -> tuple[str, int | None]:
        """Where the first session is stored to be."""
        with self.world.database.read() as session:
            row = session.get_one(Session, self.viewer.session_id)
            return row.ip, row.country_id

    def account_version(self) -> tuple[int, ...]:
        return self.world.cache.tag_versions.vector((f"account:{self.account.id}",))

    def stored(self) -> tuple[datetime, datetime, datetime | None]:
        """When both sessions and the account were last seen."""
        with self.world.database.read() as session:
            one = session.get_one(Session, self.viewer.session_id).last_seen_at
            two = session.get_one(Session, self.second.session_id).last_seen_at
            return one, two, session.get_one(Account, self.account.id).last_seen_at


def minutes(number: float) -> datetime:
    return START + timedelta(minutes=number)


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


@contextmanager
def away(database: Database, monkeypatch: pytest.MonkeyPatch, *, after: int = 0) -> Iterator[None]:
    """The database takes `after` more transactions, then none."""
    write, left = database.write, [after]

    def refuse() -> Any:
        if left[0] > 0:
            left[0] -= 1
            return write()
        raise StorageError("away")

    monkeypatch.setattr(database, "write", refuse)
    yield
    monkeypatch.setattr(database, "write", write)


def test_the_newest_sign_of_each_session_is_written(house: House) -> None:
    for note in (house.sighting(1), house.sighting(5), house.sighting(3, second=True)):
        house.writer.note(note)
    assert house.writer.waiting == 2
    assert house.writer.flush() == 2
    assert house.stored() == (minutes(5), minutes(3), minutes(5))
    assert house.writer.flush() == house.writer.waiting == 0


def test_an_older_sign_never_sets_a_later_one_back(house: House) -> None:
    house.writer.note(house.sighting(5))
    house.writer.flush()
    house.writer.note(house.sighting(2))
    house.writer.flush()
    assert house.stored()[0] == minutes(5)
    assert house.stored()[2] == minutes(5)


def test_being_seen_is_no_change_of_the_account(house: House) -> None:
    with house.world.database.read() as session:
        before = session.get_one(Account, house.account.id).updated_at
    versions = house.world.cache.tag_versions.vector((f"account:{house.account.id}",))
    house.writer.note(house.sighting(5))
    house.writer.flush()
    with house.world.database.read() as session:
        assert session.get_one(Account, house.account.id).updated_at == before
    assert house.world.cache.tag_versions.vector((f"account:{house.account.id}",)) == versions


def test_a_device_that_moved_gets_its_new_address_and_place(house: House) -> None:
    house.world.locator.by_ip["198.51.100.7"] = Place("RU", "Russia", "")
    house.writer.note(house.sighting(1, ip="198.51.100.7"))
    house.writer.flush()
    with house.world.database.read() as session:
        row = session.get_one(Session, house.viewer.session_id)
        assert (row.ip, row.country_id is not None) == ("198.51.100.7", True)
        assert session.get_one(Session, house.second.session_id).ip == HOME_IP


def test_a_place_that_becomes_known_reaches_who_is_logged_in_already(house: House) -> None:
    assert house.places() == (HOME_IP, None)
    before = house.account_version()
    house.writer.note(house.sighting(1, ip=HOME_IP))
    house.writer.flush()
    assert (house.places(), house.account_version()) == ((HOME_IP, None), before)
    house.world.locator.by_ip[HOME_IP] = Place("RU", "Russia", "")
    house.writer.note(house.sighting(2, ip=HOME_IP))
    house.writer.flush()
    ip, country = house.places()
    assert (ip, country is not None, house.account_version() > before) == (HOME_IP, True, True)


def test_a_place_is_kept_while_nobody_knows_it_and_lost_when_the_device_moves(house: House) -> None:
    house.world.locator.by_ip[HOME_IP] = Place("RU", "Russia", "")
    house.writer.note(house.sighting(1, ip=HOME_IP))
    house.writer.flush()
    known = house.places()
    assert known[1] is not None
    house.world.locator.by_ip.clear()  # the base is gone
    house.viewer = house.world.sessions.by_id(house.viewer.session_id, house.operator.id) or house.viewer
    house.writer.note(house.sighting(2, ip=HOME_IP))
    house.writer.flush()
    assert house.places() == known
    house.writer.note(house.sighting(3, ip="198.51.100.99"))
    house.writer.flush()
    assert house.places() == ("198.51.100.99", None)


def test_what_cannot_be_written_waits_and_newer_signs_win(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.writer.note(house.sighting(1))
    house.writer.note(house.sighting(1, second=True))
    with away(house.world.database, monkeypatch):
        with pytest.raises(StorageError):
            house.writer.flush()
        house.writer.note(house.sighting(9))
    assert house.writer.waiting == 2
    house.writer.flush()
    assert house.stored()[:2] == (minutes(9), minutes(1))


def test_a_failure_half_way_loses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "BATCH", 1)
    house.writer.note(house.sighting(1))
    house.writer.note(house.sighting(2, second=True))
    with away(house.world.database, monkeypatch, after=2), pytest.raises(StorageError):
        house.writer.flush()  # the first session and its account are written, the second is not
    assert house.writer.waiting == 1
    house.writer.flush()
    assert house.stored() == (minutes(1), minutes(2), minutes(2))


def test_what_waits_is_bounded_but_known_sessions_are_kept_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "WAITING_LIMIT", 1)
    house.writer.note(house.sighting(1))
    house.writer.note(house.sighting(1, second=True))
    house.writer.note(house.sighting(4))
    assert house.writer.waiting == 1
    house.writer.flush()
    assert house.stored()[0] == minutes(4)


def test_shutdown_writes_what_waits_and_never_raises(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.writer.start()
    house.writer.start()
    house.writer.note(house.sighting(5))
    house.writer.close()
    assert house.stored()[0] == minutes(5)
    house.writer.note(house.sighting(6))
    with away(house.world.database, monkeypatch):
        house.writer.close()
    (told,) = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert (told.name, dict(told.context)) == ("SEEN_NOT_WRITTEN", {"waiting": 1, "error": "away"})


def test_a_session_that_is_gone_is_passed_over(house: House) -> None:
    house.writer.note(Sighting(10**9, 10**9, house.operator.id, START))
    house.writer.note(Sighting(10**9 + 1, 10**9, 10**9, START, "198.51.100.7"))
    house.writer.note(house.sighting(1))
    assert house.writer.flush() == 3
    assert house.stored()[0] == minutes(1)


def test_a_poll_leaves_a_note_once_a_minute_and_at_once_when_it_moved(house: House) -> None:
    seen = house.world.sessions.seen
    seen(house.viewer, HOME_IP, START + timedelta(seconds=59))
    assert house.writer.waiting == 0
    seen(house.viewer, "", START + timedelta(seconds=59))
    assert house.writer.waiting == 0
    seen(house.viewer, HOME_IP, START + timedelta(seconds=60))
    assert house.writer.waiting == 1
    seen(house.second, "198.51.100.7", START)
    assert house.writer.waiting == 2


def test_leaving_a_note_asks_no_database(house: House) -> None:
    statements: list[Any] = []
    event.listen(house.world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for number in range(100):
        house.writer.note(house.sighting(number, ip="198.51.100.7"))
    assert statements == []
