"""The statements of checks, drills and monitoring on every kind of database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from smarty_core.services.stream_monitoring.plan import Plan, Plans
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Accident,
    Address,
    AddressGroup,
    DataCenter,
    MonitoredStream,
    StreamMonitor,
    StreamSample,
    StreamService,
    StreamTrigger,
)
from smarty_core.storage.repositories import availability, drill, stream_monitoring
from smarty_core.testing.subscribers import SubscriberWorld


def test_services_are_read_and_locked_for_a_change(database: Database) -> None:
    world = SubscriberWorld(database)
    operator = world.operator("one")
    center = DataCenter(client_id=operator.id, name="north")
    world.add(center)
    about = {"client_id": operator.id, "data_center_id": center.id}
    checked = StreamService(**about, name="checked", check_tcp=True)
    down = StreamService(**about, name="down", available=False)
    world.add(checked, down, StreamService(**about, name="fine"), StreamService(**about, name="off", enabled=False))
    with database.read() as session:
        found = availability.watched_services(session, operator.id)
    assert [(one.facts.name, one.checks) for one in found] == [("checked", ("tcp",)), ("down", ())]
    with database.write() as session:
        for row in availability.service_rows(session, [checked.id, down.id, 987], for_change=True):
            row.check_result = {"tcp": {"passed": True, "detail": ""}}
            row.check_streak += 1
    with database.read() as session:
        rows = session.scalars(select(StreamService).where(StreamService.check_streak == 1)).all()
        assert {row.id for row in rows} == {checked.id, down.id}


def test_viewers_are_counted(database: Database) -> None:
    world = SubscriberWorld(database)
    operator = world.operator("one")
    tariff = world.tariff(operator)
    account = world.subscriber(operator, tariffs=[tariff], use_timeshift=True, timeshift_offset=3)
    world.give_tariff(account, tariff)
    world.viewer(operator)
    world.add(DataCenter(client_id=operator.id, name="north"))
    with database.read() as session:
        (found,) = drill.active_accounts(session, operator.id, world.now - timedelta(minutes=5))
        own, shared = drill.all_holdings(session, operator.id)
        (center,) = drill.centers(session)
    assert (found.id, found.online, found.shift_hours) == (account.id, 1, 3)
    assert [one.tariff_id for one in own[account.id] + shared[account.customer_id]] == [tariff.id, tariff.id]
    assert (center.name, center.client) == ("north", "one")


def test_accidents_are_found_and_old_rows_removed(database: Database) -> None:
    world = SubscriberWorld(database)
    operator = world.operator("one")
    now, hour = world.now, timedelta(hours=1)
    plan = Plan.model_validate(
        {
            "groups": {"people": ["ops@tv.example"]},
            "monitors": [{"name": "m", "host": "h", "port": 1, "streams": [{"address": "udp://1"}]}],
            "triggers": [{"name": "t", "type": "multicast", "key": "audio_loss", "groups": ["people"]}],
        }
    )
    for _ in range(2):
        Plans(database).apply(operator.id, plan)
    assert Plans(database).of(operator.id).write() == plan.write()
    with database.write() as session:
        monitor = session.scalars(select(StreamMonitor)).one()
        stream = session.scalars(select(MonitoredStream)).one()
        trigger = session.scalars(select(StreamTrigger)).one()
        assert session.scalars(select(AddressGroup)).one().addresses == [session.scalars(select(Address)).one()]
        about = {"client_id": operator.id, "monitor_id": monitor.id, "stream_id": stream.id}
        session.add_all(
            Accident(**about, trigger_id=trigger.id, begun_at=now - 9 * hour, ended_at=ended, told_at=told)
            for ended, told in (
                (None, None),
                (None, now - 8 * hour),
                (now - hour, now - 8 * hour),
                (now - hour, now - hour),
                (now - 9 * hour, None),
            )
        )
        session.add_all(StreamSample(**about, taken_at=now - age * hour, values={"on_air": True}) for age in (1, 5))
        ids = [trigger.id, monitor.id]
    with database.read() as session:
        untold = stream_monitoring.untold_accidents(session, now - 2 * hour)
        listed = stream_monitoring.accidents(session, operator.id, ended_since=now - 2 * hour)
        assert stream_monitoring.recipients(session, [ids[0]]) == {ids[0]: ("ops@tv.example",)}
        assert stream_monitoring.unwatched_accidents(session) == []
        assert len(stream_monitoring.open_accidents(session, ids[1])) == 1
    assert len(untold) == 2
    assert len(listed) == 4
    with database.write() as session:
        assert stream_monitoring.remove_old(session, now - 2 * hour) == 2
        assert stream_monitoring.remove_old(session, now - 2 * hour) == 0
