"""Addresses and signatures, as the server judges them."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from smarty_nimble.router import Nimble
from smarty_nimble.wmsauth import Link, server_time, sign

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BEGIN = NOW - timedelta(hours=2)
KEY = "k3yForTests"
LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1", ip="203.0.113.7", account_id=1001, now=NOW)
FINISHED = replace(LIVE, content_type="program", start=BEGIN, stop=BEGIN + timedelta(hours=1))
S = 1_699_992_800


def router(host: Any, server: Any, application: str = "live", **settings: Any) -> Nimble:
    return Nimble("main", Nimble.Settings.model_validate({"mask": f"{server.url}/{application}", **settings}), host)


def test_the_signature_is_that_of_the_worked_example() -> None:
    assert sign(Link(NOW, 20, "203.0.113.7"), KEY) == (
        "c2VydmVyX3RpbWU9MTEvMTQvMjAyMyAxMDoxMzoyMCBQTSZoYXNoX3ZhbHVlPXA0ZlB1eE1MSjl0cWlrQUZib3BzRkE9PSZ2YWxpZG1pbnV0ZXM9MjA="
    )


def test_a_signed_stream_is_named_by_its_length() -> None:
    text = base64.b64decode(sign(Link(NOW, 20, "203.0.113.7", "live/news1"), KEY)).decode()
    assert text == (
        "server_time=11/14/2023 10:13:20 PM&hash_value=4QefApuZf6QZt4wseTHOXQ==&validminutes=20&strm_len=10"
    )


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "11/14/2023 10:13:20 PM"),
        (datetime(2024, 3, 5, 0, 0, 9, tzinfo=UTC), "3/5/2024 12:00:09 AM"),
        (datetime(2024, 3, 5, 12, 7, 0, tzinfo=UTC), "3/5/2024 12:07:00 PM"),
        (datetime(2024, 3, 5, 2, 30, 0, tzinfo=timezone(timedelta(hours=3))), "3/4/2024 11:30:00 PM"),
    ],
)
def test_times_are_written_as_the_server_reads_them(moment: datetime, text: str) -> None:
    assert server_time(moment) == text


@pytest.mark.parametrize(
    ("wish", "settings", "path", "played"),
    [
        (LIVE, {}, "playlist.m3u8", "live=playlist.m3u8"),
        (LIVE, {"live_dvr": True}, "playlist_dvr.m3u8", "live=playlist_dvr.m3u8"),
        (LIVE, {"format": "dash"}, "manifest.mpd", "live=manifest.mpd"),
        (FINISHED, {}, f"playlist_dvr_range-{S}-3600.m3u8", f"start={S} length=3600"),
        (replace(FINISHED, stop=None), {}, "playlist_dvr_timeshift-7200.m3u8", "behind=7200"),
        (replace(FINISHED, timeshift=True), {}, "playlist_dvr_timeshift-7200.m3u8", "behind=7200"),
        (replace(FINISHED, start=NOW, stop=None), {}, "playlist_dvr_timeshift-1.m3u8", "behind=1"),
    ],
)
def test_every_wish_has_its_form_and_plays(
    host: Any, nimble: Any, wish: PlayRequest, settings: dict[str, Any], path: str, played: str
) -> None:
    uri = router(host, nimble, **settings).issue(wish).uri
    assert uri == f"{nimble.url}/live/news1/{path}"
    assert nimble.get(uri) == 200
    nimble.password = KEY
    assert nimble.get(uri) == 403
    assert nimble.get(router(host, nimble, secret=KEY, **settings).issue(wish).uri) == 200
    assert nimble.played == [played, played]


def test_films_play_by_their_file(host: Any, nimble: Any) -> None:
    nimble.password = KEY
    film = replace(LIVE, content_type="video", prefix="films/metropolis.mp4")
    uri = router(host, nimble, "vod", secret=KEY, live_dvr=True).issue(film).uri
    assert urlsplit(uri).path == "/vod/films/metropolis.mp4/playlist.m3u8"
    assert nimble.get(uri) == 200


def test_a_link_is_for_one_stream_one_viewer_and_a_time(host: Any, nimble: Any) -> None:
    nimble.password = KEY
    nimble.streams |= {"live/news2", "live/news10"}
    uri = router(host, nimble, secret=KEY, valid_minutes=10).issue(LIVE).uri
    assert nimble.get(uri) == 200
    assert nimble.get(uri, ip="203.0.113.8") == 403
    assert nimble.get(uri.replace("news1", "news2")) == 403
    assert nimble.get(uri.replace("Sign=c", "Sign=d")) == 403
    assert nimble.get(uri.partition("?")[0]) == 403
    assert nimble.get(router(host, nimble, secret="another").issue(LIVE).uri) == 403
    begin = nimble.now
    for moment, status in ((begin - 1, 403), (begin + 599, 200), (begin + 600, 403)):
        nimble.now = moment
        assert nimble.get(uri) == status


@pytest.mark.parametrize(
    ("signed", "other_stream", "other_application"),
    [("stream", 403, 403), ("application", 200, 403), ("nothing", 200, 200)],
)
def test_a_link_may_be_good_for_more(
    host: Any, nimble: Any, signed: str, other_stream: int, other_application: int
) -> None:
    nimble.password = KEY
    nimble.streams |= {"live/sport", "cinema/sport"}
    uri = router(host, nimble, secret=KEY, signed=signed).issue(LIVE).uri
    assert nimble.get(uri) == 200
    assert nimble.get(uri.replace("/live/news1/", "/live/sport/")) == other_stream
    assert nimble.get(uri.replace("/live/news1/", "/cinema/sport/")) == other_application


def test_a_link_without_the_address_plays_anywhere(host: Any, nimble: Any) -> None:
    nimble.password = KEY
    uri = router(host, nimble, secret=KEY, bind_ip=False).issue(replace(LIVE, ip="")).uri
    assert nimble.get(uri, ip="198.51.100.1") == 200


@pytest.mark.parametrize("bind_ip", [True, False])
def test_pay_per_view_signs_the_account(host: Any, nimble: Any, bind_ip: bool) -> None:
    nimble.password = KEY
    uri = router(host, nimble, secret=KEY, pay_per_view=True, bind_ip=bind_ip).issue(LIVE).uri
    assert nimble.get(uri) == 200
    assert nimble.users == ["1001"]
    assert nimble.get(uri, ip="198.51.100.1") == (403 if bind_ip else 200)


@pytest.mark.parametrize(
    ("settings", "wish", "reason"),
    [
        ({"secret": KEY}, {"ip": ""}, "needs that address"),
        ({"secret": KEY, "pay_per_view": True}, {"account_id": 0}, "needs an account"),
        ({}, {"prefix": ""}, "has no prefix"),
        ({}, {"prefix": "кино 1"}, "letters that an address cannot hold"),
        ({"format": "dash"}, {"start": BEGIN}, "archive as HLS only"),
    ],
)
def test_what_the_server_cannot_play_is_left_to_the_next_service(
    host: Any, nimble: Any, settings: dict[str, Any], wish: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotSupported, match=reason):
        router(host, nimble, **settings).issue(replace(LIVE, **wish))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"mask": "http://h:8081"}, "mask: the address ends with the application"),
        ({"mask": "h/live"}, "mask: the address of the server is"),
        ({"mask": "http://h/$prefix"}, "mask: the address ends with the application"),
        ({"mask": "http://h/live", "pay_per_view": True}, "pay_per_view: needs a secret"),
    ],
)
def test_mistakes_are_named_when_the_instance_is_made(host: Any, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=f"main: {problem}"):
        Nimble("main", Nimble.Settings.model_validate(settings), host)
