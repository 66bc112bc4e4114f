"""Environment variables `SMARTY_<NAME>`, and secrets that are kept elsewhere: `env:NAME`, `file:PATH`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from smarty_core.config.names import SLIP, nearest

PREFIX: Final = "SMARTY_"

NOT_SETTINGS: Final = re.compile(
    r"SMARTY_(SETTINGS|DISABLE_PLUGINS|TRACE_HOOKS|REQUIRE_SERVICES|SOAK|TEST_\w+|SERVE_\w+)"
)
"""Variables that mean something else."""

SECRET_FILE_BYTES: Final = 65_536

_REFERENCE: Final = re.compile(r"(env):([A-Za-z_][A-Za-z0-9_]*)|(file):((?!//)\S.*)")


def overrides(
    environ: Mapping[str, str], defaults: Mapping[str, Any], problems: list[str], notices: list[str]
) -> dict[str, Any]:
    """Settings given as environment variables. SMARTY_URL means the setting of that name, SMARTY_PORT means PORT."""
    found: dict[str, Any] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or NOT_SETTINGS.fullmatch(variable):
            continue
        name = variable if variable in defaults else variable.removeprefix(PREFIX)
        if name in defaults:
            if environ[variable] != "":
                found[name] = _from_text(environ[variable], defaults[name], variable, problems)
            continue
        known = [*(PREFIX + other for other in defaults if not other.startswith(PREFIX)), *defaults]
        if close := nearest(variable, (other for other in known if other.startswith(PREFIX)), likeness=SLIP):
            problems.append(f"{variable}: no such setting; did you mean {close!r}?")
        else:
            notices.append(f"the environment variable {variable} belongs to no setting and is not used")
    return found


def _from_text(text: str, default: Any, variable: str, problems: list[str]) -> Any:
    """Lists and dictionaries are written as JSON, lists of words also with commas between them."""
    if isinstance(default, str) or _REFERENCE.fullmatch(text):
        return text
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text)
        except ValueError:
            problems.append(f"{variable}: not valid JSON")
            return default
    if isinstance(default, (tuple, list)) or (default is None and "," in text):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def resolved(value: Any, where: str, environ: Mapping[str, str], problems: list[str]) -> Any:
    """`value` with every reference inside replaced by what it refers to; mistakes go to `problems`."""
    if isinstance(value, str):
        match = _REFERENCE.fullmatch(value)
        return value if match is None else _look_up(match, where, environ, problems)
    if isinstance(value, Mapping):
        return {key: resolved(item, f"{where}[{key!r}]", environ, problems) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(resolved(item, f"{where}[{number}]", environ, problems) for number, item in enumerate(value))
    return value


def _look_up(match: re.Match[str], where: str, environ: Mapping[str, str], problems: list[str]) -> str:
    if match[1]:
        if match[2] not in environ:
            problems.append(f"{where}: the environment variable {match[2]} is not set")
        return environ.get(match[2], "")
    path = Path(match[4])
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_FILE_BYTES + 1)
        if len(content) > SECRET_FILE_BYTES:
            problems.append(f"{where}: {path} is larger than {SECRET_FILE_BYTES} bytes")
            return ""
        return content.decode().strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not text"
        problems.append(f"{where}: {path} cannot be read: {reason}")
        return ""
