"""MaintenanceCreate and MaintenanceEdit: signed as published, with their codes, felt by the next wish of a viewer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from smarty_core.app import create_app
from smarty_core.errors import StorageError
from smarty_core.services.maintenance import MaintenanceWorks
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database
from smarty_core.storage.models import Maintenance, StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import START
from smarty_core.web.signature import sign

API = "/streaming/api"
CREATE, EDIT = f"{API}/maintenance/create/", f"{API}/maintenance/edit/"
KEY = "streaming-key"
HOUR = timedelta(hours=1)

Fields = Mapping[str, Any]


class Broadcaster:
    """Two operators with the channels News and Films; a watching system signs for the first."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(database, TIME_ZONE="Europe/Moscow")
        world = self.world = self.installation.world
        keys: dict[str, Any] = {
            "streaming_api_key": world.vault.encrypt(KEY),
            "content_api_key": world.vault.encrypt("other"),
        }
        self.operator, self.other = world.operator("one", **keys), world.operator("two", **keys)
        self.tariff = world.tariff(self.operator)
        self.news = self.installation.channel(self.tariff, "News")
        self.films = self.installation.channel(self.tariff, "Films")
        self.foreign = self.installation.channel(world.tariff(self.other), "Foreign")
        world.subscriber(self.operator, tariffs=[self.tariff])
        self.authkey = world.log_in(self.operator).authkey
        self.app = create_app(self.installation.system)

    def request(self, verb: str, path: str, **options: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(verb, path, **options)

        return asyncio.run(go())

    def signed(self, fields: Fields, *, operator: Operator | None = None, key: str = KEY) -> dict[str, Any]:
        whole = {"client_id": (operator or self.operator).id, **fields}
        return {**whole, "signature": sign(_pairs(whole), key)}

    def post(self, path: str, operator: Operator | None = None, **fields: Any) -> dict[str, Any]:
        response = self.request("POST", path, data=self.signed(fields, operator=operator))
        assert response.status_code == 200
        return dict(response.json())

    def rows(self) -> list[Maintenance]:
        with self.world.database.read() as session:
            return list(session.scalars(select(Maintenance).order_by(Maintenance.id)))

    def device(self, path: str, **params: Any) -> dict[str, Any]:
        asked = {"client_id": self.operator.id, "authkey": self.authkey, "redirect": 0, **params}
        return dict(self.request("GET", f"/tvmiddleware/api{path}", params=asked).json())

    def plays(self, channel: int) -> int:
        return int(self.device("/channel/url/", cid=channel)["error"])


def _pairs(fields: Fields) -> Sequence[tuple[str, str]]:
    return [
        (name, str(one)) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])
    ]


@pytest.fixture
def tv(sqlite_database: Database) -> Iterator[Broadcaster]:
    made = Broadcaster(sqlite_database)
    yield made
    made.installation.close()


BEGIN = "2026-03-10T15:00:00.0+03:00"
"""`START`."""


def test_works_are_announced_and_block_nothing(tv: Broadcaster) -> None:
    answer = tv.post(CREATE, channel_prefix="news,films", datetime_begin=BEGIN, description="новый кабель")
    [row] = tv.rows()
    assert answer == {"error": 0, "error_message": "", "id": row.id}
    with tv.world.database.read() as session:
        works = session.get_one(Maintenance, row.id)
        assert [channel.url_prefix for channel in works.channels] == ["news", "films"]
        assert (works.begin, works.end, works.description) == (START, None, "новый кабель")
        assert (works.unavailable, works.finished) == (False, False)
    assert tv.plays(tv.news.id) == 0


