"""Runs benchmarks one after the other, each a process of its own, and gathers what they tell."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.result import RESULTS_FILE, Result, kept_results

BENCHMARKS: Final = {
    "hot_path": 480,
    "epg_import": 480,
    "load_mix": 240,
    "login_storm": 180,
    "flush_under_load": 180,
    "import_under_load": 240,
    "failover": 120,
    "check_services": 90,
    "monitoring": 180,
    "geo": 180,
    "script_router": 60,
}
"""Name -> seconds after which it is given up. All of them together take about twenty minutes."""


def run_all(names: Sequence[str]) -> list[Result]:
    """What the benchmarks of these names found, in order; a line says so when one of them failed."""
    results: list[Result] = []
    for name in names:
        module = f"benchmarks.{name}"
        if find_spec(module) is not None:
            print(f"\n== {name}", flush=True)
            results += run(module, BENCHMARKS[name])
    return results


def run(module: str, seconds: float) -> list[Result]:
    """`python -m MODULE`, its output passed on. It must tell something and end well within `seconds`."""
    with tempfile.NamedTemporaryFile(prefix="smarty-bench-", suffix=".jsonl") as file:
        before = os.environ.get(RESULTS_FILE)
        os.environ[RESULTS_FILE] = file.name
        try:
            failure = _failure(module, seconds)
            results = kept_results()
        finally:
            if before is None:
                del os.environ[RESULTS_FILE]
            else:
                os.environ[RESULTS_FILE] = before
    if not failure and not results:
        failure = "told nothing"
    if failure:
        results.append(Result(module.rpartition(".")[2], "", f"failed: {failure}", "", "", met=False))
    return results


def _failure(module: str, seconds: float) -> str:
    """Why it failed; empty when it ended well. Whatever it started ends with it."""
    process = subprocess.Popen([sys.executable, "-m", module], start_new_session=True)
    try:
        code = process.wait(seconds)
    except BaseException as exc:
        _end(process)
        if isinstance(exc, subprocess.TimeoutExpired):
            return f"not ready after {seconds:g} s"
        raise
    return f"exit code {code}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with everything it started, politely at first so that it can clear away its files."""
    os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def write_file(path: Path, text: str) -> None:
    """All of it or nothing."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
