"""Technical works: what is blocked at a moment, when that changes, and what it does to lists."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import archives, shown_shift
from smarty_core.services.works import NO_WORKS, Calendar, Works, WorksCalendars
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, Maintenance, StreamService
from smarty_core.storage.repositories.maintenance import WorkFacts
from smarty_core.testing.subscribers import START, SubscriberWorld

HOUR = timedelta(hours=1)
moments = st.integers(-3, 3).map(lambda hours: START + hours * HOUR)
few = st.frozensets(st.integers(1, 3), max_size=2)
calendars = st.lists(
    st.builds(WorkFacts, st.integers(1, 9), moments, st.none() | moments, few, few),
    max_size=4,
    unique_by=lambda w: w.id,
).map(lambda works: Calendar(tuple(sorted(works, key=lambda work: work.id))))


@given(calendar=calendars, now=moments)
def test_what_is_blocked_is_what_the_works_going_on_name(calendar: Calendar, now: Any) -> None:
    found = calendar.at(now)
    on = [work for work in calendar.works if work.begin <= now < (work.end or now + HOUR)]
    assert found.ids == tuple(work.id for work in on)
    for number in range(1, 4):
        assert (number in found.channel_ids) == any(number in work.channel_ids for work in on)
        assert (number in found.service_ids) == any(number in work.service_ids for work in on)
    until = calendar.next_change(now)
    assert until is None or until > now
    for minutes in (1, 59, 60, 90, 600):
        later = now + timedelta(minutes=minutes)
        if until is None or later < until:
            assert calendar.at(later) == found


def test_only_works_that_block_something_are_in_the_calendar(database: Database) -> None:
    world = SubscriberWorld(database)
    one, two = world.operator("one"), world.operator("two")
    channel, service = (
        Channel(client_id=one.id, name="c"),
        StreamService(client_id=one.id, name="s", type="live"),
    )
    common: dict[str, Any] = {"client_id": one.id, "begin": START - HOUR, "unavailable": True}
    works = {
        "on": Maintenance(**common, channels=[channel], services=[service]),
        "later": Maintenance(**{**common, "begin": START + HOUR}),
        "announced": Maintenance(**{**common, "unavailable": False}),
        "finished": Maintenance(**common, finished=True),
        "over": Maintenance(**common, end=START),
        "foreign": Maintenance(**{**common, "client_id": two.id}),
    }
    world.add(channel, service, *works.values())
    calendar = WorksCalendars(database=database, cache=world.cache).of(one.id, START)
    assert [work.id for work in calendar.works] == [works["on"].id, works["later"].id]
    assert calendar.at(START) == Works((works["on"].id,), frozenset({channel.id}), frozenset({service.id}))
    assert calendar.next_change(START) == START + HOUR


LATE = SimpleNamespace(id=2, type="live", shift_hours=3, recording_days=0)
CHANNEL = cast(CatalogueChannel, SimpleNamespace(
    id=7, uri="", multicast_uri="", recording_days=5,
    services=(
        SimpleNamespace(id=1, type="live", shift_hours=0, recording_days=0), LATE,
        SimpleNamespace(id=3, type="pvr", shift_hours=0, recording_days=4),
        SimpleNamespace(id=4, type="pvr", shift_hours=3, recording_days=2),
    ),
))  # fmt: skip
ALL = frozenset({1, 2, 3, 4})


@pytest.mark.parametrize(
    ("works", "shift", "records"),
    [
        (NO_WORKS, 0, ((0, 4), (3, 2))),
        (Works((1,), frozenset(), frozenset({1, 3})), 3, ((3, 2),)),
        (Works((1,), frozenset(), frozenset({1, 2, 4})), 0, ((0, 4),)),
        (Works((1,), frozenset({7}), frozenset()), 0, ()),
        (Works((1,), frozenset({8}), frozenset()), 0, ((0, 4), (3, 2))),
    ],
)
def test_lists_show_the_picture_and_the_records_that_are_left(works: Works, shift: int, records: Any) -> None:
    assert shown_shift(CHANNEL, ALL, works, wanted=0) == shift
    assert archives(CHANNEL, ALL, works) == records
