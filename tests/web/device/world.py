"""Two operators with everything a device can ask for, served by the real application, asked in its own language."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session

from smarty_core.app import System, create_app
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import (
    Account,
    Camera,
    Category,
    Channel,
    ChannelSort,
    ChannelSortItem,
    City,
    Country,
    DataCenter,
    EpgCategory,
    EpgChannel,
    EpgGenre,
    Maintenance,
    ProgramBlocking,
    Programme,
    Radio,
    StreamService,
    Tariff,
    Video,
    VideoFile,
    tariff_camera,
    tariff_radio,
    tariff_video,
)
from smarty_core.testing.installation import ARCHIVE_MASK, LIVE_MASK, Installation
from smarty_core.testing.subscribers import API_KEY, PASSWORD, START, SubscriberWorld
from smarty_core.web.dispatch import Dispatcher
from tests.snapshots import Snapshot

API = "/tvmiddleware/api"
HOUR = timedelta(hours=1)
DEFAULTS: Mapping[str, Any] = {
    "SMARTY_ADDITIONAL_LANGUAGES": ["en"],
    "SMARTY_URL": "http://tv.example.com",
    "TIME_ZONE": "UTC",
    "MAX_LA": 100.0,
    "MAX_USED_MEM": 100.0,
}


@dataclass
class House:
    """An operator and the ids of what he has. Everything of his has his name in it."""

    name: str
    operator: Operator
    tariff: Tariff
    account: Account
    category: int
    channels: list[int]
    """News (guide, archive), Films (guide, parental control), Plain (no guide)."""
    foreign_channel: int
    """In no tariff."""
    guide: list[int]
    sort: int
    data_center: int
    programmes: list[list[int]] = field(default_factory=list)
    """Ids by guide channel and hour: the programme at index 48 is on air at `START`."""
    service: int = 0
    works: int = 0
    archive: int = 0
    camera: int = 0
    film: int = 0
    file: int = 0
    """The film's first file."""
    trailer: int = 0
    city: int = 0
    stations: list[int] = field(default_factory=list)
    """The first has an address of its own, the second no service yet."""


