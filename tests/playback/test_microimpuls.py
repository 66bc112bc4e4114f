"""From a box that wants the past to a MicroPVR that has it: address, token, health and records, through the core."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from smarty_microimpuls.router import Microimpuls
from sqlalchemy import select

from smarty_core.errors import NotFound
from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP

KEY = "k3y4tests"
SOURCE = "udp://239.1.1.1:1234"


class Home:
    """A subscriber of a channel that a MicroPVR has recorded for the last two hours."""

    def __init__(self, database: Database, pvr: Any) -> None:
        self.installation = Installation(database, {"smarty.stream_router": {"microimpuls": Microimpuls}})
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        tariff = self.world.tariff(self.operator)
        service = StreamService(
            client_id=self.operator.id,
            name="pvr",
            type="pvr",
            router="microimpuls",
            host="127.0.0.1",
            port=pvr.port,
            mask="http://pvr.example/$file?offset=$file_offset&token=$token",
            secret=self.installation.system.vault.encrypt(KEY),
            recording_days=7,
            check_is_alive=True,
        )
        columns = {"url_prefix": "news1", "services": [service], "multicast_uri": SOURCE}
        self.cid = self.installation.channel(tariff, **columns).id
        self.world.subscriber(self.operator, tariffs=[tariff])
        self.viewer = self.world.viewer(self.operator)
        self.now = self.world.now
        pvr.key, pvr.now = KEY, int(self.now.timestamp())
        pvr.recorded = {self.cid: (pvr.now - 7200, pvr.now)}

    def watch(self, minutes_ago: int) -> str:
        begin = self.now - timedelta(minutes=minutes_ago)
        played = self.installation.system.playback.window_url(
            self.viewer, self.operator, self.cid, begin=begin, end=begin + timedelta(minutes=30), ip=HOME_IP,
            device="mag", now=self.now,
        )  # fmt: skip
        return played.uri


@pytest.fixture
def home(sqlite_database: Database, pvr: Any) -> Iterator[Home]:
    made = Home(sqlite_database, pvr)
    yield made
    made.installation.close()


def test_the_past_is_a_file_with_a_token_the_server_may_ask_about(home: Home, pvr: Any) -> None:
    uri = home.watch(60)
    hour = pvr.now - 3600
    assert uri.startswith(f"http://pvr.example/rec/{home.cid}/{hour}.ts?offset=0&token=")
    token = uri.rpartition("token=")[2]
    checked = home.installation.system.stream_tokens.check(token, f"rec/{home.cid}", HOME_IP, home.now)
    assert checked.service.name == "pvr"


def test_what_is_not_recorded_and_a_server_that_is_away_are_not_found(home: Home, pvr: Any) -> None:
    with pytest.raises(NotFound, match="no stream service"):
        home.watch(60 * 24)
    pvr.send = lambda _: [b"rubbish"]
    with pytest.raises(NotFound, match="no stream service"):
        home.watch(60)


def test_load_and_viewers_are_what_the_server_says(home: Home, pvr: Any) -> None:
    system = home.installation.system
    assert [one.changed for one in system.availability.run(home.operator.id).services] == [False]
    with system.database.read() as session:
        row = session.scalars(select(StreamService)).one()
        assert (row.available, row.load, row.session_count) == (True, 0.42, 17)
    pvr.health = {"is_alive": False, "score": 1.0, "session_count": 0}
    for _ in range(system.settings.STREAM_SERVICE_CHECK_FAILURES):
        system.availability.run(home.operator.id)
    with system.database.read() as session:
        assert not session.scalars(select(StreamService)).one().available


def test_a_personal_record_is_made_played_and_taken_back(home: Home, pvr: Any) -> None:
    system = home.installation.system
    begin = pvr.now + 3600
    kept, dropped = (
        system.npvr.create(home.viewer, home.cid, begin=begin + later, end=begin + later + 1800) for later in (0, 7200)
    )
    home.world.move(minutes=59)
    system.npvr_rounds.advance()
    assert [task["start-time"] for task in pvr.tasks] == [begin]
    assert pvr.tasks[0]["stream-source"] == SOURCE
    home.world.move(minutes=32)
    system.npvr_rounds.advance()
    pvr.tasks[0]["number-of-records"], pvr.recorded = 1, {home.cid: (begin, begin + 1800)}
    home.world.move(minutes=60)
    system.npvr_rounds.advance()
    asked = {"ip": HOME_IP, "device": "mag", "now": home.world.now}
    assert f"/rec/{home.cid}/{begin}.ts?offset=0" in system.npvr.url(home.viewer, kept.id, asked).uri
    for record in (kept, dropped):
        system.npvr.delete(home.viewer, record.id)
    system.npvr_rounds.advance()
    assert pvr.tasks == []
    assert system.npvr.list_for(home.viewer, limit=10)[0] == 0
