"""Log files that bear being rotated by others, and belong to the user the operator names."""

from __future__ import annotations

import errno
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

    def demand_writable(self) -> None:
        """Raises `OSError` unless the file can be written, or made, by this process. Makes the folder only."""
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

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
