"""What holds for every method: formats, addresses, verbs, proofs, sizes, one log line per refusal."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from smarty_core.events import Event
from smarty_core.storage.models import Session
from smarty_core.testing.subscribers import API_KEY, PASSWORD

from .world import API, World


def error(world: World, path: str, **params: Any) -> int:
    return int(world.get(path, **params)["error"])


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("", "application/json"),
        ("android", "application/json"),
        ("web_app", "application/json"),
        ("kodi", "application/json"),
        ("appleTV", "application/json"),
        ("something new", "application/json"),
        ("x" * 5000, "application/json"),
        ("mag", "text/xml"),
        ("mag_250", "text/xml"),
        ("android_stb", "text/xml"),
        ("wrt", "text/xml"),
    ],
)
def test_the_device_decides_between_json_and_xml(world: World, device: str, kind: str) -> None:
    params = {**world.key(world.alpha), "device": device}
    for path, code in (("/noauth/category/list/", "0"), ("/category/list/", "403")):
        response = world.request("GET", API + path, params=params)
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"
        found = fromstring(response.text).findtext("error") if kind == "text/xml" else str(response.json()["error"])
        assert found == code


def test_xml_holds_lists_as_items_without_space_between(world: World) -> None:
    session = world.login(world.alpha)
    response = world.request("GET", API + "/channel/list/", params={**session, "device": "mag"})
    assert "> <" not in response.text
    assert "\n" not in response.text
    tree = fromstring(response.text)
    assert tree.tag == "rss"
    assert [child.tag for child in tree] == ["error", "error_message", "channels"]
    json_rows = world.get("/channel/list/", **session)["channels"]
    items = list(tree.find("channels") or [])
    assert [item.tag for item in items] == ["item"] * 3
    assert [item.findtext("program_name") for item in items] == [row["program_name"] for row in json_rows]
    assert [child.tag for child in items[0]][:5] == ["id", "name", "icon", "url", "category_id"]
    assert "None" not in response.text
    assert session["authkey"] in (items[0].findtext("url") or "")


@pytest.mark.parametrize(
    "address",
    ["/tvmiddleware/api/v2/noauth/channel/list/", "/tvmiddleware/api/v2/noauth/channel/list",
     "/api/tvmiddleware/api/v2/noauth/channel/list/", "/api/tvmiddleware/api/v2/noauth/channel/list"],
)  # fmt: skip
def test_every_spelling_of_an_address_is_answered_directly_for_get_and_post(world: World, address: str) -> None:
    key = world.key(world.alpha)
    answers = [
        world.read(world.request("GET", address, params=key)),
        world.read(world.request("POST", address, data=key)),
        world.read(world.request("POST", address, json=key)),
        world.read(world.request("POST", address, params=key)),
        world.read(world.request("POST", address, files={name: (None, str(value)) for name, value in key.items()})),
    ]
    assert [row["id"] for row in answers[0]["channels"]] == [*world.alpha.channels, world.alpha.foreign_channel]
    assert all(answer == answers[0] for answer in answers)
    head = world.request("HEAD", address, params=key)
    assert (head.status_code, head.content) == (200, b"")
    assert world.request("DELETE", address, params=key).status_code == 405


def test_every_method_has_its_documented_address(world: World) -> None:
    documented = set(DOCUMENTED.split())
    declared = {path.removeprefix(API) for path in world.read(world.request("GET", "/openapi.json"))["paths"]}
    assert documented <= declared


def test_an_unknown_address_is_404(world: World) -> None:
    assert world.request("GET", API + "/no/such/method/").status_code == 404


def test_no_session_no_answer(world: World) -> None:
    session, beta = world.login(world.alpha), world.login(world.beta)
    wrongs: list[dict[str, Any]] = [
        {"authkey": ""},
        {"authkey": session["authkey"][:-1] + ("0" if session["authkey"][-1] != "0" else "1")},
        {"authkey": session["authkey"].upper()},
        {"authkey": "f" * 128},
        {"authkey": "\x00' OR 1=1 --"},
        {"authkey": "я" * 3000},
        {"authkey": beta["authkey"]},
        {"client_id": world.beta.operator.id},
        {"client_id": 10**6},
        {"client_id": 0},
        {"client_id": -1},
        {"client_id": 10**40},
        {"client_id": "x"},
        {"client_id": ""},
    ]
    for wrong in wrongs:
        for path in ("/channel/list/", "/category/list/", "/settings/save/", "/channel/url/", "/message/list/"):
            assert error(world, path, **{**session, **wrong}) == 403, (path, wrong)
    assert error(world, "/channel/list/", **session) == 0


def test_no_key_no_answer_without_a_session(world: World) -> None:
    key = world.key(world.alpha)
    wrongs: list[dict[str, Any]] = [
        {"api_key": ""}, {"api_key": "x"}, {"api_key": API_KEY + "x"}, {"api_key": API_KEY[:-1]}, {"client_id": 10**6},
        {"client_id": "x"}, {"client_id": ""}, {"api_key": "k" * 5000},
    ]  # fmt: skip
    for wrong in wrongs:
        for path in ("/channel/icon/list/", "/noauth/category/list/", "/country/list/", "/portal/settings/list/"):
            assert error(world, path, **{**key, **wrong}) == 403, (path, wrong)
        login = {**key, "abonement": "1001", "password": PASSWORD, **wrong}
        assert error(world, "/login/", **login) == (1 if len(str(login["api_key"])) > 255 else 4)


def test_a_session_may_be_proven_by_a_cookie_and_ends_with_logout(world: World) -> None:
    session = world.login(world.alpha)
    cookie = {"Cookie": f"authkey={session['authkey']}"}
    params = {"client_id": session["client_id"]}
    answer = world.read(world.request("GET", API + "/channel/list/", params=params, headers=cookie))
    assert f"authkey={session['authkey']}&" in answer["channels"][0]["url"]
    assert error(world, "/logout/", **session) == 0
    assert error(world, "/channel/list/", **session) == 403
    assert world.get("/account/status/", **session)["status"] == 1


def test_a_session_not_used_for_long_is_none_any_more(world: World) -> None:
    session = world.login(world.alpha)
    world.move(days=20)
    other = world.login(world.alpha, "1002")
    world.system.sessions.clean(days=10)
    assert error(world, "/channel/list/", **session) == 403
    assert error(world, "/channel/list/", **other) == 0


def test_a_session_outlives_a_change_of_device_and_parameters_nobody_knows(world: World) -> None:
    session = world.login(world.alpha)
    extra = {"device": "android", "sess_key": "1", "timezone": "3", "profile_id": -1, "token": "x", "api_key": "wrong"}
    assert error(world, "/channel/list/", **session, **extra) == 0


def test_of_a_repeated_parameter_the_last_counts(world: World) -> None:
    session = world.login(world.alpha)
    pairs = [*session.items(), ("limit", "1"), ("limit", "2"), ("lang", "ru"), ("lang", "en")]
    rows = world.read(world.request("GET", API + "/channel/list/", params=pairs))["channels"]
    assert [row["name"] for row in rows] == ["Alpha News", "Alpha Films"]


def test_malformed_values_give_the_methods_own_code_or_400(world: World) -> None:
    session = world.login(world.alpha)
    for wrong in ("x", "1.5", "1e3", "9" * 30, "٣", "1\x00", "[]", "0x10", "-"):
        assert error(world, "/channel/list/", **session, icon_width=wrong) == 400, wrong
        assert error(world, "/channel/list/last/", **session, icon_width=wrong) == 1, wrong
        assert error(world, "/channel/url/", **session, cid=wrong) == 1, wrong
    for wrong in ("2", "yes", "-1"):
        assert error(world, "/channel/list/", **session, compact=wrong) == 400
    for wrong in ("0", "100", "-5"):
        assert error(world, "/channel/list/", **session, limit=wrong) == 400
    assert error(world, "/channel/list/", **session, search="a" * 5000) == 400
    assert error(world, "/channel/list/", **session, search="\ue000authkey\ue001") == 400
    assert error(world, "/channel/list/", **session, limit="", compact="", channel_sort_id="") == 0


def test_broken_bodies_are_refused(world: World) -> None:
    session = world.login(world.alpha)
    for body, kind in (
        (b"{", "application/json"),
        (b'"text"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=y"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"\xff\xfe\x00", "application/json"),
    ):
        response = world.request(
            "POST", API + "/v2/channel/info/", params=session, content=body, headers={"Content-Type": kind}
        )
        assert world.read(response)["error"] == 400, body[:20]


def test_too_large_a_request_is_refused_early(world: World) -> None:
    session = world.login(world.alpha)
    limit = world.system.settings.MAX_REQUEST_BYTES
    for path in ("/v2/channel/info/", "/channel/list/", "/login/"):
        large = world.request("POST", API + path, params=session, content=b"x" * (limit + 1))
        assert large.status_code == 413
    taken: list[int] = []

    class Pieces:
        """A body without an announced length, ten times as long as is allowed."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for number in range(10 * limit // 10_000):
                taken.append(number)
                yield b"x" * 10_000

    assert world.request("POST", API + "/login/", content=Pieces()).status_code == 413
    assert len(taken) <= limit // 10_000 + 2
    long_query = world.request("GET", API + "/channel/list/", params={**session, "search": "x" * 40_000})
    assert long_query.status_code == 413


