"""Cameras and films as devices ask for them: who has which, and where they are played from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from smarty_core.storage.database import bump
from smarty_core.storage.models import (
    Camera,
    StreamService,
    Tariff,
    Video,
    VideoFile,
    account_camera,
    tariff_camera,
    tariff_channel,
    tariff_video,
)
from smarty_core.testing.subscribers import START

from .world import House, World

NOW = int(START.timestamp())
HOUR = 3600


def change(world: World, house: House, *statements: Any) -> None:
    client = f"client:{house.operator.id}"
    with world.system.database.write() as session:
        for statement in statements:
            session.execute(statement)
        bump(session, f"{client}:cameras", f"{client}:videos", f"{client}:tariffs", f"{client}:channels")


def cameras(world: World, session: dict[str, Any], **params: Any) -> list[int]:
    answer = world.get("/camera/list/", **session, **params)
    assert answer["error"] == 0, answer
    assert answer["count"] == len(answer["cameras"])
    return [row["id"] for row in answer["cameras"]]


def test_the_list_tells_of_a_camera_what_a_device_shows(world: World) -> None:
    session = world.login(world.alpha)
    (row,) = world.get("/camera/list/", **session, lang="en", icon_width=5, icon_height=6)["cameras"]
    assert {name: row[name] for name in ("id", "name", "city_name", "city_id", "camera_sort")} == {
        "id": world.alpha.camera, "name": "Alpha camera", "city_name": "Alpha city", "city_id": world.alpha.city,
        "camera_sort": 1,
    }  # fmt: skip
    assert (row["has_record"], row["max_archive_duration"], row["has_subscription"]) == (1, 2, 1)
    assert row["icon"] == "http://tv.example.com/media/icons/Alpha-camera5_6.png"
    assert row["preview_url"] == "http://tv.example.com/media/previews/Alpha-camera.jpg"
    there = world.request("GET", row["url"])
    assert (there.status_code, there.headers["location"].partition("?")[0]) == (
        302, "http://video.test/Alpha-camera/index.m3u8",
    )  # fmt: skip


def test_filters_of_the_list(world: World) -> None:
    session, own = world.login(world.alpha), [world.alpha.camera]
    assert cameras(world, session, search="КАМЕР") == cameras(world, session, city_id=world.alpha.city) == own
    assert cameras(world, session, search="camera") == cameras(world, session, account_sort=0) == own
    assert cameras(world, session, search="no such") == cameras(world, session, city_id=world.beta.city) == []
    assert cameras(world, session, category_id=1) == cameras(world, session, favorited_only=1) == []


def test_a_camera_is_opened_by_a_tariff_or_for_one_account(world: World) -> None:
    mine, theirs = world.login(world.alpha), world.login(world.alpha, "1002")
    change(world, world.alpha, delete(tariff_camera))
    url = {"cid": world.alpha.camera, "redirect": 0}
    assert cameras(world, mine) == []
    assert world.get("/camera/url/", **mine, **url)["error"] == 1
    change(
        world,
        world.alpha,
        insert(account_camera).values(account_id=world.alpha.account.id, camera_id=world.alpha.camera),
    )
    assert cameras(world, mine) == [world.alpha.camera]
    assert world.get("/camera/url/", **mine, **url)["uri"].startswith("http://video.test/Alpha-camera/")
    assert cameras(world, theirs) == []
    assert world.get("/camera/url/", **theirs, **url)["error"] == 1


def test_a_camera_without_a_picture_is_not_listed(world: World) -> None:
    session = world.login(world.alpha)
    change(world, world.alpha, update(StreamService).values(available=False))
    assert cameras(world, session) == []
    change(world, world.alpha, update(Camera).values(multicast_uri="udp://239.1.1.1:1234"))
    assert cameras(world, session) == [world.alpha.camera]
    assert cameras(world, session, reject_multicast=1) == []
    change(world, world.alpha, update(Camera).values(enabled=False))
    assert cameras(world, session) == []


def test_what_can_be_done_with_a_camera(world: World) -> None:
    session, asked = world.login(world.alpha), {"cid": world.alpha.camera, "lang": "en"}
    nothing = {"tariff_id": 0, "caption": "", "price": 0, "periodical": False, "activation_price": 0}
    detail = world.get("/camera/detail/", **session, **asked)
    assert (detail["name"], detail["actions"]) == ("Alpha camera", [{"action": "get_camera_url", **nothing}])
    more = Tariff(client_id=world.alpha.operator.id, name="камеры", name_lang1="cameras", price=5, period=30)
    hidden = Tariff(client_id=world.alpha.operator.id, name="hidden", hidden=True)
    world.world.add(more, hidden)
    change(
        world, world.alpha, delete(tariff_camera),
        insert(tariff_camera).values([(more.id, world.alpha.camera), (hidden.id, world.alpha.camera)]),
    )  # fmt: skip
    assert world.get("/camera/detail/", **session, **asked)["actions"] == [
        {"action": "subscribe", "tariff_id": more.id, "caption": "cameras", "price": 5, "periodical": True,
         "activation_price": 0}
    ]  # fmt: skip
    assert world.get("/camera/detail/", **session, cid=world.beta.camera)["error"] == 1


def test_a_camera_has_an_archive_without_a_guide(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.camera, "is_camera": 1, "redirect": 0}
    answer = world.get("/program/url/", **session, time=NOW - 2 * HOUR)
    assert answer["uri"].startswith(f"http://video.test/Alpha-camera/archive-{NOW - 2 * HOUR}-{HOUR}.m3u8")
    for wrong, code in (
        ({"time": NOW}, 404), ({"time": NOW - 3 * 24 * HOUR}, 404), ({}, 1),
        ({"pid": world.alpha.programmes[0][47]}, 404), ({"time": NOW - HOUR, "cid": world.beta.camera}, 404),
    ):  # fmt: skip
        assert world.get("/program/url/", **{**session, **wrong})["error"] == code, wrong
    listed = world.get("/program/list/", **{**session, "date": "10.03.2026"})
    assert (listed["error"], listed["programs"]) == (0, [])
    assert world.get("/program/list/", **{**session, "cid": world.beta.camera})["error"] == 1


def film(world: World, session: dict[str, Any], **params: Any) -> dict[str, Any]:
    return world.get("/video/url/", **session, redirect=0, **params)


def test_a_film_is_named_by_itself_or_by_one_of_its_files(world: World) -> None:
    session, alpha = world.login(world.alpha), world.alpha
    for asked in ({"vid": alpha.film}, {"vfid": alpha.file}, {"vid": alpha.film, "vfid": alpha.file}):
        answer = film(world, session, **asked)
        assert answer["uri"].startswith("http://films.test/Alpha-film.mp4?token="), answer
        assert (answer["ext_id"], answer["ext_partner_id"]) == ("Alpha-film", "")
    assert "/Alpha-trailer.mp4?" in film(world, session, vid=alpha.film, vfid=alpha.trailer)["uri"]
    there = world.request("GET", "/tvmiddleware/api/video/url/", params={**session, "vid": alpha.film})
    assert there.status_code == 302
    assert there.headers["location"].startswith("http://films.test/Alpha-film.mp4?token=")


@pytest.mark.parametrize("asked", ["nothing", "absent", "file of another film", "foreign film", "foreign file"])
def test_films_that_are_not_there_have_the_documented_code(world: World, asked: str) -> None:
    other = Video(client_id=world.alpha.operator.id, name="other")
    world.world.add(other)
    params: dict[str, Any] = {
        "nothing": {},
        "absent": {"vid": 10**9},
        "file of another film": {"vid": other.id, "vfid": world.alpha.file},
        "foreign film": {"vid": world.beta.film},
        "foreign file": {"vfid": world.beta.file},
    }[asked]
    assert film(world, world.login(world.alpha), **params)["error"] == 1


def test_a_film_outside_the_tariffs_shows_its_trailer_only(world: World) -> None:
    session = world.login(world.alpha)
    change(world, world.alpha, delete(tariff_video))
    assert film(world, session, vid=world.alpha.film)["error"] == 1
    assert "/Alpha-trailer.mp4?" in film(world, session, vfid=world.alpha.trailer)["uri"]


def test_somebody_not_logged_in_sees_trailers_only(world: World) -> None:
    key = {**world.key(world.alpha), "redirect": 0}
    path = "/noauth/video/url/"
    for asked in ({"vfid": world.alpha.trailer}, {"vfid": world.alpha.trailer, "vid": world.alpha.film}):
        assert world.get(path, **key, **asked)["uri"].startswith("http://films.test/Alpha-trailer.mp4")
    for wrong in ({"vfid": world.alpha.file}, {"vid": world.alpha.film}, {"vfid": world.beta.trailer}, {"vfid": "x"}):
        assert world.get(path, **key, **wrong)["error"] == 1
    assert world.get(path, **{**key, "api_key": "wrong"}, vfid=world.alpha.trailer)["error"] == 403


def test_a_film_tells_its_tracks(world: World) -> None:
    tracks = {
        "audio": [{"index": 1, "lang": "rus", "display_name": "Русский"}, {"index": 2, "lang": "eng"}],
        "subtitles": [{"index": 7, "type": "smi", "lang": "rus", "url": "http://s.test/7.smi", "display_name": "Рус"}],
        "qualities": [{"index": 0, "display_name": "HD"}],
    }
    change(world, world.alpha, update(VideoFile).where(VideoFile.id == world.alpha.file).values(tracks=tracks))
    answer = film(world, world.login(world.alpha), vid=world.alpha.film, audio_pid=2)
    assert answer["audio_tracks"] == [
        {"index": 1, "lang": "rus", "display_name": "Русский", "is_active": 0},
        {"index": 2, "lang": "eng", "display_name": "", "is_active": 1},
    ]
    assert answer["subtitles"] == tracks["subtitles"]
    assert answer["video_qualities"] == tracks["qualities"]


def test_a_film_made_of_a_record_is_played_from_the_archive_of_its_channel(world: World) -> None:
    news, begin = world.alpha.channels[0], START - timedelta(hours=5)
    record = Video(
        client_id=world.alpha.operator.id, name="record", channel_id=news, recorded_from=begin,
        recorded_until=begin + timedelta(minutes=50), programme_id=world.alpha.programmes[0][43],
    )  # fmt: skip
    world.world.add(record, tags=(f"client:{world.alpha.operator.id}:videos",))
    session = world.login(world.alpha)
    uri = film(world, session, vid=record.id)["uri"]
    assert uri.startswith(f"http://video.test/Alpha-news/archive-{NOW - 5 * HOUR}-3000.m3u8?token=")
    change(world, world.alpha, update(Video).where(Video.id == record.id).values(available_until=START))
    assert film(world, session, vid=record.id)["error"] == 1
    change(
        world, world.alpha, update(Video).where(Video.id == record.id).values(available_until=None),
        delete(tariff_channel).where(tariff_channel.c.channel_id == news),
    )  # fmt: skip
    assert film(world, session, vid=record.id)["error"] == 1
