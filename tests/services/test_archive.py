"""The archive as a matter of arithmetic: what the guide offers can be played, for every mixture of broadcast shifts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.archive import (
    ArchiveWindow,
    find_window,
    given_window,
    kept_days,
    offered_between,
    offered_for,
)
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import archives, live_shift
from smarty_core.services.routing import Wish, choose
from smarty_core.storage.repositories.streams import Blocking, ContentFacts, ProgrammeTimes, ServiceFacts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR

services = st.lists(
    st.builds(
        lambda kind, shift, days: ("live" if kind else "pvr", shift, days),
        st.booleans(),
        st.integers(-3, 3),
        st.integers(0, 2),
    ),
    max_size=5,
)
hidden = st.sampled_from([timedelta(0), 2 * HOUR, 10 * HOUR])


class OneProgramme:
    """A guide with one programme."""

    def __init__(self, start: datetime, stop: datetime) -> None:
        self.programme_ = ProgrammeTimes(1, start, stop, start, stop)

    def programme(self, guide: int, number: int) -> ProgrammeTimes | None:
        return self.programme_ if number == 1 else None

    def programme_at(self, guide: int, moment: datetime) -> ProgrammeTimes | None:
        return self.programme_ if self.programme_.start <= moment < self.programme_.stop else None

    def programmes_between(self, guide: int, begin: datetime, end: datetime) -> Sequence[ProgrammeTimes]:
        return [self.programme_] if self.programme_.start < end and self.programme_.stop > begin else []

    def blockings(self, client_id: int, number: int | None, prefix: str) -> list[Blocking]:
        return []


def content(found: list[tuple[str, int, int]], days: int) -> ContentFacts:
    return ContentFacts(
        id=1,
        client_id=1,
        content_id="1",
        prefix="news",
        epg_channel_id=1,
        recording_days=days,
        services=tuple(
            ServiceFacts(number, 1, f"{number}", kind, "mask", shift_hours=shift, recording_days=kept)
            for number, (kind, shift, kept) in enumerate(found, 1)
        ),
    )


@given(services, st.integers(0, 2), st.integers(-3, 3), st.integers(-5 * 60, 80 * 60), hidden)
def test_what_the_guide_offers_is_played_and_what_is_played_was_shown(
    found: list[tuple[str, int, int]], days: int, wanted: int, age: int, hide: timedelta
) -> None:
    channel = content(found, days)
    everything = frozenset(service.id for service in channel.services)
    shift = live_shift(channel, everything, wanted=wanted, multicast=True)
    assume(shift is not None)
    assert shift is not None
    start = NOW - age * timedelta(minutes=1)
    unix = int(start.timestamp())
    begin, end = offered_between(unix, shift, archives(cast(CatalogueChannel, channel), everything), hide)
    facts = cast(ArchiveFacts, OneProgramme(start, start + HOUR))
    try:
        window = find_window(facts, channel, pid=1, time=None, tv_pause=False, now=NOW, shift_hours=shift)
    except NotFound:
        played = None
    else:
        wish = Wish(everything, archive=True, archive_days=window.age_days(NOW), shift_hours=wanted)
        played = choose(wish, channel).service
    offered = begin <= NOW.timestamp() < end
    if offered and begin < NOW.timestamp():  # from the very moment on it begins; the next one it can be played
        assert played is not None
    if played is not None:
        assert start + shift * HOUR < NOW  # the viewer was shown it
        assert start + played.shift_hours * HOUR < NOW  # and it is recorded
        assert NOW - start - played.shift_hours * HOUR <= kept_days(days, played.recording_days) * DAY
        assert hide or offered or NOW.timestamp() == end


@given(st.integers(0, 2**31), st.integers(0, 10**6))
def test_a_record_is_offered_at_least_half_of_its_life(days: int, hours: int) -> None:
    kept = kept_days(days, 0)
    life = timedelta(days=kept)
    assert kept == min(days, 3650)
    assert life / 2 <= offered_for(kept, timedelta(hours=hours)) <= life


@pytest.mark.parametrize(
    ("channel", "service", "kept"), [(7, 0, 7), (0, 3, 3), (7, 3, 3), (3, 7, 3), (0, 0, 0), (-1, 3, 3)]
)
def test_the_smaller_depth_counts_where_both_are_named(channel: int, service: int, kept: int) -> None:
    assert kept_days(channel, service) == kept


@pytest.mark.parametrize("shift", [-24, 0, 24])
@pytest.mark.parametrize("time", [-(2**63), -1, 0, 1, 2**31, 253_370_764_799, 253_402_300_799, 2**63])
def test_no_moment_whatever_is_more_than_wrong(time: int, shift: int) -> None:
    facts = cast(ArchiveFacts, OneProgramme(NOW, NOW + HOUR))
    for paused in (True, False):
        with contextlib.suppress(InvalidValue, NotFound):
            window = find_window(
                facts, content([], 0), pid=None, time=time, tv_pause=paused, now=NOW, shift_hours=shift
            )
            assert window.start < NOW - shift * HOUR


@given(st.integers(-12, 12), st.integers(1, 23), st.integers(1, 23))
def test_moments_of_a_later_picture_are_earlier_ones_of_the_guide(shift: int, hours: int, length: int) -> None:
    facts = cast(ArchiveFacts, OneProgramme(NOW - 100 * DAY, NOW - 99 * DAY))
    channel = content([], 0)
    begin = NOW - hours * HOUR
    first = begin - shift * HOUR
    end = first + length * HOUR
    found = given_window(facts, channel, begin=first, end=end, now=NOW, shift_hours=shift)
    assert found == ArchiveWindow(first, end if end <= NOW - shift * HOUR else None)
    by_time: Any = {"pid": None, "tv_pause": False, "now": NOW, "shift_hours": shift}
    rest = find_window(facts, channel, time=int(begin.timestamp()), **by_time)
    assert rest == ArchiveWindow(begin - shift * HOUR, begin - shift * HOUR + HOUR)
