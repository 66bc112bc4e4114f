"""Personal records: who may order what, what a video server is told of it, and how a record ends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import delete, insert, update

from smarty_core.errors import InvalidValue, NotFound, ProviderRefused, ProviderUnavailable, Refused
from smarty_core.services.npvr import OwnRecord
from smarty_core.services.npvr_rounds import Advanced
from smarty_core.services.playback import Asked
from smarty_core.services.viewer import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, EpgChannel, NpvrTask, ProgramBlocking, Programme, StreamService
from smarty_core.testing.fakes import FakeStreamRouter
from smarty_core.testing.installation import CORE_ROUTERS, Installation
from smarty_core.testing.subscribers import HOME_IP, START

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Recorder(FakeStreamRouter):
    """A video server that takes tasks."""

    made: ClassVar[list[Recorder]] = []

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        Recorder.made.append(self)


class Studio:
    """A channel `news` with a programme on air and one at each of the next hours, and a server that takes tasks."""

    def __init__(self, database: Database) -> None:
        Recorder.made.clear()
        routers = {**CORE_ROUTERS["smarty.stream_router"], "recorder": Recorder}
        self.installation = Installation(
            database, {"smarty.stream_router": routers}, NPVR_RECORDS_PER_ACCOUNT=3, NPVR_DAYS_AHEAD=2, INSTANCE="tv_1"
        )
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        self.tariff = self.world.tariff(self.operator)
        guide = EpgChannel(name="news")
        self.world.add(guide)
        rows = [
            Programme(epg_channel_id=guide.id, start=START + n * HOUR, stop=START + (n + 1) * HOUR, name=f"news {n}")
            for n in range(-1, 5)
        ]
        self.world.add(*rows)
        self.past, self.on_air, self.next, self.later = (row.id for row in rows[:4])
        self.server = self.service("server", router="recorder", npvr_lifetime=7200, record_directory="/npvr")
        self.channel = self.installation.channel(
            self.tariff, epg_channel_id=guide.id, recording_days=0, recording_multicast_uri="udp://239.0.0.9:1234",
            services=[self.service("live", type="live", mask="http://live.test/$prefix"), self.server],
        )  # fmt: skip
        self.world.subscriber(self.operator, tariffs=[self.tariff])
        self.viewer = self.world.viewer(self.operator)

    def service(self, name: str, **columns: Any) -> StreamService:
        return StreamService(**{"client_id": self.operator.id, "name": name, "type": "pvr", **columns})

    @property
    def recorder(self) -> Recorder:
        """The server's driver, once it was asked something."""
        return Recorder.made[-1]

    def order(self, viewer: Viewer | None = None, **wish: Any) -> OwnRecord:
        return self.installation.system.npvr.create(viewer or self.viewer, self.channel.id, **wish)

    def records(self, viewer: Viewer | None = None, **page: Any) -> list[OwnRecord]:
        return self.installation.system.npvr.list_for(viewer or self.viewer, **{"limit": 50, **page})[1]

    def one(self) -> OwnRecord:
        (record,) = self.records()
        return record

    def advance(self, **span: float) -> Advanced:
        """Let time go by, then what the job does."""
        self.world.move(**span)
        return self.installation.system.npvr_rounds.advance()

    def play(self, record: OwnRecord) -> str:
        asked = Asked(ip=HOME_IP, device="mag", now=self.world.now)
        return self.installation.system.npvr.url(self.viewer, record.id, asked).uri

    def change(self, *statements: Any) -> None:
        with self.installation.system.database.write() as session:
            for statement in statements:
                session.execute(statement)
            bump(session, f"client:{self.operator.id}:channels", f"client:{self.operator.id}:tariffs")


@pytest.fixture
def studio(sqlite_database: Database) -> Iterator[Studio]:
    made = Studio(sqlite_database)
    yield made
    made.installation.close()


