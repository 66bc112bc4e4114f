"""The guide: grids, days, one programme, search, categories, records, and positions in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, Client, ContentPosition, EpgCategory
from smarty_core.testing.subscribers import START

from .world import API, World

NOW = int(START.timestamp())
PUBLIC = {"id", "begin_time", "name", "description", "category", "rating", "meta"}
OWN = PUBLIC | {
    "end_time", "short_name", "preview", "url", "has_record", "has_subscription", "ads_available", "position",
    "blocked",
}  # fmt: skip


def programmes(answer: dict[str, Any], name: str = "programs") -> list[int]:
    assert answer["error"] == 0, answer
    return [row["id"] for row in answer[name]]


def categories(world: World) -> dict[str, int]:
    with world.system.database.read() as session:
        return {row.system_name: row.id for row in session.scalars(select(EpgCategory))}


def test_the_next_programmes_begin_with_the_present_one(world: World) -> None:
    session, (news, _, plain), guide = world.login(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    answer = world.get("/channel/programs/", **session, cid=news)
    assert programmes(answer) == guide[48:54]
    assert answer["programs"][0] == {
        "id": guide[48],
        "program_name": "Alpha передача 0/0",
        "program_begin_time": NOW,
        "program_end_time": NOW + 3600,
        "program_preview_url": "http://tv.example.com/media/previews/Alpha.jpg",
        "program_rating": 12,
        "program_category": "Новости",
        "program_description": "Alpha about",
        "datetime_begin": NOW,
        "datetime_end": NOW + 3600,
    }
    assert programmes(world.get("/channel/programs/", **session, cid=news, limit=1)) == guide[48:49]
    compact = world.get("/channel/programs/", **session, cid=news, compact=1)["programs"][0]
    assert set(compact) == set(answer["programs"][0]) - {"program_description"}
    assert programmes(world.get("/channel/programs/", **session, cid=plain)) == []


def test_the_next_programmes_may_be_kept_until_the_present_one_ends(world: World) -> None:
    world.move(minutes=20)
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    headers = world.request("GET", API + "/channel/programs/", params=session).headers
    assert "max-age=2400" in headers["cache-control"]
    world.move(seconds=2399)
    assert "max-age=1" in world.request("GET", API + "/channel/programs/", params=session).headers["cache-control"]


def test_a_shifted_broadcast_shows_what_was_on_before_at_shifted_times(world: World) -> None:
    session, guide = {**world.login(world.alpha), "cid": world.alpha.channels[0]}, world.alpha.programmes[0]
    first = world.get("/channel/programs/", **session, timeshift_offset=2)["programs"][0]
    assert first["id"] == guide[46]
    assert (first["program_begin_time"], first["datetime_begin"]) == (NOW, NOW - 7200)
    assert world.get("/channel/programs/", **session, timeshift_offset=-2)["programs"][0]["id"] == guide[50]


def test_malformed_questions_for_the_next_programmes_are_refused(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    for wrong in (
        {"cid": ""}, {"cid": "x"}, {"cid": 10**30}, {"cid": world.beta.channels[0]}, {"limit": 0}, {"limit": 13},
        {"timeshift_offset": 10**9}, {"compact": 2},
    ):  # fmt: skip
        assert world.get("/channel/programs/", **{**session, **wrong})["error"] == 1, wrong


def test_a_grid_holds_what_touches_its_bounds(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    bounds = {"programs_from_ts": NOW - 1800, "programs_to_ts": NOW + 1800}
    answer = world.post("/channel/list/programs/", bounds, **session)
    assert [row["id"] for row in answer["channels"]] == [news, films, plain]
    assert [row["current_program_id"] for row in answer["channels"]] == [
        world.alpha.programmes[0][48], world.alpha.programmes[1][48], 0,
    ]  # fmt: skip
    assert [programmes({"error": 0, **row}) for row in answer["channels"]] == [
        world.alpha.programmes[0][47:49], world.alpha.programmes[1][47:49], [],
    ]  # fmt: skip
    assert set(answer["channels"][0]["programs"][0]) == {
        "id", "name", "begin_time", "end_time", "category_id", "category", "description", "preview_url", "rating",
        "program_meta", "program_genres",
    }  # fmt: skip
    on_the_hour = {"programs_from_ts": NOW, "programs_to_ts": NOW, "channel_ids": [news]}
    (row,) = world.post("/channel/list/programs/", on_the_hour, **session)["channels"]
    assert programmes({"error": 0, **row}) == world.alpha.programmes[0][47:49]


def test_malformed_grids_are_refused(world: World) -> None:
    session = world.login(world.alpha)
    wrongs: list[tuple[dict[str, Any], int]] = [
        ({"channel_sort_id": 10**6}, 1),
        ({"channel_ids": [10**6]}, 2),
        ({"channel_ids": ["x"]}, 400),
        ({"programs_from_ts": None}, 400),
        ({"programs_from_ts": NOW + 1, "programs_to_ts": NOW}, 400),
        ({"programs_from_ts": 0, "programs_to_ts": 2**62}, 400),
        ({"programs_from_ts": -5}, 400),
    ]
    for wrong, code in wrongs:
        body = {"programs_from_ts": NOW, "programs_to_ts": NOW, **wrong}
        assert world.post("/channel/list/programs/", body, **session)["error"] == code, wrong


def test_a_grid_may_be_asked_with_a_form_too(world: World) -> None:
    form = {"programs_from_ts": NOW, "programs_to_ts": NOW, "channel_ids": world.alpha.channels[:2]}
    answer = world.read(
        world.request("POST", API + "/channel/list/programs", params=world.login(world.alpha), data=form)
    )
    assert [row["id"] for row in answer["channels"]] == world.alpha.channels[:2]


def test_a_day_of_a_channel_says_what_can_be_played(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    guide = world.alpha.programmes[0]
    answer = world.get("/program/list/", **session, date="10.03.2026")
    assert programmes(answer) == guide[36:60]
    rows = {row["id"]: row for row in answer["programs"]}
    assert all(set(row) == OWN for row in rows.values())
    past, blocked, now, future = rows[guide[47]], rows[guide[46]], rows[guide[48]], rows[guide[49]]
    assert [row["has_record"] for row in (past, blocked, now, future)] == [1, 1, 1, 0]
    assert [row["blocked"] for row in (past, blocked, now, future)] == [0, 1, 0, 0]
    assert [bool(row["url"]) for row in (past, blocked, now, future)] == [True, False, True, False]
    there = world.request("GET", past["url"])
    assert there.status_code == 302
    assert there.headers["location"].startswith(f"http://video.test/Alpha-news/archive-{NOW - 3600}-")
    assert programmes(world.get("/program/list/", **session)) == guide[36:60]


def test_a_record_appears_when_its_programme_begins(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}

    def has_record() -> int:
        rows = world.get("/program/list/", **session, date="10.03.2026")["programs"]
        return int(next(row["has_record"] for row in rows if row["id"] == world.alpha.programmes[0][49]))

    seen = [has_record()]
    for seconds in (3599, 1):
        world.move(seconds=seconds)
        seen.append(has_record())
    assert seen == [0, 0, 1]


def test_a_day_is_one_of_the_operators_time_zone(world: World) -> None:
    with world.system.database.write() as rows:
        rows.get_one(Client, world.alpha.operator.id).time_zone = "Asia/Vladivostok"
        bump(rows, f"client:{world.alpha.operator.id}")
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    # 10 March begins there at 14:00 UTC of the 9th
    assert programmes(world.get("/program/list/", **session, date="10.03.2026")) == world.alpha.programmes[0][26:50]


def test_a_period_may_be_named_by_times_or_by_its_first_programme(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    guide = world.alpha.programmes[0]
    assert programmes(world.get("/program/list/", **session, time_from=NOW - 1, time_to=NOW + 1)) == guide[47:49]
    assert programmes(world.get("/program/list/", **session, pid_from=guide[47])) == guide[47:71]
    for wrong in (world.alpha.programmes[1][0], world.beta.programmes[0][0], 10**12):
        assert world.get("/program/list/", **session, pid_from=wrong)["error"] == 2


def test_malformed_questions_for_programmes_are_refused(world: World) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    public = {**world.key(world.alpha), "cid": world.alpha.channels[0]}
    wrongs: list[dict[str, Any]] = [
        {"cid": ""}, {"cid": "x"}, {"cid": 10**6}, {"date": "2026-03-10"}, {"date": "31.02.2026"},
        {"date": "01.01.0000"}, {"date": "x" * 5000}, {"time_from": NOW}, {"time_from": NOW, "time_to": NOW},
        {"time_from": 0, "time_to": 2**60}, {"time_from": -(2**62), "time_to": 2**62}, {"pid_from": "x"},
    ]  # fmt: skip
    for wrong in wrongs:
        assert world.get("/program/list/", **{**session, **wrong})["error"] == 1, wrong
        assert world.get("/noauth/program/list/", **{**public, **wrong})["error"] == 1, wrong
    for wrong in ({"is_camera": 1, "cid": 10**6}, {"is_camera": 5}):
        assert world.get("/program/list/", **{**session, **wrong})["error"] == 1
    for far in ("01.01.9999", "31.12.9999", "01.01.0001"):
        assert world.get("/program/list/", **session, date=far)["error"] in (0, 1)


def test_programmes_of_a_channel_the_viewer_has_not_got_cannot_be_played(world: World) -> None:
    with world.system.database.write() as rows:
        rows.get_one(Channel, world.alpha.foreign_channel).epg_channel_id = world.alpha.guide[0]
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    session = {**world.login(world.alpha), "cid": world.alpha.foreign_channel}
    rows_ = world.get("/program/list/", **session, date="10.03.2026")["programs"]
    assert len(rows_) == 24
    assert not any(row["has_subscription"] or row["has_record"] or row["url"] for row in rows_)


def test_somebody_not_logged_in_sees_the_guide_without_addresses(world: World) -> None:
    key, (news, *_), guide = world.key(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    rows = world.get("/noauth/program/list/", **key, cid=news, date="10.03.2026")["programs"]
    assert [row["id"] for row in rows] == guide[36:60]
    assert all(set(row) == PUBLIC for row in rows)
    detail = world.get("/noauth/program/detail/", **key, pid=guide[46], lang="en")
    assert set(detail) == PUBLIC | {
        "end_time", "short_name", "preview", "blocked", "channel_name", "channel_icon", "error", "error_message",
    }  # fmt: skip
    assert (detail["blocked"], detail["channel_name"], detail["name"]) == (1, "Alpha News", "Alpha show 0/-2")
    for wrong in ("", "x", world.beta.programmes[0][0], 10**12):
        assert world.get("/noauth/program/detail/", **key, pid=wrong)["error"] == 1


def test_a_programme_in_detail(world: World) -> None:
    session, (news, films, _), guide = world.login(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    detail = world.get("/program/detail/", **session, pid=guide[47])
    assert set(detail) == OWN | {"error", "error_message"}
    listed = world.get("/program/list/", **session, cid=news, pid_from=guide[47])["programs"][0]
    assert {name: detail[name] for name in OWN} == listed
    assert world.get("/program/detail/", **session, pid=guide[47], cid=news)["id"] == guide[47]
    for wrong in ({"cid": films}, {"pid": ""}, {"pid": "x"}, {"pid": world.beta.programmes[0][47]}, {"pid": 10**12}):
        assert world.get("/program/detail/", **{**session, "pid": guide[47], **wrong})["error"] == 1


def test_a_programme_that_several_channels_show_is_taken_from_one_the_viewer_has(world: World) -> None:
    with world.system.database.write() as rows:
        other = rows.get_one(Channel, world.alpha.foreign_channel)
        other.epg_channel_id, other.sort = world.alpha.guide[0], 0  # stands in front
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    detail = world.get("/program/detail/", **world.login(world.alpha), pid=world.alpha.programmes[0][47])
    assert detail["has_subscription"] == detail["has_record"] == 1
    assert f"cid={world.alpha.channels[0]}&" in detail["url"]


def test_searching_the_guide(world: World) -> None:
    session = world.login(world.alpha)

    def found(**params: Any) -> list[int]:
        answer = world.get("/program/list/search/", **session, **params)
        assert answer["error"] == 0, answer
        return [row["program_id"] for row in answer["results"]]

    guide = world.alpha.programmes
    assert found(search="ПЕРЕДАЧА 0/-1") == [*guide[0][29:39], guide[0][47]]
    assert found(search="show 1/-1", only_archive=1) == []
    assert found(search="передача 0/-", only_archive=1, page=2)[-2:] == [guide[0][45], guide[0][47]]
    assert found(search="show 0/1", limit=3, page=2) == guide[0][60:63]
    assert len(found(search="передача", limit=10**6)) == 20
    assert found(search="передача", page=10**9) == []
    assert found(search="no such programme") == found(search="%%") == found(search="__") == []
    row = world.get("/program/list/search/", **session, search="передача 0/0", icon_width=5, icon_height=6)["results"][
        0
    ]
    assert set(row) == {
        "id", "name", "icon", "category_id", "has_record", "blocked", "has_subscription", "url", "program_id",
        "program_begin_time", "program_end_time", "program_name", "program_short_name", "program_description",
        "program_category", "program_rating", "program_preview_url", "program_meta",
    }  # fmt: skip
    assert (row["id"], row["icon"]) == (world.alpha.channels[0], "http://tv.example.com/media/icons/Alpha-news5_6.png")
    for wrong in ({"search": "x"}, {"search": ""}, {"search": "xx", "page": 0}, {"search": "xx", "limit": "x"}):
        assert world.get("/program/list/search/", **session, **wrong)["error"] == 1


def test_what_the_viewer_has_not_got_is_left_out_of_a_search_on_request(world: World) -> None:
    with world.system.database.write() as rows:
        rows.get_one(Channel, world.alpha.foreign_channel).epg_channel_id = world.alpha.guide[0]
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    session = world.login(world.alpha)
    channels = [
        [
            row["id"]
            for row in world.get("/program/list/search/", **session, search="0/0", skip_unavailable=skip)["results"]
        ]
        for skip in (0, 1)
    ]
    assert channels == [[world.alpha.channels[0], world.alpha.foreign_channel], [world.alpha.channels[0]]]


def test_categories_and_genres_of_programmes(world: World) -> None:
    session, known = world.login(world.alpha), categories(world)
    everything = world.get("/program/category/list/", **session)["categories"]
    assert [row["id"] for row in everything] == list(known.values())
    assert set(everything[0]) == {"id", "name", "icon_type", "icon", "icon_tv"}
    assert world.get("/program/category/list/", **session, lang="en")["categories"][0]["name"] == "News"
    for filters in ({"only_records_categories": 1}, {"consider_program_category": 0}):
        rows = world.get("/program/category/list/", **session, **filters)["categories"]
        assert [row["id"] for row in rows] == [known["news"]], filters
    public = world.get("/noauth/program/category/list/", **world.key(world.alpha), only_records_categories=1)
    assert [row["id"] for row in public["categories"]] == [known["news"]]
    assert world.get("/program/category/list/", **session, only_records_categories="x")["error"] == 1
    genres = world.get("/program/genre/list/", **session, only_records_genres=1)["genres"]
    assert [set(row) for row in genres] == [{"id", "name", "icon_for_archive"}]
    assert genres[0]["name"] == "Драма"
    assert len(world.get("/program/genre/list/", **session)["genres"]) == 10


def test_channels_by_the_category_of_what_is_on(world: World) -> None:
    session, known, (news, films, plain) = world.login(world.alpha), categories(world), world.alpha.channels
    path = "/program/category/channel/list/"

    def listed(**params: Any) -> list[int]:
        return programmes(world.get(path, **session, **params))

    assert listed() == listed(category_id=0) == [news, films, plain]
    assert listed(category_id=known["news"]) == [news]
    assert listed(category_id=known["films"]) == [films]
    assert listed(category_id=known["films"], consider_program_category=0) == []
    assert listed(category_id=known["news"], consider_epg_channel_category=0) == [news]
    assert listed(category_id=known["kids"]) == []
    assert listed(channel_sort_id=world.alpha.sort) == [films, plain, news]
    for wrong in ({"category_id": 10**6}, {"category_id": "x"}, {"channel_sort_id": world.beta.sort}, {"next": 99}):
        assert world.get(path, **session, **wrong)["error"] == 1
    assert world.get(path, **session, compact=1, wrt_compact=1)["error"] == 2


def test_the_next_programme_may_stand_for_the_present_one(world: World) -> None:
    session, guide = world.login(world.alpha), world.alpha.programmes[0]
    row = world.get("/program/category/channel/list/", **session, next=1)["programs"][0]
    assert (row["program_id"], row["next_program_id"]) == (guide[49], guide[50])
    brief = world.get("/program/category/channel/list/", **session, wrt_compact=1)["programs"][0]
    compact = world.get("/program/category/channel/list/", **session, compact=1)["programs"][0]
    assert set(brief) - set(compact) == {"next_program_name", "next_program_begin_time", "next_program_end_time"}
    assert brief["drm_available"] == 0
    public = world.get("/noauth/program/category/channel/list/", **world.key(world.alpha))["programs"][0]
    assert set(public) == {
        "id", "name", "icon", "category_id", "program_category_id", "program_begin_time", "program_end_time",
        "program_name", "program_preview_url", "program_category", "program_id", "program_rating", "channel_sort",
        "meta", "program_meta",
    }  # fmt: skip


def stored_positions(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(ContentPosition)) or 0


def test_a_saved_position_is_the_accounts_own(world: World) -> None:
    guide, (news, *_) = world.alpha.programmes[0], world.alpha.channels
    mine, theirs = world.login(world.alpha), world.login(world.alpha, "1002")
    about = {"content_type": "program", "content_id": guide[47]}
    assert world.get("/content/position/set/", **mine, **about, position=125, duration=3600)["error"] == 0
    for session, seconds in ((mine, 125), (theirs, 0)):
        assert world.get("/program/detail/", **session, pid=guide[47])["position"] == seconds
        listed = world.get("/program/list/", **session, cid=news, pid_from=guide[47])["programs"][0]
        assert listed["position"] == seconds
    world.system.positions.notes.flush()
    assert stored_positions(world.system.database) == 1
    assert world.get("/content/position/delete/", **mine, **about)["error"] == 0
    assert world.get("/content/position/delete/", **mine, **about)["error"] == 0
    assert world.get("/program/detail/", **mine, pid=guide[47])["position"] == 0
    assert stored_positions(world.system.database) == 0


def test_positions_that_make_no_sense_are_refused(world: World) -> None:
    session = world.login(world.alpha)
    wrongs: list[tuple[dict[str, Any], int]] = [
        ({"content_type": "camera"}, 1),
        ({"content_type": ""}, 1),
        ({"content_id": "x"}, 1),
        ({"content_id": 10**15}, 404),
        ({"content_id": world.beta.programmes[0][47]}, 404),
        ({"position": ""}, 1),
        ({"position": -1}, 1),
        ({"position": 2**40}, 1),
        ({"duration": -1}, 1),
        ({"is_viewed": 2}, 1),
        ({"content_type": "video"}, 3),
        ({"content_type": "video", "asset_id": 5}, 404),
    ]
    for wrong, code in wrongs:
        for duration in ({}, {"duration": 3600}):
            about = {"content_type": "program", "content_id": world.alpha.programmes[0][47], "position": 5}
            answer = world.get("/content/position/set/", **session, **{**about, **duration, **wrong})
            assert answer["error"] == code, wrong
    world.system.positions.notes.flush()
    assert stored_positions(world.system.database) == 0
