"""Defaults that follow from other settings, and the values the product's own `settings.base` begins with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

DEFAULT_INSTANCE: Final = "smarty"

LOG_NAMES: Final = (
    "accounts", "billing_out", "billing_in", "payment", "portal", "epg", "admin", "content_requests", "api_requests",
    "messaging", "management", "cache", "main", "stream_services", "videoservices", "sms", "rq", "megogo", "tvzavr",
    "irdeto", "custom", "devmonitor", "hbb", "ads", "plugins",
)  # fmt: skip
"""The logs: logger and file are `smarty_<name>`, the setting of the file is `SMARTY_<NAME>_LOG_FILE`."""


def _var_folder(values: Mapping[str, Any]) -> str:
    instance = values.get("INSTANCE") or DEFAULT_INSTANCE
    return "var" if instance == DEFAULT_INSTANCE else f"var/{instance}"


def _own_address(values: Mapping[str, Any]) -> str:
    host = str(values["HOST"])
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{values['PORT']}"


def _below(name: str, path: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: f"{str(values[name]).rstrip('/')}/{path}"


DERIVED: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "VAR_FOLDER": _var_folder,
    "SMARTY_URL": _own_address,
    "MEDIA_ROOT": _below("VAR_FOLDER", "media"),
    "LOG_FOLDER": _below("VAR_FOLDER", "log"),
    "MEDIA_BASE_URL": _below("SMARTY_URL", "media"),
    "TVMIDDLEWARE_API_URL": _below("SMARTY_URL", "tvmiddleware/api"),
    "DATABASES": lambda values: {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{values['VAR_FOLDER']}/smarty.sqlite"}
    },
    "CACHES": lambda values: {"default": {"LOCATION": ""}},
}
"""Settings that are made from others while they are empty; each only needs those before it."""


def derive(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with every empty derived setting filled in."""
    known = dict(values)
    for name, make in DERIVED.items():
        if not known.get(name):
            known[name] = make(known)
    return known


def base_values(defaults: Mapping[str, Any], instance: str) -> dict[str, Any]:
    """What `from settings.base import *` brings: plain values that may be changed in place."""
    values = copy.deepcopy(derive({**defaults, "INSTANCE": instance}))
    values["LOGGING"] = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {f"smarty_{log}_handler": {"level": "INFO"} for log in LOG_NAMES},
        "loggers": {f"smarty_{log}": {"handlers": [f"smarty_{log}_handler"], "level": "DEBUG"} for log in LOG_NAMES},
    }
    return values


def without_untouched(values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was set or changed after the base was imported, so that the rest is derived from it anew."""
    return {name: value for name, value in values.items() if name not in base or value != base[name]}