class Builder:
    """Adds houses to a database."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)

    def house(self, name: str) -> House:
        operator = self.world.operator(
            name.lower(),
            devices={"mag": True, "wrt": True, "android": False, "web_app": False, "kodi": False},
            subscription_model=True,
            streaming_api_key=self.world.vault.encrypt(f"{name} streaming key"),
        )
        client = operator.id
        with self.world.database.write() as session:
            kinds = {row.system_name: row.id for row in session.query(EpgCategory)}
            genres = {row.system_name: row.id for row in session.query(EpgGenre)}
            center = DataCenter(client_id=client, name=f"{name} center", location=f"{name} town")
            live = StreamService(client_id=client, name=f"{name} live", type="live", mask=LIVE_MASK, data_center=center)
            archive = StreamService(
                client_id=client, name=f"{name} archive", type="pvr", mask=ARCHIVE_MASK, recording_days=2
            )
            category = Category(
                client_id=client,
                name=f"{name} общие",
                name_lang1=f"{name} common",
                color="#ffffff",
                description=f"{name} all",
                icon_url=f"cat/{name}.png",
                sort=1,
            )
            more = Category(client_id=client, name=f"{name} прочее", sort=2)
            guide = [
                EpgChannel(
                    name=f"{name} guide {number}",
                    icon_url=f"epg/{name}{number}.png",
                    sort=number,
                    category_id=kinds["news"] if number == 0 else None,
                )
                for number in range(2)
            ]
            session.add_all([center, live, archive, category, more, *guide])
            session.flush()
            news = Channel(
                client_id=client,
                name=f"{name} Новости",
                name_lang1=f"{name} News",
                sort=1,
                category=category,
                additional_categories=[more],
                epg_channel=guide[0],
                url_prefix=f"{name}-news",
                recording_days=2,
                services=[live, archive],
                icon_url=f"icons/{name}-news.png",
                lcn_number=7,
                option1=f"{name} option",
                meta={"of": name},
                hbb=[{"type": 1, "id": 2, "api_key": f"{name} key", "channel_id": "c"}],
            )
            films = Channel(
                client_id=client,
                name=f"{name} Фильмы",
                name_lang1=f"{name} Films",
                sort=2,
                category=category,
                epg_channel=guide[1],
                url_prefix=f"{name}-films",
                services=[live],
                parental_control=True,
            )
            plain = Channel(
                client_id=client,
                name=f"{name} Plain",
                sort=3,
                category=more,
                url_prefix=f"{name}-plain",
                multicast_uri="udp://239.0.0.1:1234",
            )
            closed = Channel(client_id=client, name=f"{name} Closed", sort=4, url_prefix=f"{name}-x", services=[live])
            session.add_all([news, films, plain, closed])
            session.flush()
            sort = ChannelSort(client_id=client, name=f"{name} порядок", name_lang1=f"{name} order")
            sort.items = [
                ChannelSortItem(channel_id=films.id, position=1),
                ChannelSortItem(channel_id=plain.id, position=2),
            ]
            tariff = Tariff(
                client_id=client, name=f"{name} tariff", channels=[news, films, plain], services=[live, archive]
            )
            session.add_all([sort, tariff])
            session.flush()
            house = House(
                name,
                operator,
                tariff,
                Account(),
                category.id,
                [news.id, films.id, plain.id],
                closed.id,
                [one.id for one in guide],
                sort.id,
                center.id,
                service=live.id,
            )
            for number, one in enumerate(guide):
                rows = [
                    Programme(
                        epg_channel_id=one.id,
                        start=START + hour * HOUR,
                        stop=START + (hour + 1) * HOUR,
                        name=f"{name} передача {number}/{hour}",
                        name_lang1=f"{name} show {number}/{hour}",
                        short_name=f"{name} short",
                        description=f"{name} about",
                        description_lang1=f"{name} about it",
                        category_id=kinds["films" if number else "news"],
                        category_ids=[kinds["films" if number else "news"]],
                        genre_ids=[genres["drama"]],
                        rating=12,
                        preview_url=f"previews/{name}.jpg",
                        meta=json.dumps({"year": "2020"}),
                    )
                    for hour in range(-48, 48)
                ]
                session.add_all(rows)
                session.flush()
                house.programmes.append([row.id for row in rows])
            self._more(session, house, live, archive)
            session.add(ProgramBlocking(client_id=client, programme_id=house.programmes[0][46], days=0))
            bump(session, f"client:{client}:channels", f"client:{client}:tariffs", f"epgchannel:{guide[0].id}")
        house.account = self.world.subscriber(
            operator, "1001", tariffs=[tariff], customer={"firstname": f"{name} Ivan", "ext_id": f"{name}-7"}
        )
        self.world.subscriber(operator, "1002", tariffs=[tariff])
        return house

    def _more(self, session: Session, house: House, live: StreamService, archive: StreamService) -> None:
        """A camera, a film and two radio stations in the tariff."""
        client, name = house.operator.id, house.name
        country = session.query(Country).order_by(Country.id).first()
        assert country is not None
        city = City(country_id=country.id, name=f"{name} город", name_lang1=f"{name} city")
        films = StreamService(
            client_id=client, name=f"{name} films", type="vod", mask="http://films.test/$prefix?token=$token"
        )
        session.add_all([city, films])
        session.flush()
        camera = Camera(
            client_id=client,
            name=f"{name} камера",
            name_lang1=f"{name} camera",
            url_prefix=f"{name}-camera",
            city_id=city.id,
            recording_days=2,
            icon_url=f"icons/{name}-camera.png",
            preview_url=f"previews/{name}-camera.jpg",
            services=[live, archive],
        )
        film = Video(client_id=client, name=f"{name} film", ext_id=f"{name}-film", services=[films])
        film.files = [
            VideoFile(client_id=client, name=f"{name} trailer", file=f"{name}-trailer.mp4", is_trailer=True),
            VideoFile(client_id=client, name=f"{name} film", file=f"{name}-film.mp4", sort=1),
        ]
        works = Maintenance(client_id=client, begin=START, description=f"{name} works")
        stations = [
            Radio(client_id=client, name=f"{name} радио", name_lang1=f"{name} radio", uri=f"http://{name}.test/radio"),
            Radio(client_id=client, name=f"{name} second", url_prefix=f"{name}-second", sort=1),
        ]
        session.add_all([camera, film, works, *stations])
        session.flush()
        house.works = works.id
        tariff = session.get_one(Tariff, house.tariff.id)
        tariff.services.append(films)
        session.execute(insert(tariff_camera).values(tariff_id=tariff.id, camera_id=camera.id))
        session.execute(
            insert(tariff_radio), [{"tariff_id": tariff.id, "radio_id": station.id} for station in stations]
        )
        house.stations = [station.id for station in stations]
        session.execute(insert(tariff_video).values(tariff_id=tariff.id, video_id=film.id))
        house.archive = archive.id
        house.camera, house.film, house.city = camera.id, film.id, city.id
        house.trailer, house.file = (file.id for file in film.files)
        bump(session, f"client:{client}:cameras", f"client:{client}:videos", "places")


def _houses(database: Database) -> tuple[House, House]:
    builder = Builder(database)
    return builder.house("Alpha"), builder.house("Beta")


HOUSES = Snapshot(_houses)


class World:
    """An installation with the houses `alpha` and `beta`. Rows are there before the system is made."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.alpha, self.beta = HOUSES.into(database)
        self.installation = Installation(database, **{**DEFAULTS, **settings})
        self.world = self.installation.world
        self._app: Dispatcher | None = None

    @property
    def system(self) -> System:
        return self.installation.system

    @property
    def app(self) -> Dispatcher:
        if self._app is None:
            self._app = create_app(self.system)
        return self._app

    def close(self) -> None:
        self.installation.close()

    # asking

    def request(self, verb: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://tv.example.com") as client:
                return await client.request(verb, path, **options)

        return asyncio.run(send())

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON answer of a device API method."""
        return self.read(self.request("GET", API + path, params=params))

    def post(self, path: str, body: Any, **params: Any) -> dict[str, Any]:
        return self.read(self.request("POST", API + path, params=params, json=body))

    def read(self, response: httpx.Response) -> dict[str, Any]:
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        return dict(response.json())

    def xml(self, path: str, **params: Any) -> Element:
        """The XML answer for a MAG."""
        response = self.request("GET", API + path, params={"device": "mag", **params})
        assert response.headers["content-type"].startswith("text/xml")
        return fromstring(response.text)

    def key(self, house: House) -> dict[str, Any]:
        """Parameters of somebody without a session."""
        return {"client_id": house.operator.id, "api_key": API_KEY}

    def login(self, house: House, abonement: str = "1001", device: str = "web_app", **more: Any) -> dict[str, Any]:
        """Parameters of a new session."""
        sent = {"abonement": abonement, "password": PASSWORD, "device": device}
        uid = f"uid-{house.operator.id}-{abonement}-{device}"
        answer = self.get("/login/", **{**self.key(house), **sent, "device_uid": uid, **more})
        assert answer["error"] == 0, answer
        return {"client_id": house.operator.id, "authkey": answer["authkey"]}

    def move(self, **span: float) -> datetime:
        self.world.move(**span)
        return self.world.now
