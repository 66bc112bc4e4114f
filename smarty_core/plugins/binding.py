"""Turns raw settings (from the settings file or from attribute rows) into a driver's typed settings.

Every mistake is reported at once, with the full path of the value and the nearest known name. Values are never
repeated in a message: any of them may be a secret typed into the wrong field.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from smarty_core.config.names import nearest
from smarty_core.contracts.driver import DriverSettings
from smarty_core.errors import ConfigError

_QUIET_ERRORS = frozenset({"value_error", "assertion_error"})
"""Kinds whose text is written by the plugin and may hold the value."""


def bind(model: type[DriverSettings], raw: Mapping[str, Any], where: str) -> DriverSettings:
    """`raw` as an object of `model`.

    `where` is the place the values come from: `GEO_LOCATORS[0]` gives paths like `GEO_LOCATORS[0].folder`, a prefix
    that ends with an underscore (`SMSC_`) gives settings names like `SMSC_LOGIN`. Raises `ConfigError` with one line
    per mistake.
    """
    names = _input_names(model)
    prepared = {key: _from_text(names.get(key), value) for key, value in raw.items()}
    try:
        return model.model_validate(prepared)
    except ValidationError as failure:
        problems = [_problem(model, dict(error), names, where) for error in failure.errors(include_url=False)]
    except Exception as failure:
        raise ConfigError(
            f"{where.rstrip('_.')}: the settings cannot be checked ({type(failure).__name__})"
        ) from failure
    raise ConfigError(*problems)


def path_of(where: str, location: Iterable[str | int]) -> str:
    """The full path of a value: the place and the way inside it."""
    text = where
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        elif text.endswith("_"):
            text += step.upper()
        else:
            text += f".{step}" if text else step
    return text


def _problem(model: type[BaseModel], error: dict[str, Any], names: Mapping[str, Any], where: str) -> str:
    location: tuple[str | int, ...] = error["loc"]
    path = path_of(where, location)
    if error["type"] == "extra_forbidden" and len(location) == 1:
        close = nearest(str(location[0]), names)
        hint = f"; did you mean {path_of(where, (close,))!r}?" if close else ""
        return f"{path}: unknown setting{hint}"
    if error["type"] == "extra_forbidden":
        return f"{path}: unknown setting"
    if error["type"] == "missing":
        return f"{path}: this setting is required"
    annotation = names.get(str(location[0])) if location else None
    if not location:
        return f"{where.rstrip('_.')}: {error['msg']}"
    if _is_secret(annotation) or (
        error["type"] in _QUIET_ERRORS and error["input"] and str(error["input"]) in error["msg"]
    ):
        return f"{path}: the value is not valid"
    return f"{path}: {error['msg']}"


def _input_names(model: type[BaseModel]) -> dict[str, Any]:
    """Names a value may be given under, with the annotation of the field."""
    names: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
        names[alias or name] = field.annotation
    return names


def _from_text(annotation: Any, value: Any) -> Any:
    """Attribute rows hold text only: lists and objects are written there as JSON."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")) or _takes_text(annotation):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _takes_text(annotation: Any) -> bool:
    if annotation is None or annotation is Any:
        return True
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return any(_takes_text(part) for part in typing.get_args(annotation) if part is not type(None))
    return isinstance(annotation, type) and issubclass(annotation, (str, SecretStr))


def _is_secret(annotation: Any) -> bool:
    if typing.get_args(annotation):
        return any(_is_secret(part) for part in typing.get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, SecretStr)