@pytest.fixture
def studio_anywhere(database: Database) -> Iterator[Studio]:
    """The same on every kind of database."""
    made = Studio(database)
    yield made
    made.installation.close()


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def test_a_record_is_ordered_sent_made_played_and_gone(studio_anywhere: Studio) -> None:
    studio = studio_anywhere
    ordered = studio.order(pid=studio.next)
    assert (ordered.status, ordered.name, ordered.begin, ordered.end) == (
        "planned", "news 1", START + HOUR, START + 2 * HOUR,
    )  # fmt: skip
    assert ordered.expires_at == START + 4 * HOUR
    assert studio.advance(minutes=44) == Advanced()
    assert studio.advance(minutes=1) == Advanced(told=1)
    (task,) = studio.recorder.tasks.values()
    assert (task.content_id, task.prefix, task.start, task.stop) == (
        str(studio.channel.id), "news", START + HOUR, START + 2 * HOUR,
    )  # fmt: skip
    assert (task.name, task.source, task.directory, task.keep_seconds, task.urgent) == (
        "news 1", "udp://239.0.0.9:1234", "/npvr", 7200, False,
    )  # fmt: skip
    assert task.id.startswith(f"tv-1-{ordered.id}-")
    with pytest.raises(NotFound):
        studio.play(ordered)
    assert studio.advance(minutes=15) == Advanced(begun=1)
    assert studio.play(ordered).startswith(f"http://video.example/news/archive-{unix(START + HOUR)}-now.m3u8")
    assert studio.advance(minutes=60) == Advanced()  # the server does not say yet that it is done
    studio.recorder.recorded[next(iter(studio.recorder.tasks))] = "done"
    assert studio.advance(minutes=1) == Advanced(done=1)
    assert f"/archive-{unix(START + HOUR)}-{unix(START + 2 * HOUR)}.m3u8" in studio.play(ordered)
    assert studio.one().status == "done"
    assert studio.advance(minutes=119) == Advanced(removed=1)
    assert studio.records() == []


def test_what_is_on_air_is_recorded_from_now_on(studio: Studio) -> None:
    studio.world.move(minutes=20)
    studio.order(pid=studio.on_air)
    assert studio.advance(seconds=0) == Advanced(told=1, begun=1)
    (task,) = studio.recorder.tasks.values()
    assert (task.urgent, task.start) == (True, START)


def test_a_window_of_ones_own(studio: Studio) -> None:
    record = studio.order(begin=unix(START + 10 * MINUTE), end=unix(START + 90 * MINUTE), name="two shows")
    assert (record.name, record.programme_id, record.begin, record.end) == (
        "two shows", 0, START + 10 * MINUTE, START + 90 * MINUTE,
    )  # fmt: skip


def test_windows_that_cannot_be_recorded(studio: Studio) -> None:
    wishes: list[dict[str, Any]] = [
        {},
        {"begin": unix(START + HOUR)},
        {"begin": 0, "end": 10},
        {"begin": unix(START + HOUR), "end": unix(START + HOUR + MINUTE)},
        {"begin": unix(START + 2 * HOUR), "end": unix(START + HOUR)},
        {"begin": unix(START + HOUR), "end": unix(START + 26 * HOUR)},
        {"begin": unix(START - HOUR), "end": unix(START)},
        {"begin": unix(START + 49 * HOUR), "end": unix(START + 50 * HOUR)},
        {"begin": 10**18, "end": 10**18 + 600},
    ]
    for wish in wishes:
        with pytest.raises(InvalidValue):
            studio.order(**wish)
    assert studio.records() == []


def test_programmes_that_cannot_be_recorded(studio: Studio) -> None:
    with pytest.raises(InvalidValue):
        studio.order(pid=studio.past)
    for pid in (10**12, 0, -1):
        with pytest.raises(NotFound):
            studio.order(pid=pid)
    studio.change(insert(ProgramBlocking).values(client_id=studio.operator.id, programme_id=studio.next, days=0))
    with pytest.raises(NotFound, match="blocked"):
        studio.order(pid=studio.next)
    _, _, foreign = studio.installation.house("two")
    with pytest.raises(NotFound):
        studio.installation.system.npvr.create(studio.viewer, foreign.id, begin=unix(START), end=unix(START + HOUR))
    assert studio.records() == []


def test_the_same_record_is_ordered_once(studio: Studio) -> None:
    first = studio.order(pid=studio.next)
    assert studio.order(pid=studio.next) == first
    assert len(studio.records()) == 1


def test_an_account_has_so_many_records_and_no_more(studio: Studio) -> None:
    begins = [START + n * 10 * MINUTE for n in range(1, 5)]
    for begin in begins[:3]:
        studio.order(begin=unix(begin), end=unix(begin + HOUR))
    with pytest.raises(Refused) as caught:
        studio.order(begin=unix(begins[3]), end=unix(begins[3] + HOUR))
    assert caught.value.reason == "too_many_records"
    studio.installation.system.npvr.delete(studio.viewer, studio.records()[0].id)
    studio.order(begin=unix(begins[3]), end=unix(begins[3] + HOUR))
    assert len(studio.records()) == 3


