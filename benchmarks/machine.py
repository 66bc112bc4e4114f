"""What the figures were measured on, without naming it."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from pathlib import Path

import psycopg

from smarty_core.testing.servers import Unavailable, redis_binary


def description() -> list[tuple[str, str]]:
    """(what, which) in the order of the page. What this machine has not got is left out."""
    found = [
        ("processor", _line(Path("/proc/cpuinfo"), r"model name\s*:\s*(.+)") or platform.machine()),
        ("cores", str(len(os.sched_getaffinity(0)))),
        ("memory", _memory()),
        ("system", f"{platform.system()} {platform.release().partition('-')[0]}"),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        ("PostgreSQL", _postgresql()),
        ("Redis", _redis()),
    ]
    return [(what, which) for what, which in found if which]


def _line(path: Path, pattern: str) -> str:
    found = re.search(pattern, path.read_text()) if path.exists() else None
    return found[1].strip() if found else ""


def _memory() -> str:
    kilobytes = _line(Path("/proc/meminfo"), r"MemTotal:\s*(\d+) kB")
    return f"{int(kilobytes) / 1024 / 1024:.1f} GiB" if kilobytes else ""


def _postgresql() -> str:
    """Of the server the benchmarks use."""
    try:
        with psycopg.connect(host="127.0.0.1", port=5432, dbname="postgres", connect_timeout=3) as connection:
            number = connection.info.server_version
    except psycopg.Error:
        return ""
    return f"{number // 10_000}.{number % 10_000}"


def _redis() -> str:
    try:
        said = subprocess.run([redis_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    except (Unavailable, OSError, subprocess.CalledProcessError):
        return ""
    found = re.search(r"v=([\d.]+)", said)
    return found[1] if found else ""
