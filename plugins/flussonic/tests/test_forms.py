"""Which address each wish gets, and that the server understands all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smarty_flussonic.router import Flussonic

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BEGIN = NOW - timedelta(hours=2)
S = 1_699_992_800


def wish(**facts: Any) -> PlayRequest:
    known = {"content_type": "channel", "content_id": "7", "prefix": "news1", "token": "T", "now": NOW,
             "ip": "203.0.113.7", "account_id": 1001}  # fmt: skip
    return PlayRequest(**{**known, **facts})


LIVE = wish()
FINISHED = wish(content_type="program", start=BEGIN, stop=BEGIN + timedelta(hours=1))
ON_AIR = wish(content_type="program", start=BEGIN)
GOING_ON = wish(content_type="program", start=BEGIN, timeshift=True)

ADDRESSES = [
    ("hls", LIVE, "news1/index.m3u8", "live=index.m3u8"),
    ("hls", FINISHED, f"news1/archive-{S}-3600.m3u8", f"start={S} length=3600"),
    ("hls", ON_AIR, f"news1/archive-{S}-now.m3u8", f"start={S} length=now"),
    ("hls", GOING_ON, f"news1/timeshift_abs-{S}.m3u8", f"moment={S}"),
    ("hls_mono", LIVE, "news1/mono.m3u8", "live=mono.m3u8"),
    ("hls_mono", FINISHED, f"news1/mono-{S}-3600.m3u8", f"start={S} length=3600"),
    ("hls_mono", ON_AIR, f"news1/mono-{S}-now.m3u8", f"start={S} length=now"),
    ("hls_mono", GOING_ON, f"news1/timeshift_abs_mono-{S}.m3u8", f"moment={S}"),
    ("hls_video", LIVE, "news1/video.m3u8", "live=video.m3u8"),
    ("hls_video", FINISHED, f"news1/video-{S}-3600.m3u8", f"start={S} length=3600"),
    ("hls_video", ON_AIR, f"news1/video-{S}-now.m3u8", f"start={S} length=now"),
    ("hls_video", GOING_ON, f"news1/timeshift_abs-{S}.m3u8", f"moment={S}"),
    ("mpegts", LIVE, "news1/mpegts", "live=mpegts"),
    ("mpegts", FINISHED, f"news1/archive/{S}/3600/mpegts", f"start_ts={S} length_ts=3600"),
    ("mpegts", ON_AIR, f"news1/timeshift_abs/{S}", f"moment={S}"),
    ("mpegts", GOING_ON, f"news1/timeshift_abs/{S}", f"moment={S}"),
    ("dash", LIVE, "news1/index.mpd", "live=index.mpd"),
    ("dash", FINISHED, f"news1/archive-{S}-3600.mpd", f"start={S} length=3600"),
    ("dash", ON_AIR, f"news1/archive-{S}-7200.mpd", f"start={S} length=7200"),
]


def router(host: Any, /, **settings: Any) -> Flussonic:
    return Flussonic("main", Flussonic.Settings.model_validate(settings), host)


@pytest.mark.parametrize(("form", "request_", "path", "played"), ADDRESSES)
def test_every_wish_has_the_documented_form_and_plays(
    host: Any, flussonic: Any, form: str, request_: PlayRequest, path: str, played: str
) -> None:
    uri = router(host, mask=flussonic.url, format=form).issue(request_).uri
    assert uri == f"{flussonic.url}/{path}?token=T"
    assert flussonic.get(uri) == 200
    assert flussonic.played == [played]


ARCHIVES = [
    ("hls", FINISHED, f"archive-{S}-3600.m3u8"),
    ("hls_index", FINISHED, f"index-{S}-3600.m3u8"),
    ("hls_index", ON_AIR, f"index-{S}-now.m3u8"),
    ("hls_index", GOING_ON, f"timeshift_abs-{S}.m3u8"),
    ("hls_mono", ON_AIR, f"mono-{S}-now.m3u8"),
    ("hls_video", ON_AIR, f"video-{S}-now.m3u8"),
    ("mpegts", FINISHED, f"archive/{S}/3600/mpegts"),
    ("ts", FINISHED, f"archive-{S}-3600.ts"),
    ("ts", ON_AIR, f"timeshift_abs-{S}.ts"),
    ("ts", GOING_ON, f"timeshift_abs-{S}.ts"),
    ("mp4", FINISHED, f"archive-{S}-3600.mp4"),
    ("mp4", ON_AIR, f"archive-{S}-7200.mp4"),
    ("dash", FINISHED, f"archive-{S}-3600.mpd"),
]


@pytest.mark.parametrize(("form", "request_", "end"), ARCHIVES)
def test_the_archive_may_have_another_form_than_live(
    host: Any, flussonic: Any, form: str, request_: PlayRequest, end: str
) -> None:
    made = router(host, mask=flussonic.url, format="mpegts", archive_format=form)
    assert made.issue(LIVE).uri == f"{flussonic.url}/news1/mpegts?token=T"
    uri = made.issue(request_).uri
    assert uri == f"{flussonic.url}/news1/{end}?token=T"
    assert flussonic.get(uri) == 200


@pytest.mark.parametrize("form", ["dash", "mp4"])
def test_what_has_no_form_for_going_on_says_so(host: Any, form: str) -> None:
    with pytest.raises(NotSupported, match="no form for playing from a moment"):
        router(host, mask="https://video.example", archive_format=form).issue(GOING_ON)


@pytest.mark.parametrize("request_", [LIVE, FINISHED, ON_AIR, GOING_ON])
def test_players_can_show_pictures_of_the_archive(host: Any, flussonic: Any, request_: PlayRequest) -> None:
    mask = router(host, mask=flussonic.url + "/live").issue(request_).preview_mask
    assert mask == f"{flussonic.url}/live/news1/$utc-preview.mp4?token=T"
    assert flussonic.get(mask.replace("$utc", str(S))) == 200
    assert flussonic.played == [f"picture={S}"]
    assert router(host, mask=flussonic.url, preview=False).issue(request_).preview_mask == ""


def test_films_have_no_pictures_of_the_archive(host: Any) -> None:
    film = wish(content_type="video", prefix="films/metropolis.mp4")
    assert router(host, mask="https://video.example").issue(film).preview_mask == ""


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("hls", "timeshift_rel-7200.m3u8"),
        ("hls_mono", "timeshift_rel_mono-7200.m3u8"),
        ("mpegts", "timeshift_rel/7200"),
    ],
)
def test_a_shift_can_be_made_by_the_server(host: Any, flussonic: Any, form: str, path: str) -> None:
    made = router(host, mask=flussonic.url, format=form, shift_on_server=True)
    uri = made.issue(wish(shift_hours=2)).uri
    assert uri == f"{flussonic.url}/news1/{path}?token=T"
    assert flussonic.get(uri) == 200
    assert flussonic.played == ["delay=7200"]
    assert made.issue(LIVE).uri == router(host, mask=flussonic.url, format=form).issue(LIVE).uri


def test_a_server_that_makes_the_shift_has_recorded_the_picture_without_it(host: Any) -> None:
    made = router(host, mask="https://video.example", shift_on_server=True)
    delayed = {"shift_hours": 2, "start": BEGIN + timedelta(hours=2), "stop": BEGIN + timedelta(hours=3)}
    assert f"/archive-{S}-3600.m3u8" in made.issue(replace(FINISHED, **delayed)).uri


def test_a_shifted_service_is_a_stream_of_its_own_by_default(host: Any) -> None:
    made = router(host, mask="https://video.example")
    assert made.issue(wish(shift_hours=2)).uri == "https://video.example/news1/index.m3u8?token=T"


def test_live_may_have_a_window_to_rewind(host: Any, flussonic: Any) -> None:
    uri = router(host, mask=flussonic.url, rewind=3600).issue(LIVE).uri
    assert uri == f"{flussonic.url}/news1/rewind-3600.m3u8?token=T"
    assert flussonic.get(uri) == 200
    archive = router(host, mask=flussonic.url, rewind=3600).issue(FINISHED).uri
    assert archive == f"{flussonic.url}/news1/archive-{S}-3600.m3u8?token=T"


def test_a_programme_of_no_length_still_has_one_second(host: Any) -> None:
    uri = router(host, mask="https://video.example").issue(wish(start=BEGIN, stop=BEGIN)).uri
    assert uri.startswith(f"https://video.example/news1/archive-{S}-1.m3u8")


def test_files_play_as_hls_whatever_the_form_of_channels(host: Any, flussonic: Any) -> None:
    film = wish(content_type="video", prefix="films/metropolis.mp4")
    uri = router(host, mask=flussonic.url, format="mpegts", rewind=60).issue(film).uri
    assert uri == f"{flussonic.url}/films/metropolis.mp4/index.m3u8?token=T"
    assert flussonic.get(uri) == 200


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({"mask": "https://video.example/live/"}, "https://video.example/live"),
        ({"mask": "http://video.example:8080"}, "http://video.example:8080"),
        ({"host": "10.0.0.5", "port": 8080}, "http://10.0.0.5:8080"),
        ({"host": "video.example"}, "http://video.example"),
        ({"host": "2001:db8::5", "port": 80}, "http://[2001:db8::5]:80"),
        ({"mask": "https://cdn.example", "host": "10.0.0.5"}, "https://cdn.example"),
    ],
)
def test_the_server_is_the_mask_or_else_the_host(host: Any, settings: dict[str, Any], base: str) -> None:
    assert router(host, **settings).issue(LIVE).uri == f"{base}/news1/index.m3u8?token=T"


@pytest.mark.parametrize(
    "mask",
    ["", "video.example", "ftp://video.example", "http://", "http://video.example?x=1", "http://user:pw@video.example",
     "http://video.example:99999", "http://video.example/a b", "http://[::1"],
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_named_when_the_instance_is_made(host: Any, mask: str) -> None:
    with pytest.raises(ConfigError, match="main: mask: the address of the server is"):
        router(host, mask=mask)


def test_a_channel_without_a_stream_name_is_not_played(host: Any) -> None:
    with pytest.raises(NotSupported, match="has no prefix"):
        router(host, mask="https://video.example").issue(wish(prefix=" /../".strip()))


def test_a_mask_with_variables_is_taken_as_it_is(host: Any, flussonic: Any) -> None:
    live = router(host, mask=flussonic.url + "/live/$prefix/mono.m3u8?token=$token")
    assert live.issue(LIVE).uri == f"{flussonic.url}/live/news1/mono.m3u8?token=T"
    assert flussonic.get(live.issue(LIVE).uri) == 200
    with pytest.raises(NotSupported, match="one of live addresses"):
        live.issue(FINISHED)


def test_an_archive_mask_says_now_while_there_is_no_end(host: Any, flussonic: Any) -> None:
    made = router(host, mask=flussonic.url + "/$prefix/video-$flpbt-$flpdur.m3u8?token=$token")
    for request, words in ((FINISHED, "3600"), (ON_AIR, "now"), (GOING_ON, "now")):
        uri = made.issue(request).uri
        assert uri == f"{flussonic.url}/news1/video-{S}-{words}.m3u8?token=T"
        assert flussonic.get(uri) == 200
    with pytest.raises(NotSupported, match="no value while live"):
        made.issue(LIVE)


def test_a_wrong_mask_is_named_when_the_instance_is_made(host: Any) -> None:
    with pytest.raises(ConfigError, match=r"main: mask: unknown variable \$prefx"):
        router(host, mask="http://video.example/$prefx/index.m3u8")
