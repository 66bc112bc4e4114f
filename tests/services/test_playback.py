"""Stream addresses: who gets one, from which service, for which window of time, and what is kept of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.builtin.multicast_router import MulticastRouter
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.events import PlaybackWish, Refusal, StreamIssued
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl, TokenFacts
from smarty_core.errors import InvalidValue, NotFound, ProviderUnavailable, Refused
from smarty_core.hookspecs import hookimpl
from smarty_core.services.playback import Played
from smarty_core.services.sessions import Viewer
from smarty_core.services.stream_tokens import STAND_IN, StreamTokens, TokenRefused
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import (
    Channel,
    DataCenter,
    EpgChannel,
    ProgramBlocking,
    Programme,
    Session,
    StreamService,
)
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP

HOUR = timedelta(hours=1)


class Down(StreamRouter[DriverSettings]):
    """A router whose server does not answer."""

    def issue(self, request: PlayRequest) -> StreamUrl:
        raise ProviderUnavailable(f"{self.name}: no answer")


class Faulty(StreamRouter[DriverSettings]):
    """A router with a bug."""

    supports = frozenset({"inline", "token"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        raise KeyError(request.prefix)

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        raise KeyError("headers")


class Hashing(StreamRouter[DriverSettings]):
    """A router whose address holds something made of the token."""

    supports = frozenset({"inline", "token"})
    seen: ClassVar[list[str]] = []

    def issue(self, request: PlayRequest) -> StreamUrl:
        Hashing.seen.append(request.token)
        return StreamUrl(f"http://h.test/{request.prefix}?mark={hashlib.sha256(request.token.encode()).hexdigest()}")


ROUTERS = {"mask": MaskRouter, "multicast": MulticastRouter, "down": Down, "faulty": Faulty, "hashing": Hashing}


class Listener:
    """A plugin that hears of streams and may forbid them."""

    def __init__(self) -> None:
        self.heard: list[StreamIssued] = []
        self.asked: list[PlaybackWish] = []
        self.refusal: Refusal | None = None
        self.module = ModuleType("listener")

        @hookimpl
        def stream_issued(event: StreamIssued) -> None:
            self.heard.append(event)

        @hookimpl
        def authorize_playback(wish: PlaybackWish) -> Refusal | None:
            self.asked.append(wish)
            return self.refusal

        self.module.stream_issued = stream_issued  # type: ignore[attr-defined]
        self.module.authorize_playback = authorize_playback  # type: ignore[attr-defined]


class Home:
    """One viewer, one channel `news` with a live service and an archive of three days."""

    def __init__(self, database: Database, **channel: Any) -> None:
        self.listener = Listener()
        plugins: dict[str, dict[str, Any]] = {
            "smarty.stream_router": ROUTERS,
            "smarty.hooks": {"listener": self.listener.module},
        }
        self.installation = Installation(database, plugins)
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        self.tariff = self.world.tariff(self.operator)
        guide = EpgChannel(name="news")
        self.world.add(guide)
        begin = self.world.now - 2 * HOUR
        self.begin = begin
        self.past, self.on_air, self.coming = (
            Programme(epg_channel_id=guide.id, start=start, stop=stop, name="news")
            for start, stop in (
                (begin, begin + HOUR),
                (begin + HOUR, begin + 3 * HOUR),
                (begin + 3 * HOUR, begin + 4 * HOUR),
            )
        )
        self.old = Programme(
            epg_channel_id=guide.id,
            start=begin - timedelta(days=4),
            stop=begin - timedelta(days=3, hours=23),
            name="old",
        )
        self.world.add(self.past, self.on_air, self.coming, self.old)
        services = channel.pop("services", None)
        if services is not None:
            for service in services:
                service.client_id = self.operator.id
            channel["services"] = services
        self.channel: Channel = self.installation.channel(self.tariff, epg_channel_id=guide.id, **channel)
        self.services = {service.name: service.id for service in self.channel.services}
        self.world.subscriber(self.operator, tariffs=[self.tariff])
        self.viewer: Viewer = self.world.viewer(self.operator)

    def live(self, viewer: Viewer | None = None, cid: int | None = None, **wish: Any) -> Played:
        asked = {"ip": HOME_IP, "device": "mag", "now": self.world.now, **wish}
        playback = self.installation.system.playback
        return playback.channel_url(viewer or self.viewer, self.operator, cid or self.channel.id, **asked)

    def archive(self, viewer: Viewer | None = None, **wish: Any) -> Played:
        asked = {"ip": HOME_IP, "device": "mag", "now": self.world.now, **wish}
        return self.installation.system.playback.program_url(
            viewer or self.viewer, self.operator, self.channel.id, **asked
        )

    def heard(self) -> list[StreamIssued]:
        self.installation.system.hooks.drain(10)
        return self.listener.heard


@pytest.fixture
def home(sqlite_database: Database) -> Iterator[Any]:
    made: list[Home] = []

    def move_in(**channel: Any) -> Home:
        made.append(Home(sqlite_database, **channel))
        return made[-1]

    yield move_in
    for one in made:
        one.installation.close()


def service(name: str, **columns: Any) -> StreamService:
    return StreamService(**{"name": name, "mask": f"http://{name}.test/$prefix?token=$token", **columns})


def test_a_viewer_gets_the_address_with_a_token_the_video_server_may_ask_about(home: Any) -> None:
    one = home()
    played = one.live()
    token = parse_qs(urlsplit(played.uri).query)["token"][0]
    assert played == Played(f"http://video.test/news/index.m3u8?token={token}", one.services["live"])
    checked = one.installation.system.stream_tokens.check(token, "news", HOME_IP, one.world.now)
    assert (checked.facts.account_id, checked.service.id) == (one.viewer.account_id, one.services["live"])


def test_everybody_who_listens_is_told_once_of_each_address(home: Any) -> None:
    one = home()
    one.live()
    one.archive(pid=one.past.id)
    assert [(event.content_type, event.content_id, event.stream_service_id, event.ip) for event in one.heard()] == [
        ("channel", one.channel.id, one.services["live"], HOME_IP),
        ("program", one.channel.id, one.services["archive"], HOME_IP),
    ]


def test_a_channel_outside_the_viewers_tariffs_is_not_found(home: Any) -> None:
    one = home()
    other = one.installation.channel(one.world.tariff(one.operator), "Films")
    with pytest.raises(NotFound):
        one.live(cid=other.id)


def test_a_channel_of_another_operator_is_not_found(home: Any) -> None:
    one = home()
    _, _, other = one.installation.house("two")
    for cid in (other.id, 0, -1, 2**40):
        with pytest.raises(NotFound):
            one.live(cid=cid or -7)
    assert one.heard() == []


def test_a_switched_off_channel_is_not_found(home: Any) -> None:
    one = home(enabled=False)
    with pytest.raises(NotFound):
        one.live()


def test_a_device_that_saw_a_server_fail_gets_the_next_one(home: Any) -> None:
    one = home(services=[service("first"), service("second", sort=1)])
    first = one.live()
    assert first.stream_service_id == one.services["first"]
    second = one.live(exclude=[first.stream_service_id])
    assert second.stream_service_id == one.services["second"]
    with pytest.raises(NotFound, match="no stream service"):
        one.live(exclude=[first.stream_service_id, second.stream_service_id])


def test_a_burst_of_viewers_is_spread_and_one_viewer_takes_no_room_twice(home: Any) -> None:
    one = home(services=[service("large", max_sessions=30), service("small", max_sessions=10)])
    large, small = one.services["large"], one.services["small"]
    sent = [one.live(replace(one.viewer, session_id=number)).stream_service_id for number in range(1, 21)]
    assert (sent.count(large), sent.count(small)) == (15, 5)  # each is half full
    before = {number: one.live(replace(one.viewer, session_id=number)).stream_service_id for number in (1, 2)}
    for _ in range(50):
        assert {n: one.live(replace(one.viewer, session_id=n)).stream_service_id for n in (1, 2)} == before


def test_a_full_service_takes_nobody_until_somebody_leaves(home: Any) -> None:
    one = home(services=[service("small", max_sessions=2), service("backup", shift_hours=1)])
    small, backup = one.services["small"], one.services["backup"]

    def sent(number: int) -> int:
        found: int = one.live(replace(one.viewer, session_id=number)).stream_service_id
        return found

    assert [sent(number) for number in (1, 2, 3, 1, 2, 3)] == [small, small, backup, small, small, backup]
    assert one.live(replace(one.viewer, session_id=1), exclude=[small]).stream_service_id == backup  # he leaves
    assert [sent(number) for number in (3, 4)] == [small, backup]


@pytest.mark.parametrize("broken", ["down", "faulty", "not_installed"])
def test_a_service_that_makes_no_address_is_passed_over(home: Any, broken: str) -> None:
    one = home(services=[service("broken", router=broken), service("good", sort=1)])
    assert one.live().stream_service_id == one.services["good"]


def test_multicast_is_the_last_resort_and_only_live(home: Any) -> None:
    one = home(services=[service("broken", router="down")], multicast_uri="udp://@239.1.1.1:1234")
    assert one.live() == Played("udp://@239.1.1.1:1234")
    with pytest.raises(NotFound):
        one.archive(pid=one.past.id)


def test_a_direct_address_wins_and_needs_no_token(home: Any) -> None:
    one = home(uri="http://partner.test/news.m3u8")
    assert one.live() == Played("http://partner.test/news.m3u8")
    assert one.archive(pid=one.past.id).stream_service_id == one.services["archive"]


def test_a_mask_without_the_token_has_none_stored(home: Any) -> None:
    one = home(services=[service("open", mask="http://open.test/$prefix.m3u8")])
    assert one.live().uri == "http://open.test/news.m3u8"


def test_a_service_near_the_account_comes_first(home: Any) -> None:
    one = home(services=[service("far"), service("near", sort=1)])
    with one.world.database.write() as session:
        place = DataCenter(client_id=one.operator.id, name="near")
        session.add(place)
        session.flush()
        session.get_one(StreamService, one.services["near"]).data_center_id = place.id
        near = place.id
    assert one.live().stream_service_id == one.services["far"]
    there = replace(one.viewer, data_center_id=near)
    fresh = Installation(one.world.database, {"smarty.stream_router": ROUTERS})
    try:
        played = fresh.system.playback.channel_url(
            there, one.operator, one.channel.id, ip=HOME_IP, device="mag", now=one.world.now
        )
    finally:
        fresh.close()
    assert played.stream_service_id == one.services["near"]


def test_a_service_that_changes_gives_its_new_address_at_once(home: Any) -> None:
    one = home(services=[service("one"), service("two", sort=1)])
    system = one.installation.system
    assert one.live().uri.startswith("http://one.test/news?")
    for mask in ("http://moved.test/$prefix?token=$token", "http://one.test/$prefix?token=$token"):
        with system.database.write() as session:
            session.get_one(StreamService, one.services["one"]).mask = mask
            bump(session, f"client:{one.operator.id}:channels")
        assert one.live().uri.startswith(mask.partition("$")[0])
    with system.database.write() as session:
        session.get_one(StreamService, one.services["one"]).router = "not_installed"
        bump(session, f"client:{one.operator.id}:channels")
    assert one.live().stream_service_id == one.services["two"]


def test_a_guide_that_changes_is_felt_by_the_next_wish_for_the_past(home: Any) -> None:
    one = home()
    system, begin = one.installation.system, unix(one.begin)
    wishes: list[dict[str, Any]] = [{"pid": one.past.id}, {"time": begin + 1200}]
    assert [one.archive(**wish).uri.partition("archive-")[2].partition(".")[0] for wish in wishes] == [
        f"{begin}-3600", f"{begin + 1200}-2400",
    ]  # fmt: skip
    with system.database.write() as session:
        row = session.get_one(Programme, one.past.id)
        row.start, row.stop = one.begin + timedelta(minutes=10), one.begin + timedelta(minutes=50)
        bump(session, f"epgchannel:{row.epg_channel_id}")
    assert [one.archive(**wish).uri.partition("archive-")[2].partition(".")[0] for wish in wishes] == [
        f"{begin + 600}-2400", f"{begin + 1200}-1800",
    ]  # fmt: skip


def test_exact_times_are_played_where_the_guide_has_them(home: Any) -> None:
    one = home()
    with one.world.database.write() as session:
        row = session.get_one(Programme, one.past.id)
        row.exact_start, row.exact_stop = one.begin + timedelta(minutes=2), one.begin + timedelta(minutes=63)
    begin = unix(one.begin)
    assert f"/archive-{begin + 120}-3660." in one.archive(pid=one.past.id).uri
    assert f"/archive-{begin + 60}-3720." in one.archive(time=begin + 60).uri


def test_a_plugin_may_forbid_and_nothing_is_kept(home: Any) -> None:
    one = home()
    one.listener.refusal = Refusal("too_many", "too many screens")
    with pytest.raises(Refused, match="too many screens"):
        one.live()
    with pytest.raises(Refused):
        one.archive(pid=one.past.id)
    assert [(wish.account_id, wish.content_id, wish.archive) for wish in one.listener.asked] == [
        (one.viewer.account_id, one.channel.id, False),
        (one.viewer.account_id, one.channel.id, True),
    ]
    assert one.heard() == []


def test_a_session_that_ended_meanwhile_has_a_token_nobody_accepts(home: Any) -> None:
    one = home()
    with one.world.database.write() as session:
        session.delete(session.get_one(Session, one.viewer.session_id))
    token = parse_qs(urlsplit(one.live().uri).query)["token"][0]
    elsewhere = StreamTokens(
        database=one.world.database,
        tag_versions=one.world.cache.tag_versions,
        settings=one.world.settings,
        key=one.installation.system.vault.token_key,
    )
    with pytest.raises(TokenRefused):
        elsewhere.check(token, "news", HOME_IP, one.world.now)


def test_a_router_that_makes_something_of_the_token_is_given_the_real_one(home: Any) -> None:
    one = home(services=[service("hashing", router="hashing", mask="http://h.test/$prefix?token=$token")])
    mark = parse_qs(urlsplit(one.live().uri).query)["mark"][0]
    assert mark != hashlib.sha256(STAND_IN.encode()).hexdigest()
    assert mark == hashlib.sha256(Hashing.seen[-1].encode()).hexdigest()
    assert one.installation.system.stream_tokens.check(Hashing.seen[-1], "news", HOME_IP, one.world.now)


def unix(moment: Any) -> int:
    return int(moment.timestamp())


def test_each_wish_for_the_past_means_its_window(home: Any) -> None:
    one = home()
    begin = unix(one.begin)
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"pid": one.past.id}, f"{begin}-3600"),
        ({"pid": one.on_air.id}, f"{begin + 3600}-3600"),
        ({"time": begin + 600}, f"{begin + 600}-3000"),
        ({"pid": one.past.id, "time": begin + 7000}, f"{begin}-3600"),
        ({"pid": one.past.id, "tv_pause": True}, f"{begin}-now"),
        ({"pid": one.past.id, "time": begin + 60, "tv_pause": True}, f"{begin + 60}-now"),
        ({"pid": one.past.id, "time": begin - 60, "tv_pause": True}, f"{begin}-now"),
        ({"time": begin + 60, "tv_pause": True}, f"{begin + 60}-now"),
        ({"time": begin - 7200}, f"{begin - 7200}-3600"),
    ]
    for wish, window in wishes:
        assert f"/news/archive-{window}.m3u8?" in one.archive(**wish).uri, wish


def test_what_cannot_be_played_from_the_past_is_not_found(home: Any) -> None:
    one = home()
    stranger = EpgChannel(name="films")
    one.world.add(stranger)
    film = Programme(epg_channel_id=stranger.id, start=one.begin, stop=one.begin + HOUR, name="film")
    one.world.add(film)
    now = unix(one.world.now)
    wishes: list[dict[str, Any]] = [
        {"pid": one.coming.id},
        {"pid": one.old.id},
        {"pid": film.id},
        {"pid": 10**15},
        {"time": now},
        {"time": now + 60},
        {"time": now - 4 * 86_400},
    ]
    for wish in wishes:
        with pytest.raises(NotFound):
            one.archive(**wish)


@pytest.mark.parametrize("wish", [{}, {"time": 0}, {"time": -1}, {"time": 10**18}])
def test_a_wish_without_a_moment_is_a_bad_parameter(home: Any, wish: dict[str, Any]) -> None:
    one = home()
    with pytest.raises(InvalidValue):
        one.archive(**wish)


@pytest.mark.parametrize("by_prefix", [False, True])
def test_a_blocked_programme_plays_again_when_its_days_are_over(home: Any, by_prefix: bool) -> None:
    one = home()
    key = {"channel_prefix": "news", "start": one.past.start} if by_prefix else {"programme_id": one.past.id}
    one.world.add(
        ProgramBlocking(client_id=one.operator.id, days=1, **key), tags=(f"client:{one.operator.id}:blockings",)
    )
    with pytest.raises(NotFound, match="blocked"):
        one.archive(pid=one.past.id)
    assert one.archive(pid=one.on_air.id).uri
    one.world.move(hours=23)
    assert one.archive(pid=one.past.id).uri


def test_a_pause_within_the_channels_limit_needs_no_record(home: Any) -> None:
    records = service("records", type="pvr", mask="http://r.test/$prefix/$flpbt-$flpdur?token=$token")
    one = home(services=[records], pause_live_tv_shift=600, recording_days=0)
    now = unix(one.world.now)
    assert f"/news/{now - 600}-now?" in one.archive(time=now - 600, tv_pause=True).uri
    with pytest.raises(NotFound, match="older than the records"):
        one.archive(time=now - 601, tv_pause=True)


def test_answers_to_a_token_check_survive_a_router_with_a_bug(home: Any) -> None:
    one = home()
    token = parse_qs(urlsplit(one.live().uri).query)["token"][0]
    system = one.installation.system
    checked = system.stream_tokens.check(token, "news", HOME_IP, one.world.now)
    plain = {"X-AuthDuration": "180", "X-UserId": str(one.viewer.account_id)}
    assert system.playback.check_headers(checked) == plain
    faulty = replace(checked, service=replace(checked.service, router="faulty"))
    assert system.playback.check_headers(faulty) == plain