def test_orders_of_one_moment_do_not_pass_the_limit_together(studio_anywhere: Studio) -> None:
    def order(number: int) -> str:
        begin = START + (number + 1) * 10 * MINUTE
        try:
            return studio_anywhere.order(begin=unix(begin), end=unix(begin + HOUR)).status
        except Refused as refused:
            return refused.reason

    with ThreadPoolExecutor(6) as threads:
        said = sorted(threads.map(order, range(6)))
    assert said == ["planned"] * 3 + ["too_many_records"] * 3
    assert len(studio_anywhere.records()) == 3


def test_nobody_sees_or_touches_the_records_of_another_account(studio: Studio) -> None:
    record = studio.order(pid=studio.next)
    studio.world.subscriber(studio.operator, "1002", tariffs=[studio.tariff])
    other = studio.world.viewer(studio.operator, abonement="1002", password="4711", device_uid="uid-2")
    assert studio.records(other) == []
    with pytest.raises(NotFound):
        studio.installation.system.npvr.delete(other, record.id)
    studio.advance(hours=1, minutes=1)
    studio.advance()
    with pytest.raises(NotFound):
        studio.installation.system.npvr.url(other, record.id, Asked(ip=HOME_IP, device="mag", now=studio.world.now))
    assert studio.play(record)


def test_a_server_that_is_down_is_asked_again_until_the_end(studio: Studio) -> None:
    studio.order(pid=studio.next)
    studio.advance(minutes=46)
    studio.change(delete(Programme))  # the guide may forget it, the order stays
    studio.recorder.recorded.clear()
    studio.recorder.failure = ProviderUnavailable("no answer")
    assert studio.advance(minutes=15) == Advanced(begun=1)
    assert studio.advance(minutes=60) == Advanced()  # nobody says what became of it
    studio.recorder.failure = None
    assert studio.advance(minutes=1) == Advanced(done=1)


def test_a_server_that_never_took_the_task_has_made_no_record(studio: Studio) -> None:
    studio.order(pid=studio.next)
    studio.advance(minutes=1)
    studio.installation.system.playback.uses_token(
        studio.installation.system.playback.recorders(studio.viewer, studio.channel.id, studio.world.now).services[0]
    )
    studio.recorder.failure = ProviderUnavailable("no answer from the server")
    assert studio.advance(minutes=50) == Advanced()
    assert studio.one().error == "no answer from the server"
    assert studio.advance(minutes=80) == Advanced(failed=1)
    assert (studio.one().status, studio.one().error) == ("failed", "no answer from the server")
    assert studio.advance(days=8) == Advanced(removed=1)


def test_a_task_that_is_refused_or_goes_wrong_fails_with_the_servers_words(studio: Studio) -> None:
    studio.order(pid=studio.next)
    studio.order(pid=studio.later)
    studio.recorder.failure = ProviderRefused("unknown channel")
    assert studio.advance(minutes=50) == Advanced(failed=1)
    studio.recorder.failure = None
    assert studio.advance(minutes=60) == Advanced(told=1)
    (name,) = studio.recorder.tasks
    studio.recorder.recorded[name] = "failed"
    assert studio.advance(minutes=10) == Advanced(begun=1)
    assert studio.advance(minutes=60) == Advanced(failed=1)
    assert [(one.status, one.error) for one in studio.records(status="failed")] == [
        ("failed", "the server says that it failed"), ("failed", "unknown channel"),
    ]  # fmt: skip
    assert studio.records(status="done") == []


def test_a_failed_record_may_be_ordered_again(studio: Studio) -> None:
    record = studio.order(pid=studio.next)
    studio.recorder.failure = ProviderRefused("unknown channel")
    studio.advance(minutes=50)
    studio.recorder.failure = None
    again = studio.order(pid=studio.next)
    assert (again.id, again.status, again.error) == (record.id, "planned", "")
    assert studio.advance(seconds=0) == Advanced(told=1)


def test_a_record_that_was_taken_back_is_taken_from_its_server(studio: Studio) -> None:
    record = studio.order(pid=studio.next)
    studio.advance(minutes=50)
    assert studio.recorder.tasks
    npvr = studio.installation.system.npvr
    npvr.delete(studio.viewer, record.id)
    assert studio.records() == []
    with pytest.raises(NotFound):
        npvr.delete(studio.viewer, record.id)
    with pytest.raises(Refused) as caught:
        studio.order(pid=studio.next)
    assert caught.value.reason == "being_taken_back"
    studio.recorder.failure = ProviderUnavailable("no answer")
    assert studio.advance(seconds=30) == Advanced()
    studio.recorder.failure = None
    assert studio.advance(seconds=30) == Advanced(taken_back=1)
    assert studio.recorder.tasks == {}
    assert studio.order(pid=studio.next).id != record.id


