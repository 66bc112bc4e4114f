"""Channel lists: fields, order, pages, languages, icons, what the account arranged, and how long an answer lives."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import event

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Channel, CustomerTariff
from smarty_core.testing.subscribers import START

from .world import API, HOUR, World

LONG = {
    "option1", "option2", "option3", "telemeter", "telemeter_account_name", "telemeter_tmsec_name", "telemeter_cat_id",
    "telemeter_vc_id", "telemeter_vc_version", "aspect_ratio", "lcn_number", "hbb", "additional_categories",
    "program_meta", "program_genres", "next_program_id", "next_program_name", "next_program_begin_time",
    "next_program_end_time", "next_program_category_id", "next_program_category", "next_program_description",
    "next_program_preview_url", "next_program_rating", "next_program_meta", "next_program_genres", "show_in_all",
    "ads_available",
}  # fmt: skip
SHORT = {
    "id", "name", "icon", "category_id", "url", "has_record", "max_archive_duration", "is_hidden", "is_favorited",
    "has_subscription", "is_parent_control", "timeshift_offset", "channel_sort", "program_id", "program_name",
    "program_begin_time", "program_end_time", "program_category_id", "program_category", "program_description",
    "program_preview_url", "program_rating", "pause_live_tv_shift",
}  # fmt: skip


def ids(answer: dict[str, Any], name: str = "channels") -> list[int]:
    assert answer["error"] == 0, answer
    return [row["id"] for row in answer[name]]


def test_a_list_has_exactly_the_documented_fields_with_what_is_on_now_and_next(world: World) -> None:
    session = world.login(world.alpha)
    answer = world.get("/channel/list/", **session)
    news, _, plain = answer["channels"]
    assert ids(answer) == world.alpha.channels
    assert set(news) == SHORT | LONG | {"drm_available"} == set(plain)
    on_air = world.alpha.programmes[0]
    assert (news["program_id"], news["next_program_id"]) == (on_air[48], on_air[49])
    begin = int(START.timestamp())
    assert (news["program_begin_time"], news["program_end_time"]) == (begin, begin + 3600)
    assert news["program_genres"] == [{"genre_id": news["program_genres"][0]["genre_id"], "genre_name": "Драма"}]
    assert news["program_meta"] == '{"year": "2020"}'
    assert (news["has_record"], news["max_archive_duration"], news["has_subscription"]) == (1, 2, 1)
    assert [row["is_parent_control"] for row in answer["channels"]] == [0, 1, 0]
    assert [row["channel_sort"] for row in answer["channels"]] == [1, 2, 3]
    assert (plain["program_id"], plain["program_name"], plain["program_genres"]) == (0, "", [])


def test_compact_leaves_out_the_long_fields_and_nothing_else(world: World) -> None:
    session = world.login(world.alpha)
    (news, *_) = world.get("/channel/list/", **session, compact=1)["channels"]
    assert set(news) == SHORT | {"drm_available"}
    (found,) = world.get("/channel/list/search/", **session, compact=1, search="новости")["channels"]
    assert set(found) == SHORT


def test_the_url_of_a_row_leads_to_the_stream_without_anything_added(world: World) -> None:
    session = world.login(world.alpha)
    url = world.get("/channel/list/", **session)["channels"][0]["url"]
    assert url.startswith("http://tv.example.com/tvmiddleware/api/channel/url/?")
    there = world.request("GET", url)
    assert there.status_code == 302
    assert there.headers["location"].startswith("http://video.test/Alpha-news/index.m3u8?token=")
    body = world.read(world.request("GET", url + "&redirect=0"))
    assert body["uri"].startswith("http://video.test/Alpha-news/")


@pytest.mark.parametrize("path", ["/channel/list/", "/v2/channel/list/", "/program/category/channel/list/"])
def test_no_answer_holds_the_key_of_another_session(world: World, path: str) -> None:
    sessions = [world.login(world.alpha, "1001"), world.login(world.alpha, "1002")]
    texts = [world.request("GET", API + path, params=session).text for session in (*sessions, *sessions)]
    for place, text in enumerate(texts):
        assert sessions[1 - place % 2]["authkey"] not in text
        assert ("authkey=" in text) == (sessions[place % 2]["authkey"] in text)
    assert texts[:2] == texts[2:]


def test_pages_cut_the_list_and_end_with_an_empty_one(world: World) -> None:
    session = world.login(world.alpha)
    pages = [ids(world.get("/channel/list/", **session, limit=2, page=page)) for page in (1, 2, 3, 10**9)]
    assert pages == [world.alpha.channels[:2], world.alpha.channels[2:], [], []]
    assert ids(world.get("/channel/list/", **session, page=2)) == []
    places = [row["channel_sort"] for row in world.get("/channel/list/", **session, limit=2, page=2)["channels"]]
    assert places == [3]


def test_search_finds_a_part_of_the_name_whatever_the_letter_case_and_language(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    for path in ("/channel/list/", "/channel/list/search/"):
        assert ids(world.get(path, **session, search="ФИЛЬ")) == [films]
        assert ids(world.get(path, **session, search="news")) == [news]
        assert ids(world.get(path, **session, search="alpha", limit=1, page=3)) == [plain]
        assert ids(world.get(path, **session, search="%")) == []
    assert world.get("/channel/list/search/", **session)["error"] == 400


def test_names_come_in_the_asked_language_and_in_the_main_one_otherwise(world: World) -> None:
    session = world.login(world.alpha)
    names = {
        lang: [row["name"] for row in world.get("/channel/list/", **session, lang=lang)["channels"]]
        for lang in ("ru", "en", "xx", "")
    }
    assert names["en"] == ["Alpha News", "Alpha Films", "Alpha Plain"]
    assert names["ru"] == names["xx"] == names[""] == ["Alpha Новости", "Alpha Фильмы", "Alpha Plain"]
    news = world.get("/channel/list/", **session, lang="en")["channels"][0]
    assert (news["program_name"], news["program_category"]) == ("Alpha show 0/0", "News")


def test_icons_come_in_the_asked_size(world: World) -> None:
    session = world.login(world.alpha)
    icons = {
        size: world.get("/channel/icon/list/", **world.key(world.alpha), icon_width=size[0], icon_height=size[1])[
            "icons"
        ][0]["icon"]
        for size in ((64, 48), (64, ""), (0, 0), (-1, 5), (10**9, 10**9))
    }
    original = "http://tv.example.com/media/icons/Alpha-news.png"
    assert icons.pop((64, 48)) == "http://tv.example.com/media/icons/Alpha-news64_48.png"
    assert set(icons.values()) == {original}
    for path, name in (("/channel/list/", "channels"), ("/v2/channel/list/", "channels")):
        rows = world.get(path, **session, icon_width=10, icon_height=20)[name]
        assert rows[1]["icon"] == "http://tv.example.com/media/epg/Alpha110_20.png"


def test_own_order_favourites_and_locks_are_the_accounts_alone(world: World) -> None:
    news, films, plain = world.alpha.channels
    mine, theirs = world.login(world.alpha, "1001"), world.login(world.alpha, "1002")
    assert world.post("/v2/account/channels/sort/", {"channel_ids": [plain, news]}, **mine)["error"] == 0
    changes = [
        {"channel_id": news, "is_favorited": 1, "is_parent_control": 1},
        {"channel_id": plain, "is_hidden": 1},
    ]
    assert world.post("/v2/account/channels/update/", {"account_channels": changes}, **mine)["error"] == 0
    for path in ("/channel/list/", "/v2/channel/list/"):
        answer = world.get(path, **mine)
        flags = {
            row["id"]: (row["is_favorited"], row["is_hidden"], row["is_parent_control"]) for row in answer["channels"]
        }
        assert ids(answer) == [plain, news, films]
        assert flags == {plain: (0, 1, 0), news: (1, 0, 1), films: (0, 0, 1)}
        other = world.get(path, **theirs)
        assert ids(other) == [news, films, plain]
        assert not any(row["is_favorited"] or row["is_hidden"] for row in other["channels"])
    assert ids(world.get("/channel/list/", **mine, account_sort=0)) == [news, films, plain]
    info = world.get("/v2/account/channels/accountsettingsinfo/", **mine)
    assert (info["is_favorited"], info["is_hidden"], info["is_parent_control"]) == ([news], [plain], [news])


def test_a_named_order_counts_more_than_the_accounts_own(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    world.post("/v2/account/channels/sort/", {"channel_ids": [news]}, **session)
    (named,) = world.get("/channel/sort/list/", **session)["channel_sort"]
    assert named == {"id": world.alpha.sort, "name": "Alpha порядок"}
    assert ids(world.get("/channel/list/", **session, channel_sort_id=named["id"])) == [films, plain, news]
    for wrong in (world.beta.sort, 10**9, 0):
        for path in ("/channel/list/", "/channel/list/search/"):
            assert world.get(path, **session, channel_sort_id=wrong, search="a")["error"] == 1


def test_multicast_is_left_out_where_it_is_not_wanted(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    with world.system.database.write() as rows:
        rows.get_one(Channel, plain).services.clear()
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    assert ids(world.get("/channel/list/", **session)) == [news, films, plain]
    assert ids(world.get("/channel/list/", **session, reject_multicast=1)) == [news, films]


@pytest.mark.parametrize("allowed", [False, True])
def test_smart_tvs_and_phones_are_shown_and_given_multicast_only_if_the_settings_say_so(
    sqlite_database: Database, *, allowed: bool
) -> None:
    hidden = {"TVMW_DISABLE_MULTICAST_SMARTTV": not allowed, "TVMW_DISABLE_MULTICAST_MOBILE": not allowed}
    world = World(sqlite_database, **hidden)
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    with world.system.database.write() as rows:
        rows.get_one(Channel, plain).services.clear()
        rows.get_one(Channel, films).multicast_uri = "udp://239.0.0.2:1234"
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    for device, takes in (("samsung_smart_tv", allowed), ("ios", allowed), ("mag_250", True), ("x", True)):
        for _ in range(2):  # as made and as prepared
            if device != "mag_250" and device != "samsung_smart_tv":  # they read XML
                shown = ids(world.get("/channel/list/", **session, device=device))
                assert shown == ([news, films, plain] if takes else [news, films]), device
            answers = [
                world.request("GET", f"{API}/channel/url/", params={**session, "device": device, "cid": cid})
                for cid in (films, plain)
            ]
            assert answers[0].headers["location"].startswith("http://video.test/")
            assert (answers[1].status_code == 302) == takes, device
    change(world, films)
    assert world.get("/channel/url/", **session, device="ios", cid=films, redirect=0)["error"] == (
        0 if allowed else 404
    )
    world.close()


def change(world: World, cid: int) -> None:
    """The services of the channel fail."""
    with world.system.database.write() as rows:
        for service in rows.get_one(Channel, cid).services:
            service.available = False
        bump(rows, f"client:{world.alpha.operator.id}:channels")


def test_what_is_on_moves_with_the_clock_and_not_before(world: World) -> None:
    session, programmes = world.login(world.alpha), world.alpha.programmes[0]
    seen = []
    for minutes in (0, 59, 1):
        world.move(minutes=minutes)
        (row, *_) = world.get("/channel/list/", **session)["channels"]
        (info,) = world.post("/v2/channel/info/", {"channel_ids": [row["id"]]}, **session)["programs"]
        (first, *_) = world.get("/channel/programs/", **session, cid=row["id"])["programs"]
        assert row["program_id"] == info["program_id"] == first["id"]
        seen.append(row["program_id"])
    assert seen == [programmes[48], programmes[48], programmes[49]]


def test_a_tariff_that_ends_takes_its_channels_along(world: World) -> None:
    session, account = world.login(world.alpha), world.alpha.account
    with world.system.database.write() as rows:
        held = rows.query(CustomerTariff).filter_by(customer_id=account.customer_id).one()
        held.valid_until = START + 0.5 * HOUR
        bump(rows, f"account:{account.id}", f"customer:{account.customer_id}")
    assert ids(world.get("/channel/list/", **session)) == world.alpha.channels
    world.move(minutes=29, seconds=59)
    assert ids(world.get("/channel/list/", **session)) == world.alpha.channels
    world.move(seconds=1)
    for path in ("/channel/list/", "/v2/channel/list/"):
        assert ids(world.get(path, **session)) == []
    assert {row["channels_count"] for row in world.get("/category/list/", **session)["categories"]} == {0}


def test_a_change_of_the_operators_channels_is_in_the_next_answer(world: World) -> None:
    session, (news, *_) = world.login(world.alpha), world.alpha.channels
    world.get("/channel/list/", **session)
    with world.system.database.write() as rows:
        rows.get_one(Channel, news).name = "Alpha changed"
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    assert world.get("/channel/list/", **session)["channels"][0]["name"] == "Alpha changed"


@pytest.mark.parametrize(
    "path", ["/channel/list/", "/v2/channel/list/", "/category/list/", "/channel/programs/", "/program/list/"]
)
def test_a_warm_answer_asks_the_database_nothing(world: World, path: str) -> None:
    session = {**world.login(world.alpha), "cid": world.alpha.channels[0]}
    first = world.get(path, **session)
    asked: list[str] = []
    event.listen(world.system.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert world.get(path, **session) == first
    assert asked == []


def test_a_known_answer_is_not_sent_again(world: World) -> None:
    session = world.login(world.alpha)
    first = world.request("GET", API + "/channel/list/", params=session)
    again = world.request(
        "GET", API + "/channel/list/", params=session, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    other = world.login(world.alpha, "1002")
    theirs = world.request(
        "GET", API + "/channel/list/", params=other, headers={"If-None-Match": first.headers["etag"]}
    )
    assert theirs.status_code == 200
    assert theirs.headers["etag"] != first.headers["etag"]
    world.move(hours=1)
    later = world.request(
        "GET", API + "/channel/list/", params=session, headers={"If-None-Match": first.headers["etag"]}
    )
    assert later.status_code == 200


def test_large_answers_are_compressed_for_who_can_read_it(world: World) -> None:
    session = world.login(world.alpha)

    def raw(accepts: str) -> httpx.Response:
        return world.request("GET", API + "/channel/list/", params=session, headers={"Accept-Encoding": accepts})

    plain, packed = raw("identity"), raw("gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx unpacks
    assert int(packed.headers["content-length"]) < len(plain.content)


def test_the_short_list_has_exactly_its_fields(world: World) -> None:
    session = world.login(world.alpha)
    own = {"id", "name", "category_id", "sort", "lcn_number", "has_subscription", "is_hidden", "is_parent_control",
           "is_favorited", "show_in_all", "icon"}  # fmt: skip
    rows = world.get("/v2/channel/list/", **session)["channels"]
    assert all(set(row) == own for row in rows)
    assert [(row["sort"], row["lcn_number"]) for row in rows] == [(1, 7), (2, 0), (3, 0)]
    public = world.get("/v2/noauth/channel/list/", **world.key(world.alpha))
    assert all(set(row) == own - {"has_subscription", "is_hidden", "is_favorited"} for row in public["channels"])
    assert ids(public) == [*world.alpha.channels, world.alpha.foreign_channel]


def test_the_public_list_can_be_cut_by_tariffs(world: World) -> None:
    key, tariff = world.key(world.alpha), world.alpha.tariff.id
    path = "/v2/noauth/channel/list/"
    assert ids(world.get(path, **key, tariff_id=tariff)) == world.alpha.channels
    assert ids(world.get(path, **key, exclude_tariff_id=f"{tariff}")) == [world.alpha.foreign_channel]
    assert ids(world.get(path, **key, tariff_id=tariff, exclude_tariff_id=tariff)) == []
    for wrong in (world.beta.tariff.id, 10**9):
        assert world.get(path, **key, tariff_id=wrong)["error"] == 404
        assert world.get(path, **key, exclude_tariff_id=f"{tariff},{wrong}")["error"] == 404


def test_chosen_channels_come_in_the_asked_order(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    body = {"channel_ids": [plain, news, plain, world.alpha.foreign_channel, world.beta.channels[0]]}
    answer = world.post("/v2/channel/info/", body, **session)
    assert ids(answer, "programs") == [plain, news]
    assert set(answer["programs"][0]) == SHORT | LONG | {"drm_available", "meta"}
    assert answer["programs"][1]["meta"] == '{"of":"Alpha"}'
    (compact,) = world.post("/v2/channel/info/", {"channel_ids": [films]}, **session, compact=1)["programs"]
    assert set(compact) == SHORT | {"drm_available", "meta"}
    for wrong in ([world.alpha.foreign_channel], [world.beta.channels[0]], [10**15]):
        assert world.post("/v2/channel/info/", {"channel_ids": wrong}, **session)["error"] == 1
    wrong_bodies: list[Any] = [
        {},
        {"channel_ids": []},
        {"channel_ids": ["x"]},
        {"channel_ids": [{"a": 1}]},
        [1],
        "text",
        7,
        None,
    ]
    for malformed in wrong_bodies:
        assert world.post("/v2/channel/info/", malformed, **session)["error"] == 400


def test_chosen_channels_of_somebody_not_logged_in_have_no_address_and_no_account(world: World) -> None:
    key, (news, *_) = world.key(world.alpha), world.alpha.channels
    (row,) = world.post("/v2/noauth/channel/info/", {"channel_ids": [news]}, **key)["programs"]
    own = {
        "url",
        "is_hidden",
        "is_favorited",
        "has_subscription",
        "max_archive_duration",
        "ads_available",
        "lcn_number",
    }
    assert set(row) == (SHORT | LONG | {"drm_available", "meta"}) - own
    assert world.post("/v2/noauth/channel/info/", {"channel_ids": [world.beta.channels[0]]}, **key)["error"] == 404


def test_categories_count_the_viewers_channels(world: World) -> None:
    counts = [row["channels_count"] for row in world.get("/category/list/", **world.login(world.alpha))["categories"]]
    assert counts == [2, 2]
    public = world.get("/noauth/category/list/", **world.key(world.alpha), lang="en")["categories"]
    assert public[0] == {
        "id": world.alpha.category,
        "name": "Alpha common",
        "description": "Alpha all",
        "color": "#ffffff",
        "channels_count": 2,
        "icon_url": "http://tv.example.com/media/cat/Alpha.png",
        "icon_tv_url": "",
        "dashboard_icon_url": "",
    }


def test_remembered_channels_come_newest_first(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    for channel in (news, films, plain, news):
        world.move(seconds=1)
        assert world.get("/content/position/remember/channel/", **session, channel_id=channel)["error"] == 0
    for wrong in (world.beta.channels[0], 0, "x", ""):
        assert world.get("/content/position/remember/channel/", **session, channel_id=wrong)["error"] == 1
    rows = world.get("/channel/list/last/", **session)["channels"]
    assert [set(row) for row in rows] == [{"id", "name", "icon"}] * 3
    assert [row["id"] for row in rows] == [news, plain, films]
    world.system.positions.notes.flush()
    assert [row["id"] for row in world.get("/channel/list/last/", **session)["channels"]] == [news, plain, films]
