"""What subscribers set for themselves: all of a call or nothing, only of their own, seen at once."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.account_settings import ChannelChange, SettingsChange, merged
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, AccountChannel, Channel, DataCenter
from smarty_core.testing.subscribers import SubscriberWorld


class House:
    """Two operators with two channels and a data centre each; one subscriber of the first."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.one, self.two = self.world.operator("one"), self.world.operator("two")
        tariff = self.world.tariff(self.one, channels=3)
        self.mine = [channel.id for channel in tariff.channels]
        self.foreign = self.world.tariff(self.two, channels=1).channels[0].id
        centers = [DataCenter(client_id=client.id, name="here") for client in (self.one, self.two)]
        off = DataCenter(client_id=self.one.id, name="off", enabled=False)
        self.world.add(*centers, off)
        self.center, self.foreign_center, self.center_off = centers[0].id, centers[1].id, off.id
        self.account = self.world.subscriber(self.one, tariffs=[tariff])
        self.viewer = self.world.viewer(self.one)
        self.settings = self.world.account_settings

    def stored(self) -> Account:
        with self.world.database.read() as session:
            return session.get_one(Account, self.account.id)

    def channels(self) -> dict[int, tuple[int | None, bool, bool, bool | None]]:
        with self.world.database.read() as session:
            return {
                row.channel_id: (row.position, row.is_favorited, row.is_hidden, row.is_parent_control)
                for row in session.scalars(select(AccountChannel))
            }

    def changed_fields(self) -> list[tuple[str, ...]]:
        return [event.changed for event in self.world.hooks.of("account_changed")]


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def test_a_change_is_stored_and_told_once(house: House) -> None:
    house.settings.save(
        house.viewer, SettingsChange(parent_code="0000", use_timeshift=True, timeshift_offset=-3,
                                     data_center_id=house.center)
    )  # fmt: skip
    row = house.stored()
    assert house.world.vault.decrypt(row.parent_code) == "0000"
    assert "0000" not in row.parent_code
    assert (row.use_timeshift, row.timeshift_offset, row.data_center_id) == (True, -3, house.center)
    assert house.changed_fields() == [("parent_code", "use_timeshift", "timeshift_offset", "data_center_id")]
    viewer = house.world.sessions.find(house.world.log_in(house.one).authkey, house.one.id)
    assert viewer is not None
    assert (viewer.use_timeshift, viewer.timeshift_offset) == (True, -3)


def test_nothing_said_is_nothing_changed_and_nothing_told(house: House) -> None:
    house.settings.save(house.viewer, SettingsChange())
    house.settings.save(house.viewer, SettingsChange(use_timeshift=False, timeshift_offset=0))
    assert house.changed_fields() == []


@pytest.mark.parametrize("none", [0, -1])
def test_a_data_centre_can_be_unchosen(house: House, none: int) -> None:
    house.settings.save(house.viewer, SettingsChange(data_center_id=house.center))
    house.settings.save(house.viewer, SettingsChange(data_center_id=none))
    assert house.stored().data_center_id is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda house: {"parent_code": ""}, InvalidValue),
        (lambda house: {"parent_code": "1" * 17}, InvalidValue),
        (lambda house: {"timeshift_offset": 25}, InvalidValue),
        (lambda house: {"timeshift_offset": -(10**12)}, InvalidValue),
        (lambda house: {"data_center_id": house.foreign_center}, NotFound),
        (lambda house: {"data_center_id": house.center_off}, NotFound),
        (lambda house: {"data_center_id": 10**9}, NotFound),
        (lambda house: {"channels": (ChannelChange(house.foreign, favourite=True),)}, NotFound),
        (lambda house: {"channels": (ChannelChange(house.mine[0]), ChannelChange(house.mine[0]))}, InvalidValue),
        (lambda house: {"order": (ChannelChange(house.mine[0]), ChannelChange(house.foreign))}, NotFound),
    ],
)
def test_a_refused_call_changes_nothing_at_all(house: House, wrong: Any, error: type[Exception]) -> None:
    good = {"use_timeshift": True, "channels": (ChannelChange(house.mine[1], hidden=True),), "parent_code": "1234"}
    before = house.stored().updated_at
    with pytest.raises(error):
        house.settings.save(house.viewer, SettingsChange(**{**good, **wrong(house)}))
    row = house.stored()
    assert (row.use_timeshift, row.parent_code, row.updated_at) == (False, "", before)
    assert house.channels() == {}
    assert house.changed_fields() == []


