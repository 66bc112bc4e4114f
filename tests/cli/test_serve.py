"""`smarty_manage serve` as operators run it: one process or several, ended by a service manager."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from smarty_core.testing.servers import free_port
from tests.cli.processes import answers, manage, running

pytestmark = pytest.mark.long

SETTINGS = """
from settings.base import *

TIME_ZONE = "Europe/Moscow"
"""


SILENCE = 7.0
"""Seconds; longer than the supervisor of uvicorn would wait by itself."""


@pytest.fixture
def home(tmp_path: Path, _sqlite_template: Path) -> Path:
    """A migrated installation without an operator."""
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.py").write_text(SETTINGS)
    (tmp_path / "var" / "prod").mkdir(parents=True)
    (tmp_path / "var" / "prod" / "smarty.sqlite").write_bytes(_sqlite_template.read_bytes())
    return tmp_path


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def test_it_answers_until_sigterm(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        api = f"http://127.0.0.1:{port}/tvmiddleware/api"
        refused = httpx.get(f"{api}/account/status/?client_id=1", trust_env=False).json()
        assert (refused["error"], refused["status"]) == (0, 1)
        assert "URLS_INITIALIZED" in server.printed, "without files for logs they go to standard output"
        assert server.end(signal.SIGTERM) == 0
    assert "Traceback" not in server.printed


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_being_asked_at_sigterm_is_answered(home: Path, workers: int) -> None:
    port = free_port()
    line = ("serve", "--workers", str(workers), "--port", str(port), "--settings=settings.prod")
    with running(home, *line) as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
            asking.sendall(
                b"POST /tvmiddleware/api/account/status/ HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
            )
            assert asking.recv(100).startswith(b"HTTP/1.1 100"), "the request has been taken"
            server.process.send_signal(signal.SIGTERM)
            server.until(lambda: not accepts(port))
            asking.sendall(b"client_id=1")
            answer = b"".join(iter(lambda: asking.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 1
        assert server.process.wait(timeout=40) == 0
    assert "Traceback" not in server.printed


def test_several_processes_share_one_port(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--workers", "2", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        server.until(lambda: server.printed.count("URLS_INITIALIZED") >= 2)
        assert server.end(signal.SIGTERM) == 0
    assert "Traceback" not in server.printed


def test_a_worker_that_is_silent_for_some_seconds_is_not_killed(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--workers", "2", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: server.printed.count("URLS_INITIALIZED") >= 2)
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        workers = _workers(server.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGSTOP)
        time.sleep(SILENCE)
        os.kill(workers[0], signal.SIGCONT)
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        assert _workers(server.process.pid) == workers
        assert server.end(signal.SIGTERM) == 0


def _workers(parent: int) -> list[int]:
    """The processes of a server that answer requests."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [pid for pid in map(int, children) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_database_without_tables_names_the_command(tmp_path: Path) -> None:
    code, _, complaints = manage(tmp_path, "serve", "--port", str(free_port()))
    assert code == 1
    assert "run: smarty_manage migrate" in complaints
    assert "Traceback" not in complaints


def test_every_mistake_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.py").write_text(
        "from settings.base import *\nTIME_ZONE = 'Europe/Moskau'\nPORT = 'many'\nTIME_ZON = 'UTC'\n"
    )
    code, _, complaints = manage(tmp_path, "serve", "--settings=settings.prod")
    assert code == 1
    for words in ("TIME_ZONE", "PORT", "TIME_ZON: unknown setting; did you mean 'TIME_ZONE'?"):
        assert words in complaints
    assert "Traceback" not in complaints


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_ends_it_with_a_word(home: Path, workers: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = ("serve", "--workers", str(workers), "--port", str(port), "--settings=settings.prod")
        code, said, complaints = manage(home, *line)
    assert code == 1
    assert "Traceback" not in said + complaints
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in complaints
    assert "Traceback" not in said + complaints


def test_a_head_that_is_too_large_is_refused_early(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n")
            assert connection.recv(100).startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
        assert answers(f"http://127.0.0.1:{port}/openapi.json")
        assert os.WIFSIGNALED(server.end(signal.SIGTERM)) is False


def test_jobs_are_listed_and_run_by_hand(home: Path) -> None:
    def listed() -> dict[str, dict[str, object]]:
        code, said, complaints = manage(home, "jobs", "--json", "--settings=settings.prod")
        assert (code, complaints) == (0, "")
        return {row["name"]: row for row in json.loads(said)}

    before = listed()
    assert "epg_import" in before
    assert (before["clean_stream_tokens"]["status"], before["clean_stream_tokens"]["last_run"]) == ("never", None)
    code, said, complaints = manage(home, "jobs", "--run", "clean_stream_tokens", "--settings=settings.prod")
    assert (code, complaints) == (0, "")
    assert "clean_stream_tokens: done" in said
    after = listed()["clean_stream_tokens"]
    assert after["status"] == "ok"
    assert str(after["last_run"]) < str(after["next_run"])
    code, _, complaints = manage(home, "jobs", "--run", "no_such_job", "--settings=settings.prod")
    assert code == 2
    assert "there is no job 'no_such_job'" in complaints


def test_the_scheduler_imports_the_guide_in_another_process(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: "EPG_IMPORT_FINISHED" in server.printed)
        (importer,) = re.findall(r"\[(\d+)\.[^]]*\] EPG_IMPORT_FINISHED", server.printed)
        assert int(importer) != server.process.pid
        server.until(lambda: "command='epg_import'" in server.printed)
        server.end(signal.SIGTERM)
    code, said, _ = manage(home, "jobs", "--json", "--settings=settings.prod")
    assert (code, {row["name"]: row["status"] for row in json.loads(said)}["epg_import"]) == (0, "ok")


def test_installed_plugins_are_listed_with_and_without_a_database(home: Path) -> None:
    def listed(*options: str) -> tuple[dict[tuple[str, str], str], str]:
        code, said, complaints = manage(home, "plugins", "--json", *options)
        assert code == 0
        return {(row["capability"], row["name"]): row["status"] for row in json.loads(said)}, complaints

    found, complaints = listed()
    assert found[("stream_router", "mask")] == "ok"
    assert "run: smarty_manage migrate" in complaints
    found, complaints = listed("--settings=settings.prod")
    assert found[("stream_router", "mask")] == "unused"
    assert {"epg_parser", "geo_locator", "sms_backend", "stream_router", "cas"} <= {kind for kind, _ in found}
    assert complaints == ""
