"""Answers as bytes: JSON as browsers and phones read it, XML as set-top portals do.

XML: root `rss`, every field an element, a list a container of `item` elements, no white space between elements; inside
an item the fields that old parsers look up by first occurrence (`id`, `name` ...) stand before any nested list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

CONTENT_TYPES: Final = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
FIRST: Final = ("error", "error_message", "id", "name", "icon", "url", "category_id")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_NAME = re.compile(r"[^\w.-]", re.ASCII)


def render(body: Mapping[str, Any], answer_format: str) -> bytes:
    """The bytes of an answer that already holds `error` and `error_message`."""
    return _xml(body) if answer_format == "xml" else _json(body)


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an answer cannot hold {type(value).__name__}")


def _xml(body: Mapping[str, Any]) -> bytes:
    parts = ['<?xml version="1.0" encoding="utf-8"?>', "<rss>"]
    _fields(body, parts)
    parts.append("</rss>")
    return "".join(parts).encode("utf-8", "replace")


def _fields(mapping: Mapping[str, Any], parts: list[str]) -> None:
    for name, value in sorted(mapping.items(), key=_place):
        _element(_tag(str(name)), value, parts)


def _place(item: tuple[str, Any]) -> int:
    name, value = item
    if name in FIRST:
        return FIRST.index(name)
    return len(FIRST) + isinstance(value, (list, tuple, Mapping))


def _tag(name: str) -> str:
    name = _NOT_NAME.sub("_", name) or "_"
    return name if name[0].isalpha() or name[0] == "_" else "_" + name


def _element(name: str, value: Any, parts: list[str]) -> None:
    parts.append(f"<{name}>")
    if isinstance(value, Mapping):
        _fields(value, parts)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            _element("item", item, parts)
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif value is not None:
        parts.append(escape(_NOT_XML.sub("", str(value))))
    parts.append(f"</{name}>")
