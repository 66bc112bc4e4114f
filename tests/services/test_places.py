"""Where a viewer is: the chain of locators, and their answers in our own countries and cities."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.contracts.events import RegionWish
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ConfigError, DriverBroken, ProviderUnavailable, StorageError
from smarty_core.events import Event
from smarty_core.services import geo as geo_module
from smarty_core.services.geo import PlaceIds
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import City, Country, PluginAttribute, PluginInstance
from smarty_core.testing.subscribers import SubscriberWorld

IP = "192.0.2.1"


class Locators:
    """Stands for the registry: locators by driver name, and how each was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.made: list[tuple[str, str, dict[str, Any]]] = []
        self.asked: list[str] = []

    def instance(self, capability: str, name: str, instance_key: str, raw_settings: Mapping[str, Any]) -> Any:
        assert capability == "geo_locator"
        self.made.append((name, instance_key, dict(raw_settings)))
        answer = self.answers.get(name)
        if isinstance(answer, (ConfigError, DriverBroken)):
            raise answer
        return Locator(self, name)


class Locator:
    def __init__(self, locators: Locators, name: str) -> None:
        self.locators, self.name = locators, name

    def call(self, method: str, address: Any) -> Any:
        assert method == "locate"
        self.locators.asked.append(self.name)
        answer = self.locators.answers.get(self.name)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Map:
    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database, GEO_LOCATORS=["first", "second"], GEO_LOCATOR_SETTINGS={
            "second": {"file": "x"}})  # fmt: skip
        self.locators = Locators()
        self.world.places._registry = self.locators  # type: ignore[assignment]
        self.operator = self.world.operator()
        with database.write() as session:
            self.country = session.scalars(select(Country).where(Country.code == "RU")).one().id
            city = City(country_id=self.country, name="Тверь", name_lang1="Tver")
            session.add(city)
            session.flush()
            bump(session, "places")
            self.city = city.id

    def locate(self, ip: str = IP) -> PlaceIds:
        return self.world.places.locate(ip, self.operator)


@pytest.fixture
def places(sqlite_database: Database) -> Map:
    return Map(sqlite_database)


def test_the_first_locator_that_knows_is_believed(places: Map) -> None:
    places.locators.answers = {"second": Place("RU", "Russia", "Tver")}
    found = places.locate()
    assert (found.country_id, found.city_id, found.country_code) == (places.country, places.city, "RU")
    assert places.locators.asked == ["first", "second"]
    assert places.locators.made[-1] == ("second", "geo:second", {"file": "x"})
    places.locators.answers["first"] = Place("RU", "", "")
    assert places.locate().city_id == 0


@pytest.mark.parametrize("name", ["Тверь", "тверь", "TVER", "tver"])
def test_a_city_is_known_by_any_of_its_names(places: Map, name: str) -> None:
    places.locators.answers = {"first": Place("ru", "", name)}
    found = places.locate()
    assert (found.country_id, found.city_id, found.city_name) == (places.country, places.city, "Тверь")


def test_what_we_do_not_know_keeps_the_locators_words_without_ids(places: Map) -> None:
    places.locators.answers = {"first": Place("zz", "Nowhere", "Town")}
    assert places.locate() == PlaceIds(0, 0, "ZZ", "Nowhere", "Town")
    places.locators.answers = {"first": Place("RU", "Russia", "Town")}
    found = places.locate()
    assert (found.country_id, found.city_id, found.city_name) == (places.country, 0, "Town")


