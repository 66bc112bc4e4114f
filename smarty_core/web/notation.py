"""Reads the notation in which methods declare their parameters and answers (see `web.method`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

KINDS: Final = frozenset({"N", "S", "F", "B", "D", "Dec", "O", "PM"})

_PARAM = re.compile(
    r"(?P<body>body\s+)?(?P<name>[A-Za-z_][\w.]*)(?P<optional>\?)?\s+(?P<kind>Dec|PM|[NSFBDO])(?P<many>\[\])?"
    r"(?:\{(?P<range>[^}]*)\})?(?:<(?P<allowed>[^>]*)>)?(?:=(?P<default>\"[^\"]*\"|[^;]*))?$"
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<optional>\?)?(?P<rest>.*)$", re.DOTALL)
_SCALAR = re.compile(r"(?P<kind>Dec|PM|[NSFBDO])(?P<many>\[\])?(?:<(?P<allowed>[^>]*)>)?$")


@dataclass(frozen=True, slots=True)
class Param:
    """A declared parameter. `low`/`high` bound numbers, and the length of strings."""

    name: str
    kind: str
    many: bool = False
    required: bool = True
    in_body: bool = False
    default: Any = None
    low: int | None = None
    high: int | None = None
    allowed: tuple[str, ...] = ()
    form: str = ""
    """The written form of a date or time, for the documentation."""
    items: tuple[Param, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field of an answer; `items` are the fields inside an object or inside each item of a list."""

    name: str
    kind: str
    many: bool = False
    optional: bool = False
    allowed: tuple[str, ...] = ()
    items: tuple[Field, ...] = field(default=())


@cache
def parse_params(text: str) -> tuple[Param, ...]:
    """The parameters of a method. Raises `ValueError` naming the part that cannot be read."""
    flat = [_param(part.strip()) for part in text.split(";") if part.strip()]
    nested: dict[str, list[Param]] = {}
    for param in flat:
        if "." in param.name:
            owner, _, inner = param.name.partition(".")
            nested.setdefault(owner, []).append(_replace_name(param, inner))
    return tuple(
        param if param.name not in nested else _with_items(param, tuple(nested[param.name]))
        for param in flat
        if "." not in param.name
    )


def _param(text: str) -> Param:
    found = _PARAM.match(text)
    if not found:
        raise ValueError(f"not a parameter declaration: {text!r}")
    kind, low, high = found["kind"], None, None
    if found["range"]:
        left, dots, right = found["range"].partition("..") if ".." in found["range"] else found["range"].partition("-")
        if not dots:
            raise ValueError(f"not a range: {text!r}")
        low, high = (int(left) if left else None), (int(right) if right else None)
    allowed, form = _allowed(found["allowed"])
    many = bool(found["many"])
    return Param(
        name=found["name"],
        kind=kind,
        many=many,
        required=not found["optional"],
        in_body=bool(found["body"]),
        default=_default(found["default"], kind, many=many),
        low=low,
        high=high,
        allowed=allowed,
        form=form,
    )


def _allowed(text: str | None) -> tuple[tuple[str, ...], str]:
    if not text:
        return (), ""
    if "," not in text and re.search(r"mm|MM|YYYY|yyyy", text):
        return (), text
    return tuple(part.strip() for part in text.split(",")), ""


def _default(text: str | None, kind: str, *, many: bool) -> Any:
    text = (text or "").strip()
    if many or text == "null":
        return None
    if text in ("", '""'):
        return "" if text == '""' and kind in ("S", "D") else None
    if kind in ("N", "F"):
        return int(text)
    return text.strip('"')


def _replace_name(param: Param, name: str) -> Param:
    return Param(name, param.kind, param.many, param.required, param.in_body, param.default, param.low, param.high,
                 param.allowed, param.form)  # fmt: skip


def _with_items(param: Param, items: tuple[Param, ...]) -> Param:
    return Param(param.name, param.kind, param.many, param.required, param.in_body, param.default, param.low,
                 param.high, param.allowed, param.form, items)  # fmt: skip


@cache
def parse_answer(text: str) -> tuple[Field, ...]:
    """The fields of an answer. Raises `ValueError` naming the part that cannot be read."""
    return tuple(_field(part) for part in _split(text))


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char in "{<":
            depth += 1
        elif char in "}>":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth:
        raise ValueError(f"brackets do not match: {text!r}")
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _field(text: str) -> Field:
    found = _FIELD.match(text)
    if not found:
        raise ValueError(f"not a field declaration: {text!r}")
    rest = found["rest"].strip()
    name, optional = found["name"], bool(found["optional"])
    if rest.endswith("}"):
        many = rest.startswith("[]")
        inner = rest[2 if many else 0 :]
        if not inner.startswith("{"):
            raise ValueError(f"not a field declaration: {text!r}")
        return Field(name, "O", many=many, optional=optional, items=parse_answer(inner[1:-1]))
    scalar = _SCALAR.match(rest.removeprefix(":").strip()) if rest.startswith(":") else None
    if not scalar:
        raise ValueError(f"not a field declaration: {text!r}")
    return Field(name, scalar["kind"], many=bool(scalar["many"]), optional=optional,
                 allowed=_allowed(scalar["allowed"])[0])  # fmt: skip
