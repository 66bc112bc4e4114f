"""What would be left if a data centre failed: counted by the rules that devices are answered by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from smarty_core.errors import NotFound
from smarty_core.services.availability.drill import Drill, Drills, Viewers
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Account,
    Channel,
    City,
    Country,
    DataCenter,
    Maintenance,
    Session,
    StreamService,
    Tariff,
)
from smarty_core.testing.installation import LIVE_MASK, Installation


class World:
    """One operator with the data centres north and south."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(database)
        self.database = database
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        self.tariff = self.world.tariff(self.operator)
        self.north, self.south = self.center("north"), self.center("south")
        self._devices = 0

    def center(self, name: str, **columns: Any) -> DataCenter:
        row = DataCenter(**{"client_id": self.operator.id, "name": name, **columns})
        self.world.add(row)
        return row

    def service(self, name: str, center: DataCenter | None, *tariffs: Tariff, **columns: Any) -> StreamService:
        columns = {"type": "live", "mask": LIVE_MASK, "data_center_id": center and center.id, **columns}
        row = StreamService(client_id=self.operator.id, name=name, **columns)
        with self.database.write() as session:
            session.add(row)
            for tariff in tariffs or (self.tariff,):
                held = session.get_one(Tariff, tariff.id)
                held.services.append(row)
        return row

    def channel(self, name: str, *services: StreamService, tariffs: tuple[Tariff, ...] = (), **columns: Any) -> Channel:
        row = Channel(client_id=self.operator.id, name=name, url_prefix=name, **columns)
        with self.database.write() as session:
            row.services = [session.get_one(StreamService, one.id) for one in services]
            session.add(row)
            for tariff in tariffs or (self.tariff,):
                held = session.get_one(Tariff, tariff.id)
                held.channels.append(row)
        return row

    def viewers(self, count: int, *tariffs: Tariff, online: int = 0, **columns: Any) -> list[Account]:
        """Accounts, `online` of which have a device that is there."""
        place = {key: columns.pop(key) for key in ("country_id", "city_id") if key in columns}
        made = []
        for number in range(count):
            self._devices += 1
            account = self.world.subscriber(
                self.operator, str(1000 + self._devices), tariffs=tariffs or (self.tariff,), **columns
            )
            seen = self.world.now - (timedelta(seconds=10) if number < online else timedelta(days=2))
            self.world.add(
                Session(
                    client_id=self.operator.id, account_id=account.id, authkey_hash=str(self._devices),
                    last_seen_at=seen, **place,
                )
            )  # fmt: skip
            made.append(account)
        return made

    def drill(self, center: str = "north", client_id: int | None = None) -> Drill:
        (found,) = self.drills(center, client_id)
        return found

    def drills(self, center: str, client_id: int | None = None) -> list[Drill]:
        system = self.installation.system
        drills = Drills(
            database=system.database,
            entitlements=system.entitlements,
            contents=system.playback.contents,
            online_since=system.sessions.online_since,
            clock=system.clock,
        )
        return drills.hold(center, client_id)


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    made = World(sqlite_database)
    yield made
    made.installation.close()


def test_another_data_centre_takes_over(world: World) -> None:
    north = world.service("n1", world.north)
    south = world.service("s1", world.south, sort=1, max_sessions=10, session_count=4)
    world.channel("news", north, south)
    world.channel("sport", north, south)
    world.viewers(5, online=3)
    found = world.drill()
    assert (found.services, found.working) == (1, 1)
    assert found.viewers == Viewers(5, 3)
    assert (found.without_any, found.without_some, found.lost) == (Viewers(), Viewers(), [])
    (heir,) = found.heirs
    assert (heir.service_id, heir.channels, heir.expected, heir.room, heir.short_by) == (south.id, 2, 3.0, 6, 0.0)
    assert found.harmless is True
    unharmed = world.drill("south")
    assert (unharmed.heirs, unharmed.harmless) == ([], True)


def test_who_would_be_left_without_and_which_channels_are_worst(world: World) -> None:
    only_north = world.service("n1", world.north)
    south = world.service("s1", world.south, sort=1)
    poor = world.world.tariff(world.operator, name="poor")
    with world.database.write() as session:
        held = session.get_one(Tariff, poor.id)
        held.services.append(session.get_one(StreamService, only_north.id))
    news = world.channel("news", only_north, south, tariffs=(world.tariff, poor))
    local = world.channel("local", only_north, tariffs=(world.tariff,))
    world.viewers(4, online=1)
    world.viewers(3, poor, online=2)
    found = world.drill("North")
    assert found.viewers == Viewers(7, 3)
    assert found.without_any == Viewers(3, 2)  # the poor have news from the north alone
    assert found.without_some == Viewers(7, 3)
    assert [(one.channel_id, one.viewers) for one in found.lost] == [
        (news.id, Viewers(3, 2)), (local.id, Viewers(4, 1)),
    ]  # fmt: skip
    (heir,) = found.heirs
    assert (heir.name, heir.channels, heir.expected) == ("s1", 1, 0.5)
    assert found.harmless is False


def test_a_service_that_gets_more_than_it_may(world: World) -> None:
    north = world.service("n1", world.north)
    south = world.service("s1", world.south, sort=1, max_sessions=5, session_count=3)
    world.channel("news", north, south)
    world.viewers(4, online=4)
    found = world.drill()
    assert (found.heirs[0].room, found.heirs[0].short_by) == (2, 2.0)
    assert (found.without_some, found.harmless) == (Viewers(), False)


