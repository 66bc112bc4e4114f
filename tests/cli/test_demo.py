"""`make run`: a newcomer's first five minutes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

from smarty_core.testing.servers import free_port
from tests.cli.processes import running

TOLD = re.compile(r"^  (Watch|API description|Sample login|Operator|Log in|Channel list)\s{2,}(.+)$", re.MULTILINE)


def pasted(line: str) -> dict[str, object]:
    """What a line prints that somebody pastes into a shell."""
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_a_newcomer_pastes_two_lines_and_sees_channels_with_what_is_on(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "demo", "--port", str(port), "--no-scheduler") as first:
        first.until(lambda: "Channel list" in first.printed)
        told = dict(TOLD.findall(first.printed))
        assert list(told) == ["Watch", "API description", "Sample login", "Operator", "Log in", "Channel list"]
        assert told["Watch"] == f"http://127.0.0.1:{port}/watch"
        assert pasted(told["Log in"])["error"] == 0
        channels = pasted(told["Channel list"])["channels"]
        assert isinstance(channels, list)
        assert len(channels) >= 20
        assert len({channel["category_id"] for channel in channels}) == 3
        assert all(channel["program_name"] and channel["program_end_time"] for channel in channels)
        assert first.end(signal.SIGINT) == 0
    assert "Traceback" not in first.printed

    with running(tmp_path, "demo", "--port", str(port), "--no-scheduler") as second:
        second.until(lambda: "Channel list" in second.printed)
        assert dict(TOLD.findall(second.printed)) == told, "the data of the first time is kept"
        assert "0 added" in second.printed
        assert second.end(signal.SIGTERM) == 0


def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(tmp_path, "demo", "--port", str(port)) as demo:
            assert demo.process.wait(timeout=60) == 1
            assert f"port {port} is taken; try another one" in demo.printed
    assert list(tmp_path.rglob("*.sqlite")) == []
