"""Bursts between two load reports are spread; a viewer takes no room twice; what is counted is bounded and fades."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smarty_core.services.service_load import SentViewers, ServiceLoads, loads_tag
from smarty_core.storage.cache.memory import MemoryCache
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import StreamService
from smarty_core.storage.repositories.streams import service
from smarty_core.testing.subscribers import START, SubscriberWorld, listen


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def sent(**limits: Any) -> tuple[SentViewers, Clock]:
    clock = Clock()
    return SentViewers(**{"seconds": 60.0, "clock": clock, **limits}), clock


def test_a_viewer_counts_where_he_was_sent_last_and_not_for_himself() -> None:
    viewers, _ = sent()
    for who, where in (("a", 1), ("b", 1), ("a", 1), ("c", 2), ("b", 2)):
        viewers.note(who, where)
    assert [viewers.others(number, None, "x") for number in (1, 2, 3)] == [1, 2, 0]
    assert [viewers.others(number, None, "a") for number in (1, 2)] == [0, 2]


def test_he_is_forgotten_when_his_time_is_over_unless_he_comes_again() -> None:
    viewers, clock = sent()
    viewers.note("a", 1)
    viewers.note("b", 1)
    clock.now = 59.0
    viewers.note("a", 1)
    assert viewers.others(1, None, "x") == 2
    clock.now = 60.0
    assert viewers.others(1, None, "x") == 1
    clock.now = 119.0
    assert viewers.others(1, None, "x") == 0


def test_a_report_begins_a_new_count_and_holds_who_was_there() -> None:
    viewers, clock = sent()
    first, second = START, START + timedelta(minutes=1)
    viewers.note("a", 1)
    assert viewers.others(1, first, "x") == 1  # nobody knows whether he is in the first report
    viewers.note("b", 1)
    assert viewers.others(1, first, "x") == 2
    assert viewers.others(1, second, "x") == 0
    assert viewers.others(1, second, "a") == -1  # he is among those it reported
    viewers.note("c", 1)
    clock.now = 60.0  # all of them leave; those before the report leave the count of that time alone
    assert viewers.others(1, second, "x") == 0


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3)), max_size=60))
def test_no_more_viewers_are_remembered_than_the_limit(notes: list[tuple[int, int]]) -> None:
    viewers, _ = sent(limit=10)
    for who, where in notes:
        viewers.note(who, where)
    last = dict(reversed({who: (place, where) for place, (who, where) in enumerate(notes)}.items()))
    kept = sorted(last.values(), reverse=True)[:10]
    expected = Counter(where for _, where in kept)
    assert [viewers.others(number, None, "x") for number in (1, 2, 3)] == [expected[number] for number in (1, 2, 3)]


def test_a_new_report_is_felt_without_touching_lists(sqlite_database: Database) -> None:
    world = SubscriberWorld(sqlite_database)
    operator = world.operator()
    row = StreamService(
        client_id=operator.id, name="s", max_sessions=100, check_is_alive=True, session_count=10, checked_at=START
    )
    world.add(row)
    cache = MemoryCache()
    listen(sqlite_database, cache)
    loads = ServiceLoads(database=sqlite_database, cache=cache, seconds=60)
    with sqlite_database.read() as session:
        facts = service(session, operator.id, row.id)
    assert facts is not None
    loads.sent.note("a", row.id)
    loads.seen_by(operator.id, "x")(facts)
    loads.sent.note("b", row.id)
    assert loads.seen_by(operator.id, "x")(facts).sessions == 12
    lists = cache.tag_versions.version(f"client:{operator.id}:channels")
    with sqlite_database.write() as session:
        found = session.get_one(StreamService, row.id)
        found.session_count, found.checked_at = 50, START + timedelta(minutes=1)
        bump(session, loads_tag(operator.id))
    assert loads.seen_by(operator.id, "x")(facts).sessions == 50
    assert loads.seen_by(operator.id, "a")(facts).sessions == 49
    assert cache.tag_versions.version(f"client:{operator.id}:channels") == lists