def test_what_is_down_full_or_under_works_takes_over_nothing(world: World) -> None:
    north = world.service("n1", world.north)
    down = world.service("down", world.south, available=False)
    off = world.service("off", world.center("dark", enabled=False))
    full = world.service("full", world.south, max_sessions=2, session_count=2)
    mended = world.service("mended", world.south)
    work = Maintenance(client_id=world.operator.id, begin=world.world.now - timedelta(hours=1), unavailable=True)
    with world.database.write() as session:
        work.services = [session.get_one(StreamService, mended.id)]
        session.add(work)
    world.channel("news", north, down, off, full, mended)
    world.viewers(1)
    found = world.drill()
    assert (found.without_any, found.heirs) == (Viewers(1, 0), [])


def test_a_multicast_address_is_the_last_heir(world: World) -> None:
    world.channel("news", world.service("n1", world.north), multicast_uri="udp://239.0.0.1:1234")
    world.viewers(2, online=1)
    found = world.drill()
    (heir,) = found.heirs
    assert (heir.service_id, heir.name, heir.channels, heir.room) == (0, "multicast", 1, None)
    assert found.harmless is True


def test_channels_with_an_address_of_their_own_do_not_care(world: World) -> None:
    world.channel("news", world.service("n1", world.north), uri="http://direct.test/news")
    world.viewers(2)
    found = world.drill()
    assert (found.without_some, found.heirs, found.harmless) == (Viewers(), [], True)


def test_only_whom_the_data_centre_serves_is_moved(world: World) -> None:
    """An account's own data centre comes first, as when it plays."""
    north, south = world.service("n1", world.north), world.service("s1", world.south, sort=1)
    world.channel("news", north, south)
    world.viewers(2, online=2, data_center_id=world.north.id)
    world.viewers(3, online=3, data_center_id=world.south.id)
    assert [(one.name, one.expected) for one in world.drill("north").heirs] == [("s1", 2.0)]
    assert [(one.name, one.expected) for one in world.drill("south").heirs] == [("n1", 3.0)]


def test_tariffs_that_are_limited_to_places_count_where_the_devices_are(world: World) -> None:
    with world.database.write() as session:
        country = Country(code="XX", name="Nowhere")
        session.add(country)
        session.flush()
        here = City(country_id=country.id, name="Here")
        session.add(here)
        limited = Tariff(client_id=world.operator.id, name="limited", available_everywhere=False, cities=[here])
        session.add(limited)
        session.flush()
        ids = limited.id, here.id
    with world.database.read() as session:
        limited = session.get_one(Tariff, ids[0])
    world.channel("news", world.service("n1", world.north, limited), tariffs=(limited,))
    world.viewers(2, limited, online=2, city_id=ids[1])
    world.viewers(5, limited, online=5)
    found = world.drill()
    assert (found.viewers, found.without_any) == (Viewers(7, 7), Viewers(2, 2))


def test_inactive_accounts_and_tariffs_that_are_over_do_not_count(world: World) -> None:
    world.channel("news", world.service("n1", world.north))
    world.viewers(1, active=False)
    (late,) = world.viewers(1, world.world.tariff(world.operator))
    world.world.give_tariff(late, world.tariff, valid_until=world.world.now - timedelta(hours=1))
    (now,) = world.viewers(1, world.world.tariff(world.operator))
    world.world.give_tariff(now, world.tariff, valid_from=world.world.now - timedelta(hours=1))
    found = world.drill()
    assert (found.viewers, found.without_any) == (Viewers(2, 0), Viewers(1, 0))


def test_a_name_that_several_operators_use_and_one_nobody_has(world: World) -> None:
    other = world.world.operator("two")
    theirs = world.center("north", client_id=other.id)
    assert [one.center.client_id for one in world.drills("north")] == [world.operator.id, other.id]
    assert world.drill("north", other.id).center.id == theirs.id
    assert world.drill(str(world.south.id)).center.name == "south"
    with pytest.raises(NotFound) as unknown:
        world.drill("west")
    assert str(unknown.value) == "there is no data centre 'west'; known: north, south"
    with pytest.raises(NotFound):
        world.drill(str(world.south.id), other.id)


def test_the_drill_says_what_playing_then_does(world: World) -> None:
    """The rehearsal and the performance: the same viewers lose the same channels."""
    north, south = world.service("n1", world.north), world.service("s1", world.south, sort=1)
    kept, lost = world.channel("kept", north, south), world.channel("lost", north)
    world.viewers(1)
    found = world.drill()
    assert [one.channel_id for one in found.lost] == [lost.id]
    world.installation.close()
    with world.database.write() as session:
        session.get_one(StreamService, north.id).available = False
    fresh = Installation(world.database)
    try:
        viewer = fresh.world.viewer(world.operator)
        asked: Any = {"ip": "192.0.2.1", "device": "mag", "now": world.world.now}
        playback = fresh.system.playback
        assert playback.channel_url(viewer, world.operator, kept.id, **asked).stream_service_id == south.id
        with pytest.raises(NotFound):
            playback.channel_url(viewer, world.operator, lost.id, **asked)
    finally:
        fresh.close()
