"""What belongs to an account and to a device: login, the poll, settings, messages, portal, places, streams, tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select, text

from smarty_core.services.device_commands import CommandFacts
from smarty_core.storage.database import bump
from smarty_core.storage.models import Account, PlayDeviceTemplate
from smarty_core.testing.subscribers import PASSWORD, START

from .world import API, World

NOW = int(START.timestamp())


def account(world: World) -> Account:
    with world.system.database.read() as session:
        return session.get_one(Account, world.alpha.account.id)


def test_a_login_answers_with_the_documented_fields_and_names_the_device(world: World) -> None:
    sent = {**world.key(world.alpha), "abonement": "1001", "password": PASSWORD, "device": "web_app"}
    response = world.request("GET", API + "/login/", params=sent)
    answer = world.read(response)
    assert set(answer) == {
        "error", "error_message", "authkey", "utc_time", "firstname", "lastname", "abonement", "account_id",
        "customer_id", "meta", "customer_ext_id", "currency", "ip_address", "activation_days_left", "parent_code",
        "last_channel", "device_uid", "template", "use_timeshift", "contract_number", "status_reason",
        "data_center_id", "data_centers", "reset_settings",
    }  # fmt: skip
    assert (answer["error"], answer["abonement"], answer["utc_time"]) == (0, 1001, NOW)
    assert (answer["firstname"], answer["customer_ext_id"]) == ("Alpha Ivan", "Alpha-7")
    assert answer["data_centers"] == [{"id": world.alpha.data_center, "name": "Alpha center", "location": "Alpha town"}]
    assert len(answer["authkey"]) == 128
    assert f"device_uid={answer['device_uid']}" in response.headers["set-cookie"]
    assert world.get("/login/", **{**sent, "password": "0000"})["error"] == 1


def test_the_poll_tells_of_messages_commands_and_changed_lists_once(world: World) -> None:
    session, alpha = world.login(world.alpha), world.alpha
    quiet = world.get("/account/status/", **session)
    assert quiet == {
        "error": 0, "error_message": "", "status": 0, "status_reason": "ACTIVE", "utc_time": NOW, "has_new_messages": 0,
        "is_active": 1, "message": {}, "command": {}, "channel_list_changed": 0,
    }  # fmt: skip
    assert world.get("/account/status/", **session, with_tariffs=1)["tariff_ids"] == [alpha.tariff.id]
    world.system.messages.create(alpha.operator.id, alpha.account.id, "Hello", "There", no_confirmation=True)
    world.system.device_commands.give(alpha.operator.id, alpha.account.id, CommandFacts(3, True, "", "reboot", ""))
    world.post("/v2/account/channels/sort/", {"channel_ids": [alpha.channels[1]]}, **session)
    told = world.get("/account/status/", **session)
    assert told["message"] == {"subject": "Hello", "text": "There", "no_confirmation": 1}
    assert (told["command"]["type"], told["command"]["accompanying_text_to_command"]) == (3, "reboot")
    assert (told["has_new_messages"], told["channel_list_changed"]) == (1, 1)
    again = world.get("/account/status/", **session)
    assert (again["message"], again["command"], again["channel_list_changed"]) == ({}, {}, 0)


def test_the_poll_says_without_an_error_that_there_is_no_session(world: World) -> None:
    for wrong in ({"authkey": "f" * 128}, {}, {"authkey": "x", "client_id": 10**6}):
        answer = world.get("/account/status/", **{"client_id": world.alpha.operator.id, **wrong})
        assert (answer["error"], answer["status"], answer["is_active"]) == (0, 1, 0)


def test_settings_are_saved_together_or_not_at_all(world: World) -> None:
    session, (news, films, plain) = world.login(world.alpha), world.alpha.channels
    changes = {
        "parent_code": "4321", "favorite_channel": news, "parent_lock_channel": plain, "use_timeshift": 1,
        "preferred_timeshift_offset": 2, "data_center_id": world.alpha.data_center,
    }  # fmt: skip
    assert world.get("/settings/save/", **session, **changes)["error"] == 0
    saved = account(world)
    assert world.world.vault.decrypt(saved.parent_code) == "4321"
    assert (saved.use_timeshift, saved.timeshift_offset, saved.data_center_id) == (True, 2, world.alpha.data_center)
    rows = {row["id"]: row for row in world.get("/v2/channel/list/", **session)["channels"]}
    assert (rows[news]["is_favorited"], rows[plain]["is_parent_control"]) == (1, 1)
    for wrong in (
        {"favorite_channel": world.beta.channels[0]}, {"data_center_id": world.beta.data_center}, {"use_timeshift": 7},
        {"preferred_timeshift_offset": 1000}, {"favorite_channel": "x"},
    ):  # fmt: skip
        assert world.get("/settings/save/", **session, **{"parent_code": "1", **wrong})["error"] == 1, wrong
        assert world.world.vault.decrypt(account(world).parent_code) == "4321"
    order = {"channels_sort": [{"id": plain, "is_hidden": 1}, {"id": films}]}
    assert world.post("/settings/save/", order, **session)["error"] == 0
    listed = world.get("/channel/list/", **session)["channels"]
    assert [(row["id"], row["is_hidden"]) for row in listed] == [(plain, 1), (films, 0), (news, 0)]


def test_channels_of_the_account_take_only_channels_of_the_operator(world: World) -> None:
    session, (news, *_) = world.login(world.alpha), world.alpha.channels
    for wrong, code in (([world.beta.channels[0]], 404), ([10**15], 404), ([news, news], 400), ([], 400), (["x"], 400)):
        assert world.post("/v2/account/channels/sort/", {"channel_ids": wrong}, **session)["error"] == code, wrong
    wrongs: list[tuple[Any, int]] = [
        ([{"channel_id": world.beta.channels[0]}], 404), ([{}], 400), ([7], 400), ("x", 400), ([], 400),
        ([{"channel_id": news, "is_hidden": 2}], 400),
    ]  # fmt: skip
    for changes, code in wrongs:
        body = {"account_channels": changes}
        assert world.post("/v2/account/channels/update/", body, **session)["error"] == code, changes
    info = world.get("/v2/account/channels/accountsettingsinfo/", **session)
    assert (info["is_favorited"], info["is_hidden"], info["is_parent_control"]) == ([], [], [])


def test_the_template_of_an_account(world: World) -> None:
    session = world.login(world.alpha)
    with world.system.database.read() as rows:
        known = {row.path: row.id for row in rows.scalars(select(PlayDeviceTemplate))}
    assert world.get("/account/settings/modify/", **session, template_system_name="impuls")["error"] == 0
    assert account(world).template_id == known["impuls"]
    both = {"template_id": known["focus"], "template_system_name": "impuls"}
    assert world.get("/account/settings/modify/", **session, **both)["error"] == 0
    assert account(world).template_id == known["focus"]
    for wrong in ({}, {"template_system_name": "x"}, {"template_id": 10**9}, {"template_id": "x"}):
        assert world.get("/account/settings/modify/", **session, **wrong)["error"] == 1
    (profile,) = world.get("/account/settings/list/", **session)["account_settings"]
    assert profile == {"name": "Alpha Ivan", "profile_id": 1, "profile_name": "main"}


def test_messages_are_listed_opened_and_deleted(world: World) -> None:
    session, alpha, theirs = world.login(world.alpha), world.alpha, world.login(world.alpha, "1002")
    first = world.system.messages.create(alpha.operator.id, alpha.account.id, "First", "Text", urgent=False)
    world.move(minutes=1)
    second = world.system.messages.create(alpha.operator.id, alpha.account.id, "Second", "More")
    rows = world.get("/message/list/", **session)["messages"]
    assert rows == [
        {"uuid": second, "subject": "Second", "created_at": "2026-03-10 12:01", "urgent": 1, "was_read": 0},
        {"uuid": first, "subject": "First", "created_at": "2026-03-10 12:00", "urgent": 0, "was_read": 0},
    ]
    detail = world.get("/message/detail/", **session, uuid=first)
    assert (detail["text"], detail["created_at"]) == ("Text", NOW)
    assert set(detail) == {
        "error", "error_message", "uuid", "subject", "text", "no_confirmation", "created_at", "urgent", "was_read",
    }  # fmt: skip
    assert world.xml("/message/detail/", **session, uuid=first).findtext("created_at") == "2026-03-10 12:00"
    read = {row["uuid"]: row["was_read"] for row in world.get("/message/list/", **session)["messages"]}
    assert read == {first: 1, second: 0}
    for path in ("/message/detail/", "/message/delete/"):
        for wrong in ("", "x", "0" * 36, "%"):
            assert world.get(path, **session, uuid=wrong)["error"] == 1
        assert world.get(path, **theirs, uuid=first)["error"] == 1
    assert world.get("/message/delete/", **session, uuid=first)["error"] == 0
    assert [row["uuid"] for row in world.get("/message/list/", **session)["messages"]] == [second]
    assert world.get("/message/delete/", **session, uuid="all")["error"] == 0
    assert world.get("/message/list/", **session)["messages"] == []


def test_the_portal_asks_before_anyone_logs_in(world: World) -> None:
    key = world.key(world.alpha)
    tree = world.xml("/portal/settings/list/", **key)
    assert tree.findtext("error") == "0"
    answer = world.get("/portal/settings/list/", **key, device="android")
    assert (answer["error"], answer["show_tvchannels"], answer["has_child_clients"]) == (0, 1, 0)
    assert {"country_name": "Россия", "region_code": "RU", "country_code": "7"} in answer[
        "available_country_phone_codes"
    ]
    assert world.get("/portal/settings/list/", **key)["error"] == 1
    assert world.get("/portal/settings/list/", **key, device="ios")["error"] == 2
    assert world.get("/portal/settings/list/", **key, device="unheard of")["error"] == 2


def test_countries_and_the_health_of_the_server(world: World) -> None:
    key = world.key(world.alpha)
    countries = {row["code"]: row for row in world.get("/country/list/", **key, lang="en")["countries"]}
    assert countries["AM"]["name"] == "Armenia"
    assert countries["AM"]["phone_code"] == "374"
    info = world.get("/country/info/", **key)
    assert {name: info[name] for name in ("country_name", "country_code", "city_name")} == {
        "country_name": "", "country_code": "", "city_name": "",
    }  # fmt: skip
    health = world.get("/health/check/", check_db_conn=1)
    assert (health["alive"], health["connection_errors"], health["reserved_server_addresses"]) == (1, [], [])


def test_stream_addresses_redirect_or_tell(world: World) -> None:
    session, (news, films, _), guide = world.login(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    live = world.get("/channel/url/", **session, cid=news, redirect=0)
    assert set(live) == {
        "error", "error_message", "uri", "stream_service_id", "archive_preview_url_mask", "audio_tracks",
        "subtitle_tracks", "subtitles", "video_qualities",
    }  # fmt: skip
    assert live["stream_service_id"] == world.alpha.service
    past = world.get("/program/url/", **session, cid=news, pid=guide[47], redirect=0)
    assert past["uri"].startswith(f"http://video.test/Alpha-news/archive-{NOW - 3600}-3600.m3u8?token=")
    by_time = world.get("/program/url/", **session, cid=news, time=NOW - 3600, redirect=0)
    assert by_time["uri"].partition("?")[0] == past["uri"].partition("?")[0]
    for wrong, code in (
        ({"cid": world.beta.channels[0]}, 404), ({"cid": world.alpha.foreign_channel}, 404), ({"cid": 10**9}, 404),
        ({"cid": ""}, 1), ({"cid": "x"}, 1), ({"exclude_service_id": f"{world.alpha.service}"}, 404),
        ({"exclude_service_id": "x"}, 1),
    ):  # fmt: skip
        assert world.get("/channel/url/", **{**session, "cid": news, **wrong})["error"] == code, wrong
    for wrong, code in (
        ({"pid": guide[46]}, 404), ({"pid": guide[60]}, 404), ({"pid": world.beta.programmes[0][47]}, 404),
        ({"cid": films}, 404), ({"pid": "x"}, 1), ({"pid": ""}, 1),
    ):  # fmt: skip
        answer = world.get("/program/url/", **{**session, "cid": news, "pid": guide[47], "redirect": 0, **wrong})
        assert answer["error"] == code, wrong


def test_a_video_server_is_told_by_the_status_whether_a_token_is_good(world: World) -> None:
    session, (news, *_) = world.login(world.alpha), world.alpha.channels
    uri = world.get("/channel/url/", **session, cid=news, redirect=0)["uri"]
    token = parse_qs(urlsplit(uri).query)["token"][0]
    for base in (API, "/streaming/api"):
        path = base + "/streamservice/token/check/"
        good = world.request("GET", path, params={"token": token, "name": "Alpha-news", "proto": "hls"})
        assert (good.status_code, good.json()["error"]) == (200, 0)
        assert good.headers["x-authduration"] == "180"
        for params, code in (
            ({"token": token, "name": "Alpha-films"}, 2), ({"token": "f" * 32}, 1), ({"token": ""}, 1), ({}, 1),
            ({"token": "x" * 5000}, 1), ({"token": [token, "f" * 32]}, 1),
        ):  # fmt: skip
            bad = world.request("GET", path, params=params)
            assert (bad.status_code, bad.json()["error"]) == (403, code), params
    world.move(**{"seconds": timedelta(hours=1).total_seconds()})
    late = world.request("GET", API + "/streamservice/token/check/", params={"token": token})
    assert (late.status_code, late.json()["error"]) == (403, 1)


def test_a_video_server_keeps_its_decision_while_nothing_can_be_looked_up(world: World) -> None:
    session = world.login(world.alpha)
    uri = world.get("/channel/url/", **session, cid=world.alpha.channels[0], redirect=0)["uri"]
    token = parse_qs(urlsplit(uri).query)["token"][0]
    assert world.request("GET", API + "/streamservice/token/check/", params={"token": token}).status_code == 200
    with world.system.database.write() as rows:
        rows.execute(text("DROP TABLE stream_token"))
    for base in (API, "/streaming/api"):
        for asked, told in ((token, (200, 0)), ("0" * 32, (503, 500))):  # one it remembers, one it never heard of
            answer = world.request("GET", base + "/streamservice/token/check/", params={"token": asked})
            assert (answer.status_code, answer.json()["error"]) == told


def test_somebody_whose_account_was_switched_off_sees_nothing_and_is_told(world: World) -> None:
    session, number = world.login(world.alpha), world.alpha.account.id
    with world.system.database.write() as rows:
        changed = rows.get_one(Account, number)
        changed.active, changed.status_reason = False, "DEBT"
        bump(rows, f"account:{number}")
    status = world.get("/account/status/", **session)
    assert (status["status"], status["is_active"], status["status_reason"]) == (2, 0, "DEBT")
    assert world.get("/channel/list/", **session)["channels"] == []
    assert world.get("/channel/url/", **session, cid=world.alpha.channels[0])["error"] == 404
