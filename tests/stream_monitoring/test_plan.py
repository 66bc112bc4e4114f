"""What is monitored, written down as one document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.stream_monitoring.plan import Plan, Plans
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Accident,
    Address,
    AddressGroup,
    Channel,
    DataCenter,
    MonitoredStream,
    StreamMonitor,
    StreamTrigger,
)
from smarty_core.testing.subscribers import SubscriberWorld
from tests.cli.processes import manage

NEWS, SPORT = "udp://239.0.0.1:1234", "udp://239.0.0.2:1234"
DOCUMENT: dict[str, Any] = {
    "groups": {"on duty": ["ops@tv.example", "noc@tv.example"]},
    "monitors": [
        {"name": "hall", "host": "10.0.0.5", "port": 4000, "data_center": "North", "enabled": True, "streams": [
            {"address": NEWS, "name": "News", "channel": None, "enabled": True},
            {"address": SPORT, "name": "", "channel": None, "enabled": False},
        ]},
    ],
    "triggers": [
        {"name": "no sound", "type": "multicast", "key": "audio_loss", "lower": None, "upper": None,
         "message": "call the control room", "enabled": True, "groups": ["on duty"]},
        {"name": "hot", "type": "device", "key": "cpu_temperature", "lower": None, "upper": 80.5, "message": "",
         "enabled": True, "groups": []},
    ],
}  # fmt: skip


class House:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.world = SubscriberWorld(database)
        self.client_id = self.world.operator("one").id
        self.world.add(DataCenter(client_id=self.client_id, name="North"))
        self.plans = Plans(database)

    def load(self, document: Any) -> None:
        self.plans.apply(self.client_id, Plan.read(json.dumps(document)))

    def written(self) -> Any:
        return json.loads(self.plans.of(self.client_id).write())

    def count(self, model: Any) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def changed(**more: Any) -> dict[str, Any]:
    """A document with one trigger, with these fields changed."""
    return {"triggers": [{**DOCUMENT["triggers"][0], "groups": [], **more}]}


def monitored(*streams: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"monitors": [{"name": "hall", "host": "10.0.0.5", "port": 4000, "streams": list(streams), **more}]}


def test_a_document_comes_back_as_it_was_and_loading_it_twice_changes_nothing(house: House) -> None:
    for _ in range(2):
        house.load(DOCUMENT)
        assert house.written() == DOCUMENT
    counts = [house.count(model) for model in (AddressGroup, Address, StreamMonitor, MonitoredStream, StreamTrigger)]
    assert counts == [1, 2, 1, 2, 2]


def test_what_is_not_named_stays_but_an_analyser_names_all_its_streams(house: House) -> None:
    house.load(DOCUMENT)
    house.load({**monitored({"address": SPORT}), "groups": {"on duty": ["noc@tv.example", "new@tv.example"]}})
    now = house.written()
    assert now["triggers"] == DOCUMENT["triggers"]
    assert now["groups"] == {"on duty": ["noc@tv.example", "new@tv.example"]}
    assert [one["address"] for one in now["monitors"][0]["streams"]] == [SPORT]
    assert now["monitors"][0]["streams"][0]["enabled"] is True
    assert now["monitors"][0]["data_center"] == ""


def test_accidents_of_a_stream_go_with_it(house: House) -> None:
    house.load(DOCUMENT)
    with house.database.write() as session:
        stream = session.scalars(select(MonitoredStream).where(MonitoredStream.address == NEWS)).one()
        trigger = session.scalars(select(StreamTrigger)).first()
        assert trigger is not None
        about = {"client_id": house.client_id, "monitor_id": stream.monitor_id, "stream_id": stream.id}
        session.add(Accident(trigger_id=trigger.id, begun_at=house.world.now, **about))
    house.load(monitored())
    assert (house.count(MonitoredStream), house.count(Accident)) == (0, 0)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "the document: Input should be an object"),
        ({"monitor": []}, "monitor: Extra inputs are not permitted"),
        ({"groups": {"g": ["ops"]}}, "groups.g.0: Value error, no e-mail address"),
        (monitored(port=0), "monitors.0.port: Input should be greater than or equal to 1"),
        (monitored(host="two words"), "monitors.0.host: Value error, no spaces"),
        (monitored({"address": "udp://1\n"}), "monitors.0.streams.0.address: Value error, printable signs only"),
        (changed(name=" x"), "triggers.0.name: Value error, printable signs only, without spaces around"),
        (changed(key="smell"), "triggers.0: Value error, key: one of not_on_air, scrambled"),
        (changed(type="device"), "triggers.0: Value error, key: one of cpu_load"),
        (changed(upper=1), "triggers.0: Value error, audio_loss is yes or no and has no bounds"),
        (changed(key="cc_errors"), "triggers.0: Value error, cc_errors needs a lower or an upper bound"),
        (changed(key="cc_errors", lower=2, upper=1), "triggers.0: Value error, lower is above upper"),
    ],
)
def test_mistakes_in_a_document(document: Any, said: str) -> None:
    with pytest.raises(InvalidValue) as wrong:
        Plan.read(json.dumps(document))
    assert str(wrong.value).startswith(said)


def test_everything_or_nothing_is_loaded(house: House) -> None:
    other = house.world.operator("two").id
    theirs = Channel(client_id=other, name="theirs")
    house.world.add(theirs, AddressGroup(client_id=other, name="others"))
    for document, said in (
        ({**DOCUMENT, **changed(groups=["others"])}, "no sound: groups: there is no 'others'"),
        (monitored({"address": NEWS, "channel": theirs.id}), f"hall: {NEWS}: there is no channel {theirs.id}"),
        (monitored(data_center="West"), "hall: data_center: there is no 'West'"),
    ):
        with pytest.raises(NotFound) as missing:
            house.load(document)
        assert str(missing.value) == said
    assert house.written() == {"groups": {}, "monitors": [], "triggers": []}


def test_the_command_prints_and_loads(house: House, tmp_path: Path) -> None:
    url = house.database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "settings.py").write_text(f"SECRET_KEY = 'a key that is long enough'\nDATABASE_URL = {url!r}\n")
    arguments = ("stream_monitoring", f"--client_id={house.client_id}", "--settings=settings.py")
    said = "1 address groups, 1 analysers with 2 streams, 2 triggers are stored\n"
    assert manage(tmp_path, *arguments, "--load=-", said=json.dumps(DOCUMENT)) == (0, said, "")
    code, printed, complained = manage(tmp_path, *arguments)
    assert (code, json.loads(printed), complained) == (0, DOCUMENT, "")
    code, printed, complained = manage(tmp_path, *arguments, "--load=missing.json")
    assert (code, printed, complained) == (2, "", "cannot read missing.json: No such file or directory\n")