def test_a_refused_request_is_one_log_line_without_secrets(world: World, caplog: pytest.LogCaptureFixture) -> None:
    session = world.login(world.alpha)
    stored = len(sessions(world))
    for path, params in (
        ("/channel/list/", {**session, "authkey": session["authkey"][::-1]}),
        ("/channel/list/", {**session, "limit": "x"}),
        ("/program/detail/", {**session, "pid": 10**9}),
        ("/login/", {**world.key(world.alpha), "abonement": "1001", "password": "wrong-secret"}),
        ("/noauth/category/list/", {"client_id": 1, "api_key": "wrong-secret"}),
    ):
        caplog.clear()
        with caplog.at_level(logging.INFO, "smarty_api_requests"):
            assert error(world, path, **params) != 0
        lines = [record for record in caplog.records if record.name == "smarty_api_requests"]
        assert [event_name(record) for record in lines] == ["API_REQUEST_ERROR"], path
        text = "\n".join(record.getMessage() for record in caplog.records)
        assert "wrong-secret" not in text
        assert session["authkey"] not in text
        assert session["authkey"][::-1] not in text
    assert len(sessions(world)) == stored


def event_name(record: logging.LogRecord) -> str:
    assert isinstance(record.msg, Event)
    return record.msg.name


def sessions(world: World) -> list[Session]:
    with world.system.database.read() as session:
        return list(session.query(Session))


