"""Addresses and signatures, as the server judges them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smarty_wowza.router import Wowza
from smarty_wowza.securetoken import sign, signed_text

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BEGIN = NOW - timedelta(hours=2)
KEY = "k3yForTests"
LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1", ip="203.0.113.7", account_id=1, now=NOW)
FINISHED = replace(LIVE, content_type="program", start=BEGIN, stop=BEGIN + timedelta(hours=1))
ON_AIR = replace(FINISHED, stop=None)
GOING_ON = replace(FINISHED, timeshift=True)
S = 1_699_992_800


def router(host: Any, server: Any, application: str = "live", **settings: Any) -> Wowza:
    return Wowza("main", Wowza.Settings.model_validate({"mask": f"{server.url}/{application}", **settings}), host)


def test_the_hash_is_that_of_published_and_worked_examples() -> None:
    published = {"zhashinstanceendtime": "1706312333", "zhashinstancestarttime": "1706333933"}
    made = sign("live-app/stream01", "mysecuresharedsecret", published, algorithm="sha256")
    assert made == "u4OoUQUj2IFz18aKsf0Gn0DGoadV7WhtWlZkypXCXfc="
    worked = {"wowzatokenstarttime": "1700000000", "wowzatokenendtime": "1700010800"}
    assert signed_text("live/news1", KEY, worked, "203.0.113.7") == (
        "live/news1?203.0.113.7&k3yForTests&wowzatokenendtime=1700010800&wowzatokenstarttime=1700000000"
    )
    made = sign("live/news1", KEY, worked, algorithm="sha256", ip="203.0.113.7")
    assert made == "aqz4qfvWhuTccDGHH2v3WrMfGtiE7fDypOkvKG14G2E="


def test_parts_are_sorted_by_their_text() -> None:
    assert (
        signed_text("a/b", "0secret", {"p2": "1", "p10": "2"}, "198.51.100.1") == "a/b?0secret&198.51.100.1&p10=2&p2=1"
    )
    assert signed_text("a/b", "zz", {}, "198.51.100.1") == "a/b?198.51.100.1&zz"


@pytest.mark.parametrize(
    ("wish", "path", "played"),
    [
        (LIVE, "playlist.m3u8", "live"),
        (FINISHED, "playlist.m3u8?DVR&wowzadvrplayliststart=20231114201320&wowzadvrplaylistduration=3600000",
         f"{S} 3600000"),
        (ON_AIR, "playlist.m3u8?DVR&wowzadvrplayliststart=20231114201320", f"{S} on"),
        (GOING_ON, "playlist.m3u8?DVR&wowzadvrplayliststart=20231114201320", f"{S} on"),
    ],
)  # fmt: skip
def test_every_wish_has_its_form_and_plays(host: Any, wowza: Any, wish: PlayRequest, path: str, played: str) -> None:
    uri = router(host, wowza).issue(wish).uri
    assert uri == f"{wowza.url}/live/news1/{path}"
    assert wowza.get(uri) == 200
    wowza.secret = KEY
    assert wowza.get(uri) == 403
    assert wowza.get(router(host, wowza, secret=KEY).issue(wish).uri) == 200
    assert wowza.played == [played, played]


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("prefix", ["wowzatoken", "wowza", "z-"])
def test_every_hash_and_prefix_signs(host: Any, wowza: Any, algorithm: str, prefix: str) -> None:
    wowza.secret, wowza.algorithm, wowza.prefix = KEY, algorithm, prefix
    made = router(host, wowza, secret=KEY, hash=algorithm, prefix=prefix)
    for wish in (LIVE, FINISHED, ON_AIR):
        assert wowza.get(made.issue(wish).uri) == 200


def test_a_link_is_for_one_stream_one_viewer_and_a_time(host: Any, wowza: Any) -> None:
    wowza.secret = KEY
    wowza.streams |= {"live/news2"}
    uri = router(host, wowza, secret=KEY, lifetime=600).issue(LIVE).uri
    assert KEY not in uri
    assert "203.0.113.7" not in uri
    assert wowza.get(uri) == 200
    assert wowza.get(uri, ip="203.0.113.8") == 403
    assert wowza.get(uri.replace("news1", "news2")) == 403
    assert wowza.get(uri.replace("hash=", "hash=A")) == 403
    assert wowza.get(uri.replace("endtime=17", "endtime=18")) == 403
    assert wowza.get(router(host, wowza, secret="another").issue(LIVE).uri) == 403
    begin = wowza.now
    for moment, status in ((begin - 301, 403), (begin - 300, 200), (begin + 599, 200), (begin + 600, 403)):
        wowza.now = moment
        assert wowza.get(uri) == status


def test_a_signed_window_of_the_archive_cannot_be_moved_when_its_parameters_have_the_prefix(
    host: Any, wowza: Any
) -> None:
    wowza.secret, wowza.prefix = KEY, "wowza"
    uri = router(host, wowza, secret=KEY, prefix="wowza").issue(FINISHED).uri
    assert wowza.get(uri) == 200
    assert wowza.get(uri.replace("20231114201320", "20231114191320")) == 403


def test_the_instance_is_signed_when_it_is_in_the_address(host: Any, wowza: Any) -> None:
    wowza.secret = KEY
    assert wowza.get(router(host, wowza, "live/_definst_/", secret=KEY).issue(LIVE).uri) == 200


def test_films_play_by_their_kind_and_file(host: Any, wowza: Any) -> None:
    wowza.secret = KEY
    film = replace(LIVE, content_type="video", prefix="mp4:films/metropolis.mp4")
    uri = router(host, wowza, "vod", secret=KEY).issue(film).uri
    assert uri.startswith(f"{wowza.url}/vod/mp4:films/metropolis.mp4/playlist.m3u8?")
    assert wowza.get(uri) == 200


def test_dash_has_a_manifest(host: Any, wowza: Any) -> None:
    assert router(host, wowza, format="dash").issue(LIVE).uri == f"{wowza.url}/live/news1/manifest.mpd"


def test_a_server_that_does_not_look_at_addresses_is_told_none(host: Any, wowza: Any) -> None:
    wowza.secret, wowza.include_ip = KEY, False
    made = router(host, wowza, secret=KEY, bind_ip=False)
    assert wowza.get(made.issue(replace(LIVE, ip="")).uri, ip="198.51.100.1") == 200


@pytest.mark.parametrize(
    ("settings", "wish", "reason"),
    [
        ({"secret": KEY}, {"ip": ""}, "needs that address"),
        ({}, {"prefix": ""}, "has no prefix"),
        ({}, {"prefix": "кино 1"}, "letters that an address cannot hold"),
    ],
)
def test_what_cannot_be_signed_is_left_to_the_next_service(
    host: Any, wowza: Any, settings: dict[str, Any], wish: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotSupported, match=reason):
        router(host, wowza, **settings).issue(replace(LIVE, **wish))


@pytest.mark.parametrize("mask", ["http://h:1935", "http://h:1935/", "h/live", "http://h/live?x=1", "http://h/$prefix"])
def test_what_is_no_application_is_named_when_the_instance_is_made(host: Any, mask: str) -> None:
    with pytest.raises(ConfigError, match="main: mask: the address"):
        Wowza("main", Wowza.Settings(mask=mask), host)
