"""What follows from the checks: rows, tags, events, plugins, and where viewers are sent."""

from __future__ import annotations

import logging
import types
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from smarty_core.app import build_system
from smarty_core.config import Settings
from smarty_core.contracts.events import StreamServiceDown, StreamServiceUp
from smarty_core.contracts.stream_router import ServiceHealth
from smarty_core.errors import NotFound, ProviderProtocolError, ProviderRefused, ProviderUnavailable
from smarty_core.events import Event
from smarty_core.hookspecs import hookimpl
from smarty_core.services.availability.run import Run
from smarty_core.services.availability.verdict import Patience, State, after
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, StreamService
from smarty_core.storage.repositories.streams import ContentFacts
from smarty_core.testing.fakes import FakeStreamRouter
from smarty_core.testing.installation import CORE_ROUTERS, Installation
from smarty_core.testing.private_server import until
from tests.availability.servers import black_hole, serving, shut_port

OK = b"HTTP/1.1 200 OK\r\n\r\n"


class Asked(FakeStreamRouter):
    """What its server says is set by the name of the service."""

    says: ClassVar[dict[str, ServiceHealth | Exception | None]] = {}

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        word = next((word for name, word in self.says.items() if f"({name})" in self.name), self.health)
        if isinstance(word, Exception):
            raise word
        return word


class Mute(FakeStreamRouter):
    """Cannot be asked."""

    supports: ClassVar[frozenset[str]] = frozenset({"inline"})


def listening(told: list[Any]) -> types.ModuleType:
    module = types.ModuleType("listening")

    def stream_service_down(host: Any, event: Any) -> None:
        told.append(event)

    def stream_service_up(host: Any, event: Any) -> None:
        told.append(event)

    module.stream_service_down = hookimpl(stream_service_down)  # type: ignore[attr-defined]
    module.stream_service_up = hookimpl(stream_service_up)  # type: ignore[attr-defined]
    return module


