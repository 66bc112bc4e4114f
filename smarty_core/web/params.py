"""Turns what a client sent into typed values, or says which parameter is wrong.

Empty means absent, unknown names are ignored, of a repeated parameter the last one counts unless it is a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from smarty_core.errors import InvalidValue
from smarty_core.values import MAX_ID
from smarty_core.web.notation import Param

MAX_TEXT: Final = 4096
MAX_LIST: Final = 5000

_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FLAGS: Final = {"0": 0, "1": 1, "false": 0, "true": 1}
_UNFIT: Final = re.compile("[\x00\ud800-\udfff\ue000\ue001]")
"""Characters that no database or our own slots can take: NUL, lone surrogates, the two slot marks."""

Sent = Mapping[str, Sequence[Any]]
"""Everything sent, by name: texts from the query or a form, JSON values from a JSON body."""


def read_params(declared: Sequence[Param], sent: Sent) -> dict[str, Any]:
    """Every declared parameter with its typed value, its default, or None. Raises `InvalidValue`."""
    values = {}
    for param in declared:
        given = _given(param, sent)
        if not given:
            if param.required:
                raise InvalidValue(f"{param.name}: missing")
            values[param.name] = param.default
        elif param.many:
            values[param.name] = _many(param, given)
        else:
            values[param.name] = _one(param, given[-1])
    return values


def _given(param: Param, sent: Sent) -> list[Any]:
    found = [*sent.get(param.name, ()), *(sent.get(param.name + "[]", ()) if param.many else ())]
    return [value for value in found if value is not None and value != ""]


def _many(param: Param, given: Sequence[Any]) -> list[Any]:
    items: list[Any] = []
    for value in given:
        if isinstance(value, list):
            items.extend(value)
        elif isinstance(value, str) and (value.lstrip().startswith(("[", "{")) or param.kind == "O"):
            read = _json(param, value)
            items.extend(read if isinstance(read, list) else [read])
        elif isinstance(value, str):
            items.extend(part.strip() for part in value.split(",") if part.strip())
        else:
            items.append(value)
    if len(items) > MAX_LIST:
        raise InvalidValue(f"{param.name}: more than {MAX_LIST} items")
    return [_one(param, item) for item in items]


def _json(param: Param, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InvalidValue(f"{param.name}: not JSON") from exc


def _one(param: Param, value: Any) -> Any:
    result = _READERS[param.kind](param, value)
    if param.allowed and str(result) not in param.allowed:
        raise InvalidValue(f"{param.name}: not one of {', '.join(param.allowed)}")
    return result


def _number(param: Param, value: Any) -> int:
    if isinstance(value, str):
        value = value.strip()
        if not _NUMBER.fullmatch(value):
            raise InvalidValue(f"{param.name}: not a number")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue(f"{param.name}: not a number")
    low = -MAX_ID if param.low is None else param.low
    high = MAX_ID if param.high is None else param.high
    if not low <= value <= high:
        raise InvalidValue(f"{param.name}: out of range")
    return value


def _flag(param: Param, value: Any) -> int:
    flag = _FLAGS.get(str(value).strip().lower())
    if flag is None:
        raise InvalidValue(f"{param.name}: not 0 or 1")
    return flag


def _boolean(param: Param, value: Any) -> bool:
    return bool(_flag(param, value))


def _text(param: Param, value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidValue(f"{param.name}: not a text")
    if len(value) > (param.high or MAX_TEXT):
        raise InvalidValue(f"{param.name}: too long")
    if param.low is not None and len(value) < param.low:
        raise InvalidValue(f"{param.name}: too short")
    if _UNFIT.search(value):
        raise InvalidValue(f"{param.name}: has a forbidden character")
    return value


def _decimal(param: Param, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as exc:
        raise InvalidValue(f"{param.name}: not a decimal number") from exc
    if not number.is_finite() or abs(number) >= 10**14:
        raise InvalidValue(f"{param.name}: out of range")
    return number


def _object(param: Param, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _json(param, value)
    if not isinstance(value, dict):
        raise InvalidValue(f"{param.name}: not an object")
    if not param.items:
        return value
    sent = {key: item if isinstance(item, list) else [item] for key, item in value.items()}
    try:
        return read_params(param.items, sent)
    except InvalidValue as exc:
        raise InvalidValue(f"{param.name}.{exc}") from exc


_READERS: Final = {
    "N": _number,
    "F": _flag,
    "B": _boolean,
    "S": _text,
    "D": _text,
    "PM": _text,
    "Dec": _decimal,
    "O": _object,
}
