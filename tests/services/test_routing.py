"""Which video server plays: the documented order of choice, and that lists promise what playing keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.errors import InvalidValue
from smarty_core.services.archive import is_blocked, moment
from smarty_core.services.blockings import index
from smarty_core.services.icons import Icons, IconSize
from smarty_core.services.line_up import CatalogueChannel
from smarty_core.services.listing import archives, live_shift
from smarty_core.services.routing import STORAGE_ORDER, Around, Wish, archive_depth, choose, explain
from smarty_core.services.service_load import load_of
from smarty_core.services.subnets import address_bytes, subnet_bounds
from smarty_core.services.works import Works
from smarty_core.storage.repositories.guide import ProgrammeRow
from smarty_core.storage.repositories.streams import Blocking, ContentFacts, ServiceFacts

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

service = st.builds(
    ServiceFacts,
    id=st.just(0),
    client_id=st.just(1),
    name=st.just("server"),
    type=st.sampled_from(["live", "pvr", "vod", "multicast"]),
    router=st.just("mask"),
    enabled=st.booleans(),
    available=st.booleans(),
    data_center_id=st.none() | st.integers(1, 2),
    shift_hours=st.integers(-2, 2),
    recording_days=st.integers(0, 3),
    storage_class=st.sampled_from(["memory", "ssd", "hdd", "tape"]),
    load=st.sampled_from([0.0, 0.5]),
    max_sessions=st.sampled_from([0, 2, 4]),
    session_count=st.integers(0, 3),
    sort=st.integers(0, 1),
)


@st.composite
def channels(draw: st.DrawFn) -> ContentFacts:
    services = draw(st.lists(service, max_size=5))
    return ContentFacts(
        id=1, client_id=1, content_id="1", prefix="news",
        uri=draw(st.sampled_from(["", "", "http://direct.example/"])),
        multicast_uri=draw(st.sampled_from(["", "udp://239.0.0.1:1234"])),
        recording_days=draw(st.integers(0, 3)),
        services=tuple(_numbered(one, number) for number, one in enumerate(services, 1)),
    )  # fmt: skip


def _numbered(one: ServiceFacts, number: int) -> ServiceFacts:
    return replace(one, id=number, name=f"server {number}")


wishes = st.builds(
    Wish,
    service_ids=st.frozensets(st.integers(1, 5)),
    excluded=st.frozensets(st.integers(1, 5), max_size=2),
    data_center_id=st.none() | st.integers(1, 2),
    shift_hours=st.integers(-2, 2),
    archive_days=st.sampled_from([None, -0.05, 0.0, 0.05, 0.5, 1.5, 2.5]),
    archive=st.booleans(),
    multicast=st.booleans(),
)


arounds = st.builds(
    Around,
    st.builds(
        Works,
        channel_ids=st.sampled_from([frozenset(), frozenset(), frozenset({1}), frozenset({2})]),
        service_ids=st.frozensets(st.integers(1, 5), max_size=2),
    ),
)


def usable(one: ServiceFacts, wish: Wish, channel: ContentFacts, works: Works) -> bool:
    """Rule 3, in plain words."""
    age = None if wish.archive_days is None else wish.archive_days - one.shift_hours / 24
    recorded = age is None or 0 < age <= archive_depth(channel, one)
    can = one.type == "pvr" and recorded if wish.archive else (
        one.type == "live" or (one.type == "multicast" and channel.multicast_uri != "" and wish.multicast)
    )  # fmt: skip
    full = one.max_sessions > 0 and one.session_count >= one.max_sessions
    permitted = one.id in wish.service_ids - wish.excluded - works.service_ids
    return can and permitted and one.enabled and one.available and not full


@given(wish=wishes, channel=channels(), around=arounds)
def test_the_best_usable_service_plays_and_every_other_has_its_reason(
    wish: Wish, channel: ContentFacts, around: Around
) -> None:
    choice = explain(wish, channel, around)
    assert replace(choice, verdicts=()) == choose(wish, channel, around)
    assert sorted(verdict.service_id for verdict in choice.verdicts) == [one.id for one in channel.services]
    assert all(verdict.reason for verdict in choice.verdicts)
    assert [v.service_id for v in choice.verdicts if v.taken] == ([choice.service.id] if choice.service else [])
    if channel.id in around.works.channel_ids:
        assert (choice.kind, choice.services, choice.works) == ("none", (), True)
        return
    if channel.uri and not wish.archive:
        assert (choice.kind, choice.services) == ("direct", ())
        return
    candidates = [one for one in channel.services if usable(one, wish, channel, around.works)]
    assert {one.id for one in choice.services} == {one.id for one in candidates}
    if not candidates:
        last = channel.multicast_uri and wish.multicast and not wish.archive
        assert choice.kind == ("multicast" if last else "none")
        return
    best = choice.service
    assert best is not None
    for rule in _rules(wish):
        candidates = [one for one in candidates if rule(one) == min(map(rule, candidates))]
        assert best in candidates, rule.__name__
    assert candidates == [best]


def _rules(wish: Wish) -> list[Any]:
    def unicast_first(one: ServiceFacts) -> bool:
        return one.type == "multicast"

    def own_data_centre(one: ServiceFacts) -> bool:
        return wish.data_center_id is not None and one.data_center_id != wish.data_center_id

    def nearest_shift(one: ServiceFacts) -> tuple[int, int]:
        return abs(one.shift_hours - wish.shift_hours), one.shift_hours

    def fastest_storage(one: ServiceFacts) -> int:
        return STORAGE_ORDER.get(one.storage_class, 9) if wish.archive else 0

    def least_load(one: ServiceFacts) -> float:
        return load_of(one).share

    def own_order(one: ServiceFacts) -> tuple[int, int]:
        return one.sort, one.id

    return [unicast_first, own_data_centre, nearest_shift, fastest_storage, least_load, own_order]


def roomy(channel: ContentFacts) -> ContentFacts:
    """The same channel while no service is full: lists do not follow how many viewers there are."""
    return replace(channel, services=tuple(replace(one, max_sessions=0) for one in channel.services))


def as_listed(channel: ContentFacts) -> CatalogueChannel:
    """The same channel as lists know it: with its working services only, full or not."""
    working = [one for one in channel.services if one.enabled and one.available]
    return cast(
        CatalogueChannel,
        SimpleNamespace(
            id=channel.id, uri=channel.uri, multicast_uri=channel.multicast_uri, services=working,
            recording_days=channel.recording_days,
        ),
    )  # fmt: skip


@given(channel=channels(), service_ids=st.frozensets(st.integers(1, 5)), wanted=st.integers(-2, 2))
def test_a_channel_is_listed_exactly_when_it_plays_and_with_the_shift_it_has(
    channel: ContentFacts, service_ids: frozenset[int], wanted: int
) -> None:
    choice = choose(Wish(service_ids, shift_hours=wanted), roomy(channel))
    shift = live_shift(as_listed(channel), service_ids, wanted=wanted, multicast=True)
    assert (shift is None) == (choice.kind == "none")
    if choice.service is not None:
        assert shift == choice.service.shift_hours


@given(
    channel=channels(),
    service_ids=st.frozensets(st.integers(1, 5)),
    age=st.sampled_from([0.5, 1.5, 2.5]),
    around=arounds,
)
def test_the_archive_reaches_as_far_as_lists_say(
    channel: ContentFacts, service_ids: frozenset[int], age: float, around: Around
) -> None:
    choice = choose(Wish(service_ids, archive=True, archive_days=age), roomy(channel), around)
    said = archives(as_listed(channel), service_ids, around.works)
    assert (choice.kind == "service") == any(0 < age - shift / 24 <= days for shift, days in said)


blocking = st.builds(
    Blocking, st.none() | st.integers(1, 2), st.sampled_from(["", "news"]),
    st.none() | st.sampled_from([START, START + timedelta(hours=1)]),
    st.sampled_from([0, 1, 2, -1, 36_501, 2**31 - 1]),
)  # fmt: skip


@given(found=st.lists(blocking, max_size=4), days=st.sampled_from([0.0, 0.9, 1.0, 1.9, 2.0, 300.0]))
def test_a_blocking_holds_for_its_days_from_the_start_or_for_ever(found: list[Blocking], days: float) -> None:
    programme = ProgrammeRow(
        1, 1, int(START.timestamp()), int(START.timestamp()) + 3600, ("x",), "", ("",), (), (), 0, "", ""
    )
    now = START + timedelta(days=days)
    about = [one for one in found if one.programme_id == 1 or (one.channel_prefix == "news" and one.start == START)]
    expected = any(one.days <= 0 or one.days > 36_500 or days < one.days for one in about)
    assert index(found).forbid(programme, "news", now) == expected
    assert is_blocked(about, programme_id=1, start=START, now=now) == expected
    for end in index(found).ends(programme, "news"):
        assert end > START


@pytest.mark.parametrize("unix", [0, -1, 253_402_300_800, 2**63, 10**30])
def test_what_is_no_time_is_refused(unix: int) -> None:
    with pytest.raises(InvalidValue):
        moment(unix)
    assert moment(253_370_764_799).year == 9998


networks = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), st.tuples(st.ip_addresses(v=6), st.integers(0, 128))
)


@given(network=networks, other=st.ip_addresses())
def test_an_address_is_in_a_network_when_it_stands_between_its_ends(network: Any, other: Any) -> None:
    from ipaddress import ip_network

    cidr = f"{network[0]}/{network[1]}"
    low, high = subnet_bounds(cidr)
    for address in (network[0], other):
        packed = address_bytes(str(address))
        assert packed is not None
        assert len(low) == len(high) == len(packed) == 16
        net = ip_network(cidr, strict=False)
        mapped = getattr(address, "ipv4_mapped", None)
        if address.version == net.version and mapped is None:
            assert (low <= packed <= high) == (address in net)


@pytest.mark.parametrize("text", ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0 - 10.0.0.9", "\0"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        subnet_bounds(text)
    assert address_bytes(text) is None


@pytest.mark.parametrize(
    ("stored", "size", "address"),
    [
        ("", (0, 0), ""),
        ("icons/a.png", (0, 0), "https://tv.example/media/icons/a.png"),
        ("/icons/a.png", (50, 60), "https://tv.example/media/icons/a50_60.png"),
        ("https://tv.example/media/icons/a.png?v=1", (50, 60), "https://tv.example/media/icons/a50_60.png?v=1"),
        ("https://elsewhere.example/a.png", (50, 60), "https://elsewhere.example/a.png"),
        ("//elsewhere.example/a.png", (50, 60), "//elsewhere.example/a.png"),
        ("icons/a", (50, 60), "https://tv.example/media/icons/a"),
        ("icons/.png", (50, 60), "https://tv.example/media/icons/.png"),
        ("icons.d/a", (50, 60), "https://tv.example/media/icons.d/a"),
        ("icons/a.png", (50, 0), "https://tv.example/media/icons/a.png"),
        ("icons/a.png", (50, 99_999), "https://tv.example/media/icons/a.png"),
        ("icons/a.png", (-5, -5), "https://tv.example/media/icons/a.png"),
    ],
)
def test_pictures_get_their_address_and_size(stored: str, size: tuple[int, int], address: str) -> None:
    icons = Icons(cast(Any, SimpleNamespace(MEDIA_BASE_URL="https://tv.example/media/")))
    assert icons.address(stored, IconSize(*size)) == address
