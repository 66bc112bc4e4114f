"""Stream services made and changed by name: what is saved plays, and what will not do changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.stream_editing import StreamEditing, Wanted
from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP


class House:
    def __init__(self, database: Database) -> None:
        self.installation = Installation(database)
        self.one, self.tariff, self.channel = self.installation.house("one")
        self.two, _, self.foreign = self.installation.house("two")
        self.installation.world.subscriber(self.one, tariffs=[self.tariff])
        system = self.installation.system
        self.editing = StreamEditing(database=system.database, vault=system.vault, registry=system.registry)

    def save(self, name: str = "edge", **wanted: Any) -> int:
        return self.editing.save(self.one.id, name, Wanted(**wanted))

    def row(self, name: str = "edge") -> StreamService | None:
        with self.installation.system.database.read() as session:
            return session.scalars(select(StreamService).where(StreamService.name == name)).first()

    def address(self) -> str:
        world = self.installation.world
        viewer = world.viewer(self.one)
        playback = self.installation.system.playback
        return playback.channel_url(viewer, self.one, self.channel.id, ip=HOME_IP, device="mag", now=world.now).uri


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    made = House(sqlite_database)
    yield made
    made.installation.close()


EDGE = {"mask": "http://edge.test/$prefix", "sort": -1}


def test_a_new_service_plays_at_once_and_a_changed_one_as_it_is_now(house: House) -> None:
    assert house.address().startswith("http://video.test/")
    first = house.save(columns=EDGE, channels="all", tariffs="all", data_center="North")
    assert house.address() == "http://edge.test/news"
    again = house.save(columns={"mask": "http://other.test/$prefix"})
    assert (again, house.address()) == (first, "http://other.test/news")
    (shown,) = [one for one in house.editing.all(house.one.id) if one["name"] == "edge"]
    assert (shown["channels"], shown["tariffs"], shown["data_center"]) == (1, 1, "North")
    house.save(channels=set())
    assert house.address().startswith("http://video.test/")


def test_a_removed_service_is_gone_and_others_play(house: House) -> None:
    house.save(columns=EDGE, channels="all", tariffs="all")
    assert house.editing.delete(house.one.id, "edge") == 1
    assert house.address().startswith("http://video.test/")
    assert house.editing.delete(house.one.id, "edge") == 0


def test_a_secret_is_stored_encrypted_and_never_shown(house: House) -> None:
    house.save(columns={**EDGE, "secret": "k3yForTests"})
    row = house.row()
    assert row is not None
    assert "k3yForTests" not in row.secret
    assert house.installation.system.vault.decrypt(row.secret) == "k3yForTests"
    assert "k3yForTests" not in str(house.editing.all(house.one.id))


def test_attributes_are_merged_and_an_empty_one_goes(house: House) -> None:
    house.save(
        columns=EDGE, attributes={"preview_mask": "http://p.test/$prefix", "timeshift_mask": "http://t.test/$utc"}
    )
    house.save(attributes={"preview_mask": ""})
    row = house.row()
    assert row is not None
    assert row.attributes == {"timeshift_mask": "http://t.test/$utc"}


@pytest.mark.parametrize(
    ("name", "wanted", "error"),
    [
        ("edge", {"columns": {"mask": "http://h/$nonsense"}}, InvalidValue),
        ("edge", {"columns": {"mask": ""}}, InvalidValue),
        ("edge", {"columns": {**EDGE, "router": "unheard_of"}}, InvalidValue),
        ("edge", {"columns": {**EDGE, "type": "tape"}}, InvalidValue),
        ("edge", {"columns": {**EDGE, "routing": "x"}}, InvalidValue),
        ("edge", {"columns": {**EDGE, "storage_class": "tape"}}, InvalidValue),
        ("edge", {"columns": {**EDGE, "port": 70_000}}, InvalidValue),
        ("", {"columns": EDGE}, InvalidValue),
        ("e\ndge", {"columns": EDGE}, InvalidValue),
        ("edge", {"columns": EDGE, "channels": {10**9}}, NotFound),
        ("edge", {"columns": EDGE, "tariffs": {10**9}}, NotFound),
    ],
)
def test_what_will_not_do_changes_nothing(
    house: House, name: str, wanted: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.save(name, **wanted)
    assert house.row() is None


def test_channels_of_another_operator_are_not_there(house: House) -> None:
    with pytest.raises(NotFound):
        house.save(columns=EDGE, channels={house.foreign.id})
    with pytest.raises(NotFound):
        house.editing.save(10**9, "edge", Wanted(EDGE))
    assert house.editing.delete(house.two.id, "edge") == 0
