"""Log files that bear being rotated by others, and belong to the user the operator names."""

from __future__ import annotations

import grp
import logging
import logging.handlers
import os
import pwd
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from smarty_core.errors import ConfigError


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


class LogFile(logging.handlers.WatchedFileHandler):
    """Opens its file anew when logrotate has moved it away."""

    def __init__(self, path: Path, owner: Owner) -> None:
        self._owner = owner
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)

    def open_now(self) -> None:
        """Make the file, so that a folder that is missing or forbidden is found at the start. Raises `OSError`."""
        self.acquire()
        try:
            if self.stream is None:
                self.stream = self._open()
                self._statstream()
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """As every handler: trouble with the file is shown on standard error and never reaches who has logged."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        stream = super()._open()
        if (self._owner.user, self._owner.group) != (-1, -1) and os.geteuid() == 0:
            os.fchown(stream.fileno(), self._owner.user, self._owner.group)
        return stream
