"""What a viewer may watch: the documented rules, held against a plain model of them, and told of every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from smarty_core.services.entitlements import (
    ENDLESS,
    DeviceLimits,
    Entitlement,
    Holding,
    TariffFacts,
    allowed_at,
    device_limits,
    next_change,
    valid_now,
)
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import City, Country, CustomerTariff, StreamService, Tariff
from smarty_core.storage.repositories.tariffs import OperatorTariffs
from smarty_core.testing.subscribers import START, SubscriberWorld

moments = st.none() | st.integers(-3, 3).map(lambda hours: START + timedelta(hours=hours))
holdings = st.lists(st.builds(Holding, st.integers(1, 5), moments, moments), max_size=6)
few = st.frozensets(st.integers(1, 4), max_size=3)
tariffs = st.builds(
    TariffFacts,
    id=st.just(0),
    for_inactive=st.booleans(),
    everywhere=st.booleans(),
    for_channel_list=st.booleans(),
    sessions=st.integers(0, 3),
    basic_sessions=st.integers(0, 3),
    ip_restriction=st.booleans(),
    channels=few,
    services=few,
    countries=few,
    cities=few,
)
operators = st.dictionaries(st.integers(1, 5), tariffs, max_size=5).map(
    lambda known: OperatorTariffs({number: replace(tariff, id=number) for number, tariff in known.items()}, False)
)


def holds(holding: Holding, now: datetime) -> bool:
    begins = holding.valid_from or datetime.min.replace(tzinfo=now.tzinfo)
    ends = holding.valid_until or datetime.max.replace(tzinfo=now.tzinfo)
    return begins <= now < ends


@given(operator=operators, held=holdings)
def test_a_tariff_is_valid_while_some_holding_of_it_is(operator: OperatorTariffs, held: list[Holding]) -> None:
    found = valid_now(operator, held, START)
    assert [tariff.id for tariff in found] == sorted(
        {h.tariff_id for h in held if holds(h, START)} & set(operator.by_id)
    )


@given(operator=operators, held=holdings)
def test_nothing_changes_before_the_next_change_and_something_may_at_it(
    operator: OperatorTariffs, held: list[Holding]
) -> None:
    until = next_change(operator, held, START)
    assert until > START
    before = valid_now(operator, held, START)
    for moment in {m for h in held for m in (h.valid_from, h.valid_until) if m}:
        for at in (moment - timedelta(seconds=1), moment, moment + timedelta(seconds=1)):
            if START <= at < until:
                assert valid_now(operator, held, at) == before
    if until < START + ENDLESS:
        assert any(until in (h.valid_from, h.valid_until) for h in held)


@given(tariff=tariffs, country=st.integers(0, 4), city=st.integers(0, 4))
def test_a_place_counts_by_country_or_by_city_and_an_unknown_one_never(
    tariff: TariffFacts, country: int, city: int
) -> None:
    expected = tariff.everywhere or country in tariff.countries or city in tariff.cities
    assert allowed_at(tariff, country, city) == expected
    assert allowed_at(tariff, 0, 0) == tariff.everywhere
    nowhere = replace(tariff, everywhere=False, countries=frozenset(), cities=frozenset())
    assert not any(allowed_at(nowhere, *place) for place in product(range(5), range(5)))


@given(held=st.lists(tariffs, max_size=4))
def test_each_limit_is_the_largest_and_naming_one_forbids_the_other(held: list[TariffFacts]) -> None:
    limits = device_limits(held)
    basic = max((tariff.basic_sessions for tariff in held), default=0)
    additional = max((tariff.sessions for tariff in held), default=0)
    assert limits.ip_restriction == any(tariff.ip_restriction for tariff in held)
    if basic == additional == 0:
        assert (limits.basic, limits.additional) == (None, None)
    else:
        assert (limits.basic, limits.additional) == (basic, additional)


@given(held=st.lists(tariffs, max_size=4), more=tariffs)
def test_a_further_tariff_with_limits_never_lowers_one(held: list[TariffFacts], more: TariffFacts) -> None:
    before, after = device_limits(held), device_limits([*held, more])
    if before != DeviceLimits(None, None, ip_restriction=before.ip_restriction):
        assert (after.basic or 0) >= (before.basic or 0)
        assert (after.additional or 0) >= (before.additional or 0)


class House:
    """An operator with a country of its own and one subscriber."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        self.basic = self.world.tariff(self.operator, channels=2, name="basic")
        self.account = self.world.subscriber(self.operator, tariffs=[self.basic])
        self.viewer = self.world.viewer(self.operator)

    def entitlement(self, viewer: Viewer | None = None, **options: Any) -> Entitlement:
        options = {"lang": 0, "device_format": "json", "now": self.world.now, **options}
        return self.world.entitlements.for_viewer(viewer or self.viewer, **options)

    def channels(self, viewer: Viewer | None = None) -> int:
        return len(self.entitlement(viewer).channel_ids)

    def change_tariff(self, tariff: Tariff, **columns: Any) -> None:
        with self.world.database.write() as session:
            session.execute(update(Tariff).where(Tariff.id == tariff.id).values(**columns))
            bump(session, f"client:{self.operator.id}:tariffs")


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def test_tariffs_of_the_customer_and_of_the_account_add_up(house: House) -> None:
    extra = house.world.tariff(house.operator, channels=3, name="extra")
    assert house.channels() == 2
    house.world.give_tariff(house.account, extra)
    found = house.entitlement()
    assert found.tariff_ids == found.held_tariff_ids == (house.basic.id, extra.id)
    assert len(found.channel_ids) == 5


