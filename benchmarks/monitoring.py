"""What measuring costs on the hot path: the same server with and without it, `python -m benchmarks.monitoring`.

Both servers run at once on one core, asked in turn by wrk on another. What counts is how many answers each gives in a
second of its own processor time, so that what else runs on the machine hardly matters; medians, and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import tempfile
from pathlib import Path

from benchmarks.asking import Load, ask
from benchmarks.hot_cases import CASES, Played
from benchmarks.installation import make_installation
from benchmarks.result import Result, tell
from benchmarks.serving import served

MEASURED = ("account_status", "channel_list", "channel_list 304")
GOAL = 0.90


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=1, help="length of one round")
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--channels", type=int, default=188)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as name, socket.socket(type=socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))  # takes what it is sent and forgets it
        folder = Path(name)
        made = make_installation(folder, channels=options.channels, sessions=options.sessions)
        port = statsd.getsockname()[1]
        watching = {**made.settings, "METRICS": True, "STATSD_HOST": "127.0.0.1", "STATSD_PORT": port}
        with (
            served("benchmarks.smarty_server", json.dumps(made.settings)) as plain,
            served("benchmarks.smarty_server", json.dumps(watching)) as watched,
        ):
            for case in (case for case in CASES if case.name in MEASURED):
                targets = case.targets(made, Played((1,), 0, ("",) * len(made.authkeys)))
                marks = [ask(one.port, targets, lambda _, answer: answer.header("etag")) for one in (plain, watched)]
                assert marks[0] == marks[1]
                load = Load(folder, targets, headers=case.headers, marks=marks[0] if case.known else ())
                rates: tuple[list[float], list[float]] = ([], [])
                for _ in range(options.rounds):
                    for one, found in zip((plain, watched), rates, strict=True):
                        before = _processor_seconds(one.pid)
                        answers = options.seconds * load.run(one.port, options.seconds, least_bytes=0)
                        found.append(answers / (_processor_seconds(one.pid) - before))
                floor, ours = map(statistics.median, rates)
                tell(Result(
                    job=f"{case.name}, with metrics and statsd", floor=f"{floor:.0f}/s", ours=f"{ours:.0f}/s",
                    ratio=f"{ours / floor:.2f}", goal=f">= {GOAL:.2f}", met=ours / floor >= GOAL,
                ))  # fmt: skip


def _processor_seconds(pid: int) -> float:
    """Of a process, in user and system mode together."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
