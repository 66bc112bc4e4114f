"""SECRET_KEY of an installation that does not set one: made once, kept in a file only its owner can read."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from smarty_core.errors import ConfigError

FILE: Final = "secret_key"
LEAST: Final = 16
"""Characters below which a file cannot hold a key of ours: it was cut off or made by hand."""


def kept_secret_key(folder: Path) -> str:
    """The key in `folder`, made now if there is none. Processes that start together agree on one.

    Raises `ConfigError` when it can be neither read nor written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"SECRET_KEY: it is not set, and {path} cannot be used: {exc}") from exc
    if len(key) < LEAST:
        raise ConfigError(f"SECRET_KEY: {path} holds no usable key; restore it from a backup, or set SECRET_KEY")
    return key


def _make(path: Path) -> None:
    draft = path.with_name(f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first; its key is then used by both
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
