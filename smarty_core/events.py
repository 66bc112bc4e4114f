"""Log events: a stable name and context keys that operators' log parsers depend on.

`log_event(logging.getLogger("smarty_epg"), logging.INFO, "EPG_REMOVED", epg_channel=..., ...)` is the only way an
event is written. The line format lives in `smarty_core.config.logs`; masking of secrets lives here, by type and by
name, so that no caller has to remember it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from smarty_core.values import Secret

MASK: Final = "***"

SECRET_NAMES: Final = re.compile(
    r"(?i)(pass(word)?|passwd|pwd|secret|authkey|(api|sess|secret|private|public|salt)_?key|token|parent_code|pin|salt"
    r"|signature|validation_code|captcha_code|card_\w+|pan|cvv)$"
)
"""Parameter names whose values never reach a log."""

_IN_URL = re.compile(r"(?i)([?&;](?:[a-z_]*(?:pass(?:word)?|secret|authkey|sess_key|key|token|pin|parent_code|signature"
                     r"|validation_code))=)[^&;#\s'\"]*")  # fmt: skip
_USERINFO = re.compile(r"(://[^/:@\s]*:)[^/@\s]+@")


def mask(value: Any, name: str = "") -> Any:
    """Return `value` with everything secret replaced by `***`; containers are masked inside."""
    if isinstance(value, Secret):
        return MASK
    if name and SECRET_NAMES.search(name) and value not in ("", None) and not isinstance(value, (bool, Mapping)):
        return MASK
    if isinstance(value, Mapping):
        return {key: mask(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mask(item) for item in value) if type(value) in (list, tuple) else [mask(v) for v in value]
    if isinstance(value, str):
        return mask_url(value)
    return value


def mask_url(text: str) -> str:
    """Hide secret query parameters and passwords inside any addresses that `text` holds."""
    if "=" in text:
        text = _IN_URL.sub(r"\1" + MASK, text)
    if "://" in text:
        text = _USERINFO.sub(r"\1" + MASK + "@", text)
    return text


class Event:
    """One event as the logging machinery carries it: rendered only when a handler really writes it."""

    __slots__ = ("context", "name")

    def __init__(self, name: str, context: Mapping[str, Any]) -> None:
        self.name = name
        self.context = context

    def __str__(self) -> str:
        pairs = (f"{key}={mask(value, key)!r}" for key, value in self.context.items())
        return " ".join((self.name, *pairs))


def log_event(
    log: logging.Logger, level: int, event: str, /, *, stacklevel: int = 1, exc_info: bool = False, **context: Any
) -> None:
    """Write `event` with its context. Costs nothing when the level is switched off."""
    if log.isEnabledFor(level):
        log.log(level, Event(event, context), stacklevel=stacklevel + 1, exc_info=exc_info)
