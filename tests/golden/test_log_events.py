"""Every documented log event, raised by the feature it belongs to and compared with the names and keys that operators'
log parsers depend on; and which documented events are still to come, with what."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from smarty_microimpuls.router import Microimpuls
from sqlalchemy import text

from smarty_core.app import create_app
from smarty_core.config.log_line import LogLine
from smarty_core.config.logs import LOGS
from smarty_core.events import Event
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.commands import run_command
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.epg_import.run import EpgImport
from smarty_core.services.migrations import Migrations
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, EpgSource, Message, Programme
from smarty_core.testing.fakes.television import FakeEpgParser
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY, HOME_IP, PASSWORD

API = "/tvmiddleware/api"
PIN = "864213"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "log-events.md"

PAIR = "epg_channel source program_name previous_program_name program_time_begin previous_time_end"

RAISED = {
    "smarty_main": {
        "URLS_INITIALIZED": ("INFO", "available_apps"),
    },
    "smarty_accounts": {
        "LOGIN_SUCCESS": ("INFO", "login_type login_method params"),
        "LOGIN_ERROR": ("WARNING", "reason params"),
        "ACCOUNT_DEVICE_ERROR": ("WARNING", "account device device_uid client"),
        "ACCOUNT_ACTIVATED": ("INFO", "activation_result params"),
        "ACCOUNT_CHANGED": ("INFO", "account_id changed_fields"),
        "ACCOUNT_TARIFFS_ASSIGNED": ("INFO", "account_id tariffs_ids"),
        "ACCOUNT_TARIFFS_REMOVED": ("INFO", "account_id tariffs_ids"),
        "ACCOUNT_DEVICE_REMOVED": ("INFO", "account_id device_uid"),
    },
    "smarty_cache": {
        "OBJECT_CACHED": ("DEBUG", "object timeout key deps"),
        "OBJECT_INVALIDATED": ("DEBUG", "object deps_key"),
    },
    "smarty_messaging": {
        "MESSAGE_CREATED": ("INFO", "account subject text"),
        "MESSAGE_SEND": ("INFO", "account subject text uuid"),
        "MESSAGE_DELETED": ("INFO", "account subject text uuid"),
    },
    "smarty_management": {
        "MANAGEMENT_COMMAND_SUCCESS": ("INFO", "command execution_time"),
        "MANAGEMENT_COMMAND_ERROR": ("ERROR", "command stacktrace"),
    },
    "smarty_epg": {
        "EPG_CHANNEL_IMPORTED": ("INFO", "epg_channel source programs_imported"),
        "EPG_CHANNEL_IMPORT_ERROR": ("ERROR", "epg_channel source stacktrace"),
        "EPG_IMPORT_FINISHED": ("INFO", "channels_processed programms_imported"),
        "EPG_REMOVED": ("INFO", "epg_channel source removed_objects"),
        "EPG_TIME_OVERLAP": ("WARNING", PAIR),
        "EPG_TIME_HOLE": ("WARNING", PAIR),
        "EPG_NAME_DOUBLE": ("WARNING", "epg_channel source program_name"),
    },
    "smarty_content_requests": {
        "CONTENT_REQUEST_FAIL": ("ERROR", "url params stacktrace"),
        "CONTENT_REQUEST_ERROR": ("INFO", "url params"),
        "CONTENT_REQUEST_SUCCESS": ("INFO", "url params uri stream_service"),
        "CLIENT_CHANNELS_NOT_FOUND": ("WARNING", "client"),
    },
    "smarty_videoservices": {
        "VIDEOSERVICES_API_REQUEST": ("INFO", "host args command"),
    },
}
"""Log -> event -> level and context keys, in order, spelt as documented (errors included)."""

TO_COME = {
    "smarty_accounts": {
        "ACCOUNT_CREATED": "Billing API",
        "CUSTOMER_CREATED": "Billing API",
        "CUSTOMER_CHANGED": "Billing API",
        "CUSTOMER_TARIFFS_ASSIGNED": "Billing API",
        "CUSTOMER_TARIFFS_REMOVED": "Billing API",
    },
    "smarty_billing_in": {
        "BILLING_REQUEST_ERROR": "Billing API",
        "BILLING_REQUEST_SUCCESS": "Billing API",
    },
    "smarty_billing_out": {
        "INIT_ERROR": "external billing",
        **{
            f"{what}_REQUEST_{how}": "external billing"
            for what in ("CUSTOMER_BALANCE", "CUSTOMER_PAYMENT_LIST", "VIDEO_ACTIONS_LIST", "VIDEO_ACTION")
            for how in ("ERROR", "SUCCESS")
        },
    },
    "smarty_payment": {
        "NOTIFY_ERROR": "payments",
        "NOTIFY_SUCCESS": "payments",
        "PAYTURE_REQUEST": "payments",
    },
    "smarty_portal": {"PORTAL_EVENT": "portal"},
    "smarty_admin": {"ADMIN_REQUEST": "panels"},
    "smarty_videoservices": {
        "VIDEOSERVICES_REQUEST": "panels",
    },
}
"""Log -> documented event that nothing raises yet -> the feature that will."""

EVENTS = [(log, event) for log, events in RAISED.items() for event in events]


class Heard(logging.Handler):
    """Keeps every record of the documented logs, whatever its level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def of(self, log: str, event: str) -> list[logging.LogRecord]:
        return [one for one in self.records if one.name == log and _name(one) == event]

    def lines(self) -> list[str]:
        form = LogLine(ZoneInfo("Europe/Moscow"))
        return [form.format(record) for record in self.records]