def test_a_tariff_begins_and_ends_to_the_instant(house: House) -> None:
    later = house.world.tariff(house.operator, channels=3, name="later")
    begin, end = START + timedelta(hours=1), START + timedelta(hours=2)
    house.world.give_tariff(house.account, later, valid_from=begin, valid_until=end)
    instant = timedelta(microseconds=1)
    moments = (START, begin - instant, begin, end - instant, end)
    found = [house.entitlement(now=now) for now in moments]
    seen = [(entitlement.valid_until, len(entitlement.channel_ids)) for entitlement in found]
    assert seen == [(begin, 2), (begin, 2), (end, 5), (end, 5), (end + ENDLESS, 2)]


def test_a_tariff_switched_off_gives_nothing_from_then_on(house: House) -> None:
    house.change_tariff(house.basic, enabled=False)
    assert house.channels() == 0
    assert house.entitlement().held_tariff_ids == ()
    house.change_tariff(house.basic, enabled=True)
    assert house.channels() == 2


def test_a_tariff_for_other_lists_gives_no_channels(house: House) -> None:
    house.change_tariff(house.basic, used_for_channel_list=False)
    assert house.channels() == 0
    assert house.entitlement().tariff_ids == (house.basic.id,)


def test_an_inactive_account_has_the_set_for_inactive_ones_and_only_that(house: House) -> None:
    closed = house.world.tariff(house.operator, channels=1, name="closed", available_for_inactive_accounts=True)
    house.world.give_tariff(house.account, closed)
    assert house.channels() == 2
    inactive = replace(house.viewer, active=False)
    found = house.entitlement(inactive)
    assert (found.inactive, found.tariff_ids, len(found.channel_ids)) == (True, (closed.id,), 1)
    assert found.held_tariff_ids == (house.basic.id, closed.id)
    assert found.key != house.entitlement().key


def test_a_tariff_limited_to_places_counts_there_only(house: House) -> None:
    with house.world.database.write() as session:
        country = session.scalars(select(Country).where(Country.code == "RU")).one()
        city = City(country_id=country.id, name="Tver")
        session.add(city)
        limited = Tariff(client_id=house.operator.id, name="there", available_everywhere=False)
        limited.cities = [city]
        session.add(limited)
        session.flush()
        bump(session, f"client:{house.operator.id}:tariffs")
    house.world.give_tariff(house.account, limited)
    at_home = replace(house.viewer, country_id=country.id, city_id=city.id)
    elsewhere = replace(house.viewer, country_id=country.id, city_id=city.id + 1000)
    assert limited.id in house.entitlement(at_home).tariff_ids
    for viewer in (elsewhere, replace(house.viewer, country_id=0, city_id=0)):
        assert limited.id not in house.entitlement(viewer).tariff_ids
        assert limited.id in house.entitlement(viewer).held_tariff_ids
    assert house.entitlement(at_home).place == (country.id, city.id)


