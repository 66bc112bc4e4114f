"""Sentry: a simulator that reads what really arrives, and finds no secret in it."""

from __future__ import annotations

import gzip
import json
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.config import Settings
from smarty_core.errors import ConfigError
from smarty_core.events import SECRET_NAMES, log_event
from smarty_core.services.jobs import Job
from smarty_core.services.monitoring.error_reports import INSTALL, MOST_PER_MINUTE, error_reports
from smarty_core.services.monitoring.masking import without_secrets
from smarty_core.testing.servers import free_port
from smarty_core.values import Secret
from tests.cli.processes import environment
from tests.web.device.world import World

PUBLIC_KEY = "0123456789abcdef0123456789abcdef"
PROJECT = "7"


class Sentry:
    """Accepts envelopes as the real service does, and keeps their events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.mistakes: list[str] = []
        sentry = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    sentry.take(self.path, dict(self.headers.items()), body)
                except Exception as failure:
                    sentry.mistakes.append(repr(failure))
                    self.send_error(400)
                    return
                answer = json.dumps({"id": sentry.events[-1]["event_id"]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.dsn = f"http://{PUBLIC_KEY}:old-secret@127.0.0.1:{self.server.server_port}/{PROJECT}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        assert path == f"/api/{PROJECT}/envelope/", path
        assert headers["Content-Type"] == "application/x-sentry-envelope"
        auth = dict(re.findall(r"(sentry_\w+)=([^,\s]+)", headers["X-Sentry-Auth"]))
        assert auth["sentry_key"] == PUBLIC_KEY
        assert auth["sentry_version"] == "7"
        assert headers["Content-Encoding"] == "gzip"
        body = gzip.decompress(body)
        head, _, rest = body.partition(b"\n")
        assert json.loads(head)["event_id"]
        while rest:
            item, _, rest = rest.partition(b"\n")
            found = json.loads(item)
            payload, rest = rest[: found["length"]], rest[found["length"] :].lstrip(b"\n")
            assert len(payload) == found["length"]
            assert found["type"] == "event"
            event = json.loads(payload)
            assert {"event_id", "exception", "level", "timestamp", "platform"} <= set(event)
            self.events.append(event)
        self.raw.append(body)

    def until(self, number: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 30
        while len(self.events) < number:
            assert not self.mistakes
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert not self.mistakes
        return self.events

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    made = Sentry()
    yield made
    made.close()


def last_error(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["exception"]["values"][-1]
    return found


def test_a_bug_in_a_request_is_reported_without_any_secret(
    watched: Callable[..., World], sentry: Sentry, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = watched(RAVEN_CONFIG={"dsn": sentry.dsn})
    who = world.login(world.alpha)

    def broken(*_: Any, **__: Any) -> None:
        password, channel, authkey = "geheim-1", 17, who["authkey"]
        raise RuntimeError(f"cannot: password={password} {authkey} channel {channel}, token: 'geheim-2'")

    monkeypatch.setattr(type(world.system.catalogue), "channels", broken, raising=False)
    monkeypatch.setattr(type(world.system.operators), "by_id", broken)
    answer = world.get("/channel/list/", **who, api_key="geheim-3")
    assert (answer["error"], answer["error_message"]) == (500, "internal error")
    (event,) = sentry.until(1)
    error = last_error(event)
    assert error["type"] == "RuntimeError"
    assert "channel 17" in error["value"]
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["tags"] == {"logger": "smarty_main", "event": "API_REQUEST_FAILED"}
    assert event["contexts"]["event"]["url"].startswith("/tvmiddleware/api/channel/list/?client_id=")
    assert event["contexts"]["locals"]["channel"] == "17"
    assert event["level"] == "error"
    assert event["environment"] == "smarty"
    assert event["release"]
    text = sentry.raw[0].decode()
    for secret in ("geheim-1", "geheim-2", "geheim-3", who["authkey"], who["authkey"][:40], "old-secret"):
        assert secret not in text
    assert all("vars" not in frame for frame in error["stacktrace"]["frames"])


def test_a_failing_job_is_reported_once(watched: Callable[..., World], sentry: Sentry) -> None:
    world = watched(RAVEN_CONFIG={"dsn": sentry.dsn, "environment": "stage", "release": "tv-5"})

    def fail() -> None:
        raise ZeroDivisionError("no channel to divide by")

    world.system.jobs.register(Job("fails", 60, fail))
    assert not world.system.jobs.run("fails").ok
    logging.getLogger("smarty_main").error("an error without an exception")
    logging.getLogger("smarty_main").warning("a warning", exc_info=ValueError("caught"))
    world.close()  # what is on its way is sent at the end
    (event,) = sentry.events
    assert last_error(event)["type"] == "ZeroDivisionError"
    assert event["tags"]["event"] == "MANAGEMENT_COMMAND_ERROR"
    assert event["contexts"]["event"]["command"] == "fails"
    assert (event["environment"], event["release"]) == ("stage", "tv-5")


def test_a_plugin_that_fails_is_reported(watched: Callable[..., World], sentry: Sentry) -> None:
    from smarty_core.builtin.static_locator import StaticLocator
    from smarty_core.plugins.isolation import GuardedDriver

    class Broken(StaticLocator):
        def locate(self, address: Any) -> Any:
            raise LookupError("the base is damaged")

    world = watched(RAVEN_CONFIG={"dsn": sentry.dsn})
    world.system  # noqa: B018
    driver = Broken("main", StaticLocator.Settings(), host=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="failed"):
        GuardedDriver(driver, plugin="geo").call("locate", None)
    (event,) = sentry.until(1)
    assert last_error(event)["value"] == "the base is damaged"
    assert event["tags"]["logger"] == "smarty_plugins.geo"


def test_when_everything_fails_the_first_errors_say_it(watched: Callable[..., World], sentry: Sentry) -> None:
    world = watched(RAVEN_CONFIG={"dsn": sentry.dsn})
    world.system  # noqa: B018
    main = logging.getLogger("smarty_main")
    for number in range(3 * MOST_PER_MINUTE):
        main.error("it fails", exc_info=ValueError(number))
    world.close()
    assert 0 < len(sentry.events) <= MOST_PER_MINUTE
    assert last_error(sentry.events[0])["value"] == "0"


def test_nothing_is_reported_after_the_end(watched: Callable[..., World], sentry: Sentry) -> None:
    world = watched(RAVEN_CONFIG={"dsn": sentry.dsn})
    before = len(logging.getLogger().handlers)
    world.system  # noqa: B018
    assert len(logging.getLogger().handlers) == before + 1
    world.close()
    assert len(logging.getLogger().handlers) == before


def test_a_sentry_that_is_away_slows_nothing_down(watched: Callable[..., World]) -> None:
    world = watched(RAVEN_CONFIG={"dsn": f"http://{PUBLIC_KEY}@127.0.0.1:{free_port()}/1"})
    world.system  # noqa: B018
    main = logging.getLogger("smarty_main")
    begun = time.monotonic()
    for number in range(100):
        try:
            raise ValueError(number)
        except ValueError:
            log_event(main, logging.ERROR, "API_REQUEST_FAILED", url="/x", ip="", exc_info=True)
    assert time.monotonic() - begun < 20
    begun = time.monotonic()
    world.close()
    assert time.monotonic() - begun < 15


def test_a_sentry_that_never_answers_does_not_hold_up_the_end(watched: Callable[..., World]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        world = watched(RAVEN_CONFIG={"dsn": f"http://{PUBLIC_KEY}@127.0.0.1:{silent.getsockname()[1]}/1"})
        world.system  # noqa: B018
        try:
            raise ValueError
        except ValueError:
            log_event(logging.getLogger("smarty_main"), logging.ERROR, "API_REQUEST_FAILED", url="/x", exc_info=True)
        begun = time.monotonic()
        world.close()
        assert time.monotonic() - begun < 15


@pytest.mark.parametrize(
    "config",
    [
        {"dsn": "sentry.example.com/2"}, {"dsn": "https://sentry.example.com/2"}, {"dsn": "https://key@host/"},
        {"dsn": "https://key@host/project"}, {"dsn": "ftp://key@host/2"}, {"dsn": "https://key@host:port/2"},
        {"dsn": 5}, "https://key@host/2", {"dsn": "https://key@/2"},
    ],
)  # fmt: skip
def test_a_dsn_that_is_none_is_told_with_all_other_mistakes(config: Any) -> None:
    with pytest.raises(ConfigError) as told:
        Settings.for_tests(RAVEN_CONFIG=config, PORT="many")
    assert sorted(problem.partition(":")[0] for problem in told.value.problems) == ["PORT", "RAVEN_CONFIG"]
    assert "key@" not in str(told.value).replace("https://KEY@HOST", "")


@pytest.mark.parametrize("dsn", ["", None, "https://abc@sentry.example.com/2", "http://a:b@10.0.0.1:9000/deep/path/12"])
def test_dsns_of_both_kinds_are_taken(dsn: str | None) -> None:
    assert Settings.for_tests(RAVEN_CONFIG={"dsn": dsn}).RAVEN_CONFIG["dsn"] == dsn


def test_a_library_that_is_missing_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ConfigError, match=re.escape(INSTALL)):
        error_reports(Settings.for_tests(RAVEN_CONFIG={"dsn": "https://key@host/2"}))


def test_without_a_dsn_the_library_is_not_even_imported() -> None:
    code = (
        "import sys\nfrom smarty_core.app import build_system, create_app\nfrom smarty_core.config import Settings\n"
        "from smarty_core.errors import ConfigError\n"
        "try:\n    build_system(Settings.for_tests(), role='test')\nexcept ConfigError as told:\n    print(told)\n"
        "print(*(name for name in sys.modules if name.startswith('sentry')), 'end')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert "run: smarty_manage migrate" in done.stdout
    assert done.stdout.splitlines()[-1] == "end"


SECRETS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=40).map(lambda text: f"Zq{text}")
NAMES = st.sampled_from(["password", "authkey", "api_key", "access_token", "Cookie", "authorization", "parent_code"])


FORMS = ("{n}={s}", "{n}: {s}", "'{n}': '{s}'", "http://h/?a=1&{n}={s}&b=2", '"{n}":"{s}"', "http://user:{s}@host/x")


@settings(deadline=None)
@given(NAMES, SECRETS, st.sampled_from(FORMS))
def test_no_secret_survives_wherever_it_stands(name: str, secret: str, form: str) -> None:
    text = form.format(n=name, s=secret)
    report = {
        "exception": {"values": [{"value": f"boom {text}, more"}]},
        "contexts": {"event": {"url": text, name: secret, "deep": [{name: {"inner": secret}}, (secret and text,)]}},
        "extra": {"typed": Secret(secret)},
    }
    cleaned = json.dumps(without_secrets(report, {}))
    assert secret not in cleaned
    assert "more" in cleaned


def test_what_is_no_secret_survives() -> None:
    report = {
        "event_id": "0" * 32,
        "message": "channel 17 of client 3",
        "extra": {"count": 3, "ok": True, "none": None},
    }
    assert without_secrets(report) == report
    assert SECRET_NAMES.search("password")
