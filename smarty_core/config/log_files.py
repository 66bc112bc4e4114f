"""Log files that bear being rotated by others, and belong to the user the operator names."""

from __future__ import annotations

import contextlib
import errno
import grp
import logging
import logging.handlers
import os
import pwd
import sys
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from smarty_core.errors import ConfigError

TELL_SECONDS: Final = 60.0
"""Between two complaints about the same log."""


@dataclass(frozen=True, slots=True)
class Owner:
    """User and group of new files; -1 leaves what the process has."""

    user: int = -1
    group: int = -1


def owner_named(user: str, group: str) -> Owner:
    """The owner LOG_FILE_OWNER_USER and LOG_FILE_OWNER_GROUP name. Raises `ConfigError` when there is no such."""
    problems, uid, gid = [], -1, -1
    try:
        uid = pwd.getpwnam(user).pw_uid if user else -1
    except KeyError:
        problems.append(f"LOG_FILE_OWNER_USER: there is no user {user!r} on this host")
    try:
        gid = grp.getgrnam(group).gr_gid if group else -1
    except KeyError:
        problems.append(f"LOG_FILE_OWNER_GROUP: there is no group {group!r} on this host")
    if problems:
        raise ConfigError(*problems)
    return Owner(uid, gid)


class LostLines:
    """What could not be written. Complains on standard error once a minute, never more often."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._told_at = float("-inf")
        self.count = 0

    def add(self, failure: OSError) -> None:
        """Count a line that is lost."""
        self.count += 1
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS and sys.stderr is not None:
            self._told_at = now
            words = f"{self._where} cannot be written: {failure.strerror or failure}; lines lost so far: {self.count}"
            with contextlib.suppress(OSError, ValueError):
                print(words, file=sys.stderr, flush=True)


class LogStream(logging.StreamHandler[TextIO]):
    """Standard output. Trouble with it never reaches who has logged."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lost = LostLines("the log on standard output")

    def handleError(self, record: logging.LogRecord) -> None:
        failure = sys.exc_info()[1]
        if isinstance(failure, OSError):
            self._lost.add(failure)
        else:
            super().handleError(record)


class LogFile(logging.handlers.WatchedFileHandler):
    """Opens its file anew when logrotate has moved it away.

    A line is one write to the end of the file, so that processes can share it. While nothing can be written, as on a
    full disk, lines are lost and counted; the first one after that says how many.
    """

    def __init__(self, path: Path, owner: Owner) -> None:
        self._owner = owner
        self._lost = LostLines(f"the log file {path}")
        self._torn = False
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)

    def demand_writable(self) -> None:
        """Raises `OSError` unless the file can be written, or made, by this process. Makes the folder only."""
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - a mistake in a log call; the standard complaint shows where
            self.handleError(record)
            return
        try:
            self.reopenIfNeeded()
            if self._lost.count:
                self._write(self.format(_lost(self._lost.count)))
                self._lost.count = 0
            self._write(line)
        except OSError as failure:
            self._lost.add(failure)

    def _write(self, line: str) -> None:
        """Raises `OSError`; then part of the line may be in the file."""
        stream: TextIOWrapper | None = self.stream
        if stream is None:
            self.stream = stream = self._open()
        data = ("\n" * self._torn + line + "\n").encode("utf-8", "backslashreplace")
        while data:
            written = os.write(stream.fileno(), data)
            data = data[written:]
            self._torn = bool(data)

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        stream = super()._open()
        if (self._owner.user, self._owner.group) != (-1, -1) and os.geteuid() == 0:
            os.fchown(stream.fileno(), self._owner.user, self._owner.group)
        return stream


def _lost(count: int) -> logging.LogRecord:
    words = f"lines that could not be written before this one: {count}"
    return logging.LogRecord("smarty_main", logging.WARNING, __file__, 0, words, None, None)
