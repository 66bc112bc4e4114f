"""From a settings file and the environment to `Settings`, with every mistake told at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from smarty_core.config.derived import DEFAULT_INSTANCE, base_values, derive, without_untouched
from smarty_core.config.documented import DocumentedSettings, ImageSettings, LicenceSettings
from smarty_core.config.environment import overrides, resolved
from smarty_core.config.files import find_file, run_file
from smarty_core.config.names import SLIP, nearest
from smarty_core.config.secret_key import kept_secret_key
from smarty_core.config.settings import Settings
from smarty_core.errors import ConfigError
from smarty_core.values import Secret

VARIABLE: Final = "SMARTY_SETTINGS"
"""Names the settings module when the command line does not."""

_WITHOUT_EFFECT: Final = frozenset({*DocumentedSettings.model_fields, *ImageSettings.model_fields})
_IGNORED: Final = frozenset(LicenceSettings.model_fields)


def load_settings(module_or_file: str | None = None, *, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `settings.prod` or `conf/prod.py`; without a name those of SMARTY_SETTINGS, else the defaults.

    Raises `ConfigError` with every mistake found.
    """
    environ = os.environ if environ is None else environ
    name = module_or_file or environ.get(VARIABLE) or ""
    defaults = _text_defaults()
    problems: list[str] = []
    notices: list[str] = []
    given: dict[str, Any] = {}
    if name:
        path = find_file(name)
        given["INSTANCE"] = _instance_of(path)
        base = base_values(defaults, given["INSTANCE"])
        given |= without_untouched(run_file(path, base), base_values(defaults, given["INSTANCE"]))
    given |= overrides(environ, {**defaults, "DATABASES": {}, "CACHES": {}}, problems, notices)
    given = {key: resolved(value, key, environ, problems) for key, value in given.items()}
    _judge_names(given, problems, notices)
    settled = derive({**defaults, **given})
    if not settled["SECRET_KEY"] and not problems:
        try:
            given["SECRET_KEY"] = kept_secret_key(Path(str(settled["VAR_FOLDER"])))
        except ConfigError as failure:
            problems += failure.problems
    return Settings.of(given, problems=problems, notices=tuple(notices))


def _text_defaults() -> dict[str, Any]:
    fields = Settings.model_fields.items()
    found = {name: field.get_default(call_default_factory=True) for name, field in fields}
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in found.items()}


def _instance_of(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:40] or DEFAULT_INSTANCE


def _judge_names(given: Mapping[str, Any], problems: list[str], notices: list[str]) -> None:
    known = Settings.model_fields
    prefixes = tuple(f"{prefix}_" for prefix in _prefixes(given.get("INSTALLED_APPS", ())))
    unknown = [name for name in given if name not in known and not name.startswith(prefixes or ("\0",))]
    strangers = []
    for name in sorted(unknown):
        if close := nearest(name, known, likeness=SLIP):
            problems.append(f"{name}: unknown setting; did you mean {close!r}?")
        else:
            strangers.append(name)
    if strangers:
        notices.append(f"unknown settings, not used unless a plugin reads them: {', '.join(strangers)}")
    if unread := sorted(name for name in given if name in _WITHOUT_EFFECT):
        notices.append(f"settings without effect in this release: {', '.join(unread)}")


def _prefixes(apps: Any) -> Iterable[str]:
    """`megogo` in INSTALLED_APPS makes MEGOGO_... settings of that plugin."""
    for app in apps if isinstance(apps, (list, tuple)) else ():
        yield re.sub(r"[^A-Z0-9]+", "_", str(app).partition(".")[0].upper())
