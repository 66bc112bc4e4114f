"""Hot methods of the device API beside a bare application that sends the same bytes: `python -m benchmarks.hot_path`.

The server and the load generator (wrk) have a core each. Rounds of both alternate; what counts is the ratio of medians.
10 000 sessions in 20 packages ask in turn; each is asked once before the measuring begins.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import Installation, make_installation

SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 32

SCRIPT = """
local keys = {{}}
for line in io.lines("{keys}") do keys[#keys + 1] = line end
local n = 0
local headers = {{{headers}}}
request = function()
  n = n + 1
  return wrk.format("GET", "{path}&authkey=" .. keys[(n * 7919) % #keys + 1], headers)
end
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One method. `limit`: the share of the bare application's rate that is to be reached."""

    name: str
    path: str
    gzip: bool
    limit: float


CASES = (
    Case("account_status", "/tvmiddleware/api/account/status/?client_id={client}&device=android", False, 0.60),
    Case("channel_list", "/tvmiddleware/api/channel/list/?client_id={client}&device=android", False, 0.60),
    Case("channel_list gzip", "/tvmiddleware/api/channel/list/?client_id={client}&device=android", True, 0.55),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--channels", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as name:
        folder = Path(name)
        print(f"{options.sessions} sessions, {options.channels} channels, {options.rounds} rounds")
        made = make_installation(folder, channels=options.channels, sessions=options.sessions)
        keys = folder / "keys"
        keys.write_text("\n".join(made.authkeys))
        with _server("benchmarks.smarty_server", json.dumps(made.settings)) as smarty:
            for case in CASES:
                _measure(case, made, smarty, folder, keys, rounds=options.rounds, seconds=options.seconds)
            print(f"memory of the server: {_memory(smarty.pid) / 1e6:.0f} MB")


def _measure(
    case: Case, made: Installation, smarty: Served, folder: Path, keys: Path, *, rounds: int, seconds: float
) -> None:
    path = case.path.format(client=made.client_id)
    headers = {"Accept-Encoding": "gzip"} if case.gzip else {}
    _warm(smarty.port, path, made.authkeys, headers)
    answer = folder / "answer.json"
    answer.write_text(json.dumps(_captured(smarty.port, f"{path}&authkey={made.authkeys[0]}", headers)))
    script = folder / "load.lua"
    lua_headers = ", ".join(f'["{name}"] = "{value}"' for name, value in headers.items())
    script.write_text(SCRIPT.format(keys=keys, path=path, headers=lua_headers))
    rates: dict[str, list[float]] = {"smarty": [], "bare": []}
    with _server("benchmarks.bare", str(answer)) as bare:
        for _ in range(rounds):
            for name, served in (("bare", bare), ("smarty", smarty)):
                rates[name].append(_load(served.port, script, seconds))
    ours, floor = statistics.median(rates["smarty"]), statistics.median(rates["bare"])
    ratio = ours / floor
    verdict = "ok" if ratio >= case.limit else "below"
    print(f"{case.name:20} {ours:8.0f}/s  bare {floor:8.0f}/s  ratio {ratio:.2f} (limit {case.limit:.2f}, {verdict})")


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    pid: int


@contextlib.contextmanager
def _server(module: str, argument: str) -> Iterator[Served]:
    port = _free_port()
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", module, argument, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{module} did not start")
            time.sleep(0.1)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _load(port: int, script: Path, seconds: float) -> float:
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(script),
               f"http://127.0.0.1:{port}"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"failed answers under load:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]


def _captured(port: int, path: str, headers: dict[str, str]) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    sent = [(name.lower(), value) for name, value in answer.getheaders() if name.lower() != "date"]
    return {"status": answer.status, "headers": sent, "body": base64.b64encode(body).decode()}


def _warm(port: int, path: str, authkeys: tuple[str, ...], headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for key in authkeys:
        connection.request("GET", f"{path}&authkey={key}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            raise SystemExit(f"{path}: {answer.status}")
    connection.close()


def _memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/openapi.json")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


if __name__ == "__main__":
    os.nice(0)
    main()