def test_unavailable_channels_play_again_when_the_works_end_or_are_finished(tv: Broadcaster) -> None:
    until = (START + HOUR).isoformat()
    fields: dict[str, Any] = {
        "channel_prefix": "news",
        "datetime_begin": BEGIN,
        "datetime_end": until,
        "unavailable": 1,
    }
    works = tv.post(CREATE, **fields)["id"]
    answer = tv.device("/channel/url/", cid=tv.news.id)
    assert (answer["error"], answer["error_message"]) == (404, "technical works are going on")
    assert tv.device("/program/url/", cid=tv.news.id, time=int((START - HOUR).timestamp()))["error"] == 404
    assert tv.plays(tv.films.id) == 0
    listed = {row["id"]: row["has_record"] for row in tv.device("/channel/list/")["channels"]}
    assert listed == {tv.news.id: 0, tv.films.id: 1}  # it stays in the list, without its archive
    tv.world.move(minutes=59)
    assert tv.plays(tv.news.id) == 404
    tv.world.move(minutes=1)
    assert tv.plays(tv.news.id) == 0
    assert {row["has_record"] for row in tv.device("/channel/list/")["channels"]} == {1}
    assert tv.post(EDIT, id=works, datetime_end=(START + 9 * HOUR).isoformat())["error"] == 0
    assert tv.plays(tv.news.id) == 404
    assert tv.post(EDIT, id=works, finished="True")["error"] == 0
    assert tv.plays(tv.news.id) == 0
    assert tv.post(EDIT, id=works, finished=0, unavailable=0)["error"] == 0
    assert tv.plays(tv.news.id) == 0


def test_a_service_under_works_leaves_its_place_to_the_next(tv: Broadcaster) -> None:
    with tv.world.database.read() as session:
        live, _ = session.scalars(
            select(StreamService.id).where(StreamService.client_id == tv.operator.id).order_by(StreamService.id)
        ).all()[:2]
    fields: dict[str, Any] = {
        "channel_prefix": "films",
        "services": str(live),
        "datetime_begin": BEGIN,
        "unavailable": 0,
    }
    works = tv.post(CREATE, **fields)["id"]
    assert tv.device("/channel/url/", cid=tv.news.id)["stream_service_id"] == live
    assert tv.post(EDIT, id=works, unavailable=1)["error"] == 0
    assert (tv.plays(tv.news.id), tv.plays(tv.films.id)) == (404, 404)


def test_works_that_begin_later_are_felt_when_they_begin(tv: Broadcaster) -> None:
    begin = (START + HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert tv.post(CREATE, channel_prefix="news", datetime_begin=begin, unavailable=1)["error"] == 0
    assert tv.plays(tv.news.id) == 0
    tv.device("/channel/list/")
    tv.world.move(minutes=60)
    assert tv.plays(tv.news.id) == 404
    listed = {row["id"]: row["has_record"] for row in tv.device("/channel/list/")["channels"]}
    assert listed[tv.news.id] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channel_prefix": "nothing"}, 1),
        ({"channel_prefix": "news,nothing"}, 1),
        ({"channel_prefix": "foreign"}, 1),
        ({"channel_prefix": ","}, 1),
        ({"channel_prefix": ""}, 20),
        ({"datetime_begin": ""}, 20),
        ({"datetime_begin": "yesterday"}, 20),
        ({"datetime_begin": "2026-03-10"}, 20),
        ({"datetime_begin": "0001-01-01T00:00:00+03:00"}, 20),
        ({"datetime_begin": "9999-12-31T23:59:59-03:00"}, 20),
        ({"datetime_begin": "1773144000"}, 20),
        ({"datetime_end": "2026-13-10T15:00:00+03:00"}, 20),
        ({"datetime_end": BEGIN}, 20),
        ({"services": "999"}, 20),
        ({"services": "x"}, 20),
        ({"unavailable": "2"}, 20),
        ({"description": "x" * 5000}, 20),
    ],
)
def test_what_makes_no_sense_has_its_code_and_is_not_stored(tv: Broadcaster, fields: Fields, code: int) -> None:
    whole = {"channel_prefix": "news", "datetime_begin": BEGIN, **fields}
    assert tv.post(CREATE, **whole)["error"] == code
    assert tv.rows() == []


