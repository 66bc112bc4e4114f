"""One process per operator: whose it is, when it ends, and what is left to somebody who took it over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from smarty_script_router import workers
from smarty_script_router.variables import VARIABLES
from smarty_script_router.workers import WORKERS, ScriptFailed, Worker, Workers

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, ProviderUnavailable

LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1")
SCRIPT = "uri = 'http://h/' + prefix"
GIVEN = dict.fromkeys(VARIABLES, "x")


def pid_of(worker: Worker) -> int:
    assert worker._process is not None
    return worker._process.pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_services_of_one_operator_share_a_process_and_operators_do_not(router: Any) -> None:
    made = [router(SCRIPT, client_id=client, name=name) for client, name in ((1, "a"), (1, "b"), (2, "c"))]
    for one in made:
        assert one.issue(LIVE).uri == "http://h/news1"
    pids = [pid_of(one._worker) for one in made]
    assert pids[0] == pids[1] != pids[2]


def test_the_last_service_takes_the_process_with_it(router: Any) -> None:
    first, second = router(SCRIPT, client_id=5), router(SCRIPT, client_id=5, name="second")
    pid = pid_of(first._worker)
    first.close()
    first.close()
    assert second.issue(LIVE).uri == "http://h/news1"
    second.close()
    assert not alive(pid)
    assert 5 not in WORKERS._workers


def test_a_script_with_a_mistake_leaves_no_process(router: Any) -> None:
    with pytest.raises(ConfigError):
        router("uri = ", client_id=6)
    assert 6 not in WORKERS._workers


def test_a_process_that_was_killed_is_replaced(worker: Worker) -> None:
    assert worker.run(SCRIPT, GIVEN, 5.0) == "http://h/x"
    pid = pid_of(worker)
    os.kill(pid, signal.SIGKILL)
    worker._process.wait()  # type: ignore[union-attr]
    assert worker.run(SCRIPT, GIVEN, 5.0) == "http://h/x"
    assert pid_of(worker) != pid


def test_a_process_that_missed_its_deadline_is_dead(worker: Worker) -> None:
    worker.run(SCRIPT, GIVEN, 5.0)
    pid = pid_of(worker)
    with pytest.raises(ScriptFailed, match="did not end within 50 ms"):
        worker.run("uri = 10 ** 10 ** 8", GIVEN, 0.05)
    assert not alive(pid)


def test_a_fork_of_the_server_takes_no_answers_of_its_parent(worker: Worker) -> None:
    assert worker.run(SCRIPT, GIVEN, 5.0) == "http://h/x"
    pid = pid_of(worker)
    worker._owner = -1  # as it looks in a fork
    assert worker.run(SCRIPT, GIVEN, 5.0) == "http://h/x"
    assert pid_of(worker) != pid
    assert os.waitpid(pid, 0)[1] == 0, "it ends by itself when its connection closes"


def test_an_unfiltered_process_is_told_of(monkeypatch: pytest.MonkeyPatch, host: Any, router: Any) -> None:
    boot = "from smarty_script_router import confine; confine._CALLS.clear(); " + workers._BOOT
    monkeypatch.setattr(workers, "_BOOT", boot)
    assert router(SCRIPT, client_id=9).issue(LIVE).uri == "http://h/news1"
    assert host.log.events() == ["SCRIPTS_NOT_FILTERED"]


def test_a_process_finds_packages_where_the_server_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("from smarty_script_router.worker import main")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(workers, "_BOOT", "from elsewhere import main; main()")
    worker = Worker()
    try:
        assert worker.run(SCRIPT, GIVEN, 5.0) == "http://h/x"
    finally:
        worker.close()


def test_without_an_interpreter_there_is_an_error_and_later_none(monkeypatch: pytest.MonkeyPatch, host: Any,
                                                                 router: Any) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    made = router(SCRIPT, client_id=8)
    assert host.log.events() == ["SCRIPT_NOT_CHECKED"]
    monkeypatch.undo()
    assert made.issue(LIVE).uri == "http://h/news1"


def test_many_threads_get_each_its_own_answer(worker: Worker) -> None:
    def ask(name: str) -> list[str]:
        return [worker.run(SCRIPT, {**GIVEN, "prefix": f"{name}{at}"}, 5.0) for at in range(100)]

    with ThreadPoolExecutor(8) as pool:
        for name, answers in zip("abcdefgh", pool.map(ask, "abcdefgh"), strict=True):
            assert answers == [f"http://h/{name}{at}" for at in range(100)]


@pytest.mark.parametrize(("limit", "value"), [("LOADED_CHARACTERS", 60), ("WORKING_SECONDS", 0.0)])
def test_a_process_is_replaced_before_it_is_used_up(monkeypatch: pytest.MonkeyPatch, limit: str, value: float) -> None:
    worker = Worker()
    try:
        pids = set()
        monkeypatch.setattr(workers, limit, value)
        for number in range(6):
            assert worker.run(f"uri = 'http://h/{number}'", GIVEN, 5.0) == f"http://h/{number}"
            pids.add(pid_of(worker))
        assert 1 < len(pids) <= 6
    finally:
        worker.close()


TAKEN_OVER = "import os, select, struct\nprint = lambda text: os.write(0, struct.pack('>I', len(text)) + text)\n"
GREETING = TAKEN_OVER + "print(b'{\"ready\": true}')\nos.read(0, 99999)\n"
COMPILED = GREETING + "print(b'{\"problems\": []}')\nos.read(0, 99999)\n"


@pytest.mark.parametrize(
    "lie",
    [
        "os.write(0, struct.pack('>I', 1 << 31))", "print(b'x')", "print(b'[]')", "print(b'{}')", "print(b'[' * 30000)",
        "print(b'{\"uri\": 5}')", "print(b'{\"failed\": [null, 1]}')", "print(b'{\"problems\": [7]}')", "os._exit(0)",
        "while True: os.read(0, 1)",
        "os.write(0, struct.pack('>I', 30000))\nwhile True: os.write(0, b' '); select.select([], [], [], 0.0005)",
        "os.write(0, b'x'); os.read(0, 1)",
    ],
)  # fmt: skip
def test_a_process_that_was_taken_over_gets_nothing_by_lies(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker()
    begin = time.monotonic()
    monkeypatch.setattr(workers, "COMPILE_SECONDS", 0.2)
    try:
        monkeypatch.setattr(workers, "_BOOT", COMPILED + lie)
        with pytest.raises((ScriptFailed, ProviderUnavailable)):
            worker.run(SCRIPT, GIVEN, 0.05)
        worker.close()
        monkeypatch.setattr(workers, "_BOOT", GREETING + lie)
        with pytest.raises((ScriptFailed, ProviderUnavailable)):
            worker.run(SCRIPT, GIVEN, 0.05)
        worker.close()
        monkeypatch.setattr(workers, "_BOOT", TAKEN_OVER + lie)
        monkeypatch.setattr(workers, "START_SECONDS", 0.2)
        with pytest.raises(ProviderUnavailable, match="did not get ready"):
            worker.run(SCRIPT, GIVEN, 0.05)
    finally:
        worker.close()
    assert time.monotonic() - begin < 15, "it is ended at its deadline, not when it has said all"


def test_what_a_process_says_of_a_script_cannot_break_out_of_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker()
    try:
        monkeypatch.setattr(
            workers, "_BOOT", COMPILED + "print(b'{\"failed\": [1, \"a\\\\nERROR b' + b'x' * 900 + b'\"]}')"
        )
        with pytest.raises(ScriptFailed) as failed:
            worker.run(SCRIPT, GIVEN, 5.0)
        assert failed.value.text.startswith("a ERROR bxx")
        assert len(failed.value.text) == 300
    finally:
        worker.close()


def test_workers_are_counted() -> None:
    counted = Workers()
    first = counted.take(1)
    assert counted.take(1) is first
    assert counted.take(2) is not first
    counted.give_back(1)
    assert counted.take(1) is first
    for client in (1, 1, 2):
        counted.give_back(client)
    assert counted._workers == {}


PRISON = """
import os, resource, signal, socket, subprocess, sys
from smarty_script_router.confine import confine
filtered = confine()
attempts = {
    "open": lambda: open("/etc/hostname"),
    "write": lambda: open("/tmp/smarty-escape", "w"),
    "folder": lambda: os.mkdir("/tmp/smarty-escape"),
    "socket": lambda: socket.socket(),
    "pair": lambda: socket.socketpair(),
    "pipe": lambda: os.pipe(),
    "fork": lambda: os.fork(),
    "program": lambda: subprocess.run(["/bin/true"]),
    "limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    "memory": lambda: bytearray(1 << 30),
    "module": lambda: __import__("xml.dom.minidom"),
}
if filtered:
    attempts |= {
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "kill": lambda: os.kill(PARENT, 0),
        "unlink": lambda: os.unlink("/tmp/smarty-no-such-file"),
        "stat": lambda: os.stat("/"),
        "chdir": lambda: os.chdir("/tmp"),
        "user": lambda: os.setuid(0),
        "list": lambda: os.listdir("/"),
    }
won = []
for name, attempt in attempts.items():
    try:
        result = attempt()
    except FileNotFoundError:
        won.append(name)  # the system looked for it
    except (OSError, ValueError, MemoryError, ImportError):
        pass
    else:
        if name == "fork" and result == 0:
            os._exit(0)
        won.append(name)
os.write(1, (",".join(won) or "nothing").encode())
os._exit(0)
"""


def test_somebody_who_broke_out_of_the_interpreter_finds_no_files_network_or_processes() -> None:
    source = PRISON.replace("PARENT", str(os.getpid()))
    done = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, timeout=60, check=False, env={})
    assert done.stdout.decode() == "nothing", done.stderr.decode()
