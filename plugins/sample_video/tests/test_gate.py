"""The token check: when it is asked, with what, and what its answers do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest

Start = Callable[[str], httpx.Client]
LIST = "/news/video.m3u8?token=T1"


def test_the_first_request_of_a_viewer_is_asked_about_as_a_new_session(start: Start, backend: Any) -> None:
    assert start(backend.url).get(LIST).status_code == 200
    (asked,) = backend.asked
    assert UUID(asked.pop("session_id"))
    assert asked == {
        "name": "news",
        "ip": "127.0.0.1",
        "proto": "hls",
        "token": "T1",
        "request_type": "new_session",
        "request_number": "0",
        "stream_clients": "1",
        "total_clients": "1",
    }


def test_an_address_that_has_a_query_already_keeps_it(start: Start, backend: Any) -> None:
    assert start(f"{backend.url}?zone=3").get(LIST).status_code == 200
    assert backend.asked[0]["zone"] == "3"


def test_a_decision_holds_for_its_duration_and_is_then_renewed(
    start: Start, backend: Any, session_clock: Any, clock: Any
) -> None:
    backend.headers = {"X-AuthDuration": "30"}
    video = start(backend.url)
    lines = video.get(LIST).text.splitlines()
    segment = f"/news/{lines[-1]}"
    for _ in range(5):
        assert video.get(LIST).status_code == 200
        assert video.get(segment).status_code == 200
    assert len(backend.asked) == 1
    session_clock.now += 30
    assert video.get(segment).status_code == 200
    first, second = backend.asked
    assert second["request_type"] == "update_session"
    assert second["request_number"] == "1"
    assert second["duration"] == "30"
    assert second["session_id"] == first["session_id"]


def test_without_a_duration_a_decision_holds_for_three_minutes(start: Start, backend: Any, session_clock: Any) -> None:
    video = start(backend.url)
    video.get(LIST)
    session_clock.now += 179
    video.get(LIST)
    assert len(backend.asked) == 1
    session_clock.now += 2
    video.get(LIST)
    assert len(backend.asked) == 2


@pytest.mark.parametrize("duration", ["0", "-5", "soon", "86401", "1e3"])
def test_a_senseless_duration_counts_as_none(start: Start, backend: Any, session_clock: Any, duration: str) -> None:
    backend.headers = {"X-AuthDuration": duration}
    video = start(backend.url)
    video.get(LIST)
    session_clock.now += 179
    assert video.get(LIST).status_code == 200
    assert len(backend.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 204])
def test_every_other_answer_denies_lists_and_segments(start: Start, backend: Any, clock: Any, status: int) -> None:
    backend.status = status
    video = start(backend.url)
    assert video.get(LIST).status_code == 403
    assert video.get(f"/news/{int(clock()) // 6 - 2}.ts?token=T1").status_code == 403
    assert len(backend.asked) == 1


def test_a_viewer_whose_token_died_is_stopped(start: Start, backend: Any, session_clock: Any) -> None:
    video = start(backend.url)
    assert video.get(LIST).status_code == 200
    backend.status = 403
    session_clock.now += 181
    assert video.get(LIST).status_code == 403


def test_a_back_end_in_trouble_keeps_who_was_let_in_and_lets_nobody_new_in(
    start: Start, backend: Any, session_clock: Any
) -> None:
    video = start(backend.url)
    assert video.get(LIST).status_code == 200
    backend.status = 503
    session_clock.now += 181
    assert video.get(LIST).status_code == 200
    assert video.get("/news/video.m3u8?token=T2").status_code == 403
    backend.status = 200
    assert video.get("/news/video.m3u8?token=T2").status_code == 200, "a new viewer is asked about again at once"


def test_nobody_is_let_in_while_the_back_end_cannot_be_reached(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert start(f"http://127.0.0.1:{port}/check/").get(LIST).status_code == 403


def test_another_stream_or_token_is_another_session(start: Start, backend: Any) -> None:
    video = start(backend.url)
    for address in (LIST, "/sport/video.m3u8?token=T1", "/news/video.m3u8?token=T2", "/news/video.m3u8"):
        assert video.get(address).status_code == 200
    assert len({asked["session_id"] for asked in backend.asked}) == 4
    assert [asked["total_clients"] for asked in backend.asked] == ["1", "2", "3", "4"]
    assert [asked["stream_clients"] for asked in backend.asked] == ["1", "1", "2", "3"]


def test_requests_at_the_same_time_are_one_question(start: Start, backend: Any) -> None:
    video = start(backend.url)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: video.get(LIST).status_code, range(16)))
    assert statuses == [200] * 16
    assert len(backend.asked) == 1


def test_a_token_of_senseless_length_is_refused_without_a_question(start: Start, backend: Any) -> None:
    assert start(backend.url).get(f"/news/video.m3u8?token={'T' * 513}").status_code == 403
    assert backend.asked == []


def test_a_token_cannot_write_lines_into_a_list(video: httpx.Client) -> None:
    token = "a\n#EXT-X-ENDLIST\nhttp://elsewhere/ &b"
    answer = video.get("/news/index.m3u8", params={"token": token})
    assert answer.text.count("\n") == 4
    assert "elsewhere/ " not in answer.text
    inner = video.get(f"/news/{answer.text.splitlines()[-1]}").text
    assert "#EXT-X-ENDLIST" not in inner
    assert httpx.URL(inner.splitlines()[-1]).params["token"] == token


def test_the_token_never_reaches_the_log(start: Start, backend: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="smarty_plugins.sample_video")
    backend.status = 403
    start(backend.url).get("/news/video.m3u8?token=very-secret")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    start(f"http://127.0.0.1:{port}/check/").get("/news/video.m3u8?token=very-secret")
    assert "cannot be reached" in caplog.text
    assert "very-secret" not in caplog.text
