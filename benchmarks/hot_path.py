"""Hot methods of the device API beside a bare application that sends the same bytes: `python -m benchmarks.hot_path`.

The server and the load generator (wrk) have a core each. Rounds of both alternate; what counts is the ratio of medians.
10 000 devices in 20 packages ask in turn, each for its own answer; each has asked once before the measuring begins.
Cases without a goal are measured more shortly, with fewer devices.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.asking import Answer, Load, ask
from benchmarks.hot_cases import CASES, IN_PROCESS, REDIS, SETTINGS, Case, Played, give_tokens
from benchmarks.installation import PACKAGES, Installation, make_installation
from benchmarks.result import Result, tell
from benchmarks.serving import Served, served
from smarty_core.testing.servers import redis_server

UNJUDGED_ROUNDS, UNJUDGED_DEVICES = 3, 2_000
"""Of a case that has no goal, at most."""

GUIDE_DAYS = 6
SAMPLE = 2 * PACKAGES
"""Devices that stand for all: two of each package."""


class HotPath:
    """Measures cases on one server with one kind of cache."""

    def __init__(self, made: Installation, played: Played, smarty: Served, cache: str, folder: Path) -> None:
        self._made, self._played, self._smarty, self._cache, self._folder = made, played, smarty, cache, folder
        self._warm: dict[str, list[str]] = {}

    def measure(self, case: Case, *, rounds: int, seconds: int) -> None:
        targets = case.targets(self._made, self._played)
        if not case.goals:
            targets, rounds = targets[:UNJUDGED_DEVICES], min(rounds, UNJUDGED_ROUNDS)
        marks = self._warmed(case, targets)
        answer, size = self._captured(case, targets, marks)
        load = Load(self._folder, targets, headers=case.headers, marks=marks if case.known else ())
        captured = self._folder / "answer.json"
        captured.write_text(answer.to_json())
        rates: dict[str, list[float]] = {"bare": [], "smarty": []}
        costs: dict[str, list[float]] = {"bare": [], "smarty": []}
        with served("benchmarks.bare", str(captured)) as bare:
            for _ in range(rounds):
                for name, server in (("bare", bare), ("smarty", self._smarty)):
                    before = server.processor_seconds
                    rates[name].append(
                        load.run(server.port, seconds, least_bytes=0.97 * size, connections=case.connections)
                    )
                    costs[name].append((server.processor_seconds - before) / rates[name][-1])
        floor, rate = statistics.median(rates["bare"]), statistics.median(rates["smarty"])
        ratio, goal = rate / floor, case.goals.get(self._cache)
        body = f"{size / 1000:.1f} kB" if size >= 1000 else f"{size:.0f} bytes"
        job = f"{case.name} ({body}), {self._cache}"
        tell(Result(
            job=job, floor=f"{floor:.0f}/s", ours=f"{rate:.0f}/s", ratio=f"{ratio:.2f}",
            goal="-" if goal is None else f">= {goal:.2f}", met=goal is None or ratio >= goal,
        ))  # fmt: skip
        by_cost = statistics.median(costs["bare"]) / statistics.median(costs["smarty"])
        print(f"  ratio by processor time, for when the machine does other work too: {by_cost:.2f}", flush=True)

    def _warmed(self, case: Case, targets: list[str]) -> list[str]:
        """Have every device ask once on this server; the ETags."""
        if case.address not in self._warm:
            self._warm[case.address] = ask(self._smarty.port, targets, _mark_of)
        return self._warm[case.address]

    def _captured(self, case: Case, targets: list[str], marks: list[str]) -> tuple[Answer, float]:
        """An answer of middle size as this case gets it, and the mean size of the bodies."""
        answers = []
        for target, mark in list(zip(targets, marks, strict=True))[:SAMPLE]:
            known = {"If-None-Match": mark} if case.known else {}
            answers += ask(self._smarty.port, [target], lambda _, answer: answer, {**case.headers, **known})
        if wrong := [answer.status for answer in answers if answer.status != case.status]:
            raise SystemExit(f"{case.name}: status {wrong[0]} instead of {case.status}")
        mean = statistics.fmean(len(answer.body) for answer in answers)
        return min(answers, key=lambda answer: abs(len(answer.body) - mean)), mean


def _mark_of(target: str, answer: Answer) -> str:
    """The ETag of a good answer."""
    if answer.status >= 400 or (answer.status == 200 and not answer.body.startswith(b'{"error":0')):
        raise SystemExit(f"{target.partition('?')[0]}: {answer.status} {answer.body[:200]!r}")
    return answer.header("etag")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=1, help="length of one round")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--channels", type=int, default=188, help="188: a list of 390 kB")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="only this one")
    parser.add_argument("--cache", choices=(IN_PROCESS, REDIS), help="only with this one")
    options = parser.parse_args()
    print(f"{options.sessions} sessions, {options.channels} channels, {options.rounds} rounds of {options.seconds} s")
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        made = make_installation(
            folder, channels=options.channels, sessions=options.sessions, guide_days=GUIDE_DAYS, **SETTINGS
        )
        played = give_tokens(made, channels=max(1, options.channels - PACKAGES))
        for cache in (IN_PROCESS, REDIS) if options.cache is None else (options.cache,):
            settings = dict(made.settings)
            if cache == REDIS:
                settings["CACHE_URL"] = f"redis://127.0.0.1:{stack.enter_context(redis_server())}/0"
            cases = [case for case in CASES if case.name in options.case] if options.case else CASES
            if not options.case and cache == REDIS:
                cases = [case for case in cases if REDIS in case.goals]
            with served("benchmarks.smarty_server", json.dumps(settings)) as smarty:
                bench = HotPath(made, played, smarty, cache, folder)
                for case in cases:
                    bench.measure(case, rounds=options.rounds, seconds=options.seconds)
                print(f"memory of the server, {cache}: {smarty.peak_memory / 1e6:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
