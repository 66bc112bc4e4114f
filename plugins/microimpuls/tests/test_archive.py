"""Addresses of what is recorded, and how the server is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smarty_core.contracts.driver import Probe
from smarty_core.contracts.stream_router import PlayRequest, ServiceHealth
from smarty_core.errors import ConfigError, NotSupported, ProviderProtocolError, ProviderRefused, ProviderUnavailable

NOW = datetime.fromtimestamp(1_700_000_000, UTC)
BEGIN = datetime.fromtimestamp(1_699_992_060, UTC)
"""A minute after the hour."""

PAST = PlayRequest(
    content_type="program", content_id="7", prefix="news1", token="T1", start=BEGIN, stop=BEGIN + timedelta(hours=1),
    account_id=1001, now=NOW,
)  # fmt: skip
UNWELL = "the server says that it is not well"
LISTS = "http://pvr.example/hls/$playlist?t=$token"


def test_a_moment_is_a_file_and_an_offset(make: Any, pvr: Any) -> None:
    uri = make(mask="http://pvr.example:8080/$file?offset=$file_offset&until=$flpet&token=$token").issue(PAST).uri
    assert uri == "http://pvr.example:8080/rec/7/1699992000.ts?offset=60000&until=1699995660&token=T1"
    assert pvr.asked[0]["params"] == {"channel_id": 7, "timestamp": 1_699_992_060}


def test_braces_and_dollars_are_those_of_every_mask(make: Any) -> None:
    uri = make(mask="http://pvr.example/${file}?o=${file_offset}&price=$$offset").issue(PAST).uri
    assert uri == "http://pvr.example/rec/7/1699992000.ts?o=60000&price=$offset"


@pytest.mark.parametrize(("kind", "ending"), [("", "m3u8"), ("HLS4", "m3u8"), ("RMPD", "mpd")])
def test_a_window_is_a_playlist(make: Any, pvr: Any, kind: str, ending: str) -> None:
    uri = make(mask=LISTS, playlist_type=kind).issue(PAST).uri
    assert uri == f"http://pvr.example/hls/7_1699992060_1699995660.{ending}?t=T1"
    assert ("playlist_type" in pvr.asked[0]["params"]) is bool(kind)


def test_a_show_still_on_air_is_a_playlist_up_to_now(make: Any) -> None:
    assert "/7_1699992060_1700000000.m3u8" in make(mask=LISTS).issue(replace(PAST, stop=None)).uri


def test_paused_live_needs_a_file(make: Any) -> None:
    going_on = replace(PAST, stop=None, timeshift=True)
    with pytest.raises(NotSupported, match="give a timeshift_mask"):
        make(mask=LISTS).issue(going_on)
    uri = make(mask=LISTS, timeshift_mask="http://pvr.example/$file?offset=$file_offset").issue(going_on).uri
    assert uri == "http://pvr.example/rec/7/1699992000.ts?offset=60000"


@pytest.mark.parametrize("mask", ["http://pvr.example/$file?offset=$file_offset", LISTS])
@pytest.mark.parametrize("missing", [{"content_id": "8"}, {"start": BEGIN - timedelta(days=30)}])
def test_what_is_not_recorded_is_left_to_the_next_service(make: Any, mask: str, missing: dict[str, Any]) -> None:
    with pytest.raises(NotSupported, match="is not recorded at that time"):
        make(mask=mask).issue(replace(PAST, **missing))


def test_an_old_server_is_asked_by_the_old_name(make: Any, pvr: Any) -> None:
    pvr.is_old = True
    made = make(mask="http://pvr.example/$file?offset=$file_offset")
    for _ in range(2):
        assert made.issue(PAST).uri == "http://pvr.example/rec/7/1699992000.ts?offset=60000"
    with pytest.raises(NotSupported, match="not recorded"):
        made.issue(replace(PAST, content_id="8"))
    methods = [call["method"] for call in pvr.asked]
    assert methods == ["get_file_and_offset", "get_file_offset", "get_file_offset", "get_file_offset"]


def test_the_account_is_told_when_it_is_wanted(make: Any, pvr: Any) -> None:
    make(mask="http://pvr.example/$file?offset=$file_offset", tell_account=True).issue(PAST)
    assert pvr.asked[0]["params"]["aid"] == "1001"


def test_what_is_put_into_the_mask_cannot_break_out_of_it(make: Any) -> None:
    hostile = replace(PAST, prefix="../a?b&c", token="$file&x=1", device="a b#")
    uri = make(mask="http://pvr.example/$prefix/$file?o=$file_offset&t=$token&d=$device").issue(hostile).uri
    assert uri == "http://pvr.example/a%3Fb%26c/rec/7/1699992000.ts?o=60000&t=%24file%26x%3D1&d=a%20b%23"


def test_a_channel_that_is_no_number_is_left_to_the_next_service(make: Any, pvr: Any) -> None:
    with pytest.raises(NotSupported, match="knows channels by numbers"):
        make(mask=LISTS).issue(replace(PAST, content_id="news"))
    assert pvr.asked == []


def test_live_and_a_service_without_mask_are_not_played(make: Any, pvr: Any) -> None:
    with pytest.raises(NotSupported, match="not live"):
        make(mask=LISTS).issue(replace(PAST, start=None, stop=None))
    with pytest.raises(NotSupported, match="no mask"):
        make().issue(PAST)
    assert pvr.asked == []


def test_a_name_from_the_server_cannot_break_out_of_the_address(make: Any, pvr: Any) -> None:
    pvr.change = lambda answer: {**answer, "result": {"file": "/../a b&c=d#$token\r\n.ts", "offset": "5"}}
    uri = make(mask="http://pvr.example/$file?offset=$file_offset").issue(PAST).uri
    assert uri == "http://pvr.example/a%20b%26c%3Dd%23%24token%0D%0A.ts?offset=5"


@pytest.mark.parametrize(
    "result",
    [None, "ok", {"file": "", "offset": "5"}, {"file": "/a", "offset": "5;"}, {"file": "/a", "offset": -5},
     {"file": "/a", "offset": True}, {"file": ["/a"], "offset": "5"}, {"offset": "5"}],
)  # fmt: skip
def test_an_answer_without_a_place_is_named(make: Any, pvr: Any, result: Any) -> None:
    pvr.change = lambda answer: {**answer, "result": result}
    with pytest.raises(ProviderProtocolError, match="get_file_and_offset"):
        make(mask="http://pvr.example/$file?offset=$file_offset").issue(PAST)


@pytest.mark.parametrize(
    ("mask", "problem"),
    [
        ("http://pvr.example/$prefix", "use \\$file and \\$file_offset, or \\$playlist"),
        (
            "http://pvr.example/$fil?o=$file_offset",
            "unknown variable \\$fil .*known: file, file_offset, playlist, prefix",
        ),
        ("http://pvr.example/$file?price=5$", "a \\$ that begins no variable"),
    ],
)
def test_a_wrong_mask_is_named_when_the_instance_is_made(make: Any, mask: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"main: mask: {problem}"):
        make(mask=mask)
    with pytest.raises(ConfigError, match=f"main: timeshift_mask: {problem}"):
        make(mask=LISTS, timeshift_mask=mask)


def test_a_server_that_is_away_does_not_hold_up_the_viewer_for_long(make: Any, pvr: Any) -> None:
    pvr.send = lambda _: [b"wait"]
    with pytest.raises(ProviderUnavailable, match=r"no answer within 0\.2 s"):
        make(mask=LISTS, timeout=0.2).issue(PAST)


@pytest.mark.parametrize(
    ("said", "health"),
    [
        ({"is_alive": True, "score": 0.42, "session_count": 17}, ServiceHealth(True, 0.42, 17)),
        ({"is_alive": True, "score": 1}, ServiceHealth(True, 1.0, None)),
        ({"is_alive": True, "score": "much", "session_count": -1}, ServiceHealth(True)),
        ({"is_alive": False, "score": -1, "session_count": 0}, ServiceHealth(False, 0.0, 0, UNWELL)),
    ],
)
def test_health_is_what_the_server_says(make: Any, pvr: Any, said: Any, health: ServiceHealth) -> None:
    pvr.health = said
    assert make().is_alive(5.0) == health


def test_a_server_that_says_nothing_is_not_alive(make: Any, pvr: Any) -> None:
    pvr.send = lambda _: [b"wait"]
    health = make().is_alive(0.2)
    assert not health.alive
    assert "no answer within 0.2 s" in health.detail
    assert make(port=9).is_alive(1.0).alive is False
    assert make(port=9).probe() == Probe(False, "cannot_connect", "127.0.0.1:9 is_alive: Connection refused")


@pytest.mark.parametrize("said", [True, {"is_alive": "yes"}, {"score": 1}])
def test_an_answer_that_says_nothing_of_health_is_named(make: Any, pvr: Any, said: Any) -> None:
    pvr.health = said
    with pytest.raises(ProviderProtocolError, match="is_alive"):
        make().is_alive(5.0)


def test_a_wrong_key_is_not_a_dead_server(make: Any, pvr: Any) -> None:
    pvr.key = "k3y4tests"
    with pytest.raises(ProviderRefused, match="access denied"):
        make(secret="wrong").is_alive(5.0)
    assert make(secret="k3y4tests").is_alive(5.0).alive
