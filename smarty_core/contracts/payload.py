"""Frozen dataclasses as JSON objects and back, so that an event survives in the outbox and between releases.

Reading is tolerant where releases may differ: an unknown key is ignored and a missing one takes the field's default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from smarty_core.errors import InvalidValue

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """`value` in the words of JSON: times as ISO 8601, amounts as text. Raises `InvalidValue` for anything else."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidValue("an event needs aware times")
        return value.isoformat()
    if isinstance(value, (tuple, list, frozenset)):
        return [to_json(item) for item in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise InvalidValue(f"{type(value).__name__} cannot be written as JSON")


def from_json(kind: type[T], payload: Any) -> T:
    """An object of the dataclass `kind` from what `to_json` made. Raises `InvalidValue` when it does not fit."""
    result: T = _read(kind, payload, kind.__name__)
    return result


@cache
def _fields(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _read(next(argument for argument in arguments if argument is not type(None)), value, where)
    if origin is typing.Literal:
        if value not in arguments:
            raise InvalidValue(f"{where}: not one of {arguments}")
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_read(arguments[0], item, where) for item in value)
    if origin is not None and isinstance(value, Mapping):
        return {key: _read(arguments[1], item, where) for key, item in value.items()}
    kind = getattr(kind, "__supertype__", kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(value, Mapping):
        known = {
            name: _read(hint, value[name], f"{where}.{name}") for name, hint in _fields(kind).items() if name in value
        }
        try:
            return kind(**known)
        except TypeError as exc:
            raise InvalidValue(f"{where}: a value is missing") from exc
    if kind is datetime and isinstance(value, str):
        return _time(value, where)
    if kind is Decimal and isinstance(value, str):
        return _amount(value, where)
    if kind is Any or (isinstance(kind, type) and isinstance(value, kind) and not (kind is int and value is True)):
        return value
    raise InvalidValue(f"{where}: {type(value).__name__} does not fit")


def _amount(text: str, where: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as exc:
        raise InvalidValue(f"{where}: not a number") from exc
    if not amount.is_finite():
        raise InvalidValue(f"{where}: not a number")
    return amount


def _time(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidValue(f"{where}: not a time") from exc
    if moment.tzinfo is None:
        raise InvalidValue(f"{where}: a time without a zone")
    return moment
