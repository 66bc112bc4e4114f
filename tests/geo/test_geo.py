"""From the address of a viewer to what he may watch: real bases, a real server's parts, asked over HTTP."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from smarty_geo_maxmind.locator import MaxMind
from sqlalchemy import select

from smarty_core.api.places import NamedPlace
from smarty_core.app import create_app
from smarty_core.builtin.static_locator import StaticLocator
from smarty_core.events import Event
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import City, Country, EpgChannel, PluginAttribute, PluginInstance, Programme, Tariff
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY, PASSWORD

API = "/tvmiddleware/api"
ALMATY, ASTANA, MOSCOW, UNKNOWN = "198.51.100.1", "198.51.100.200", "203.0.113.1", "192.0.2.77"
ALMATY6 = "2001:db8::7"
NETWORKS: Mapping[str, tuple[str, str]] = {
    "198.51.100.0/25": ("KZ", "Алматы"),
    "198.51.100.128/25": ("KZ", "Астана"),
    "203.0.113.0/24": ("RU", ""),
    "2001:db8::/48": ("KZ", "Алматы"),
}


def write_base(path: Path, networks: Mapping[str, tuple[str, str]] = NETWORKS) -> None:
    """Put a base in place of the old one, as the update command does."""
    writer = MMDBWriter(6, "GeoLite2-City", languages=["ru"], ipv4_compatible=True)
    for network, (country, city) in networks.items():
        record = {"country": {"iso_code": country}, "city": {"names": {"ru": city}}}
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path.with_suffix(".new")))
    os.replace(path.with_suffix(".new"), path)


class Land:
    """An operator whose channels are limited to places by their tariffs; one subscriber holds all of them."""

    CHANNELS = ("Everywhere", "Country", "City", "Both", "Nowhere")

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.base = folder / "base.mmdb"
        self.settings = {"file": str(self.base)}
        self.installation = Installation(
            database,
            {"smarty.geo_locator": {"maxmind": MaxMind, "static": StaticLocator}},
            GEO_LOCATORS=["maxmind"],
            GEO_LOCATOR_SETTINGS={"maxmind": self.settings},
            TRUSTED_PROXIES=["127.0.0.1"],
            **settings,
        )
        self.world = self.installation.world
        self.operator = self.world.operator(devices={"android": False})
        names = (("Алматы", "Almaty"), ("Астана", "Astana"))
        self.installation.host().places.fill(NamedPlace("KZ", {}, {"ru": ru, "en": en}) for ru, en in names)
        with self.world.database.read() as session:
            country = session.scalars(select(Country).where(Country.code == "KZ")).one()
            city = session.scalars(select(City).where(City.name == "Алматы")).one()
            russia = session.scalars(select(Country).where(Country.code == "RU")).one()
        limits: dict[str, dict[str, Any]] = {
            "Everywhere": {"available_everywhere": True, "countries": [russia.id]},
            "Country": {"countries": [country.id]},
            "City": {"cities": [city.id]},
            "Both": {"countries": [russia.id], "cities": [city.id]},
            "Nowhere": {},
        }
        self.ids, tariffs = {}, []
        for name in self.CHANNELS:
            tariffs.append(self.tariff(self.operator, name, **limits[name]))
            self.ids[name] = self.channel(tariffs[-1], name)
        self.world.subscriber(self.operator, tariffs=tariffs)
        self.app = create_app(self.installation.system)

    def tariff(
        self,
        operator: Operator,
        name: str,
        *,
        available_everywhere: bool = False,
        countries: Any = (),
        cities: Any = (),
    ) -> Tariff:
        with self.world.database.write() as session:
            row = Tariff(client_id=operator.id, name=name, available_everywhere=available_everywhere)
            row.countries = [session.get_one(Country, number) for number in countries]
            row.cities = [session.get_one(City, number) for number in cities]
            session.add(row)
            session.flush()
            bump(session, f"client:{operator.id}:tariffs")
        return row

    def channel(self, tariff: Tariff, name: str) -> int:
        guide = EpgChannel(name=name)
        self.world.add(guide)
        begin = self.world.now - timedelta(hours=2)
        self.world.add(Programme(epg_channel_id=guide.id, start=begin, stop=begin + timedelta(hours=1), name="Past"))
        return self.installation.channel(tariff, name, epg_channel_id=guide.id).id

    def get(self, path: str, ip: str, **params: Any) -> dict[str, Any]:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 5))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                query = {"client_id": self.operator.id, "device": "android", **params}
                return await client.get(f"{API}{path}", params=query, headers={"X-Forwarded-For": ip})

        answer: dict[str, Any] = asyncio.run(go()).json()
        return answer

    def log_in(self, ip: str, **params: Any) -> str:
        said = {"abonement": "1001", "password": PASSWORD, "api_key": API_KEY, "device_uid": f"uid-{ip}", **params}
        answer = self.get("/login/", ip, **said)
        assert answer["error"] == 0, answer
        return str(answer["authkey"])

    def listed(self, key: str, ip: str) -> set[str]:
        return {channel["name"] for channel in self.get("/channel/list/", ip, authkey=key)["channels"]}

    def plays(self, key: str, ip: str, *, past: bool = False) -> set[str]:
        """The channels that are played, live or what was on an hour and a half ago."""
        path, more = "/channel/url/", {}
        if past:
            path, more = "/program/url/", {"time": int((self.world.now - timedelta(hours=1.5)).timestamp())}
        answers = {
            name: self.get(path, ip, authkey=key, cid=cid, redirect=0, **more)["error"]
            for name, cid in self.ids.items()
        }
        assert set(answers.values()) <= {0, 404}, answers
        return {name for name, error in answers.items() if error == 0}

    def watch(self, key: str, ip: str) -> set[str]:
        """What is listed, which must be what is played."""
        listed = self.listed(key, ip)
        assert self.plays(key, ip) == listed
        assert self.plays(key, ip, past=True) == listed
        return listed

    def signs_are_written(self) -> None:
        """What the background does every few seconds, once the device has been heard of again."""
        self.installation.system.sessions.writer.flush()

    def base_is_looked_at(self) -> None:
        """What the background does every two seconds."""
        found = self.installation.system.registry.instance("geo_locator", "maxmind", "geo:maxmind", self.settings)
        assert isinstance(found.driver, MaxMind)
        found.driver.base.look()


@pytest.fixture
def land(sqlite_database: Database, tmp_path: Path) -> Iterator[Land]:
    made = Land(sqlite_database, tmp_path)
    yield made
    made.installation.close()


@pytest.mark.parametrize(
    ("ip", "channels"),
    [
        (ALMATY, {"Everywhere", "Country", "City", "Both"}),
        (ALMATY6, {"Everywhere", "Country", "City", "Both"}),
        (f"::ffff:{ALMATY}", {"Everywhere", "Country", "City", "Both"}),
        (ASTANA, {"Everywhere", "Country"}),
        (MOSCOW, {"Everywhere", "Both"}),
        (UNKNOWN, {"Everywhere"}),
    ],
)
def test_lists_and_addresses_hold_what_the_place_allows(land: Land, ip: str, channels: set[str]) -> None:
    write_base(land.base)
    assert land.watch(land.log_in(ip), ip) == channels


def test_a_device_that_moves_takes_its_place_along(land: Land) -> None:
    write_base(land.base)
    key = land.log_in(ALMATY)
    assert "City" in land.watch(key, ALMATY)
    land.listed(key, MOSCOW)
    land.signs_are_written()
    assert land.watch(key, MOSCOW) == {"Everywhere", "Both"}
    land.listed(key, UNKNOWN)
    land.signs_are_written()
    assert land.watch(key, UNKNOWN) == {"Everywhere"}


def test_viewers_of_one_package_at_two_places_do_not_share_an_answer(land: Land) -> None:
    write_base(land.base)
    keys = {ip: land.log_in(ip) for ip in (ALMATY, ASTANA)}
    for _ in range(2):
        assert [len(land.listed(key, ip)) for ip, key in keys.items()] == [4, 2]


def test_without_a_base_limited_channels_are_denied_until_it_is_there(
    land: Land, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    key = land.log_in(ALMATY)
    assert land.watch(key, ALMATY) == {"Everywhere"}
    failed = [r.msg for r in caplog.records if isinstance(r.msg, Event) and r.msg.name == "GEO_LOCATOR_FAILED"]
    assert len(failed) == 1
    assert "smarty_manage update_maxmind fetches it" in str(failed[0].context["error"])
    write_base(land.base)
    land.base_is_looked_at()
    land.world.move(seconds=61)
    land.listed(key, ALMATY)
    land.signs_are_written()
    assert "City" in land.watch(key, ALMATY)


def test_a_new_base_moves_who_is_logged_in_and_a_broken_one_nobody(land: Land) -> None:
    write_base(land.base)
    key = land.log_in(ALMATY)
    assert "City" in land.watch(key, ALMATY)
    land.base.with_suffix(".new").write_bytes(b"rubbish")
    os.replace(land.base.with_suffix(".new"), land.base)
    land.base_is_looked_at()
    land.world.move(seconds=61)
    land.listed(key, ALMATY)
    land.signs_are_written()
    assert "City" in land.watch(key, ALMATY)
    write_base(land.base, {"198.51.100.0/24": ("RU", "")})
    land.base_is_looked_at()
    land.world.move(seconds=61)
    land.listed(key, ALMATY)
    land.signs_are_written()
    assert land.watch(key, ALMATY) == {"Everywhere", "Both"}


def test_an_operator_chooses_his_own_locator(land: Land) -> None:
    write_base(land.base)
    operator = land.world.operator("two", geo_locator="mine", devices={"android": False})
    instance = PluginInstance(client_id=operator.id, capability="geo_locator", driver="static", name="mine")
    networks = '[{"network": "198.51.100.0/24", "country": "AM", "city": "Ереван"}]'
    instance.attributes = [PluginAttribute(key="networks", value=networks)]
    land.world.add(instance, tags=(f"client:{operator.id}",))
    asked = {"api_key": API_KEY}
    assert land.get("/country/info/", ALMATY, **asked)["country_code"] == "KZ"
    his = land.get("/country/info/", ALMATY, **asked, client_id=operator.id)
    assert (his["country_code"], his["country_name"], his["city_name"]) == ("AM", "Армения", "Ереван")
    # What his own does not know the locators of the installation are asked.
    assert land.get("/country/info/", MOSCOW, **asked, client_id=operator.id)["country_code"] == "RU"


def test_countries_are_told_in_the_language_asked_for(sqlite_database: Database, tmp_path: Path) -> None:
    land = Land(sqlite_database, tmp_path, SMARTY_ADDITIONAL_LANGUAGES=["en"])
    try:
        write_base(land.base, {**NETWORKS, "192.0.2.0/24": ("TV", "Funafuti")})
        asked = {"api_key": API_KEY}
        info = {lang: land.get("/country/info/", ALMATY, **asked, lang=lang) for lang in ("ru", "en")}
        for answer in info.values():
            assert set(answer) == {"error", "error_message", "country_name", "country_code", "city_name"}
        assert [answer["country_name"] for answer in info.values()] == ["Казахстан", "Kazakhstan"]
        assert [answer["city_name"] for answer in info.values()] == ["Алматы", "Almaty"]
        # A place that is not in the directory keeps the words of the base.
        told = land.get("/country/info/", UNKNOWN, **asked)
        assert (told["country_code"], told["country_name"], told["city_name"]) == ("TV", "", "Funafuti")
        nowhere = land.get("/country/info/", "10.0.0.1", **asked)
        assert (nowhere["country_code"], nowhere["country_name"], nowhere["city_name"]) == ("", "", "")
        assert land.get("/country/info/", ALMATY, api_key="x")["error"] == 403
        listed = land.get("/country/list/", ALMATY, **asked, lang="en")["countries"]
        kazakhstan = next(country for country in listed if country["code"] == "KZ")
        assert kazakhstan == {"id": kazakhstan["id"], "name": "Kazakhstan", "code": "KZ", "phone_code": "7"}
        assert land.get("/country/list/", ALMATY, api_key="x")["error"] == 403
    finally:
        land.installation.close()


def test_health_names_the_servers_in_reserve(sqlite_database: Database, tmp_path: Path) -> None:
    reserve = ["http://two.example.com", "http://three.example.com"]
    land = Land(sqlite_database, tmp_path, MAX_LA=100_000, MAX_USED_MEM=100, RESERVED_SERVER_ADDRESSES=reserve)
    try:
        health = land.get("/health/check/", ALMATY, check_db_conn=1)
        usage = health.pop("usage")
        assert health == {
            "error": 0, "error_message": "", "alive": 1, "connection_errors": [], "reserved_server_addresses": reserve,
        }  # fmt: skip
        assert 0 <= usage < 1
    finally:
        land.installation.close()


def test_health_without_limits_is_an_error_that_names_the_setting(land: Land) -> None:
    answer = land.get("/health/check/", ALMATY)
    assert answer["error"] == 1
    assert "MAX_LA" in answer["error_message"]
