"""`smarty_manage serve` as operators run it: one process or several, ended by a service manager."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from smarty_core.testing.servers import free_port
from tests.cli.processes import answers, manage, running

SETTINGS = """
from settings.base import *

TIME_ZONE = "Europe/Moscow"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A migrated installation without an operator."""
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.py").write_text(SETTINGS)
    code, said, complaints = manage(tmp_path, "migrate", "--settings=settings.prod")
    assert code == 0, said + complaints
    return tmp_path


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


def test_several_processes_share_one_port(home: Path) -> None:
    port = free_port()
    with running(home, "serve", "--workers", "2", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        server.until(lambda: server.printed.count("URLS_INITIALIZED") >= 2)
        assert server.end(signal.SIGTERM) == 0
    assert "Traceback" not in server.printed


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


def test_a_port_that_is_taken_ends_it_with_a_word(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said, complaints = manage(home, "serve", "--port", str(port), "--settings=settings.prod")
    assert code == 1
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
    code, said, complaints = manage(home, "jobs", "--run", "clean_stream_tokens", "--settings=settings.prod")
    assert (code, complaints) == (0, "")
    assert "clean_stream_tokens: done" in said
    code, said, _ = manage(home, "jobs", "--settings=settings.prod")
    assert code == 0
    assert "clean_stream_tokens" in said
    assert "epg_import" in said
    code, _, complaints = manage(home, "jobs", "--run", "no_such_job", "--settings=settings.prod")
    assert code == 2
    assert "there is no job 'no_such_job'" in complaints
