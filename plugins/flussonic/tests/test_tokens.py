"""What the server believes: its own signature, or what the authorisation back end answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from smarty_flussonic.router import Flussonic, FlussonicSecuretoken
from smarty_flussonic.securetoken import Link, sign

from smarty_core.contracts.stream_router import PlayRequest, TokenFacts
from smarty_core.errors import NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
KEY = "k3yForTests"
PAST: dict[str, Any] = {"start": NOW - timedelta(hours=2), "stop": NOW - timedelta(hours=1)}
LIVE = PlayRequest(
    content_type="channel", content_id="7", prefix="news1", token="T1", ip="203.0.113.7", account_id=1001, now=NOW
)


@pytest.mark.parametrize(
    ("ip", "user_id", "digest"),
    [
        ("203.0.113.7", "", "bb581c9c4fed3ae0191a8a67e532fc085a877387"),
        ("203.0.113.7", "u42", "e8c6a570fa27ee22c7092e7cd827e6ab3cd302a2"),
        ("", "", "69e0092c4a6eb655a1538bb26c62262f67234145"),
    ],
)
def test_the_signature_is_that_of_worked_examples(ip: str, user_id: str, digest: str) -> None:
    link = Link("news1", ip, 1_700_000_000, 1_700_010_800, user_id)
    assert sign(link, KEY, "0f1e2d3c") == f"{digest}-0f1e2d3c-1700010800-1700000000"


@pytest.fixture
def securetoken(host: Any, flussonic: Any) -> Callable[..., FlussonicSecuretoken]:
    flussonic.key = KEY

    def make(**settings: Any) -> FlussonicSecuretoken:
        model = FlussonicSecuretoken.Settings.model_validate({"mask": flussonic.url, "secret": KEY, **settings})
        return FlussonicSecuretoken("main", model, host)

    return make


def test_a_signed_link_plays_for_its_viewer_only(securetoken: Any, flussonic: Any) -> None:
    uri = securetoken().issue(LIVE).uri
    assert flussonic.get(uri) == 200
    assert flussonic.get(uri, ip="203.0.113.8") == 403
    assert flussonic.get(uri.replace("/news1/", "/live/news1/")) == 403
    assert flussonic.get(f"{flussonic.url}/news1/index.m3u8") == 403
    assert flussonic.get(uri.replace("token=", "token=0")) == 403


@pytest.mark.parametrize(
    "request_",
    [
        replace(LIVE, start=NOW - timedelta(hours=2), stop=NOW - timedelta(hours=1)),
        replace(LIVE, start=NOW - timedelta(hours=2)),
        replace(LIVE, start=NOW - timedelta(hours=2), timeshift=True),
    ],
)
def test_signed_archive_links_play(securetoken: Any, flussonic: Any, request_: PlayRequest) -> None:
    assert flussonic.get(securetoken().issue(request_).uri) == 200


def test_a_signed_link_ends_and_begins_before_a_slow_clock(securetoken: Any, flussonic: Any) -> None:
    uri = securetoken(lifetime=600).issue(LIVE).uri
    begin = flussonic.now
    for moment, status in ((begin - 301, 403), (begin - 300, 200), (begin + 599, 200), (begin + 600, 403)):
        flussonic.now = moment
        assert flussonic.get(uri) == status


def test_a_link_for_any_address_where_the_server_does_not_look_at_it(securetoken: Any, flussonic: Any) -> None:
    flussonic.check_ip = False
    uri = securetoken(bind_ip=False).issue(replace(LIVE, ip="")).uri
    assert flussonic.get(uri, ip="198.51.100.1") == 200
    with pytest.raises(NotSupported, match="needs that address"):
        securetoken().issue(replace(LIVE, ip=""))


def test_the_account_can_be_signed_too(securetoken: Any, flussonic: Any) -> None:
    uri = securetoken(sign_user=True).issue(LIVE).uri
    assert parse_qs(urlsplit(uri).query)["user_id"] == ["1001"]
    assert flussonic.get(uri) == 200
    assert flussonic.get(uri.replace("user_id=1001", "user_id=1002")) == 403


def test_the_folder_in_the_address_belongs_to_the_name_of_the_stream(securetoken: Any, flussonic: Any) -> None:
    assert flussonic.get(securetoken(mask=flussonic.url + "/live").issue(LIVE).uri) == 200


def test_a_mask_may_say_where_the_signed_token_stands(securetoken: Any, flussonic: Any) -> None:
    made = securetoken(mask=flussonic.url + "/live/$prefix/mono.m3u8?token=$token")
    assert flussonic.get(made.issue(LIVE).uri) == 200
    assert flussonic.played == ["live=mono.m3u8"]


def test_a_name_that_needs_quoting_is_signed_as_the_server_reads_it(securetoken: Any, flussonic: Any) -> None:
    flussonic.streams = frozenset({"кино 1"})
    assert flussonic.get(securetoken().issue(replace(LIVE, prefix="кино 1")).uri) == 200


def backed(host: Any, flussonic: Any, backend: Any, **settings: Any) -> Flussonic:
    made = Flussonic("main", Flussonic.Settings.model_validate({"mask": flussonic.url, **settings}), host)
    flussonic.auth_url = backend.url
    return made


def test_the_server_asks_about_our_token_when_a_session_begins(host: Any, flussonic: Any, backend: Any) -> None:
    made = backed(host, flussonic, backend)
    backend.tokens["T1"] = "news1"
    assert flussonic.get(made.issue(LIVE).uri) == 200
    assert flussonic.get(made.issue(replace(LIVE, token="T2")).uri) == 403
    assert [asked["token"] for asked in backend.asked] == ["T1", "T2"]
    assert backend.asked[0]["name"] == "news1"
    assert backend.asked[0]["request_type"] == "new_session"


def test_the_server_asks_again_after_x_authduration(host: Any, flussonic: Any, backend: Any) -> None:
    made = backed(host, flussonic, backend)
    backend.tokens["T1"] = "news1"
    backend.headers = made.check_headers(TokenFacts(account_id=1001, auth_duration=60))
    uri = made.issue(LIVE).uri
    assert flussonic.get(uri) == 200
    backend.tokens.clear()
    flussonic.now += 59
    assert flussonic.get(uri) == 200
    flussonic.now += 1
    assert flussonic.get(uri) == 403
    assert [asked["request_type"] for asked in backend.asked] == ["new_session", "update_session"]


@pytest.mark.parametrize(
    ("settings", "facts", "more"),
    [
        ({}, {}, {}),
        ({"max_sessions": 2}, {}, {"X-Max-Sessions": "2"}),
        ({"max_sessions": 2}, {"max_sessions": 5}, {"X-Max-Sessions": "5"}),
        ({"unique": True}, {}, {"X-Unique": "true"}),
        ({}, {"unique": True}, {"X-Unique": "true"}),
    ],
)
def test_answers_to_a_good_check_carry_what_the_server_reads(
    host: Any, settings: dict[str, Any], facts: dict[str, Any], more: dict[str, str]
) -> None:
    made = Flussonic("main", Flussonic.Settings.model_validate({"mask": "https://v.example", **settings}), host)
    headers = made.check_headers(TokenFacts(account_id=1001, auth_duration=180, **facts))
    assert headers == {"X-AuthDuration": "180", "X-UserId": "1001", **more}


@pytest.mark.parametrize(("settings", "playing"), [({}, 3), ({"max_sessions": 2}, 2), ({"unique": True}, 1)])
def test_sessions_of_one_account_are_limited(
    host: Any, flussonic: Any, backend: Any, settings: dict[str, Any], playing: int
) -> None:
    made = backed(host, flussonic, backend, **settings)
    backend.tokens.update(T1="news1", T2="news1", T3="news1")
    backend.headers = made.check_headers(TokenFacts(account_id=1001, auth_duration=180))
    addresses = [made.issue(replace(LIVE, token=token)).uri for token in ("T1", "T2", "T3")]
    assert [flussonic.get(uri) for uri in addresses] == [200, 200, 200]
    assert [flussonic.get(uri) for uri in addresses].count(200) == playing
    assert flussonic.get(addresses[-1]) == 200, "the newest stays"


TOLD = [
    ({}, {}, "hls", "hls_live-hls_mbr_playlist"),
    ({"format": "hls_mono"}, {}, "hls", "hls_live-hls_playlist"),
    ({"format": "mpegts"}, {}, "mpegts", "mpegts_handler-request"),
    ({"archive_format": "hls_index"}, PAST, "hls", "dvr_session-hls_mbr_playlist-1699992800-3600"),
    ({"archive_format": "mp4"}, PAST, "mp4", "dvr_handler-mp4-1699992800-3600"),
    ({"archive_format": "mpegts"}, PAST, "mpegts", "dvr_stream_handler-ts_stream-1699992800-3600"),
    ({"archive_format": "ts"}, {**PAST, "timeshift": True}, "mpegts", "dvr_handler-timeshift_abs-1699992800"),
    ({"format": "mpegts", "shift_on_server": True}, {"shift_hours": 2}, "mpegts", "dvr_handler-timeshift_rel-7200"),
]


@pytest.mark.parametrize(("settings", "wish", "proto", "media"), TOLD)
def test_the_server_tells_what_is_wanted_as_documented(
    host: Any, flussonic: Any, backend: Any, settings: dict[str, Any], wish: dict[str, Any], proto: str, media: str
) -> None:
    made = backed(host, flussonic, backend, **settings)
    backend.tokens["T1"] = "news1"
    assert flussonic.get(made.issue(replace(LIVE, **wish)).uri) == 200
    assert (backend.asked[0]["proto"], backend.asked[0]["media_request"]) == (proto, media)


def test_everything_the_server_tells_reaches_the_back_end(host: Any, flussonic: Any, backend: Any) -> None:
    made = backed(host, flussonic, backend)
    backend.tokens["T1"] = "news1"
    uri = made.issue(LIVE).uri
    flussonic.get(uri)
    flussonic.now += 180
    flussonic.get(uri)
    first, second = backend.asked
    assert first["qs"] == "token=T1"
    assert (first["request_number"], second["request_number"]) == ("0", "1")
    assert first["session_id"] == second["session_id"]
    assert second["duration"] == "180"


@pytest.mark.parametrize("trouble", [500, -1])
def test_while_the_back_end_cannot_tell_the_last_decision_stands(
    host: Any, flussonic: Any, backend: Any, trouble: int
) -> None:
    made = backed(host, flussonic, backend)
    backend.tokens.update(T1="news1", T2="news1")
    watched, new = made.issue(LIVE).uri, made.issue(replace(LIVE, token="T2")).uri
    assert flussonic.get(watched) == 200
    backend.trouble = trouble
    flussonic.now += 180
    assert flussonic.get(watched) == 200
    assert flussonic.get(new) == 403
    backend.trouble = 0
    assert flussonic.get(new) == 200
    assert backend.asked[-1]["request_type"] == "new_session"


@pytest.mark.parametrize(("status", "played"), [(302, 200), (404, 403), (401, 403)])
def test_a_redirect_is_a_yes_and_everything_else_a_no(
    host: Any, flussonic: Any, backend: Any, status: int, played: int
) -> None:
    made = backed(host, flussonic, backend)
    backend.trouble = status
    assert flussonic.get(made.issue(LIVE).uri) == played


def test_a_session_beyond_the_limit_stays_banned_for_x_authduration(host: Any, flussonic: Any, backend: Any) -> None:
    made = backed(host, flussonic, backend)
    backend.tokens.update(T1="news1", T2="news1")
    backend.headers = made.check_headers(TokenFacts(account_id=1001, auth_duration=60, max_sessions=1))
    first, second = (made.issue(replace(LIVE, token=token)).uri for token in ("T1", "T2"))
    assert [flussonic.get(uri) for uri in (first, second, first)] == [200, 200, 403]
    flussonic.now += 59
    assert flussonic.get(first) == 403
    assert len(backend.asked) == 2, "nobody is asked about a banned token"
    flussonic.now += 1
    assert flussonic.get(first) == 200
    assert flussonic.get(second) == 403


def test_signed_pictures_of_the_archive(securetoken: Any, flussonic: Any) -> None:
    mask = securetoken(sign_user=True).issue(LIVE).preview_mask
    assert flussonic.get(mask.replace("$utc", str(flussonic.now - 60))) == 200
    assert flussonic.get(mask.replace("$utc", str(flussonic.now - 60)), ip="203.0.113.8") == 403