def test_other_sites_may_ask_only_when_the_settings_name_them(sqlite_database: Any) -> None:
    world = World(sqlite_database, CORS_ORIGIN_WHITELIST=["https://tv.example.org"])
    try:
        key = world.key(world.alpha)
        for origin, allowed in (("https://tv.example.org", True), ("https://evil.example.org", False)):
            response = world.request("GET", API + "/country/list/", params=key, headers={"Origin": origin})
            assert ("access-control-allow-origin" in response.headers) is allowed
            asked = world.request("OPTIONS", API + "/country/list/", headers={"Origin": origin})
            assert ("access-control-allow-methods" in asked.headers) is allowed
    finally:
        world.close()


DOCUMENTED = """
/login/ /logout/ /account/status/ /health/check/ /portal/settings/list/ /settings/save/ /account/settings/list/
/account/settings/modify/ /v2/account/channels/accountsettingsinfo/ /v2/account/channels/sort/
/v2/account/channels/update/ /channel/sort/list/ /category/list/ /program/category/list/
/program/category/channel/list/ /program/genre/list/ /channel/list/ /v2/channel/list/ /v2/channel/info/
/channel/icon/list/ /channel/list/last/ /channel/programs/ /channel/list/programs/ /channel/list/search/
/program/list/ /program/detail/ /program/list/search/ /channel/url/ /program/url/ /content/position/set/
/content/position/delete/ /content/position/remember/channel/ /country/list/ /country/info/ /message/list/
/message/detail/ /message/delete/ /streamservice/token/check/ /streaming/api/streamservice/token/check/
/noauth/category/list/ /v2/noauth/channel/list/ /v2/noauth/channel/info/ /noauth/program/category/channel/list/
/noauth/program/category/list/ /noauth/program/detail/ /noauth/program/list/
"""
"""Every address of the device API's first part."""
