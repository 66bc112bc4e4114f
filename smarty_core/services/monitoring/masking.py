"""Takes secrets out of a report before it leaves the house: what the log does for lines, for whole structures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from smarty_core.events import MASK, SECRET_NAMES, mask_url
from smarty_core.values import Secret

_ALSO_SECRET: Final = re.compile(r"(?i)(cookies?|authorization|x-sentry-auth|dsn|sessionid|credentials?)$")
_NAME: Final = r"[\w-]*(?:pass(?:word|wd)?|pwd|secret|authkey|key|token|cookie|signature|authorization|pin|parent_code)"
_IN_TEXT: Final = re.compile(
    rf"(?i)\b({_NAME}['\"]?\s*[=:]\s*)(b?'[^']*'|b?\"[^\"]*\"|(?:bearer|basic)\s+\S+|[^\s,;&)}}\]]+)"
)
_LONG_KEY: Final = re.compile(r"(?i)\b[0-9a-f]{32,}\b")
_FREE: Final = frozenset({"event_id", "trace_id", "span_id", "release", "platform", "level"})
"""Parts of a report that look like keys and are none."""


def without_secrets(report: Any, hint: Any = None) -> Any:
    """The report with every secret replaced by `***`; `before_send` of the client."""
    return _clean(report, "")


def _clean(value: Any, name: str) -> Any:
    if name in _FREE:
        return value
    if isinstance(value, Secret) or (value not in (None, "") and _is_secret(name) and not isinstance(value, bool)):
        return MASK
    if isinstance(value, Mapping):
        return {key: _clean(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item, name) for item in value]
    return _text(value) if isinstance(value, str) else value


def _is_secret(name: str) -> bool:
    return bool(SECRET_NAMES.search(name) or _ALSO_SECRET.search(name))


def _text(text: str) -> str:
    """Text without what stands behind a secret's name, without passwords in addresses, without long keys."""
    return _LONG_KEY.sub(MASK, _IN_TEXT.sub(rf"\1{MASK}", mask_url(text)))
