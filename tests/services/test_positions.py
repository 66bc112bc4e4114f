"""Where viewers stopped: seen at once by the process that was told, written in batches, lost by nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from smarty_core.errors import InvalidValue, NotFound, StorageError
from smarty_core.events import Event
from smarty_core.services import position_notes
from smarty_core.services.positions import LAST_CHANNELS, MAX_SECONDS
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, AccountChannel, ContentPosition
from smarty_core.testing.subscribers import START, SubscriberWorld

from .television import Television

NOW = int(START.timestamp())
HOUR = 3600


class House:
    """An operator with two channels, a programme of an hour on the first, and a subscriber with two devices."""

    def __init__(self, database: Database) -> None:
        self.tv = Television(database)
        self.world: SubscriberWorld = self.tv.world
        self.positions = self.tv.positions
        self.operator = self.world.operator()
        guide_id = self.tv.guide_channel()
        self.channels = [self.tv.channel(self.operator, guide_id), self.tv.channel(self.operator, None)]
        (self.programme,) = self.tv.programmes(guide_id, [(NOW - HOUR, NOW)])
        self.world.subscriber(self.operator, tariffs=[self.world.tariff(self.operator)])
        self.viewer = self.world.viewer(self.operator)

    def save(self, seconds: int, **options: Any) -> None:
        options = {"content_type": "program", "content_id": self.programme, **options}
        self.positions.save(self.viewer, seconds=seconds, **options)

    def seen(self) -> dict[int, int]:
        return dict(self.positions.of_programmes(self.viewer))

    def rows(self) -> list[ContentPosition]:
        with self.world.database.read() as session:
            return list(session.scalars(select(ContentPosition).order_by(ContentPosition.id)))


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


@contextmanager
def away(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    write = database.write

    def refuse() -> Any:
        raise StorageError("away")

    monkeypatch.setattr(database, "write", refuse)
    yield
    monkeypatch.setattr(database, "write", write)


def test_a_position_is_seen_at_once_and_written_later(house: House) -> None:
    house.save(60)
    assert house.seen() == {house.programme: 60}
    assert house.rows() == []
    house.save(61)
    assert house.positions.notes.flush() == 1
    (row,) = house.rows()
    assert (row.position, row.duration, row.is_viewed, row.updated_at) == (61, HOUR, False, START)
    assert house.seen() == {house.programme: 61}
    assert house.positions.notes.flush() == house.positions.notes.waiting == 0


def test_another_process_sees_it_once_it_is_written(house: House) -> None:
    house.save(60)
    house.positions.notes.flush()
    from smarty_core.services.positions import Positions
    from smarty_core.storage.cache import MemoryCache

    elsewhere = Positions(
        database=house.world.database, cache=MemoryCache(), settings=house.world.settings, clock=house.world.clock,
        catalogue=house.tv.catalogue,
    )  # fmt: skip
    stranger = replace(house.viewer, known=None)  # what this process knows of him is not what that one knows
    assert dict(elsewhere.of_programmes(stranger)) == {house.programme: 60}


@pytest.mark.parametrize(("seconds", "viewed"), [(0, False), (3419, False), (3420, True), (3600, True), (9999, True)])
def test_who_has_seen_nearly_all_has_seen_it(house: House, seconds: int, viewed: bool) -> None:
    house.save(seconds)
    house.positions.notes.flush()
    assert house.rows()[0].is_viewed is viewed


def test_what_the_player_says_about_length_and_end_wins(house: House) -> None:
    house.save(95, duration=100)
    house.save(1, asset_id=5, is_viewed=True)
    house.positions.notes.flush()
    assert [(row.asset_id, row.duration, row.is_viewed) for row in house.rows()] == [(0, 100, True), (5, HOUR, True)]


@pytest.mark.parametrize(
    ("seconds", "options"),
    [(-1, {}), (MAX_SECONDS + 1, {}), (1, {"duration": -1}), (1, {"duration": MAX_SECONDS + 1})],
)
def test_absurd_positions_are_refused(house: House, seconds: int, options: Any) -> None:
    with pytest.raises(InvalidValue):
        house.save(seconds, **options)
    assert house.positions.notes.waiting == 0


def test_content_of_others_or_of_nobody_is_refused(house: House) -> None:
    foreign = house.tv.guide_channel("foreign")
    house.tv.channel(house.world.operator("two"), foreign)
    (programme,) = house.tv.programmes(foreign, [(NOW - HOUR, NOW)])
    for options in ({"content_id": programme}, {"content_id": 10**9}, {"content_type": "video"}):
        with pytest.raises(NotFound):
            house.save(1, **options)
    with pytest.raises(NotFound):
        house.positions.remember_channel(house.viewer, 10**9)
    assert house.positions.notes.waiting == 0


def test_a_deleted_position_does_not_come_back_from_memory(house: House) -> None:
    house.save(60)
    house.positions.notes.flush()
    house.save(70)
    house.save(5, asset_id=9)
    house.positions.delete(house.viewer, content_type="program", content_id=house.programme, asset_id=9)
    assert house.seen() == {house.programme: 70}
    house.positions.delete(house.viewer, content_type="program", content_id=house.programme, asset_id=None)
    house.positions.delete(house.viewer, content_type="program", content_id=house.programme, asset_id=None)
    house.positions.notes.flush()
    assert house.seen() == {}
    assert house.rows() == []


def test_what_cannot_be_written_waits(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.save(60)
    house.positions.remember_channel(house.viewer, house.channels[1])
    with away(house.world.database, monkeypatch):
        with pytest.raises(StorageError):
            house.positions.notes.flush()
        house.save(61)
        house.positions.close()
    assert house.seen() == {house.programme: 61}
    assert house.positions.last_channels(house.viewer) == [house.channels[1]]
    (told,) = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert (told.name, told.context["waiting"]) == ("POSITIONS_NOT_WRITTEN", 2)
    assert house.positions.notes.flush() == 2
    assert house.rows()[0].position == 61


def test_what_waits_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(position_notes, "WAITING_LIMIT", 2)
    house.save(1)
    house.save(1, asset_id=1)
    house.save(2)
    with pytest.raises(StorageError):
        house.save(1, asset_id=2)
    with pytest.raises(StorageError):
        house.positions.remember_channel(house.viewer, house.channels[0])
    assert house.positions.notes.waiting == 2
    assert house.positions.notes.flush() == 2
    house.save(1, asset_id=2)


def test_channels_watched_last_are_listed_newest_first(house: House) -> None:
    one, two = house.channels
    house.positions.remember_channel(house.viewer, one)
    house.positions.remember_channel(house.viewer, two)
    assert house.positions.last_channels(house.viewer) == [two, one]
    house.world.move(seconds=1)
    house.positions.remember_channel(house.viewer, one)
    assert house.positions.last_channels(house.viewer) == [one, two]
    house.positions.notes.flush()
    assert house.positions.last_channels(house.viewer) == [one, two]
    with house.world.database.read() as session:
        assert session.get_one(Account, house.viewer.account_id).last_channel_id == one
        assert len(list(session.scalars(select(AccountChannel)))) == 2


def test_no_more_channels_are_listed_than_anyone_wants(house: House) -> None:
    ids = [house.tv.channel(house.operator, None, name=str(number)) for number in range(LAST_CHANNELS + 5)]
    for channel_id in ids:
        house.positions.remember_channel(house.viewer, channel_id)
    assert house.positions.last_channels(house.viewer) == ids[::-1][:LAST_CHANNELS]
    house.positions.notes.flush()
    assert len(house.positions.last_channels(house.viewer)) == LAST_CHANNELS


def test_positions_left_alone_too_long_are_not_shown_and_then_removed(house: House) -> None:
    days = int(house.world.settings.TVMIDDLEWARE_CONTENT_POSITION_TTL_DAYS_PROGRAM)
    house.save(60)
    house.positions.notes.flush()
    house.world.move(days=days, seconds=-1)
    assert house.seen() == {house.programme: 60}
    assert house.positions.clean(house.world.now) == 0
    house.world.move(seconds=2)
    assert house.seen() == {}
    assert house.positions.clean(house.world.now) == 1
    assert house.rows() == []


def test_notes_of_an_account_that_is_gone_stop_nobody(house: House) -> None:
    house.world.subscriber(house.operator, "1002", tariffs=[house.world.tariff(house.operator)])
    other = house.world.viewer(house.operator, abonement="1002", password="4711", device_uid="uid-2")
    house.save(60)
    house.positions.save(other, content_type="program", content_id=house.programme, seconds=7)
    with house.world.database.write() as session:
        session.execute(delete(Account).where(Account.id == house.viewer.account_id))
    assert house.positions.notes.flush() == 2
    assert [(row.account_id, row.position) for row in house.rows()] == [(other.account_id, 7)]


def test_reporting_asks_no_database_after_the_first_time(house: House) -> None:
    house.save(1)
    statements: list[Any] = []
    event.listen(house.world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for number in range(50):
        house.save(number)
    assert statements == []


def test_the_background_writes_by_itself_and_ends(house: House) -> None:
    house.positions.start()
    house.positions.start()
    house.save(60)
    house.positions.close()
    assert [row.position for row in house.rows()] == [60]
    assert house.world.now - START == timedelta(0)


def test_in_a_server_a_position_is_stored_when_it_is_answered(house: House) -> None:
    house.positions.start()
    try:
        for seconds in (60, 61):
            house.save(seconds)
            assert [row.position for row in house.rows()] == [seconds]
    finally:
        house.positions.close()


def test_many_players_are_stored_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    write, transactions = house.world.database.write, []
    going_on, first = threading.Event(), threading.Event()

    @contextmanager
    def counted() -> Iterator[Any]:
        transactions.append(1)
        first.set()
        assert going_on.wait(20)
        with write() as session:
            yield session

    monkeypatch.setattr(house.world.database, "write", counted)
    house.positions.start()
    try:
        with ThreadPoolExecutor(11) as pool:
            asked = [pool.submit(house.save, 1)]
            assert first.wait(20)
            asked += [pool.submit(house.save, 1, asset_id=number) for number in range(1, 11)]
            while house.positions.notes.waiting < 11:
                assert not any(one.done() for one in asked)
            going_on.set()
            for one in asked:
                one.result(20)
    finally:
        house.positions.close()
    assert len(house.rows()) == 11
    assert len(transactions) == 2


def test_a_player_is_told_when_his_position_is_not_stored_and_it_is_stored_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_notes, "POSITIONS_EVERY_SECONDS", 0.05)
    house.positions.start()
    try:
        with away(house.world.database, monkeypatch):
            for seconds in (60, 61):
                with pytest.raises(StorageError):
                    house.save(seconds)
        deadline = time.monotonic() + 20
        while house.positions.notes.waiting:
            assert time.monotonic() < deadline
        house.save(5, asset_id=1)
    finally:
        house.positions.close()
    assert [(row.asset_id, row.position) for row in house.rows()] == [(0, 61), (1, 5)]
