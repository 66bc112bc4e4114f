"""The directory of countries and cities, laid down from a geo base by a plugin's command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from smarty_core.api.places import Filled, NamedPlace
from smarty_core.errors import Conflict, InvalidValue
from smarty_core.storage.database import Database
from smarty_core.storage.models import City, Country
from smarty_core.testing.installation import Installation

RU, EN = "ru", "en"
TVER = NamedPlace("RU", {EN: "Russian Federation"}, {RU: "Тверь", EN: "Tver"})


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[Installation]:
    made = Installation(sqlite_database, SMARTY_ADDITIONAL_LANGUAGES=["en", "de"])
    yield made
    made.close()


def stored(house: Installation) -> dict[str, list[tuple[str, str | None]]]:
    """Cities by the code of their country, with their second name."""
    with house.world.database.read() as session:
        found: dict[str, list[tuple[str, str | None]]] = {}
        query = select(Country.code, City.name, City.name_lang1).join(City, City.country_id == Country.id)
        for code, name, second in session.execute(query.order_by(City.name)):
            found.setdefault(code, []).append((name, second))
        return found


def test_cities_come_under_countries_with_their_names(house: Installation) -> None:
    kg = NamedPlace("KG", {EN: "Kyrgyz Republic"}, {EN: "Osh"})
    tv = NamedPlace("tv", {EN: "Tuvalu", RU: "Тувалу"}, {EN: "Funafuti"})
    filled = house.host().places.fill([TVER, kg, tv, NamedPlace("TV")])
    assert filled == Filled(countries=1, cities=3)
    assert stored(house) == {"RU": [("Тверь", "Tver")], "KG": [("Osh", "Osh")], "TV": [("Funafuti", "Funafuti")]}
    with house.world.database.read() as session:
        names = {row.code: row.name for row in session.execute(select(Country.code, Country.name))}
    assert (names["RU"], names["KG"], names["TV"]) == ("Россия", "Киргизия", "Тувалу"), (
        "known countries stay as they are"
    )


def test_what_is_told_twice_or_makes_no_sense_is_passed_over_on_every_database(database: Database) -> None:
    house = Installation(database)
    places = [
        TVER, TVER, NamedPlace("RU", {}, {RU: "ТВЕРЬ"}), NamedPlace("RU", {}, {RU: " Тверь "}),
        NamedPlace("RU", {}, {RU: "Орел"}), NamedPlace("RU", {}, {RU: "Орёл"}),
        NamedPlace("RU", {}, {RU: "Майна"}), NamedPlace("RU", {}, {RU: "Маина"}),
        NamedPlace("-", {}, {RU: "Нигде"}), NamedPlace("RUS", {}, {RU: "Нигде"}), NamedPlace("", {}, {RU: "Нигде"}),
        NamedPlace("RU", {}, {RU: "  "}), NamedPlace("RU", {}, {RU: "д" * 400}),
    ]  # fmt: skip
    assert house.host().places.fill(places).cities == 5
    assert sorted(name for name, _ in stored(house)["RU"]) == ["Маина", "Майна", "Орел", "Тверь", "д" * 255]
    house.close()


def test_it_is_laid_down_once_only(house: Installation) -> None:
    house.host().places.fill([TVER])
    with pytest.raises(Conflict, match=r"in use: there are 1 cities$"):
        house.host().places.fill([NamedPlace("RU", {}, {RU: "Курск"})])
    assert stored(house) == {"RU": [("Тверь", "Tver")]}


def test_a_country_that_somebody_added_keeps_the_base_out(house: Installation) -> None:
    house.world.add(Country(code="TV", name="Tuvalu"))
    with pytest.raises(Conflict, match=r"countries besides those of the initial data \(TV\)"):
        house.host().places.fill([TVER])


def test_a_base_that_breaks_in_the_middle_leaves_nothing(house: Installation) -> None:
    def breaking() -> Iterator[NamedPlace]:
        yield TVER
        raise InvalidValue("line 2")

    with pytest.raises(InvalidValue):
        house.host().places.fill(breaking())
    with house.world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(City)) == 0


def test_the_running_server_knows_the_new_places_at_once(house: Installation) -> None:
    before = {country.code for country in house.system.places.countries()}
    house.host().places.fill([NamedPlace("TV", {EN: "Tuvalu"}, {EN: "Funafuti"})])
    assert {country.code for country in house.system.places.countries()} == before | {"TV"}