def _name(record: logging.LogRecord) -> str:
    return record.msg.name if isinstance(record.msg, Event) else ""


def _context(record: logging.LogRecord) -> dict[str, Any]:
    return dict(record.msg.context) if isinstance(record.msg, Event) else {}


class Scenario:
    """An evening of an installation, in which everything that is written down happens at least once."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.installation = Installation(database, {"smarty.epg_parser": {"fake": FakeEpgParser}})
        self.world = world = self.installation.world
        self.folder = folder
        self.one, self.tariff, self.channel = self.installation.house("one", devices={"pc": True})
        self.two = world.operator("two", devices={"pc": True})
        self.more = world.tariff(self.one)
        single = world.tariff(self.two, basic_sessions_count=1)
        world.subscriber(self.one, "1001", tariffs=[self.tariff])
        self.neighbour = world.subscriber(self.one, "1002", tariffs=[self.tariff])
        world.subscriber(
            self.one, "1003", tariffs=[self.tariff], active=False, status_reason="", auto_activation_period=30
        )
        world.subscriber(self.two, "2001", tariffs=[single])
        self.system = self.installation.system
        self.web = httpx.ASGITransport(create_app(self.system), client=(HOME_IP, 40000))
        self.secrets = [PASSWORD, API_KEY, PIN]

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        sent = {"client_id": self.one.id, "device": "pc", **params}
        answer = asyncio.run(self._get(path, sent))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def _get(self, path: str, params: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.web, base_url="http://smarty.test") as client:
            return await client.get(f"{API}{path}", params=params)

    def log_in(self, abonement: str = "1001", **params: Any) -> dict[str, Any]:
        sent = {"api_key": API_KEY, "abonement": abonement, "password": PASSWORD, "device_uid": "u1", **params}
        return self.ask("/login/", **sent)

    def run(self) -> None:
        session = {"authkey": self.log_in()["authkey"]}
        self.secrets.append(session["authkey"])
        self.logins()
        self.settings(session)
        self.messages(session)
        self.streams(session)
        self.video_server()
        self.tariffs()
        self.guide()
        self.commands()
        self.system.catalogue.warm(self.two.id)

    def logins(self) -> None:
        assert self.log_in(password="guessed")["error"] == 1
        assert self.log_in("1002")["error"] == 6  # the device is the first subscriber's
        assert self.log_in("1003", device_uid="u3")["error"] == 0  # waits for its first login
        other = {"client_id": self.two.id}
        assert self.log_in("2001", **other)["error"] == 0
        full = self.log_in("2001", device_uid="u2", **other)
        assert full["error"] == 5
        unbound = full["devices"][0]["id"]
        assert self.log_in("2001", device_uid="u2", device_id_for_unbinding=unbound, **other)["error"] == 0

    def settings(self, session: dict[str, Any]) -> None:
        assert self.ask("/settings/save/", parent_code=PIN, use_timeshift=1, **session)["error"] == 0

    def messages(self, session: dict[str, Any]) -> None:
        host = self.system.hosts.host("test")
        account = host.accounts.find(self.one.id, abonement="1001").subscriber.account_id
        number = host.messages.send(self.one.id, account, subject="Hello", text="World")
        assert self.ask("/account/status/", **session)["message"]["text"] == "World"
        with self.system.database.read() as sql:
            uuid = sql.get_one(Message, number).uuid
        assert self.ask("/message/delete/", uuid=uuid, **session)["error"] == 0

    def streams(self, session: dict[str, Any]) -> None:
        played = self.ask("/channel/url/", cid=self.channel.id, redirect=0, **session)
        self.secrets.append(played["uri"].partition("token=")[2])
        assert self.ask("/channel/url/", cid=10**6, redirect=0, **session)["error"] == 404
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(self.system.playback), "channel_url", _bug)
            assert self.ask("/channel/url/", cid=self.channel.id, redirect=0, **session)["error"] == 500

    def video_server(self) -> None:
        key = "k3y4tests"
        self.secrets.append(key)
        listener = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            with listener, listener.accept()[0] as connection, connection.makefile("r") as lines:
                call = json.loads(lines.readline())
                assert call["params"] == {"key": key}
                said = {"jsonrpc": "2.0", "id": call["id"], "result": {"is_alive": True}}
                connection.sendall(json.dumps(said).encode())

        server = threading.Thread(target=answer)
        server.start()
        settings = {"host": "127.0.0.1", "port": listener.getsockname()[1], "secret": key}
        driver = Microimpuls("main", Microimpuls.Settings(**settings), self.installation.host("microimpuls"))
        health = driver.is_alive(30.0)
        server.join()
        assert health is not None
        assert health.alive

    def tariffs(self) -> None:
        accounts = self.system.hosts.host("test").accounts
        accounts.assign_tariffs(self.one.id, self.neighbour.id, (self.more.id,))
        accounts.remove_tariffs(self.one.id, self.neighbour.id, (self.more.id,))

    def guide(self) -> None:
        now = self.world.now
        path = self.folder / "guide.jsonl"
        source = EpgSource(name="Guide", parser="fake", url_mask=path.as_uri())
        self.world.add(source)
        good, bad = (
            EpgChannel(source_id=source.id, source_channel_id=name, name=name.title()) for name in ("good", "bad")
        )
        self.world.add(good, bad)
        long_ago = now - timedelta(days=100)
        self.world.add(
            Programme(epg_channel_id=good.id, start=long_ago, stop=long_ago + timedelta(hours=1), name="Old")
        )
        shows = [
            ("good", 1, 3, "Film"), ("good", 2, 4, "Overlaps"), ("good", 6, 7, "After a hole"),
            ("good", 7, 8, "After a hole"), ("bad", 1, 2, "Never stored"),
        ]  # fmt: skip
        lines = [
            {
                "channel": channel,
                "start": (now + timedelta(hours=begin)).isoformat(),
                "stop": (now + timedelta(hours=end)).isoformat(),
                "title": title,
            }
            for channel, begin, end, title in shows
        ]
        path.write_text("\n".join([*map(json.dumps, lines), "end"]), encoding="utf-8")
        with self.system.database.write() as sql:
            sql.execute(
                text(
                    "CREATE TRIGGER broken_channel BEFORE INSERT ON epg_programme "
                    f"WHEN NEW.epg_channel_id = {bad.id} BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )
        system = self.system
        importing = EpgImport(
            database=system.database, settings=system.settings, registry=system.registry, vault=system.vault,
            hooks=system.hooks, clock=system.clock,
        )  # fmt: skip
        importing.run(ImportOptions())

    def commands(self) -> None:
        assert run_command(self.system, "clean_old_messages", lambda: self.system.messages.clean(30)) == 0
        assert run_command(self.system, "flushall", lambda: _bug()) == 1


def _bug(*_args: object, **_options: object) -> None:
    raise RuntimeError("a bug")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> tuple[Heard, Scenario]:
    folder = tmp_path_factory.mktemp("evening")
    database = Database(f"sqlite:///{folder / 'smarty.sqlite'}")
    Migrations(database, Hooks(Discovery(environ={}, injected={}))).upgrade()
    heard = Heard()
    loggers = [logging.getLogger(name) for name in LOGS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(heard)
        logger.setLevel(logging.DEBUG)
    try:
        scenario = Scenario(database, folder)
        scenario.run()
        scenario.installation.close()
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(heard)
            logger.setLevel(level)
        database.close()
    return heard, scenario


@pytest.mark.parametrize(("log", "event"), EVENTS)
def test_an_event_has_its_log_level_and_exact_keys(evening: tuple[Heard, Scenario], log: str, event: str) -> None:
    found = evening[0].of(log, event)
    assert found, f"{event} was never written to {log}"
    level, keys = RAISED[log][event]
    for record in found:
        assert (record.levelname, list(_context(record))) == (level, keys.split())
        assert record.threadName
        assert record.module != "events", "the line would name the logging machinery instead of the feature"


@pytest.mark.parametrize(("log", "event"), EVENTS)
def test_an_event_is_written_to_one_log_only(evening: tuple[Heard, Scenario], log: str, event: str) -> None:
    assert {record.name for record in evening[0].records if _name(record) == event} == {log}


def test_values_are_what_the_documentation_says(evening: tuple[Heard, Scenario]) -> None:
    heard, scenario = evening

    def values(log: str, event: str) -> list[dict[str, Any]]:
        return [_context(record) for record in heard.of(log, event)]

    logins = values("smarty_accounts", "LOGIN_SUCCESS")
    assert {one["login_type"] for one in logins} == {"basic device"}
    assert {one["login_method"] for one in logins} == {"abonement and password"}
    reasons = [one["reason"] for one in values("smarty_accounts", "LOGIN_ERROR")]
    assert reasons == ["account_does_not_exist", "account_deivce_invalid", "basic_device_sessions_limit"]
    assert ("parent_code", "use_timeshift") in [
        one["changed_fields"] for one in values("smarty_accounts", "ACCOUNT_CHANGED")
    ]
    (removed,) = values("smarty_epg", "EPG_REMOVED")
    assert (removed["epg_channel"], removed["source"], removed["removed_objects"]) == ("Good", "Guide", 1)
    (failed,) = values("smarty_epg", "EPG_CHANNEL_IMPORT_ERROR")
    assert failed["epg_channel"] == "Bad"
    assert "broken" in failed["stacktrace"]
    (overlap,) = values("smarty_epg", "EPG_TIME_OVERLAP")
    assert (overlap["program_name"], overlap["previous_program_name"]) == ("Overlaps", "Film")
    (hole,) = values("smarty_epg", "EPG_TIME_HOLE")
    assert (hole["program_name"], hole["previous_program_name"]) == ("After a hole", "Overlaps")
    (double,) = values("smarty_epg", "EPG_NAME_DOUBLE")
    assert double["program_name"] == "After a hole"
    (played,) = values("smarty_content_requests", "CONTENT_REQUEST_SUCCESS")
    assert played["uri"].startswith("http://video.test/news/index.m3u8?token=")
    (fail,) = values("smarty_content_requests", "CONTENT_REQUEST_FAIL")
    assert "RuntimeError: a bug" in fail["stacktrace"]
    assert {one["client"] for one in values("smarty_content_requests", "CLIENT_CHANNELS_NOT_FOUND")} == {
        scenario.two.id
    }


def test_no_line_of_the_evening_holds_a_secret(evening: tuple[Heard, Scenario]) -> None:
    heard, scenario = evening
    text_of_all = "\n".join(heard.lines())
    assert len(scenario.secrets) == 6
    assert all(len(secret) >= 4 for secret in scenario.secrets)
    assert "password='***'" in text_of_all or "'password': '***'" in text_of_all
    assert [secret for secret in scenario.secrets if secret in text_of_all] == []


def test_every_line_has_the_documented_form(evening: tuple[Heard, Scenario]) -> None:
    form = re.compile(
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d[+-]\d{4} \d{4}"
        r" (DEBUG|INFO|WARNING|ERROR) \w+:\d+ [\w<>]+\[\d+\.[^\]]+\] \S.*"
    )
    assert [line for line in evening[0].lines() if not form.fullmatch(line)] == []


def test_the_page_describes_the_same_events() -> None:
    described: dict[str, dict[str, tuple[str, str]]] = {}
    for section in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        log = section.partition("\n")[0].strip()
        rows = re.findall(r"^\| ([A-Z_]+) \| ([A-Z]+) \| ([^|]*) \|", section, re.MULTILINE)
        described[log] = {event: (level, keys.replace(",", "").strip()) for event, level, keys in rows}
    for log, events in RAISED.items():
        assert {event: described[log].get(event) for event in events} == events


def test_the_page_says_with_what_the_other_documented_events_come() -> None:
    section = PAGE.read_text("utf-8").partition("## Still to come\n")[2]
    rows = re.findall(r"^\| ([A-Z_]+) \| (smarty_\w+) \| ([\w ]+) \|", section, re.MULTILINE)
    expected = [(event, log, feature) for log, events in TO_COME.items() for event, feature in events.items()]
    assert sorted(rows) == sorted(expected)


def test_no_event_is_both_raised_and_to_come_and_every_log_exists(evening: tuple[Heard, Scenario]) -> None:
    coming = {event for events in TO_COME.values() for event in events}
    assert coming.isdisjoint(event for _, event in EVENTS)
    assert coming.isdisjoint(_name(record) for record in evening[0].records)
    assert set(RAISED) | set(TO_COME) <= set(LOGS)
