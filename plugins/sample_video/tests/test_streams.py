"""What a player finds: lists, segments, the archive and its limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

SECONDS = 6
DAY = 86_400


@dataclass(frozen=True)
class Piece:
    """One segment as a list announces it. `turn`: how many discontinuities were before it, since the beginning."""

    number: int
    address: str
    turn: int
    date: float | None


def tag(text: str, name: str) -> str:
    found = re.search(rf"^#EXT-X-{name}:(.*)$", text, re.MULTILINE)
    assert found, f"no {name} in {text[:300]}"
    return found[1]


def pieces(text: str, base: str) -> list[Piece]:
    """Read a media list as a player does."""
    number, turn = int(tag(text, "MEDIA-SEQUENCE")), int(tag(text, "DISCONTINUITY-SEQUENCE"))
    found, date = [], None
    for line in text.splitlines():
        if line == "#EXT-X-DISCONTINUITY":
            turn += 1
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            date = datetime.fromisoformat(line.partition(":")[2]).timestamp()
        elif line and not line.startswith("#"):
            found.append(Piece(number, urljoin(base, line), turn, date))
            number, date = number + 1, None
    return found


def media(video: httpx.Client, address: str) -> tuple[str, list[Piece]]:
    """Follow `address` down to the list of segments."""
    answer = video.get(address)
    assert answer.status_code == 200, (address, answer.text)
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    if "#EXT-X-STREAM-INF" in answer.text:
        return media(video, urljoin(address, answer.text.splitlines()[-1]))
    return answer.text, pieces(answer.text, address)


def test_live_ends_with_the_newest_complete_segment_and_all_of_it_can_be_fetched(
    video: httpx.Client, clock: Any
) -> None:
    text, found = media(video, "/news/index.m3u8")
    assert len(found) == 5
    assert (found[-1].number + 1) * SECONDS <= clock() < (found[-1].number + 2) * SECONDS
    assert "ENDLIST" not in text
    for piece in found:
        answer = video.get(piece.address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp2t")
        assert len(answer.content) % 188 == 0
        assert set(answer.content[::188]) == {0x47}
    assert video.get(f"/news/{found[-1].number + 1}.ts").status_code == 404


def test_live_moves_on_with_time_and_segments_keep_number_address_and_turn(video: httpx.Client, clock: Any) -> None:
    seen: dict[int, Piece] = {}
    starts = []
    for _ in range(24):
        _, found = media(video, "/news/index.m3u8")
        starts.append(found[0].number)
        for piece in found:
            known = seen.setdefault(piece.number, piece)
            assert (known.address, known.turn) == (piece.address, piece.turn)
        clock.now += SECONDS
    assert starts == list(range(starts[0], starts[0] + 24))
    turns = [seen[number].turn for number in sorted(seen)]
    assert turns[-1] - turns[0] in (2, 3), "a loop of sixty seconds begins again once a minute"
    for number, piece in seen.items():
        assert piece.turn == number // 10


def test_the_date_of_a_segment_is_the_time_its_picture_shows(video: httpx.Client) -> None:
    _, found = media(video, "/news/archive-1700048000-600.m3u8")
    dated = [piece for piece in found if piece.date is not None]
    assert len(dated) >= 10
    assert all(piece.date == piece.number * SECONDS for piece in dated)


def test_the_same_moment_is_the_same_picture_live_and_later(video: httpx.Client, clock: Any) -> None:
    _, live = media(video, "/news/index.m3u8")
    shown = [video.get(piece.address).content for piece in live]
    start = live[0].number * SECONDS
    clock.now += DAY
    _, later = media(video, f"/news/index-{start}-{len(live) * SECONDS}.m3u8")
    assert [piece.number for piece in later] == [piece.number for piece in live]
    assert [video.get(piece.address).content for piece in later] == shown
    assert len(set(shown)) == len(shown), "the picture changes"


def test_channels_have_different_hues(video: httpx.Client) -> None:
    _, found = media(video, "/news/index.m3u8")
    pictures = {video.get(f"/channel-{name}/{found[0].number}.ts").content for name in range(24)}
    assert len(pictures) == 3


@pytest.mark.parametrize("form", ["index", "archive", "video", "mono"])
def test_a_finished_programme_covers_exactly_its_window_and_ends(video: httpx.Client, form: str) -> None:
    text, found = media(video, f"/news/{form}-1700040000-1800.m3u8")
    assert found[0].number == 1700040000 // SECONDS
    assert len(found) == 1800 // SECONDS
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert tag(text, "PLAYLIST-TYPE") == "VOD"


def test_a_window_that_is_not_on_the_grid_of_segments_is_covered_whole(video: httpx.Client) -> None:
    _, found = media(video, "/news/archive-1700040001-10.m3u8")
    assert found[0].number * SECONDS <= 1700040001
    assert (found[-1].number + 1) * SECONDS >= 1700040011
    assert len(found) == 2


@pytest.mark.parametrize("length", ["now", "3600"])
def test_a_programme_on_air_begins_at_its_beginning_and_grows(video: httpx.Client, clock: Any, length: str) -> None:
    start = int(clock()) - 600
    text, found = media(video, f"/news/index-{start}-{length}.m3u8")
    assert found[0].number == start // SECONDS
    assert tag(text, "PLAYLIST-TYPE") == "EVENT"
    assert "ENDLIST" not in text
    clock.now += 60
    _, longer = media(video, f"/news/index-{start}-{length}.m3u8")
    assert [piece.number for piece in longer[: len(found)]] == [piece.number for piece in found]
    assert len(longer) == len(found) + 10


def test_a_programme_that_has_ended_meanwhile_ends(video: httpx.Client, clock: Any) -> None:
    address = f"/news/index-{int(clock()) - 600}-900.m3u8"
    assert "ENDLIST" not in media(video, address)[0]
    clock.now += 600
    text, found = media(video, address)
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert 150 <= len(found) <= 151


@pytest.mark.parametrize("age", [1, 3, 5, 7])
def test_what_has_only_just_begun_can_be_played_at_once(video: httpx.Client, clock: Any, age: int) -> None:
    _, found = media(video, f"/news/index-{int(clock()) - age}-now.m3u8")
    assert found
    assert all(video.get(piece.address).status_code == 200 for piece in found)


@pytest.mark.parametrize("form", ["timeshift_abs", "timeshift_abs_mono"])
def test_absolute_time_shift_begins_at_the_moment_and_goes_on(video: httpx.Client, clock: Any, form: str) -> None:
    answer = video.get(f"/news/{form}-{int(clock()) - 3600}.m3u8")
    address = urljoin("/news/", answer.text.splitlines()[-1])
    _, found = media(video, address)
    assert abs((found[-1].number + 1) * SECONDS - (clock() - 3600)) <= 2 * SECONDS
    clock.now += 60
    _, later = media(video, address)
    assert later[-1].number == found[-1].number + 10


@pytest.mark.parametrize("form", ["timeshift_rel", "timeshift_rel_mono"])
def test_relative_time_shift_stays_behind_by_its_delay(video: httpx.Client, form: str) -> None:
    _, live = media(video, "/news/index.m3u8")
    _, found = media(video, f"/news/{form}-600.m3u8")
    assert [piece.number + 100 for piece in found] == [piece.number for piece in live]


def test_the_archive_reaches_seven_days_back_and_no_further(video: httpx.Client, clock: Any) -> None:
    week = int(clock()) - 7 * DAY
    _, found = media(video, f"/news/archive-{week}-60.m3u8")
    assert all(video.get(piece.address).status_code == 200 for piece in found)
    assert video.get(f"/news/archive-{week - 60}-60.m3u8").status_code == 404
    assert video.get(f"/news/{found[0].number - 10}.ts").status_code == 404
    assert video.get(f"/news/timeshift_rel-{7 * DAY + 60}.m3u8").status_code == 404


def test_the_future_is_not_there(video: httpx.Client, clock: Any) -> None:
    ahead = int(clock()) + 60
    for name in (f"archive-{ahead}-60", f"index-{ahead}-now", f"timeshift_abs-{ahead}"):
        assert video.get(f"/news/{name}.m3u8").status_code == 404, name


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/news",
        "/news/",
        "/news/index.mpd",
        "/news/archive-1700040000-0.m3u8",
        "/news/archive-1700040000-86401.m3u8",
        "/news/archive-1700040000--5.m3u8",
        "/news/archive-99999999999999999999-60.m3u8",
        "/news/timeshift_rel-99999999999.m3u8",
        "/news/-1.ts",
        "/news/99999999999999999999.ts",
        "/news/%D9%A1%D9%A7.ts",
        "/news/..%2f..%2fserver.py",
        "/n%0d%0aX-Injected:%201/index.m3u8",
        f"/{'n' * 129}/index.m3u8",
    ],
)
def test_an_address_nobody_announced_is_not_found(video: httpx.Client, address: str) -> None:
    answer = video.get(address)
    assert answer.status_code == 404
    assert "x-injected" not in answer.headers


def test_a_list_of_a_whole_day_is_served_and_bounded(video: httpx.Client) -> None:
    _, found = media(video, "/news/archive-1699900000-86400.m3u8")
    assert 14_400 <= len(found) <= 14_401


def test_head_has_the_size_and_no_body_and_other_verbs_are_refused(video: httpx.Client) -> None:
    size = len(video.get("/news/video.m3u8").content)
    head = video.head("/news/video.m3u8")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")
    assert video.post("/news/video.m3u8").status_code == 405


def test_a_player_of_another_site_may_read_everything(video: httpx.Client) -> None:
    _, found = media(video, "/news/index.m3u8")
    for address in ("/news/index.m3u8", found[0].address, "/news/nothing"):
        assert video.get(address).headers["access-control-allow-origin"] == "*", address