def test_channels_get_places_in_the_order_given_and_others_lose_theirs(house: House) -> None:
    one, two, three = house.mine
    house.settings.sort(house.viewer, [three, one])
    house.settings.sort(house.viewer, [two, three])
    assert {channel: found[0] for channel, found in house.channels().items()} == {one: None, two: 1, three: 2}
    house.settings.sort(house.viewer, [])
    assert {found[0] for found in house.channels().values()} == {None}


def test_flags_change_only_where_something_is_said(house: House) -> None:
    one, two, _ = house.mine
    house.settings.sort(house.viewer, [two, one])
    house.settings.update_channels(house.viewer, [ChannelChange(one, favourite=True, locked=True)])
    house.settings.update_channels(house.viewer, [ChannelChange(one, hidden=True), ChannelChange(two, locked=False)])
    assert house.channels() == {one: (2, True, True, True), two: (1, False, False, False)}
    flags = house.settings.channel_flags(house.viewer)
    assert astuple(flags) == ((one,), (one,), (one,))
    house.settings.update_channels(house.viewer, [ChannelChange(one, favourite=False, hidden=False)])
    assert astuple(house.settings.channel_flags(house.viewer)) == ((), (), (one,))


def test_a_change_of_channels_moves_the_tags_that_lists_depend_on(house: House) -> None:
    tags = (f"account:{house.account.id}", f"account:{house.account.id}:channels")
    before = house.world.cache.tag_versions.vector(tags)
    house.settings.update_channels(house.viewer, [ChannelChange(house.mine[0], favourite=True)])
    after = house.world.cache.tag_versions.vector(tags)
    assert all(new > old for new, old in zip(after[:2], before[:2], strict=True))


def test_a_template_is_chosen_by_id_or_by_name(house: House) -> None:
    known = house.settings.template(template_id=None, system_name="classic")
    assert known is not None
    house.settings.choose_template(house.viewer, template_id=None, system_name="classic")
    assert house.stored().template_id == known.id
    house.settings.choose_template(house.viewer, template_id=known.id, system_name="nonsense")
    assert house.changed_fields() == [("template_id",)]
    for template_id, name in ((10**9, "classic"), (None, "nonsense"), (None, "CLASSIC"), (None, "")):
        with pytest.raises(NotFound):
            house.settings.choose_template(house.viewer, template_id=template_id, system_name=name)


def test_data_centres_are_those_of_the_operator_that_are_on(house: House) -> None:
    assert [center.id for center in house.settings.data_centers(house.one.id)] == [house.center]


def test_the_main_profile_is_named_after_the_subscriber(house: House) -> None:
    (profile,) = house.settings.profiles(house.viewer)
    assert (profile.profile_id, profile.name) == (1, "Ivan")


def test_an_account_that_is_gone_is_not_found(house: House) -> None:
    with house.world.database.write() as session:
        session.delete(session.get_one(Account, house.account.id))
    for call in (
        lambda: house.settings.save(house.viewer, SettingsChange(use_timeshift=True)),
        lambda: house.settings.sort(house.viewer, house.mine),
        lambda: house.settings.update_channels(house.viewer, [ChannelChange(house.mine[0])]),
    ):
        with pytest.raises(NotFound):
            call()


flags = st.none() | st.booleans()
changes = st.lists(st.builds(ChannelChange, st.integers(1, 4), flags, flags, flags), max_size=8)


@given(changes=changes)
def test_of_several_changes_of_a_channel_the_last_word_counts(changes: list[ChannelChange]) -> None:
    found = {change.channel_id: change for change in merged(changes)}
    assert list(found) == list(dict.fromkeys(change.channel_id for change in changes))
    for channel_id, change in found.items():
        for name in ("favourite", "hidden", "locked"):
            said = [getattr(one, name) for one in changes if one.channel_id == channel_id]
            assert getattr(change, name) == next((value for value in reversed(said) if value is not None), None)


def test_a_channel_is_the_operators_even_when_no_tariff_has_it(house: House) -> None:
    row = Channel(client_id=house.one.id, name="new")
    house.world.add(row)
    house.settings.sort(house.viewer, [row.id])
    assert house.channels()[row.id][0] == 1
