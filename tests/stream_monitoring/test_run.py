"""Analysers are asked, accidents begin and end, people are told: over a real database, real TCP and real SMTP."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from smarty_core.errors import ProviderUnavailable
from smarty_core.events import Event
from smarty_core.services.stream_monitoring.run import Monitored
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Accident,
    Address,
    AddressGroup,
    MonitoredStream,
    StreamMonitor,
    StreamSample,
    StreamTrigger,
)
from smarty_core.testing.installation import Installation
from tests.availability.servers import shut_port
from tests.stream_monitoring.simulators import IDLE, WELL, Analyser, Mailbox, analyser, free_port, mail_server

NEWS, SPORT = "udp://239.0.0.1:1234", "udp://239.0.0.2:1234"


class Watch:
    """An operator with one analyser that watches two streams, and a group of two people."""

    def __init__(self, database: Database, analyser: Analyser, mail_port: int, **settings: Any) -> None:
        self.analyser = analyser
        analyser.streams = {NEWS: dict(WELL), SPORT: dict(WELL)}
        settings = {
            "MONITORING_STREAM_TEST_DURATION": 1, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": mail_port,
            "DEFAULT_FROM_EMAIL": "smarty@tv.example", "TIME_ZONE": "Europe/Moscow", **settings,
        }  # fmt: skip
        self.installation = Installation(database, **settings)
        self.database = database
        self.world = self.installation.world
        self.client_id = self.world.operator("one").id
        self.monitor = StreamMonitor(client_id=self.client_id, name="hall", host="127.0.0.1", port=analyser.port)
        self.world.add(self.monitor)
        self.news = self.stream(NEWS, "News")
        self.sport = self.stream(SPORT, "")
        self.group = AddressGroup(client_id=self.client_id, name="on duty")
        for email, enabled in (("ops@tv.example", True), ("noc@tv.example", True), ("off@tv.example", False)):
            self.group.addresses.append(Address(client_id=self.client_id, email=email, enabled=enabled))
        self.world.add(self.group)

    def stream(self, address: str, name: str) -> MonitoredStream:
        row = MonitoredStream(client_id=self.client_id, monitor_id=self.monitor.id, name=name, address=address)
        self.world.add(row)
        return row

    def trigger(self, key: str, kind: str = "multicast", **columns: Any) -> StreamTrigger:
        columns = {"name": f"{key} trouble", "message": f"look at {key}", **columns}
        row = StreamTrigger(client_id=self.client_id, type=kind, key=key, **columns)
        with self.database.write() as session:
            row.groups = [session.get_one(AddressGroup, self.group.id)]
            session.add(row)
        return row

    def run(self, **options: Any) -> Monitored:
        self.world.move(minutes=1)
        return self.installation.system.stream_monitoring.run(**options)

    def accidents(self) -> list[Accident]:
        with self.database.read() as session:
            return list(session.scalars(select(Accident).order_by(Accident.id)))

    def samples(self) -> list[StreamSample]:
        with self.database.read() as session:
            return list(session.scalars(select(StreamSample).order_by(StreamSample.id)))

    def seen(self) -> StreamMonitor:
        with self.database.read() as session:
            return session.get_one(StreamMonitor, self.monitor.id)


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def watch(sqlite_database: Database, box: Mailbox) -> Iterator[Watch]:
    with analyser() as server, mail_server(box) as port:
        made = Watch(sqlite_database, server, port)
        yield made
        made.installation.close()
        assert server.mistakes == []


def test_samples_of_streams_and_of_the_machine_are_kept(watch: Watch) -> None:
    done = watch.run()
    assert "1 analysers in" in done.line()
    kept = {row.stream_id: row.values for row in watch.samples()}
    assert kept == {None: IDLE, watch.news.id: WELL, watch.sport.id: WELL}
    assert {row.taken_at for row in watch.samples()} == {watch.world.now}
    assert (watch.seen().last_seen_at, watch.seen().last_error) == (watch.world.now, "")
    assert {question.get("address") for question in watch.analyser.questions} == {None, NEWS, SPORT}
    assert {question.get("seconds") for question in watch.analyser.questions} == {None, 1}


YES_NO = [("scrambled", "scrambled", True), ("audio_loss", "audio_loss", True), ("video_loss", "video_loss", True),
          ("not_on_air", "on_air", False)]  # fmt: skip


@pytest.mark.parametrize(("key", "figure", "bad"), YES_NO)
def test_a_yes_or_no_begins_an_accident_and_ends_it(
    watch: Watch, box: Mailbox, key: str, figure: str, bad: bool
) -> None:
    watch.trigger(key)
    watch.run()
    assert watch.accidents() == []
    watch.analyser.streams[NEWS][figure] = bad
    began = watch.run()
    first = watch.world.now
    watch.run()
    watch.analyser.streams[NEWS][figure] = not bad
    ended = watch.run()
    (accident,) = watch.accidents()
    assert (accident.stream_id, accident.value, accident.message) == (watch.news.id, "yes", f"look at {key}")
    assert (accident.begun_at, accident.ended_at) == (first, first + timedelta(minutes=2))
    assert (began.begun, began.told.sent, ended.ended, ended.told.sent) == (1, 1, 1, 1)
    assert box.subjects == [f"ALARM: {key} trouble: News", f"OK: {key} trouble: News"]


BOUNDED = [("multicast", "cc_errors"), ("multicast", "pes_errors"), ("device", "cpu_load"),
           ("device", "cpu_temperature"), ("device", "io_wait"), ("device", "monitor_cpu"), ("device", "memory_used"),
           ("device", "memory_free"), ("device", "memory_total"), ("device", "monitor_memory")]  # fmt: skip


def test_figures_are_bad_outside_their_bounds(watch: Watch) -> None:
    keys = {watch.trigger(key, kind, lower=10, upper=20).id: (kind, key) for kind, key in BOUNDED}
    going_on = []
    for value in (10, 20, 20.5, 15, 9.5, 10):
        watch.analyser.system = dict.fromkeys(IDLE, value)
        watch.analyser.streams = {NEWS: {**WELL, "cc_errors": value, "pes_errors": value}, SPORT: {}}
        watch.run()
        going_on.append({(*keys[one.trigger_id], one.value) for one in watch.accidents() if one.ended_at is None})

    def bad(value: str) -> set[tuple[str, str, str]]:
        units = {"multicast": "errors", "memory": "MB", "monitor_memory": "MB", "cpu_temperature": "°C"}
        found = set()
        for kind, key in BOUNDED:
            unit = units.get(kind) or units.get(key) or units.get(key.partition("_")[0], "%")
            found.add((kind, key, f"{value} {unit}"))
        return found

    assert going_on == [set(), set(), bad("20.5"), set(), bad("9.5"), set()]
    assert {one.stream_id for one in watch.accidents()} == {None, watch.news.id}


def test_one_bound_or_none(watch: Watch) -> None:
    watch.trigger("cc_errors", upper=0)
    watch.trigger("memory_free", "device", lower=2000)
    watch.trigger("cpu_load", "device")
    watch.analyser.streams[NEWS]["cc_errors"] = 3
    assert watch.run().begun == 2
    assert sorted(one.value for one in watch.accidents()) == ["1100 MB", "3 errors"]


def test_what_was_not_measured_changes_nothing(watch: Watch) -> None:
    watch.trigger("cc_errors", upper=0)
    watch.analyser.streams[NEWS]["cc_errors"] = 3
    watch.run()
    del watch.analyser.streams[NEWS]["cc_errors"]
    watch.run()
    watch.analyser.streams[NEWS] = "the interface is down"
    done = watch.run()
    assert (done.silent, done.samples) == (1, 2)
    assert NEWS in watch.seen().last_error
    assert "the interface is down" in watch.seen().last_error
    assert [one.ended_at for one in watch.accidents()] == [None]


def test_a_mail_says_what_to_look_at(watch: Watch, box: Mailbox) -> None:
    watch.trigger("audio_loss", message="Звук пропал: звоните в аппаратную")
    watch.analyser.streams[NEWS]["audio_loss"] = True
    watch.run()
    to, message = box.mails[0]
    assert to == ["ops@tv.example", "noc@tv.example"]
    accident = watch.accidents()[0]
    assert message["Message-ID"] == f"<smarty-accident-{accident.id}-begin@tv.example>"
    assert message.get_content().splitlines() == [
        "Звук пропал: звоните в аппаратную",
        "",
        "Trigger: audio_loss trouble (audio_loss)",
        "Analyser: hall",
        f"Stream: News, {NEWS}",
        "Measured: yes",
        "Since: 2026-03-10 15:01:00 +0300",
    ]
    watch.analyser.streams[NEWS]["audio_loss"] = False
    watch.run()
    assert box.mails[1][1].get_content().splitlines()[-2:] == ["Until: 2026-03-10 15:02:00 +0300", "Lasted: 0:01:00"]


def test_a_mail_server_that_is_away_is_asked_again_by_the_next_run(sqlite_database: Database, box: Mailbox) -> None:
    with analyser() as server:
        watch = Watch(sqlite_database, server, free_port(), EMAIL_TIMEOUT=2)
        try:
            watch.trigger("audio_loss")
            for stream in (NEWS, SPORT):
                server.streams[stream]["audio_loss"] = True
            away = watch.run()
            assert (away.begun, away.told.sent, away.told.waiting) == (2, 0, 2)
            with pytest.raises(ProviderUnavailable, match="2 mails wait for the next run"):
                away.demand_told()
            assert [one.told_at for one in watch.accidents()] == [None, None]
            outcome = watch.installation.system.jobs.run("check_streams")
            assert (outcome.ok, "2 mails wait" in outcome.error) == (False, True)
            server.streams[SPORT]["audio_loss"] = False
            port = int(watch.installation.system.settings.EMAIL_PORT)
            back = _with_mail_server(watch, box, port)
            back.demand_told()
        finally:
            watch.installation.close()
    assert back.told.sent == 2
    # what ended before anybody could be told is told once, as a whole
    assert sorted(box.subjects) == ["ALARM: audio_loss trouble: News", f"OK: audio_loss trouble: {SPORT}"]


def _with_mail_server(watch: Watch, box: Mailbox, port: int) -> Monitored:
    with mail_server(box, port=port):
        done = watch.run()
        assert watch.run().told.sent == 0
        return done


def test_a_mail_nobody_will_ever_take_does_not_hold_up_the_others(
    watch: Watch, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    watch.trigger("audio_loss")
    bad = watch.trigger("scrambled")
    with watch.database.write() as session:
        row = session.get_one(StreamTrigger, bad.id)
        row.groups = [AddressGroup(client_id=watch.client_id, name="gone")]
        row.groups[0].addresses = [Address(client_id=watch.client_id, email="gone@tv.example")]
    box.refuse = {"gone@tv.example": "550 no such user"}
    watch.analyser.streams[NEWS] |= {"audio_loss": True, "scrambled": True}
    with caplog.at_level(logging.ERROR, "smarty_stream_services"):
        watch.run()
        watch.run()
    assert box.subjects == ["ALARM: audio_loss trouble: News"]
    names = [record.msg.name for record in caplog.records if isinstance(record.msg, Event)]
    assert names.count("STREAM_ALARM_GIVEN_UP") == 1


def test_accidents_without_recipients_or_mail_server(sqlite_database: Database) -> None:
    with analyser() as server:
        watch = Watch(sqlite_database, server, 25, EMAIL_HOST="")
        try:
            trigger = watch.trigger("audio_loss")
            server.streams[NEWS]["audio_loss"] = True
            done = watch.run()
            assert (done.told.waiting, done.told.trouble) == (1, "EMAIL_HOST is not set")
            with watch.database.write() as session:
                session.get_one(StreamTrigger, trigger.id).groups = []
            done = watch.run()
            assert (done.told.waiting, done.told.trouble) == (0, "")
        finally:
            watch.installation.close()


def test_what_was_over_long_ago_is_not_told(watch: Watch, box: Mailbox) -> None:
    trigger = watch.trigger("audio_loss")
    ended = watch.world.now - timedelta(days=2)
    watch.world.add(
        Accident(client_id=watch.client_id, trigger_id=trigger.id, monitor_id=watch.monitor.id, begun_at=ended,
                 ended_at=ended)
    )  # fmt: skip
    assert watch.run().told.sent == 0


@pytest.mark.parametrize("what", ["trigger", "stream", "monitor"])
def test_what_is_switched_off_is_no_accident_any_more(watch: Watch, what: str) -> None:
    trigger = watch.trigger("audio_loss")
    watch.analyser.streams[NEWS]["audio_loss"] = True
    watch.run()
    row: Any = {"trigger": trigger, "stream": watch.news, "monitor": watch.monitor}[what]
    with watch.database.write() as session:
        session.execute(update(type(row)).where(type(row).id == row.id).values(enabled=False))
    done = watch.run()
    assert (done.ended, done.told.sent) == (1, 1)
    assert [one.ended_at for one in watch.accidents()] == [watch.world.now]


NONSENSE: list[tuple[Any, str]] = [
    (b"{\n", "its answer is no JSON"),
    (b"[" * 3000 + b"\n", "its answer is no JSON"),
    (b"[]\n", "its answer is no object"),
    (b'{"id": "another", "values": {}}\n', "its answer belongs to another question"),
    (b"no line end", "it closed the connection without an answer"),
    (b"", "it closed the connection without an answer"),
    (b"x" * 5000 + b"\n", "its answer is longer than 4096 bytes"),
    ([], "its values are no object"),
    ({"cpu_load": "12"}, "cpu_load is no number"),
    ({"cpu_load": True}, "cpu_load is no number"),
    ({"cpu_load": 1e300}, "cpu_load is no number that makes sense"),
    ({"cpu_load": float("nan")}, "cpu_load is no number that makes sense"),
]


def test_an_analyser_that_answers_nonsense(watch: Watch) -> None:
    watch.analyser.streams.clear()
    with watch.database.write() as session:
        session.execute(delete(MonitoredStream))
    for said, error in NONSENSE:
        watch.analyser.system = said
        watch.run()
        assert watch.seen().last_error.endswith(error)
    assert watch.samples() == []


def test_a_stream_that_answers_nonsense_leaves_the_others(watch: Watch) -> None:
    watch.analyser.streams[NEWS] = {"on_air": 1}
    watch.run()
    assert "on_air is no yes or no" in watch.seen().last_error
    assert watch.sport.id in {row.stream_id for row in watch.samples()}


def test_an_analyser_that_is_away_holds_up_no_other(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    away = StreamMonitor(client_id=watch.client_id, name="away", host="127.0.0.1", port=shut_port())
    odd = StreamMonitor(client_id=watch.client_id, name="odd", host="127.0.0.1", port=0)
    watch.world.add(away, odd)
    watch.world.add(MonitoredStream(client_id=watch.client_id, monitor_id=away.id, address=NEWS))
    with caplog.at_level(logging.WARNING, "smarty_stream_services"):
        done = watch.run()
    assert (done.monitors, done.silent, done.samples) == (3, 2, 3)
    names = [record.msg.name for record in caplog.records if isinstance(record.msg, Event)]
    assert names == ["STREAM_MONITOR_ERROR", "STREAM_MONITOR_ERROR"]


def test_only_so_many_streams_are_measured_at_once(sqlite_database: Database) -> None:
    with analyser() as server:
        watch = Watch(sqlite_database, server, 25, EMAIL_HOST="", MONITORING_CONCURRENT_STREAMS_COUNT=3)
        try:
            for number in range(10, 14):
                server.streams[f"udp://239.0.0.{number}:1"] = dict(WELL)
                watch.stream(f"udp://239.0.0.{number}:1", "")
            server.hold = threading.Barrier(3)
            watch.run()
            assert len(watch.samples()) == 7
            assert server.most_at_once == 3
        finally:
            watch.installation.close()


def test_old_samples_and_ended_accidents_are_removed(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smarty_core.storage.repositories.stream_monitoring.BATCH", 2)
    trigger = watch.trigger("audio_loss")
    watch.analyser.streams[NEWS]["audio_loss"] = True
    watch.run()
    old = watch.world.now - timedelta(days=31)
    about = {"client_id": watch.client_id, "monitor_id": watch.monitor.id}
    watch.world.add(*(StreamSample(**about, taken_at=old, values={}) for _ in range(5)))
    watch.world.add(Accident(**about, trigger_id=trigger.id, begun_at=old, ended_at=old))
    watch.world.add(Accident(**about, trigger_id=trigger.id, begun_at=old, stream_id=watch.sport.id))
    done = watch.run()
    assert done.removed == 6
    assert {row.taken_at for row in watch.samples()} == {watch.world.now - timedelta(minutes=1), watch.world.now}
    assert len(watch.accidents()) == 2


def test_rows_that_go_while_they_are_measured(watch: Watch) -> None:
    real = watch.analyser.streams

    class Removing(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            with watch.database.write() as session:
                session.execute(delete(MonitoredStream).where(MonitoredStream.id == watch.sport.id))
            return real.get(key, default)

    watch.analyser.streams = Removing()
    watch.run()
    assert {row.stream_id for row in watch.samples()} == {None, watch.news.id}


def test_operators_are_apart(watch: Watch) -> None:
    other = watch.world.operator("two").id
    watch.world.add(StreamTrigger(client_id=other, name="theirs", type="multicast", key="cc_errors", lower=1))
    watch.run()
    assert watch.accidents() == []
    assert watch.run(client_id=other).monitors == 0
    with watch.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StreamSample)) == 3