@pytest.mark.parametrize("failure", [ProviderUnavailable("away"), ConfigError("no file"), DriverBroken("broken")])
def test_a_locator_that_fails_is_passed_over_and_named(
    places: Map, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    places.locators.answers = {"first": failure, "second": Place("RU", "", "")}
    assert places.locate().country_id == places.country
    (event,) = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert (event.name, dict(event.context)) == ("GEO_LOCATOR_FAILED", {"locator": "first", "error": str(failure)})
    assert caplog.records[0].levelno == logging.WARNING


def test_a_locator_that_goes_on_failing_is_named_once_a_minute(
    places: Map, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(geo_module.time, "monotonic", lambda: now[0])
    places.locators.answers = {"first": StorageError("no base"), "second": StorageError("no base either")}
    for _ in range(5):
        assert places.locate() == PlaceIds()
    now[0] += 59.9
    assert places.locate() == PlaceIds()
    named = [record.msg.context["locator"] for record in caplog.records if isinstance(record.msg, Event)]
    assert named == ["first", "second"]
    now[0] += 0.2
    assert places.locate() == PlaceIds()
    assert len([record for record in caplog.records if isinstance(record.msg, Event)]) == 4


class Deciding:
    """Stands for plugins that have a say about places."""

    def __init__(self, answer: object) -> None:
        self.answer, self.asked = answer, list[RegionWish]()

    def implementers(self, hook: str) -> tuple[str, ...]:
        assert hook == "choose_region"
        return ("one",)

    def decide(self, hook: str, *, wish: RegionWish) -> object:
        self.asked.append(wish)
        return self.answer


@pytest.mark.parametrize(("answer", "country"), [(Place("AM"), "AM"), (None, "RU"), ("AM", "RU"), (Place("zz"), "ZZ")])
def test_plugins_may_overrule_the_locators(places: Map, answer: object, country: str) -> None:
    places.locators.answers = {"first": Place("RU", "", "Tver")}
    hooks = places.world.places._hooks = Deciding(answer)  # type: ignore[assignment]
    assert places.locate().country_code == country
    places.locators.answers = {}
    assert places.locate().country_code == (country if isinstance(answer, Place) else "")
    assert hooks.asked == [RegionWish(places.operator.id, IP, "RU", "Tver"), RegionWish(places.operator.id, IP)]


def test_bases_are_opened_before_the_first_viewer_comes(places: Map, caplog: pytest.LogCaptureFixture) -> None:
    places.locators.answers = {"first": StorageError("no base")}
    places.world.places.warm().join(20)
    assert places.locators.asked == ["first", "second"]
    assert [r.msg.context["locator"] for r in caplog.records if isinstance(r.msg, Event)] == ["first"]


def test_a_locator_that_answers_rubbish_knows_nothing(places: Map) -> None:
    places.locators.answers = {"first": "RU", "second": {"country": "RU"}}
    assert places.locate() == PlaceIds()
    places.locators.answers = {"first": Place("RU", "", None), "second": Place(7)}  # type: ignore[arg-type]
    assert places.locate() == PlaceIds()


@pytest.mark.parametrize("ip", ["", "x", "192.0.2", "192.0.2.1/24", "::g", "1.2.3.4, 5.6.7.8", "\0"])
def test_what_is_no_address_is_nowhere_and_asks_nobody(places: Map, ip: str) -> None:
    assert places.locate(ip) == PlaceIds()
    assert places.locators.asked == []


def test_the_operators_own_locator_is_asked_first_with_his_settings(places: Map) -> None:
    secret = places.world.vault.encrypt("s3cret")
    instance = PluginInstance(client_id=places.operator.id, capability="geo_locator", driver="first", name="mine")
    instance.attributes = [
        PluginAttribute(key="city", value="Tver"),
        PluginAttribute(key="key", value=secret, secret=True),
        PluginAttribute(key="damaged", value="not encrypted", secret=True),
    ]
    operator = places.world.operator("two", geo_locator="mine")
    instance.client_id = operator.id
    places.world.add(instance, tags=(f"client:{operator.id}",))
    places.locators.answers = {"first": Place("RU", "", "")}
    assert places.world.places.locate(IP, operator).country_id == places.country
    expected = {"city": "Tver", "key": "s3cret", "damaged": ""}
    assert places.locators.made == [("first", f"geo:{operator.id}:mine", expected)]


def test_countries_are_listed_by_name_and_named_in_a_language(places: Map) -> None:
    countries = places.world.places.countries()
    assert len(countries) > 3
    assert [country.name() for country in countries] == sorted(country.name() for country in countries)
    russia = next(country for country in countries if country.code == "RU")
    assert (russia.name(1), russia.name(5)) == (russia.names[1], russia.names[0])
    assert places.world.places.country_name("RU", 0) == russia.names[0]
    assert places.world.places.country_name("ZZ", 0) == ""


def test_a_new_city_is_known_after_its_change_is_told(places: Map) -> None:
    places.locators.answers = {"first": Place("RU", "", "Kursk")}
    assert places.locate().city_id == 0
    places.world.add(City(country_id=places.country, name="Kursk"), tags=("places",))
    assert places.locate().city_id != 0
