"""Which address each wish gets, and what the server believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from smarty_astra.router import Astra, AstraSecuretoken
from smarty_astra.securetoken import Link, sign

from smarty_core.contracts.stream_router import PlayRequest, TokenFacts
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
KEY = "k3yForTests"
LIVE = PlayRequest(
    content_type="channel", content_id="a0c1", prefix="news1", token="T1", ip="203.0.113.7", account_id=1001, now=NOW
)


@pytest.mark.parametrize(
    ("settings", "prefix", "path"),
    [
        ({}, "news1", "/news1/index.m3u8"),
        ({"format": "mpegts"}, "news1", "/news1"),
        ({"format": "play"}, "a0c1", "/play/a0c1/index.m3u8"),
        ({}, "tv/news1", "/tv/news1/index.m3u8"),
    ],
)
def test_every_form_of_the_address_plays(
    make: Any, astra: Any, settings: dict[str, Any], prefix: str, path: str
) -> None:
    uri = make(Astra, mask=astra.url, **settings).issue(replace(LIVE, prefix=prefix)).uri
    assert uri == f"{astra.url}{path}?token=T1"
    assert astra.get(uri) == 200


def test_host_and_port_do_without_a_mask(make: Any) -> None:
    assert make(Astra, host="10.0.0.5", port=8100).issue(LIVE).uri == "http://10.0.0.5:8100/news1/index.m3u8?token=T1"


def test_a_mask_with_variables_is_taken_as_it_is(make: Any, astra: Any) -> None:
    made = make(Astra, mask=astra.url + "/tv/$prefix/index.m3u8?hls=1&token=$token")
    assert made.issue(LIVE).uri == f"{astra.url}/tv/news1/index.m3u8?hls=1&token=T1"
    assert astra.get(made.issue(LIVE).uri) == 200


def test_without_a_token_there_is_none_in_the_address(make: Any) -> None:
    assert (
        make(Astra, mask="http://v.example").issue(replace(LIVE, token="")).uri == "http://v.example/news1/index.m3u8"
    )


@pytest.mark.parametrize("mask", ["", "v.example", "ftp://v.example", "http://v.example/$prefx", "http://v/$flpbt"])
def test_what_is_no_address_is_named_when_the_instance_is_made(make: Any, mask: str) -> None:
    with pytest.raises(ConfigError, match="main: mask: "):
        make(Astra, mask=mask)


@pytest.mark.parametrize(
    "request_",
    [
        replace(LIVE, content_type="video"),
        replace(LIVE, content_type="program", start=NOW - timedelta(hours=1), stop=NOW),
        replace(LIVE, start=NOW - timedelta(hours=1), timeshift=True),
        replace(LIVE, prefix="/.."),
    ],
)
def test_what_the_server_cannot_play_is_left_to_the_next_one(make: Any, request_: PlayRequest) -> None:
    with pytest.raises(NotSupported):
        make(Astra, mask="http://v.example").issue(request_)


@pytest.mark.parametrize(
    ("signed", "digest"),
    [
        ("a0c1", "24b80a310b53a446cf62720c107eb46f75afc61a"),
        ("/tv/news1/index.m3u8", "f1a0fcb4f2b9d7083f068f65da2ec79c299cc33d"),
    ],
)
def test_the_signature_is_that_of_worked_examples(signed: str, digest: str) -> None:
    link = Link(signed, "203.0.113.7", 1_700_000_000, 1_700_010_800)
    assert sign(link, KEY, "0f1e2d3c") == f"{digest}-0f1e2d3c-1700010800-1700000000"


SIGNING = [
    ("astra", {"format": "play"}, "a0c1"),
    ("astra", {"channel_id": "cid"}, "news1"),
    ("alta", {"signed": "path"}, "tv/news1"),
    ("alta", {"signed": "path", "format": "mpegts"}, "news1"),
]


@pytest.mark.parametrize(("product", "settings", "prefix"), SIGNING)
def test_a_signed_link_plays_for_its_viewer_only(
    make: Any, astra: Any, product: str, settings: dict[str, Any], prefix: str
) -> None:
    astra.product, astra.key = product, KEY
    made = make(AstraSecuretoken, mask=astra.url, secret=KEY, lifetime=600, **settings)
    uri = made.issue(replace(LIVE, prefix=prefix)).uri
    assert astra.get(uri) == 200
    assert astra.get(uri, ip="203.0.113.8") == 403
    assert astra.get(uri.replace("token=", "token=0")) == 403
    assert astra.get(uri.partition("?")[0]) == 403
    begin = astra.now
    for moment, status in ((begin - 301, 403), (begin - 300, 200), (begin + 599, 200), (begin + 600, 403)):
        astra.now = moment
        assert astra.get(uri) == status


def test_a_link_for_one_channel_does_not_open_another(make: Any, astra: Any) -> None:
    astra.key = KEY
    uri = make(AstraSecuretoken, mask=astra.url, secret=KEY, channel_id="cid").issue(LIVE).uri
    assert astra.get(uri.replace("/news1/", "/tv/news1/")) == 403


def test_a_name_that_needs_quoting_is_signed_as_the_server_reads_it(make: Any, astra: Any) -> None:
    astra.product, astra.key, astra.channels = "alta", KEY, {"кино 1": "a0c9"}
    made = make(AstraSecuretoken, mask=astra.url, secret=KEY, signed="path")
    assert astra.get(made.issue(replace(LIVE, prefix="кино 1")).uri) == 200


def test_a_signed_link_needs_the_viewers_address(make: Any) -> None:
    with pytest.raises(NotSupported, match="needs that address"):
        make(AstraSecuretoken, mask="http://v.example", secret=KEY).issue(replace(LIVE, ip=""))


def test_a_key_that_differs_opens_nothing(make: Any, astra: Any) -> None:
    astra.key = KEY
    made = make(AstraSecuretoken, mask=astra.url, secret="another", channel_id="cid")
    assert astra.get(made.issue(LIVE).uri) == 403


def test_two_links_have_two_salts(make: Any) -> None:
    made = make(AstraSecuretoken, mask="http://v.example", secret=KEY)
    tokens = {parse_qs(urlsplit(made.issue(LIVE).uri).query)["token"][0] for _ in range(3)}
    assert len(tokens) == 3


def test_the_list_of_sessions_shows_the_account(make: Any) -> None:
    headers = make(Astra, mask="http://v.example").check_headers(TokenFacts(account_id=1001, auth_duration=180))
    assert headers == {"X-Session-Name": "1001"}


@pytest.mark.parametrize(("lets_in", "status"), [(True, 200), (False, 403)])
def test_while_nobody_answers_the_server_decides_by_itself(make: Any, astra: Any, lets_in: bool, status: int) -> None:
    astra.backend, astra.down_lets_in = "http://127.0.0.1:9", lets_in
    assert astra.get(make(Astra, mask=astra.url).issue(LIVE).uri) == status
