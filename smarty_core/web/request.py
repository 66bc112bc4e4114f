"""Reads an HTTP request into plain data, refusing early what is too large."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl

from python_multipart import multipart
from python_multipart.exceptions import MultipartParseError

from smarty_core.errors import InvalidValue
from smarty_core.web.client_address import joined

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_FIELDS: Final = 2000
MAX_QUERY_BYTES: Final = 32_768


class TooLarge(Exception):
    """The request is over the size limit; nothing more of it is read."""


@dataclass(slots=True)
class Request:
    """One request: parameters of the query and of the body, by name, each with all its values."""

    verb: str
    path: str
    query_string: str
    headers: dict[str, str]
    peer: str
    query: dict[str, list[Any]] = field(default_factory=dict)
    body: dict[str, list[Any]] = field(default_factory=dict)
    broken: str = ""
    """Why the body could not be read; empty when it could."""

    @property
    def sent(self) -> dict[str, list[Any]]:
        """All parameters; those of the body stand behind those of the query and so win."""
        if not self.body:
            return self.query
        joined = {name: list(values) for name, values in self.query.items()}
        for name, values in self.body.items():
            joined.setdefault(name, []).extend(values)
        return joined

    def cookie(self, name: str) -> str:
        """A cookie's value, empty when it is missing or the header is malformed."""
        header = self.headers.get("cookie", "")
        if not header:
            return ""
        try:
            found = SimpleCookie(header).get(name)
        except CookieError:
            return ""
        return found.value if found else ""


async def read_request(scope: Scope, receive: Receive, *, max_bytes: int) -> Request:
    """The request behind `scope`. Raises `TooLarge` before more than `max_bytes` of body are taken."""
    headers = joined(scope["headers"])
    raw_query = scope.get("query_string", b"")
    if len(raw_query) > MAX_QUERY_BYTES:
        raise TooLarge
    peer = scope.get("client") or ("", 0)
    request = Request(scope["method"], scope["path"], raw_query.decode("latin-1"), headers, str(peer[0]))
    request.query = _pairs(raw_query.decode("latin-1"), request)
    if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
        body = await _body(receive, headers, max_bytes)
        if body:
            _read_body(request, body, headers.get("content-type", ""))
    return request


async def _body(receive: Receive, headers: dict[str, str], max_bytes: int) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise TooLarge
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _pairs(text: str, request: Request) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace"):
            found.setdefault(name, []).append(value)
    except ValueError:
        request.broken = "too many parameters"
    return found


def _read_body(request: Request, body: bytes, content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        try:
            request.body = _multipart(body, content_type)
        except (MultipartParseError, InvalidValue, ValueError):
            request.broken = "the multipart body cannot be read"
    elif kind == "application/json" or (body.lstrip()[:1] in (b"{", b"[") and kind != _FORM):
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            request.broken = "the body is not JSON"
            return
        if isinstance(read, dict):
            request.body = {str(key): value if isinstance(value, list) else [value] for key, value in read.items()}
        elif isinstance(read, list):
            request.body = {"": read}
        else:
            request.broken = "the JSON body is not an object"
    else:
        request.body = _pairs(body.decode("utf-8", "replace"), request)


_FORM: Final = "application/x-www-form-urlencoded"


def _multipart(body: bytes, content_type: str) -> dict[str, list[Any]]:
    """Plain fields of a multipart form; files are not taken by this surface."""
    found: dict[str, list[Any]] = {}
    count = 0

    def on_field(part: multipart.Field) -> None:
        nonlocal count
        count += 1
        if count > MAX_FIELDS:
            raise InvalidValue("too many fields")
        name = (part.field_name or b"").decode("utf-8", "replace")
        found.setdefault(name, []).append((part.value or b"").decode("utf-8", "replace"))

    _, options = multipart.parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise InvalidValue("no boundary")
    parser = multipart.FormParser("multipart/form-data", on_field, None, boundary=boundary)
    parser.write(body)
    parser.finalize()
    return found
