"""The guide in memory: days, what is on now and next, searching, and that a change is seen."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, update

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.now_next import HOUR, look
from smarty_core.services.schedules import FIRST_DAY, LAST_DAY, Schedules, day_of, days_between
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Programme
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.testing.subscribers import START

from .television import Television, moment

NOW = int(START.timestamp())
DAY = 86_400
MIDNIGHT = NOW - NOW % DAY


def row(number: int, start: int, stop: int) -> ProgrammeRow:
    return ProgrammeRow(number, 1, start, stop, ("x",), "", ("",), (), (), 0, "", "")


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Spans in order of time without overlaps, with holes, over about four days."""
    at, spans = MIDNIGHT - DAY, []
    for _ in range(draw(st.integers(0, 12))):
        start = at + draw(st.sampled_from([0, 0, 0, 600, 7200, 40_000]))
        stop = start + draw(st.integers(60, 30_000))
        spans.append((start, stop))
        at = stop
    return spans


times = st.integers(MIDNIGHT - DAY - 3600, MIDNIGHT + 3 * DAY)


@given(spans=schedules(), at=times, following=st.integers(0, 3))
def test_now_is_what_holds_the_moment_and_next_what_begins_after_it(
    spans: list[tuple[int, int]], at: int, following: int
) -> None:
    rows = [row(number, *span) for number, span in enumerate(spans)]
    found = look(rows, at, following=following)
    holding = [one for one in rows if one.start <= at < one.stop]
    coming = [one for one in rows if one.start > at]
    assert found.at(0) == (holding[0] if holding else None)
    assert list(found.programmes[1:]) == coming[:following]
    assert found.at(99) is None


@given(spans=schedules(), at=times)
def test_what_is_on_stays_on_until_it_changes(spans: list[tuple[int, int]], at: int) -> None:
    rows = [row(number, *span) for number, span in enumerate(spans)]
    found = look(rows, at, following=1)
    assert at < found.changes_at <= at + 30_000 + 40_000
    assert look(rows, found.changes_at - 1, following=1).programmes == found.programmes
    edges = {edge for span in spans for edge in span}
    assert found.changes_at in edges or (not any(start > at for start, _ in spans) and found.changes_at % HOUR == 0)


@given(begin=st.integers(-(10**12), 10**12), length=st.integers(0, 40 * DAY))
def test_days_between_cover_the_window_without_gaps(begin: int, length: int) -> None:
    days = days_between(begin, begin + length)
    assert days[0] == day_of(begin)
    assert days[-1] == day_of(max(begin, begin + length - 1))
    assert all(after - before == timedelta(days=1) for before, after in itertools.pairwise(days))


@pytest.mark.parametrize("unix", [-(2**63), -1, 2**62, 2**80, 10**30])
def test_absurd_times_are_the_first_or_the_last_day(unix: int) -> None:
    assert day_of(unix) == (LAST_DAY if unix > 0 else FIRST_DAY)
    assert len(days_between(unix, unix)) == 1


@pytest.fixture
def tv(sqlite_database: Database) -> Television:
    return Television(sqlite_database)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=schedules(), begin=times, length=st.integers(1, 3 * DAY))
def test_a_window_holds_exactly_what_is_on_air_in_it(
    tv: Television, spans: list[tuple[int, int]], begin: int, length: int
) -> None:
    guide_id = tv.guide_channel(f"{spans} {begin} {length}"[:250])
    tv.programmes(guide_id, spans)
    end = begin + length
    found = tv.guide.schedules.between(guide_id, begin, end)
    assert [(one.start, one.stop) for one in found] == [span for span in spans if span[0] < end and span[1] > begin]
    fresh = Schedules(database=tv.world.database, cache=tv.world.cache)  # as another process: from the common cache
    assert fresh.between(guide_id, begin, end) == found
    now = tv.guide.now_next.on_air(guide_id, begin).at(0)
    expected = next((span for span in spans if span[0] <= begin < span[1]), None)
    assert ((now.start, now.stop) if now else None) == expected


