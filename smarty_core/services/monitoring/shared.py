"""The figures of all processes of one server, kept in a folder: a scrape reaches only one of them.

Each process writes its own file every second, whole or not at all. Counters of a process that has died stay, so that
sums never fall; its gauges do not. The folder belongs to one server (the process that started the others), and whoever
comes next removes those of servers that are gone.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from smarty_core.services.monitoring.families import Value

_SERVER: Final = re.compile(r"(?P<host>.+)-(?P<pid>\d+)-(?P<begun>\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """What one process has told: sums, and what holds for itself alone (empty once it is gone)."""

    counters: tuple[Value, ...]
    gauges: tuple[Value, ...]


class SharedFigures:
    """The folder of this server. What cannot be written raises `OSError`; what cannot be read is not there."""

    def __init__(self, below: Path) -> None:
        parent = multiprocessing.parent_process()
        self._server = os.getpid() if parent is None or parent.pid is None else parent.pid
        self.folder: Final = below / f"{_host()}-{self._server}-{_begun(self._server)}"
        self._own: Final = self.folder / f"{os.getpid()}-{_begun(os.getpid())}.json"

    def prepare(self) -> None:
        """Make the folder, remove those of servers that are gone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for other in self.folder.parent.iterdir():
            found = _SERVER.fullmatch(other.name)
            if found and found["host"] == _host() and not _runs(int(found["pid"]), found["begun"]):
                shutil.rmtree(other, ignore_errors=True)

    def publish(self, told: Told) -> None:
        """Tell the others what this process is like."""
        self.write(self._own.name, {"counters": told.counters, "gauges": told.gauges})

    def others(self) -> Iterator[tuple[str, Told]]:
        """Process id and what it told, of every other process there is or was."""
        for path in sorted(self.folder.glob("[0-9]*-[0-9]*.json")):
            if path == self._own:
                continue
            pid, _, begun = path.stem.partition("-")
            if found := self.read(path.name):
                gauges = values_of(found["gauges"]) if _runs(int(pid), begun) else ()
                yield pid, Told(values_of(found["counters"]), gauges)

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Replace a file of the folder at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder)
        try:
            with open(handle, "w", encoding="utf-8") as out:
                json.dump(content, out, ensure_ascii=False)
            os.replace(temporary, self.folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def read(self, name: str) -> dict[str, Any]:
        """The content of a file; empty when there is none that can be read."""
        try:
            found = json.loads((self.folder / name).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        """The end of this process; the folder goes with the server, if it is this process itself."""
        if self._server == os.getpid():
            shutil.rmtree(self.folder, ignore_errors=True)


def values_of(rows: Iterable[Any]) -> tuple[Value, ...]:
    """Values as they come out of a file."""
    return tuple(
        Value(family, tuple((str(name), str(text)) for name, text in labels), number, suffix)
        for family, labels, number, suffix in rows
    )


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname()) or "host"


def _begun(pid: int) -> str:
    """When a process began, in ticks of the kernel: ids of processes are used again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _runs(pid: int, begun: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _begun(pid) == begun
