"""The road of a stream without a browser: address, list, segment, and the question whether a token is good."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from tests.watch.installation import Installation

HOUR = 3600


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def session(installation: Installation) -> dict[str, Any]:
    """Parameters of one device that is logged in."""
    return installation.session("player")


@pytest.fixture(scope="module")
def channels(installation: Installation, session: dict[str, Any]) -> list[dict[str, Any]]:
    return list(installation.api("/channel/list/", **session)["channels"])


def segments(http: httpx.Client, address: str) -> list[str]:
    """Addresses of the segments behind the address of a stream; every list on the way has to be there."""
    answer = http.get(address)
    assert answer.status_code == 200, (address, answer.text)
    found = [urljoin(address, line) for line in answer.text.splitlines() if line and not line.startswith("#")]
    assert found
    return segments(http, found[-1]) if "#EXT-X-STREAM-INF" in answer.text else found


def test_every_channel_of_the_list_has_a_picture(
    installation: Installation, session: dict[str, Any], channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    assert len(channels) >= 20
    for channel in channels:
        address = installation.api("/channel/url/", **session, cid=channel["id"], redirect=0)["uri"]
        answer = http.get(segments(http, address)[-1])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp2t"), channel["name"]


def test_the_address_in_the_list_leads_a_player_to_the_picture(
    channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    answer = http.get(channels[0]["url"])
    assert answer.status_code == 302
    assert http.get(segments(http, answer.headers["location"])[0]).status_code == 200


def test_only_the_token_that_was_given_opens_the_stream_and_only_that_one(
    installation: Installation, session: dict[str, Any], channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    mine = installation.api("/channel/url/", **session, cid=channels[0]["id"], redirect=0)["uri"]
    other = installation.api("/channel/url/", **session, cid=channels[1]["id"], redirect=0)["uri"]
    segment = segments(http, mine)[-1]
    assert http.get(mine).status_code == 200
    assert http.get(mine.partition("?")[0]).status_code == 403, "without a token"
    assert http.get(f"{mine.partition('?')[0]}?token={'0' * 32}").status_code == 403, "with an invented token"
    assert http.get(f"{mine.partition('?')[0]}?{urlsplit(other).query}").status_code == 403, "with another's token"
    assert http.get(segment.partition("?")[0]).status_code == 403, "a segment without a token"


def test_the_token_of_a_session_that_was_ended_opens_nothing_more(
    installation: Installation, channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    session = installation.session("player that leaves")
    address = installation.api("/channel/url/", **session, cid=channels[2]["id"], redirect=0)["uri"]
    token = parse_qs(urlsplit(address).query)["token"][0]
    check = f"{installation.url}/streaming/api/streamservice/token/check/"
    name = urlsplit(address).path.split("/")[-2]
    answer = http.get(check, params={"token": token, "name": name, "ip": "127.0.0.1"})
    assert answer.status_code == 200
    assert int(answer.headers["x-authduration"]) > 0
    installation.api("/logout/", **session)
    deadline = time.monotonic() + 20
    while http.get(check, params={"token": token, "name": name, "ip": "127.0.0.1"}).status_code != 403:
        assert time.monotonic() < deadline, "the token outlives its session"
        time.sleep(0.1)
    assert http.get(address).status_code == 403


@pytest.mark.parametrize("going_on", [0, 1])
def test_an_hour_ago_can_be_played(
    installation: Installation,
    session: dict[str, Any],
    channels: list[dict[str, Any]],
    http: httpx.Client,
    going_on: int,
) -> None:
    moment = int(time.time()) - HOUR
    address = installation.api(
        "/program/url/", **session, cid=channels[0]["id"], time=moment, tv_pause=going_on, redirect=0
    )["uri"]
    found = segments(http, address)
    numbers = [int(urlsplit(url).path.rpartition("/")[2].removesuffix(".ts")) for url in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] * 6 <= moment < (numbers[-1] + 1) * 6
    if going_on:
        assert abs(numbers[0] * 6 - moment) <= 6, "it begins at the moment"
        assert numbers[-1] * 6 > moment + HOUR - 60, "it goes on to the present"
    assert http.get(found[0]).status_code == 200


def test_every_recorded_programme_of_yesterday_can_be_played_from_beginning_to_end(
    installation: Installation, session: dict[str, Any], channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    end = int(time.time()) - 86_400
    listed = installation.api(
        "/program/list/", **session, cid=channels[4]["id"], time_from=end - 6 * HOUR, time_to=end
    )["programs"]
    recorded = [row for row in listed if row["has_record"]]
    assert len(recorded) >= 3
    for row in recorded:
        address = installation.api("/program/url/", **session, cid=channels[4]["id"], pid=row["id"], redirect=0)["uri"]
        found = segments(http, address)
        length = row["end_time"] - row["begin_time"]
        assert length <= len(found) * 6 <= length + 12, row
        assert http.get(found[0]).status_code == http.get(found[-1]).status_code == 200


def test_what_is_older_than_the_records_is_not_found(
    installation: Installation, session: dict[str, Any], channels: list[dict[str, Any]], http: httpx.Client
) -> None:
    answer = http.get(
        f"{installation.url}/tvmiddleware/api/program/url/",
        params={**session, "cid": channels[0]["id"], "time": int(time.time()) - 5 * 86_400, "redirect": 0},
    ).json()
    assert answer["error"] == 404