def test_a_record_that_was_taken_back_before_anybody_knew_is_just_gone(studio: Studio) -> None:
    studio.installation.system.npvr.delete(studio.viewer, studio.order(pid=studio.next).id)
    assert studio.advance(minutes=50) == Advanced(taken_back=1)
    assert studio.recorder.tasks == {}


def test_a_record_of_a_service_that_was_removed_fails(studio: Studio) -> None:
    studio.order(pid=studio.next)
    studio.change(delete(StreamService).where(StreamService.name == "server"))
    assert studio.advance(hours=1) == Advanced(failed=1)
    assert studio.one().error == "the stream service was removed"


def test_a_server_whose_router_does_not_work_is_not_taken_for_one_that_records_everything(studio: Studio) -> None:
    studio.order(pid=studio.next)
    server = update(StreamService).where(StreamService.name == "server")
    studio.change(server.values(router="not installed", recording_days=1))
    assert studio.advance(minutes=50) == Advanced()
    assert (studio.one().status, studio.one().error) == ("planned", "the router of the stream service does not work")
    with pytest.raises(Refused) as caught:
        studio.order(pid=studio.later)
    assert caught.value.reason == "no_recorder"
    studio.change(server.values(router="recorder"))
    assert studio.advance(minutes=1) == Advanced(told=1)
    studio.change(server.values(router="not installed"))
    assert studio.advance(minutes=10) == Advanced(begun=1)
    assert studio.advance(minutes=70) == Advanced()  # nobody can say what became of it
    assert studio.advance(hours=25) == Advanced(failed=1)


def test_one_record_that_cannot_be_carried_on_does_not_keep_the_others(studio: Studio) -> None:
    first = studio.order(begin=unix(START + HOUR), end=unix(START + 2 * HOUR))
    studio.order(pid=studio.later)
    studio.change(update(NpvrTask).where(NpvrTask.id == first.id).values(end=datetime.max.replace(tzinfo=UTC)))
    studio.change(
        update(StreamService).values(shift_hours=1), update(Account).values(use_timeshift=True, timeshift_offset=1)
    )
    studio.advance(hours=3)
    assert [task.name for task in studio.recorder.tasks.values()] == ["news 2"]


def test_a_service_that_records_everything_is_told_nothing(studio: Studio) -> None:
    studio.change(
        update(StreamService).where(StreamService.name == "server").values(
            router="mask", mask="http://dvr.test/$prefix/$flpbt-$flpdur", recording_days=1, npvr_lifetime=0
        )
    )  # fmt: skip
    record = studio.order(pid=studio.next)
    assert record.expires_at == START + HOUR + timedelta(days=1)
    assert studio.advance(minutes=61) == Advanced(begun=1)
    assert studio.advance(minutes=60) == Advanced(done=1)
    assert studio.play(record) == f"http://dvr.test/news/{unix(START + HOUR)}-3600"
    studio.world.move(hours=23)
    with pytest.raises(NotFound):
        studio.play(record)
    assert studio.advance(minutes=5) == Advanced(removed=1)


def test_a_channel_nobody_records_cannot_be_ordered(studio: Studio) -> None:
    studio.change(
        update(StreamService).where(StreamService.name == "server").values(router="mask", mask="http://x/$prefix")
    )
    with pytest.raises(Refused) as caught:
        studio.order(pid=studio.next)
    assert caught.value.reason == "no_recorder"
    studio.change(update(StreamService).where(StreamService.name == "server").values(type="live"))
    with pytest.raises(Refused):
        studio.order(pid=studio.next)


def test_a_service_that_broadcasts_later_records_later(studio: Studio) -> None:
    later = {"shift_hours": 2}
    studio.change(update(StreamService).values(**later), update(Account).values(use_timeshift=True, timeshift_offset=2))
    record = studio.order(pid=studio.on_air)
    assert (record.begin, record.end) == (START + 2 * HOUR, START + 3 * HOUR)
    own = studio.order(begin=unix(START + 4 * HOUR), end=unix(START + 5 * HOUR))
    assert (own.begin, own.end) == (START + 4 * HOUR, START + 5 * HOUR)
    assert studio.advance(minutes=104) == Advanced()
    assert studio.advance(minutes=1) == Advanced(told=1)
    (task,) = studio.recorder.tasks.values()
    assert (task.start, task.stop) == (START + 2 * HOUR, START + 3 * HOUR)
    studio.advance(minutes=16)
    assert f"/archive-{unix(START + 2 * HOUR)}-now.m3u8" in studio.play(record)