class Watch:
    """Two operators with a channel each; `service()` adds services to be checked."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.told: list[Any] = []
        plugins: dict[str, dict[str, object]] = {
            "smarty.stream_router": {**CORE_ROUTERS["smarty.stream_router"], "asked": Asked, "mute": Mute},
            "smarty.hooks": {"listening": listening(self.told)},
        }
        settings = {"STREAM_SERVICE_CHECK_SECONDS": 0.5, **settings}
        self.installation = Installation(database, plugins, **settings)
        self.database = database
        self.one, self.tariff, self.channel = self.installation.house("one")
        self.two, *_ = self.installation.house("two")

    def service(self, name: str, *checks: str, **columns: Any) -> StreamService:
        switched = {f"check_{check}": True for check in checks}
        row = StreamService(**{"client_id": self.one.id, "name": name, "host": "127.0.0.1", **switched, **columns})
        self.installation.world.add(row)
        return row

    def heard(self) -> list[Any]:
        """What plugins were told; one event of a service at a time."""
        while self.installation.system.outbox.deliver_due().delivered:
            pass
        return self.told

    def run(self, times: int = 1, **options: Any) -> Run:
        for _ in range(times):
            done = self.installation.system.availability.run(**options)
        return done

    def state(self, row: StreamService) -> StreamService:
        with self.database.read() as session:
            return session.scalars(select(StreamService).where(StreamService.id == row.id)).one()


@pytest.fixture
def watch(sqlite_database: Database) -> Iterator[Watch]:
    made = Watch(sqlite_database)
    yield made
    made.installation.close()
    Asked.says.clear()


@given(st.lists(st.sampled_from([True, False, None]), max_size=30), st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_only_enough_checks_in_a_row_change_what_holds(
    checks: list[bool | None], failures: int, successes: int, begin: bool
) -> None:
    state, made = State(begin), []
    for passed in checks:
        before, state = state, after(state, passed, Patience(failures, successes))
        made += [] if passed is None else [passed]
        wanted = failures if before.available else successes
        against = made[-wanted:] == [not before.available] * wanted and passed is not None
        if state.available is not before.available:
            assert against
            made = []  # what was counted is used up
        assert state.streak < max(failures, successes)


def test_a_service_goes_down_after_two_failures_and_comes_up_after_two_successes(watch: Watch) -> None:
    row = watch.service("edge", "tcp", "http", port=shut_port())
    first = watch.run()
    assert (watch.state(row).available, watch.state(row).check_streak) == (True, 1)
    assert "1 fail" in first.line()
    assert "1 went down" in watch.run().line()
    down = watch.state(row)
    assert (down.available, down.check_streak, down.checked_at) == (False, 0, watch.installation.world.now)
    assert down.check_result == {
        "tcp": {"passed": False, "detail": "Connection refused"},
        "http": {"passed": False, "detail": "Connection refused"},
    }
    with serving(OK, port=row.port):
        watch.run()
        assert watch.state(row).available is False
        assert "1 came up" in watch.run().line()
    assert watch.state(row).available is True
    assert watch.heard() == [
        StreamServiceDown(watch.one.id, row.id, "edge", ("tcp", "http")),
        StreamServiceUp(watch.one.id, row.id, "edge"),
    ]


def test_one_lost_packet_does_not_flap(watch: Watch) -> None:
    row = watch.service("edge", "tcp", port=shut_port())
    for _ in range(3):
        watch.run()
        with serving(OK, port=row.port):
            watch.run()
        assert watch.state(row).available is True
    assert watch.heard() == []


def test_the_documented_events_are_logged(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    row = watch.service("edge", "tcp", "is_alive", port=shut_port(), router="asked")
    with serving(OK) as server, caplog.at_level(logging.INFO, "smarty_stream_services"):
        good = watch.service("good", "tcp", "http", "ping", port=server.port)
        watch.run(3)
    events = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    bad = [event for event in events if event.name == "STREAM_SERVICE_CHECKING_ERROR"]
    assert [event.context["was_available_before"] for event in bad] == [True, True, False]
    assert [*bad[0].context] == [
        "stream_service", "was_available_before", "check_tcp_success", "check_is_alive_success", "stacktrace",
    ]  # fmt: skip
    assert bad[0].context["stream_service"] == f"edge ({row.id})"
    assert bad[0].context["check_tcp_success"] is False
    assert "ConnectionRefusedError" in bad[0].context["stacktrace"]
    fine = next(event for event in events if event.name == "STREAM_SERVICE_CHECKING_SUCCESS")
    assert [*fine.context] == [
        "stream_service", "was_available_before", "check_ping_success", "check_tcp_success", "check_http_success",
    ]  # fmt: skip
    assert fine.context["stream_service"] == f"good ({good.id})"


def test_a_server_tells_its_load_and_its_viewers(watch: Watch) -> None:
    Asked.says.update(
        good=ServiceHealth(alive=True, load=0.75, session_count=12),
        mad=ServiceHealth(alive=True, load=float("nan"), session_count=-4),
        huge=ServiceHealth(alive=True, load=float("inf"), session_count=10**12),
        ill=ServiceHealth(alive=False, load=0.1, session_count=9, detail="its disk is full"),
    )
    rows = {name: watch.service(name, "is_alive", router="asked", load=0.5, session_count=1) for name in Asked.says}
    watch.run()
    told = {name: (watch.state(row).load, watch.state(row).session_count) for name, row in rows.items()}
    assert told == {"good": (0.75, 12), "mad": (0.5, 1), "huge": (0.5, 2**31 - 1), "ill": (0.5, 1)}
    assert watch.state(rows["ill"]).check_result == {"is_alive": {"passed": False, "detail": "its disk is full"}}


@pytest.mark.parametrize(
    ("word", "router", "passed"),
    [
        (None, "asked", None),
        (ProviderRefused("edge: 401"), "asked", None),
        (ProviderProtocolError("edge: what?"), "asked", False),
        (ProviderUnavailable("edge: no answer"), "asked", False),
        (ZeroDivisionError("a bug of the plugin"), "asked", None),
        (None, "mute", None),
        (None, "not_installed", None),
    ],
)
def test_what_a_router_says_of_a_server_it_cannot_ask(
    watch: Watch, word: Any, router: str, passed: bool | None
) -> None:
    Asked.says["edge"] = word
    row = watch.service("edge", "is_alive", router=router)
    (looked,) = watch.run(3).services
    assert looked.passed is passed
    assert looked.details["is_alive"]
    assert watch.state(row).available is (passed is not False)


def test_a_server_that_fails_otherwise_is_not_asked(watch: Watch) -> None:
    Asked.says["edge"] = AssertionError("it was asked")
    watch.service("edge", "tcp", "is_alive", port=shut_port(), router="asked")
    (looked,) = watch.run().services
    assert looked.details["is_alive"] == "not asked: tcp failed"


def test_viewers_are_sent_elsewhere_within_a_second_in_another_process_too(watch: Watch) -> None:
    row = watch.service("edge", "tcp", port=shut_port(), mask="http://edge.test/$prefix", sort=-1)
    with watch.database.write() as session:
        channel = session.get_one(Channel, watch.channel.id)
        channel.services.append(session.get_one(StreamService, row.id))
    url = watch.database.engine.url.render_as_string(hide_password=False)
    other = build_system(Settings.for_tests(DATABASE_URL=url), role="server")
    try:
        contents = other.playback.contents

        def held() -> bool:
            found: ContentFacts | None = contents.find(watch.one.id, "channel", watch.channel.id)
            assert found is not None
            return next(one.available for one in found.services if one.id == row.id)

        assert held() is True
        watch.run(2)
        until(lambda: not held(), "the other process still sends viewers to a service that is down")
    finally:
        other.stop()


def test_a_dry_run_tells_and_changes_nothing(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    row = watch.service("edge", "tcp", port=shut_port(), check_streak=1)
    with caplog.at_level(logging.INFO, "smarty_stream_services"):
        done = watch.run(dry_run=True)
    assert "1 went down" in done.line()
    assert (watch.state(row).available, watch.state(row).check_streak, watch.state(row).checked_at) == (True, 1, None)
    assert (watch.heard(), caplog.records) == ([], [])


def test_only_the_named_operator_and_only_what_is_switched_on(watch: Watch) -> None:
    mine = watch.service("mine", "tcp", port=shut_port())
    watch.service("off", "tcp", port=shut_port(), enabled=False)
    watch.service("unchecked")
    theirs = watch.service("theirs", "tcp", port=shut_port(), client_id=watch.two.id)
    assert [one.service_id for one in watch.run(client_id=watch.one.id).services] == [mine.id]
    assert [one.service_id for one in watch.run().services] == [mine.id, theirs.id]


def test_a_service_that_lost_its_checks_while_it_was_down_is_chosen_again(watch: Watch) -> None:
    row = watch.service("edge", available=False, check_streak=1)
    (looked,) = watch.run().services
    assert (looked.passed, looked.changed) == (None, True)
    assert (watch.state(row).available, watch.state(row).check_streak) == (True, 0)


def test_whoever_switches_a_service_off_meanwhile_is_not_overruled(watch: Watch) -> None:
    row = watch.service("edge", "tcp", port=shut_port(), check_streak=1)

    def meanwhile(done: int, total: int) -> None:
        if done == 0:
            with watch.database.write() as session:
                session.execute(update(StreamService).where(StreamService.id == row.id).values(enabled=False))

    assert watch.run(progress=meanwhile).services == ()
    assert watch.state(row).available is True


def test_services_that_were_not_reached_in_time_keep_their_state(sqlite_database: Database) -> None:
    watch = Watch(sqlite_database, STREAM_SERVICE_CHECK_TOTAL_SECONDS=0.2, STREAM_SERVICE_CHECKS_AT_ONCE=1)
    try:
        with black_hole() as port:
            rows = [watch.service(f"edge-{n}", "tcp", port=port, check_streak=1) for n in range(2)]
            done = watch.run()
        assert [one.late for one in done.services] == [True, True]
        assert [watch.state(row).check_streak for row in rows] == [1, 1]
    finally:
        watch.installation.close()


def test_it_is_a_job_of_every_minute(watch: Watch) -> None:
    jobs = watch.installation.system.jobs
    row = watch.service("edge", "tcp", port=shut_port())
    assert jobs.find("check_stream_services").period_seconds == 60
    assert jobs.run("check_stream_services").ok
    assert watch.state(row).check_streak == 1
    now = watch.installation.world.now
    assert "check_stream_services" not in {one.name for one in jobs.run_due(now + timedelta(seconds=59))}


def test_viewers_get_no_address_of_a_service_that_is_down(watch: Watch) -> None:
    world = watch.installation.world
    world.subscriber(watch.one, tariffs=[watch.tariff])
    with watch.database.write() as session:
        live = [one for one in watch.channel.services if one.type == "live"]
        for one in live:
            row = session.get_one(StreamService, one.id)
            row.host, row.port, row.check_tcp = "127.0.0.1", shut_port(), True
    viewer = world.viewer(watch.one)
    playback = watch.installation.system.playback
    asked: Any = {"ip": "192.0.2.1", "device": "mag", "now": world.now}
    assert playback.channel_url(viewer, watch.one, watch.channel.id, **asked).stream_service_id == live[0].id
    watch.run(2)
    with pytest.raises(NotFound, match="no stream service"):
        playback.channel_url(viewer, watch.one, watch.channel.id, **asked)
