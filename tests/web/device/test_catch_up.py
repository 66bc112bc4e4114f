"""The archive as devices see it: what the guide offers of it, on channels whose picture comes later too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Channel, Maintenance, StreamService, Tariff
from smarty_core.testing.installation import ARCHIVE_MASK, LIVE_MASK
from smarty_core.testing.subscribers import START

from .world import World

NOW = int(START.timestamp())
HOUR = 3600


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    """Alpha's news are broadcast a second time two hours later, and that is recorded for one day; account 1002 watches
    two hours later."""
    made = World(sqlite_database)
    client = made.alpha.operator.id
    with made.world.database.write() as session:
        later = [
            StreamService(client_id=client, name="Alpha later", type="live", mask=f"{LIVE_MASK}&later", shift_hours=2),
            StreamService(client_id=client, name="Alpha later records", type="pvr", mask=f"{ARCHIVE_MASK}&later",
                          shift_hours=2, recording_days=1),
        ]  # fmt: skip
        session.get_one(Channel, made.alpha.channels[0]).services += later
        session.get_one(Tariff, made.alpha.tariff.id).services += later
        account = session.query(Account).filter_by(client_id=client, abonement="1002").one()
        account.use_timeshift, account.timeshift_offset = True, 2
        bump(session, f"client:{client}:channels", f"client:{client}:tariffs", f"account:{account.id}")
    yield made
    made.close()


def listed(world: World, session: dict[str, Any], **period: Any) -> dict[int, dict[str, Any]]:
    answer = world.get("/program/list/", **session, cid=world.alpha.channels[0], **period)
    assert answer["error"] == 0, answer
    return {row["id"]: row for row in answer["programs"]}


def test_the_guide_of_a_later_picture_is_later_everywhere(world: World) -> None:
    session, (news, *_), guide = world.login(world.alpha, "1002"), world.alpha.channels, world.alpha.programmes[0]
    on_air = guide[46]
    row = next(row for row in world.get("/channel/list/", **session)["channels"] if row["id"] == news)
    assert (row["timeshift_offset"], row["program_id"], row["program_begin_time"]) == (2, on_air, NOW)
    assert [(one["id"], one["begin_time"], one["end_time"]) for one in listed(
        world, session, time_from=NOW, time_to=NOW + 2 * HOUR).values()
    ] == [(on_air, NOW, NOW + HOUR), (guide[47], NOW + HOUR, NOW + 2 * HOUR)]  # fmt: skip
    assert min(one["begin_time"] for one in listed(world, session, pid_from=on_air).values()) == NOW
    detail = world.get("/program/detail/", **session, pid=on_air)
    assert (detail["begin_time"], detail["end_time"]) == (NOW, NOW + HOUR)
    bounds = {"programs_from_ts": NOW + 1, "programs_to_ts": NOW + 1, "channel_ids": [news, world.alpha.channels[1]]}
    first, second = world.post("/channel/list/programs/", bounds, **session)["channels"]
    assert [(one["id"], one["begin_time"]) for one in first["programs"]] == [(on_air, NOW)]
    assert first["current_program_id"] == on_air
    assert [(one["id"], one["begin_time"]) for one in second["programs"]] == [(world.alpha.programmes[1][48], NOW)]
    hit = world.get("/program/list/search/", **session, search="передача 0/-2")["results"][-1]
    assert (hit["program_id"], hit["program_begin_time"]) == (on_air, NOW)


def test_a_day_of_a_later_picture_is_a_day_of_the_viewer(world: World) -> None:
    guide = world.alpha.programmes[0]
    assert list(listed(world, world.login(world.alpha, "1002"), date="10.03.2026")) == guide[34:58]
    assert list(listed(world, world.login(world.alpha), date="10.03.2026")) == guide[36:60]


def test_nobody_is_offered_what_he_has_not_been_shown_yet(world: World) -> None:
    guide = world.alpha.programmes[0]
    session = world.login(world.alpha, "1002")
    rows = listed(world, session, date="10.03.2026")
    assert [rows[guide[at]]["has_record"] for at in (45, 46, 47, 48)] == [1, 1, 0, 0]
    world.move(hours=1)
    assert listed(world, session, date="10.03.2026")[guide[47]]["has_record"] == 1


def test_a_record_is_offered_as_long_as_the_deepest_archive_has_it(world: World) -> None:
    guide = world.alpha.programmes[0]
    session = world.login(world.alpha)  # two days, the last two hours hidden
    for hour, offered in ((-46, 0), (-45, 1)):
        assert listed(world, session, pid_from=guide[48 + hour])[guide[48 + hour]]["has_record"] == offered


def place(answer: dict[str, Any]) -> tuple[str, bool]:
    """The file of a stream, and whether it is on the services that broadcast two hours later."""
    assert answer["error"] == 0, answer
    return answer["uri"].partition("?")[0].rpartition("/")[2], answer["uri"].endswith("&later")


def test_the_archive_of_a_later_picture_has_the_later_times(world: World) -> None:
    guide = world.alpha.programmes[0]
    asked = {"cid": world.alpha.channels[0], "redirect": 0}
    session = {**world.login(world.alpha, "1002"), **asked}
    begin = NOW - HOUR  # of guide[45] as it is shown to this account
    assert place(world.get("/channel/url/", **session)) == ("index.m3u8", True)
    assert place(world.get("/program/url/", **session, pid=guide[45])) == (f"archive-{begin}-{HOUR}.m3u8", True)
    assert place(world.get("/program/url/", **session, time=begin)) == (f"archive-{begin}-{HOUR}.m3u8", True)
    assert place(world.get("/program/url/", **session, time=begin + 600)) == (
        f"archive-{begin + 600}-{HOUR - 600}.m3u8", True,
    )  # fmt: skip
    assert world.get("/program/url/", **session, pid=guide[46])["error"] == 404  # begins now, and is blocked
    assert world.get("/program/url/", **session, pid=guide[47])["error"] == 404
    assert world.get("/program/url/", **session, time=NOW)["error"] == 404
    plain = {**world.login(world.alpha), **asked}
    assert place(world.get("/program/url/", **plain, pid=guide[45])) == (f"archive-{NOW - 3 * HOUR}-{HOUR}.m3u8", False)


def test_of_a_later_picture_an_earlier_record_is_played_where_there_is_no_other(world: World) -> None:
    """What is older than the one day of the later records is in those of the first broadcast, at its own times."""
    guide = world.alpha.programmes[0]
    session = {**world.login(world.alpha, "1002"), "cid": world.alpha.channels[0], "redirect": 0}
    begin = NOW - 28 * HOUR
    assert place(world.get("/program/url/", **session, pid=guide[20])) == (f"archive-{begin}-{HOUR}.m3u8", False)
    assert place(world.get("/program/url/", **session, time=begin + 2 * HOUR)) == (
        f"archive-{begin}-{HOUR}.m3u8", False,
    )  # fmt: skip
    assert world.get("/program/url/", **session, time=NOW - 47 * HOUR)["error"] == 404


def test_a_programme_that_is_on_air_for_the_viewer_has_no_end_yet(world: World) -> None:
    world.move(minutes=80)
    now, guide = NOW + 80 * 60, world.alpha.programmes[0]
    session = {**world.login(world.alpha, "1002"), "cid": world.alpha.channels[0], "redirect": 0}
    assert place(world.get("/program/url/", **session, pid=guide[47])) == (f"archive-{NOW + HOUR}-{20 * 60}.m3u8", True)
    paused = {"time": now - 60, "tv_pause": 1}
    assert place(world.get("/program/url/", **session, **paused)) == (f"archive-{now - 60}-now.m3u8", True)


def test_every_wish_for_the_past_has_its_answer_or_its_code(world: World) -> None:
    guide, (news, films, _) = world.alpha.programmes[0], world.alpha.channels
    session = {**world.login(world.alpha), "cid": news, "redirect": 0}
    good: list[tuple[dict[str, Any], str]] = [
        ({"pid": guide[47]}, f"archive-{NOW - HOUR}-{HOUR}.m3u8"),
        ({"pid": guide[47], "time": NOW - 5 * HOUR}, f"archive-{NOW - HOUR}-{HOUR}.m3u8"),
        ({"time": NOW - 600}, f"archive-{NOW - 600}-600.m3u8"),
        ({"time": NOW - 600, "tv_pause": 1}, f"archive-{NOW - 600}-now.m3u8"),
        ({"pid": guide[47], "tv_pause": 1}, f"archive-{NOW - HOUR}-now.m3u8"),
    ]
    for wish, file in good:
        assert place(world.get("/program/url/", **session, **wish)) == (file, False), wish
    bad: list[tuple[dict[str, Any], int]] = [
        ({}, 1),
        ({"pid": "x"}, 1),
        ({"time": 0}, 1),
        ({"time": 10**12}, 1),
        ({"pid": guide[46]}, 404),  # blocked
        ({"time": NOW - 2 * HOUR}, 404),  # the same, named by its time
        ({"pid": guide[49]}, 404),
        ({"time": NOW + 1}, 404),
        ({"pid": world.alpha.programmes[1][47]}, 404),
        ({"pid": world.beta.programmes[0][47]}, 404),
        ({"pid": 10**12}, 404),
        ({"time": NOW - 49 * HOUR}, 404),
        ({"pid": guide[47], "cid": films}, 404),
        ({"time": NOW - HOUR, "cid": films}, 404),
        ({"time": NOW - HOUR, "cid": world.alpha.foreign_channel}, 404),
        ({"time": NOW - HOUR, "is_camera": 2}, 1),
        ({"pid": guide[47], "tv_pause": "x"}, 1),
    ]
    for wish, code in bad:
        assert world.get("/program/url/", **{**session, **wish})["error"] == code, wish


def test_a_service_that_failed_the_device_is_left_out_also_as_one_of_a_list(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0], "redirect": 0}
    wish = {"time": NOW - 4 * HOUR}
    first = world.get("/program/url/", **session, **wish)
    second = world.get("/program/url/", **session, **wish, exclude_service_id=first["stream_service_id"])
    assert second["stream_service_id"] not in (0, first["stream_service_id"])
    both = f"{first['stream_service_id']},{second['stream_service_id']}"
    assert world.get("/program/url/", **session, **wish, exclude_service_id=both)["error"] == 404


TRACKS: dict[str, Any] = {
    "audio": [{"index": 1, "lang": "rus", "display_name": "Русский"}, {"index": 2, "lang": "eng", "display_name": "E"}],
    "subtitles": [{"index": 5, "type": "srt", "lang": "rus", "url": "http://s.test/5.srt", "display_name": "Русские"}],
    "qualities": [{"index": 0, "display_name": "HD"}, {"index": 1, "display_name": "SD"}],
    "drm": {"type": "Widevine", "license_url": "http://drm.test/", "provider": "ezdrm", "params": '{"a": 1}'},
}


def describe(world: World, **columns: Any) -> None:
    with world.system.database.write() as rows:
        channel = rows.get_one(Channel, world.alpha.channels[0])
        for name, value in columns.items():
            setattr(channel, name, value)
        bump(rows, f"client:{world.alpha.operator.id}:channels")


def test_a_stream_tells_what_it_holds(world: World) -> None:
    describe(world, tracks=TRACKS, lock_banner="locked.png")
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0], "redirect": 0}
    past = {**session, "pid": world.alpha.programmes[0][47]}
    live, archive = world.get("/channel/url/", **session, audio_pid=2), world.get("/program/url/", **past, audio_pid=2)
    for answer in (live, archive):
        assert answer["lock_banner"] == "locked.png"
        assert [(one["index"], one["is_active"]) for one in answer["audio_tracks"]] == [(1, 0), (2, 1)]
        assert answer["video_qualities"] == TRACKS["qualities"]
    assert archive["subtitles"] == TRACKS["subtitles"]
    assert live["subtitles"] == [{"display_name": "Русские"}]
    assert live["subtitle_tracks"] == [{"index": 5, "type": "srt", "lang": "rus", "url": "http://s.test/5.srt"}]
    for chosen in ("", "9", "x"):
        answer = world.get("/channel/url/", **session, audio_pid=chosen)
        assert [one["is_active"] for one in answer["audio_tracks"]] == [1, 0], chosen
    assert world.get("/channel/url/", **session, audio_pid="x" * 65)["error"] == 1


def test_a_channel_nobody_described_has_no_tracks_and_no_banner(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0], "redirect": 0}
    answer = world.get("/channel/url/", **session)
    assert [answer[name] for name in ("audio_tracks", "subtitle_tracks", "subtitles", "video_qualities")] == [[]] * 4
    assert "lock_banner" not in answer
    junk: list[Any] = [{"audio": "x", "qualities": [7], "subtitles": [{"index": "x", "type": 5}]}, {"audio": None}]
    for tracks in junk:
        describe(world, tracks=tracks)
        answer = world.get("/channel/url/", **session)
        assert (answer["audio_tracks"], answer["video_qualities"]) == ([], [])
    describe(world, tracks=junk[0])
    assert world.get("/channel/url/", **session)["subtitle_tracks"] == [
        {"index": 0, "type": "srt", "lang": "", "url": ""}
    ]


def test_drm_is_told_of_whoever_asks_for_it(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0], "redirect": 0}
    for path, wish in (("/channel/url/", {}), ("/program/url/", {"pid": world.alpha.programmes[0][47]})):
        describe(world, tracks=TRACKS, drm_available=True)
        assert world.get(path, **session, **wish, get_drm_info=1)["drm"] == TRACKS["drm"]
        assert "drm" not in world.get(path, **session, **wish)
        describe(world, tracks=TRACKS, drm_available=False)
        assert "drm" not in world.get(path, **session, **wish, get_drm_info=1)
        for unknown in (None, {}, {"drm": {"type": "Unheard of"}}):
            describe(world, tracks=unknown, drm_available=True)
            assert world.get(path, **session, **wish, get_drm_info=1)["error"] == 2
            assert world.get(path, **session, **wish)["error"] == 0


def test_a_chosen_track_reaches_the_video_server(world: World) -> None:
    mask = "http://video.test/$prefix.m3u8?a=$audio_pid&t=$text_pid&v=$video_pid"
    with world.system.database.write() as rows:
        rows.get_one(StreamService, world.alpha.service).mask = mask
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0], "redirect": 0}
    uri = world.get("/channel/url/", **session, audio_pid="rus&x=1", text_pid=4, video_pid=0)["uri"]
    assert uri == "http://video.test/Alpha-news.m3u8?a=rus%26x%3D1&t=4&v=0"


def test_technical_works_take_the_archive_away_while_they_last(world: World) -> None:
    guide, news = world.alpha.programmes[0], world.alpha.channels[0]
    session = world.login(world.alpha)
    works = Maintenance(
        client_id=world.alpha.operator.id, begin=START + timedelta(minutes=10), end=START + timedelta(minutes=20),
        unavailable=True,
    )  # fmt: skip
    with world.system.database.write() as rows:
        works.channels = [rows.get_one(Channel, news)]
        rows.add(works)
        bump(rows, f"client:{world.alpha.operator.id}:channels")

    def offered() -> tuple[int, bool, int]:
        row = listed(world, session, date="10.03.2026")[guide[47]]
        played = world.get("/program/url/", **session, cid=news, pid=guide[47], redirect=0)
        return row["has_record"], bool(row["url"]), played["error"]

    seen = [offered()]
    for minutes in (9, 1, 9, 1):
        world.move(minutes=minutes)
        seen.append(offered())
    there, away = (1, True, 0), (0, False, 404)
    assert seen == [there, there, away, away, there]