def test_an_edit_changes_what_is_sent_and_only_the_operators_own_works(tv: Broadcaster) -> None:
    number = tv.post(CREATE, channel_prefix="news", datetime_begin=BEGIN, description="one")["id"]
    assert tv.post(EDIT, id=number, channel_prefix="films", description="two")["error"] == 0
    assert tv.post(EDIT, id=number, channel_prefix="nothing")["error"] == 2
    assert tv.post(EDIT, id=number, datetime_end=(START - HOUR).isoformat(), description="three")["error"] == 20
    assert tv.post(EDIT, id="")["error"] == 20
    for stranger in (tv.post(EDIT, id=number + 1), tv.post(EDIT, id=number, operator=tv.other, finished=1)):
        assert stranger["error"] == 1
    with tv.world.database.read() as session:
        works = session.get_one(Maintenance, number)
        assert [channel.url_prefix for channel in works.channels] == ["films"]
        assert (works.begin, works.end, works.description, works.finished) == (START, None, "two", False)


def test_a_time_without_a_zone_is_one_of_the_operators(tv: Broadcaster) -> None:
    for begin in ("2026-03-10T15:00:00", "2026-03-10T15:00:00.5", "2026-03-10T15:00:00 03:00", "20260310T120000Z"):
        assert tv.post(CREATE, channel_prefix="news", datetime_begin=begin)["error"] == 0
    assert [row.begin.replace(microsecond=0) for row in tv.rows()] == [START] * 4


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_spelling_of_the_address_takes_every_form_of_body(tv: Broadcaster, prefix: str, slash: str) -> None:
    path = prefix + CREATE.rstrip("/") + slash
    fields = tv.signed({"channel_prefix": ["news", "films"], "datetime_begin": BEGIN})
    forms: list[dict[str, Any]] = [
        {"data": fields},
        {"files": [(name, (None, value)) for name, value in _pairs(fields)]},
        {"json": fields},
        {"data": fields, "params": {"channel_prefix": "nothing", "client_id": tv.other.id}},
    ]
    for form in forms:
        assert tv.request("POST", path, **form).json()["error"] == 0, form
    assert tv.request("GET", path, params=fields).json()["error"] == 0
    assert len(tv.rows()) == len(forms) + 1


def test_a_call_that_is_not_signed_by_this_operator_for_this_api_is_refused(tv: Broadcaster) -> None:
    fields = {"channel_prefix": "news", "datetime_begin": BEGIN}
    good = tv.signed(fields)
    refused: list[tuple[Fields, int]] = [
        ({**good, "channel_prefix": "films"}, -2),
        ({**good, "unavailable": "1"}, -2),
        ({**good, "signature": ""}, -2),
        ({**good, "client_id": tv.other.id}, -2),
        (tv.signed(fields, key="other"), -2),
        (tv.signed(fields, key=""), -2),
        ({name: value for name, value in good.items() if name != "signature"}, -2),
        ({name: value for name, value in good.items() if name != "client_id"}, -3),
        ({**good, "client_id": "999"}, -3),
        ({**good, "client_id": "x"}, -3),
    ]
    for sent, code in refused:
        response = tv.request("POST", CREATE, data=sent)
        assert (response.status_code, response.json()["error"]) == (200, code), sent
    assert tv.request("POST", CREATE, json={**good, "x": {"a": 1}}).json()["error"] == -2
    assert tv.request("POST", CREATE, content=b"{", headers={"content-type": "application/json"}).json()["error"] == 20
    assert tv.rows() == []


def test_an_operator_without_a_key_cannot_be_signed_for(tv: Broadcaster) -> None:
    keyless = tv.world.operator("three")
    sent = tv.signed({"id": 1}, operator=keyless, key="")
    assert tv.request("POST", EDIT, data=sent).json()["error"] == -2


@pytest.mark.parametrize("failure", [StorageError("the database is away"), RuntimeError("a bug")])
def test_a_failure_of_ours_is_told_as_such_with_status_200(
    tv: Broadcaster, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fails(*_: Any) -> int:
        raise failure

    monkeypatch.setattr(MaintenanceWorks, "create", fails)
    answer = tv.post(CREATE, channel_prefix="news", datetime_begin=BEGIN)
    assert answer["error"] == -1
    assert str(failure) not in answer["error_message"]