def test_a_programme_over_midnight_stands_in_both_days_and_once_in_a_window(tv: Television) -> None:
    guide_id = tv.guide_channel()
    (number,) = tv.programmes(guide_id, [(MIDNIGHT - 600, MIDNIGHT + 600)])
    days = [date(2026, 3, 9), date(2026, 3, 10)]
    read = tv.guide.schedules.days([guide_id], days)
    assert [[one.id for one in read[guide_id, day].programmes] for day in days] == [[number], [number]]
    assert [one.id for one in tv.guide.schedules.between(guide_id, MIDNIGHT - DAY, MIDNIGHT + DAY)] == [number]


def test_now_and_next_reach_over_midnight_and_over_an_empty_day(tv: Television) -> None:
    guide_id = tv.guide_channel()
    at = MIDNIGHT + DAY - 60
    now, following = tv.programmes(guide_id, [(at - 600, at + 30), (at + 2 * DAY - 7200, at + 2 * DAY)])
    found = tv.guide.now_next.on_air(guide_id, at)
    assert [one.id if one else None for one in found.programmes] == [now, following]
    assert found.changes_at == at + 30
    empty = tv.guide.now_next.on_air(tv.guide_channel("empty"), at)
    assert empty.programmes == (None,)


def test_a_change_of_the_guide_is_seen_and_the_rest_stays_in_memory(tv: Television) -> None:
    changed, quiet = tv.guide_channel("changed"), tv.guide_channel("quiet")
    for guide_id in (changed, quiet):
        tv.programmes(guide_id, [(NOW - 60, NOW + 60)])
    assert tv.guide.schedules.between(changed, NOW, NOW + 1)
    assert tv.guide.schedules.between(quiet, NOW, NOW + 1)
    with tv.world.database.write() as session:
        session.execute(update(Programme).where(Programme.epg_channel_id == changed).values(name="new"))
        bump(session, f"epgchannel:{changed}")
    statements: list[str] = []
    event.listen(tv.world.database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert tv.guide.schedules.between(quiet, NOW, NOW + 1)
    assert statements == []
    assert tv.guide.schedules.between(changed, NOW, NOW + 1)[0].names[0] == "new"
    assert statements


def test_many_channels_are_read_with_few_statements(tv: Television) -> None:
    ids = [tv.guide_channel(str(number)) for number in range(60)]
    for guide_id in ids:
        tv.programmes(guide_id, [(NOW - 60, NOW + 60)])
    statements: list[str] = []
    event.listen(tv.world.database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    found = tv.guide.now_next.on_air_all([(guide_id, NOW) for guide_id in ids])
    assert all(air.at(0) is not None for air in found.values())
    assert len([sql for sql in statements if "epg_programme" in sql]) <= 3


class TestSearch:
    """Found are programmes of the operator's channels, by a part of the name in any language and letter case."""

    @pytest.fixture
    def tv(self, sqlite_database: Database) -> Television:
        return Television(
            sqlite_database,
            TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_PAST=1,
            TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_FUTURE=2,
        )

    def find(
        self, tv: Television, client_id: int, text: str, wanted: Any = lambda channel, programme: True
    ) -> list[int]:
        return [hit.programme.id for hit in tv.guide.search.find(client_id, text, START, wanted=wanted)]

    def test_by_any_part_of_the_name_whatever_the_case(self, tv: Television) -> None:
        operator, guide_id = tv.world.operator(), tv.guide_channel()
        tv.channel(operator, guide_id)
        (news,) = tv.programmes(guide_id, [(NOW, NOW + 60)], name="Вечерние Новости", name_lang1="Evening News")
        (other,) = tv.programmes(guide_id, [(NOW + 60, NOW + 120)], name="100% Straße_x")
        for text in ("новости", "ВЕЧЕРНИЕ", "  новости ", "evening news", "NEWS"):
            assert self.find(tv, operator.id, text) == [news]
        for text in ("100%", "STRASSE", "_X"):
            assert self.find(tv, operator.id, text) == [other]
        for text in ("", "   ", "вести", ".*", "%", "\0"):
            assert self.find(tv, operator.id, text) == ([other] if text == "%" else [])

    def test_only_in_the_days_the_settings_name_and_in_order_of_time(self, tv: Television) -> None:
        operator, guide_id = tv.world.operator(), tv.guide_channel()
        tv.channel(operator, guide_id)
        spans = [(NOW + hours * 3600, NOW + hours * 3600 + 60) for hours in (47, -23, 1, 49, -25)]
        ids = tv.programmes(guide_id, spans, name="film")
        assert self.find(tv, operator.id, "film") == [ids[1], ids[2], ids[0]]

    def test_never_on_channels_of_another_operator(self, tv: Television) -> None:
        one, two = tv.world.operator("one"), tv.world.operator("two")
        mine, foreign = tv.guide_channel("mine"), tv.guide_channel("foreign")
        tv.channel(one, mine)
        tv.channel(two, foreign)
        (found,) = tv.programmes(mine, [(NOW, NOW + 60)], name="film")
        tv.programmes(foreign, [(NOW, NOW + 60)], name="film")
        assert self.find(tv, one.id, "film") == [found]
        assert self.find(tv, one.id, "film", wanted=lambda channel, programme: False) == []

    def test_once_per_channel_that_shows_it(self, tv: Television) -> None:
        operator, guide_id = tv.world.operator(), tv.guide_channel()
        channels = [tv.channel(operator, guide_id, name=name) for name in ("hd", "sd")]
        tv.programmes(guide_id, [(MIDNIGHT - 60, MIDNIGHT + 60)], name="film")
        hits = tv.guide.search.find(operator.id, "film", START, wanted=lambda channel, programme: True)
        assert [hit.channel.id for hit in hits] == channels


def test_a_programme_is_found_only_through_an_operators_channel(tv: Television) -> None:
    one, two = tv.world.operator("one"), tv.world.operator("two")
    guide_id = tv.guide_channel()
    channel_id = tv.channel(one, guide_id)
    (number,) = tv.programmes(guide_id, [(NOW, NOW + 60)])
    programme, channel = tv.guide.programme(one.id, number)
    assert (programme.id, channel.id) == (number, channel_id)
    assert tv.guide.programme(one.id, number, channel_id)[1].id == channel_id
    for client_id, programme_id, channel in ((two.id, number, 0), (one.id, 10**9, 0), (one.id, number, 10**9)):  # type: ignore[assignment]
        with pytest.raises(NotFound):
            tv.guide.programme(client_id, programme_id, channel)  # type: ignore[arg-type]


def test_plugins_see_programmes_in_a_window_of_aware_times(tv: Television) -> None:
    operator, guide_id = tv.world.operator(), tv.guide_channel()
    channel_id, silent = tv.channel(operator, guide_id), tv.channel(operator, None, name="silent")
    tv.programmes(guide_id, [(NOW - 60, NOW + 60)], name="имя", name_lang1="name", rating=16)
    (seen,) = tv.guide.programmes(operator.id, channel_id, begin=START, end=START + timedelta(hours=1), lang=1)
    assert (seen.name, seen.begin, seen.age) == ("name", moment(NOW - 60), 16)
    assert tv.guide.now(operator.id, channel_id, lang=3) is not None
    assert tv.guide.now(operator.id, silent) is None
    assert tv.guide.programmes(operator.id, silent, begin=START, end=START) == []
    for begin, end in ((START, START + timedelta(days=32)), (START, START - timedelta(1)),
                       (START.replace(tzinfo=None), START.replace(tzinfo=None))):  # fmt: skip
        with pytest.raises(InvalidValue):
            tv.guide.programmes(operator.id, channel_id, begin=begin, end=end)
    with pytest.raises(NotFound):
        tv.guide.now(operator.id, 10**9)


def test_a_programme_that_is_gone_is_gone(tv: Television) -> None:
    guide_id = tv.guide_channel()
    tv.programmes(guide_id, [(NOW - 60, NOW + 60)])
    assert tv.guide.now_next.on_air(guide_id, NOW).at(0) is not None
    with tv.world.database.write() as session:
        session.execute(delete(Programme))
        bump(session, f"epgchannel:{guide_id}")
    assert tv.guide.now_next.on_air(guide_id, NOW).at(0) is None