def test_the_key_holds_the_place_only_when_it_matters(house: House) -> None:
    here, there = replace(house.viewer, country_id=1, city_id=2), replace(house.viewer, country_id=3, city_id=4)
    assert house.entitlement(here).key == house.entitlement(there).key
    house.change_tariff(house.basic, available_everywhere=False)
    assert house.entitlement(here).key != house.entitlement(there).key


def test_viewers_of_one_package_share_a_key_and_others_do_not(house: House) -> None:
    house.world.subscriber(house.operator, "1002", tariffs=[house.basic])
    twin = house.world.viewer(house.operator, abonement="1002", password="4711", device_uid="uid-2")
    mine = house.entitlement()
    assert house.entitlement(twin).key == mine.key
    other = house.world.operator("two")
    tariff = house.world.tariff(other, channels=2)
    house.world.subscriber(other, tariffs=[tariff])
    stranger = house.world.viewer(other, device_uid="uid-3")
    different = [
        house.entitlement(stranger), house.entitlement(lang=1), house.entitlement(device_format="xml"),
        house.entitlement(multicast=False),
        house.entitlement(replace(house.viewer, use_timeshift=True, timeshift_offset=2)),
    ]  # fmt: skip
    assert len({found.key for found in (mine, *different)}) == 6
    assert not mine.channel_ids & house.entitlement(stranger).channel_ids


def test_a_timeshift_that_is_off_and_a_data_centre_that_decides_nothing_are_not_in_the_key(house: House) -> None:
    plain = house.entitlement().key
    assert house.entitlement(replace(house.viewer, timeshift_offset=5)).key == plain
    assert house.entitlement(replace(house.viewer, data_center_id=9)).key == plain
    service = StreamService(client_id=house.operator.id, name="static", routing="static")
    house.world.add(service, tags=(f"client:{house.operator.id}:channels",))
    assert house.entitlement(replace(house.viewer, data_center_id=9)).data_center_id == 9


def test_a_holding_of_another_operators_tariff_is_worth_nothing(house: House) -> None:
    other = house.world.operator("two")
    foreign = house.world.tariff(other, channels=4)
    house.world.give_tariff(house.account, foreign)
    assert house.channels() == 2
    assert foreign.id not in house.entitlement().held_tariff_ids


def test_asking_again_asks_no_database(house: House) -> None:
    house.entitlement()
    statements: list[str] = []
    event.listen(
        house.world.database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    for _ in range(5):
        house.entitlement()
        house.entitlement(lang=3, device_format="xml")
    assert statements == []
    with house.world.database.write() as session:
        session.execute(update(CustomerTariff).values(valid_until=START))
        bump(session, f"customer:{house.viewer.customer_id}")
    statements.clear()
    assert house.channels() == 0
    assert statements


@settings(max_examples=25, deadline=None)
@given(active=st.booleans(), lang=st.integers(0, 5), multicast=st.booleans(), offset=st.integers(-3, 3))
def test_equal_keys_mean_equal_answers(active: bool, lang: int, multicast: bool, offset: int) -> None:
    """Whatever differs in what is shown differs in the key."""
    made = Entitlement(
        client_id=1, tariff_ids=(1,), held_tariff_ids=(1, 2), channel_ids=frozenset({1}), service_ids=frozenset(),
        place=(0, 0), lang=lang, device_format="json", multicast=multicast, timeshift_offset=offset, data_center_id=0,
        inactive=not active, valid_until=START,
    )  # fmt: skip
    shown = ("client_id", "tariff_ids", "place", "lang", "device_format", "multicast", "timeshift_offset",
             "data_center_id", "inactive")  # fmt: skip
    changed = {"client_id": 2, "tariff_ids": (2,), "place": (1, 1), "lang": lang + 1, "device_format": "xml",
               "multicast": not multicast, "timeshift_offset": offset + 1, "data_center_id": 1,
               "inactive": active}  # fmt: skip
    assert set(shown) == set(changed)
    for name, value in changed.items():
        assert replace(made, **{name: value}).key != made.key, name  # type: ignore[arg-type]
