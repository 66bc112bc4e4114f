"""The page of the reference that is made from the method declarations: every API method of the core.

`python -m smarty_core.web.reference` writes it again; a test fails while it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from smarty_core.web.notation import Field, Param
from smarty_core.web.signature import SIGNED_CODES
from smarty_core.web.surface import Endpoint, Surface
from smarty_core.web.surfaces import api_routes

PAGE: Final = Path("docs/reference/api.md")

_HEAD: Final = """<!-- Made by `python -m smarty_core.web.reference`; edit the declarations instead. -->

# API methods

Every method answers under its address and under `/api` before it, with and without the final slash; a method declared
as GET may be called with POST. The answer is JSON, or XML for device types that read XML. Every answer has `error`
(0 is success) and `error_message`; the HTTP status is 200 also for errors, except where a method says otherwise, and
413 for a request that is too large. A running server shows the same as `/openapi.json`, and at `/api-docs/` to try out.

An empty parameter counts as absent, an unknown one is ignored, of a repeated one the last counts unless it is a list.
A list is separated by commas, repeated, or written as JSON. All methods that ask who calls take `client_id`, `device`,
`device_uid` and `lang` besides their own parameters.
"""

_CALLERS: Final = {
    "session": "`client_id` and `authkey` of a session",
    "api_key": "`client_id` and `api_key` of the operator",
    "any": "`client_id` with `authkey` of a session or `api_key` of the operator",
    "none": "anybody",
    "signature": "the operator with `client_id` and `signature`",
    "status": "anybody; with `authkey` the answer is about that session",
}
_KINDS: Final = {
    "N": "whole number", "F": "flag (0 or 1)", "S": "text", "B": "true or false", "D": "date or time",
    "Dec": "decimal number", "O": "object", "PM": "text (JSON)",
}  # fmt: skip


def api_page() -> str:
    """The text of `api.md`."""
    routes = api_routes()
    lines = [_HEAD]
    for surface in routes.surfaces:
        lines += _surface(surface, [endpoint for endpoint in routes if endpoint.surface is surface])
    return "\n".join(lines).rstrip("\n") + "\n"


def _surface(surface: Surface, endpoints: Iterable[Endpoint]) -> Iterator[str]:
    yield f"## {surface.title or surface.name}"
    yield ""
    if surface.codes:
        shared = "; ".join(f"{code} {meaning}" for code, meaning in sorted(surface.codes.items()))
        yield f"Any method may answer with {shared}."
        yield ""
    if surface.signed_as:
        signed = "; ".join(f"{code} {meaning}" for code, meaning in sorted(SIGNED_CODES.items(), reverse=True))
        yield f"Signed methods instead with {signed}."
        yield ""
    for endpoint in sorted(endpoints, key=lambda one: (one.method.group, one.path)):
        yield from _method(endpoint)


def _method(endpoint: Endpoint) -> Iterator[str]:
    method = endpoint.method
    yield f"### {method.name}"
    yield ""
    yield f"`{method.verb} {endpoint.path}`, for {_CALLERS[method.auth]}."
    yield ""
    if method.doc:
        yield method.doc
        yield ""
    if endpoint.params:
        yield "| parameter | type | default |"
        yield "|---|---|---|"
        for param in endpoint.params:
            yield from _param(param)
        yield ""
    if endpoint.answer:
        yield "| answer | type |"
        yield "|---|---|"
        for field in endpoint.answer:
            yield from _field(field)
        yield ""
    if method.codes:
        yield "| error | meaning |"
        yield "|---|---|"
        for code, meaning in sorted(method.codes.items()):
            status = method.error_statuses.get(code)
            yield f"| {code} | {meaning}{f' (HTTP {status})' if status else ''} |"
        yield ""
    for status, meaning in method.statuses.items():
        if status not in method.error_statuses.values():
            yield f"HTTP {status}: {meaning}."
            yield ""


def _param(param: Param, prefix: str = "") -> Iterator[str]:
    kind = _kind(param.kind, many=param.many)
    if param.low is not None or param.high is not None:
        bounds = f"{'' if param.low is None else param.low}..{'' if param.high is None else param.high}"
        kind += f", {'length ' if param.kind in ('S', 'D') else ''}{bounds}"
    if param.allowed:
        kind += ": " + ", ".join(f"`{value}`" for value in param.allowed)
    if param.form:
        kind += f" `{param.form}`"
    where = ", in the body" if param.in_body else ""
    default = "required" if param.required else "" if param.default in (None, "") else f"`{param.default}`"
    yield f"| `{prefix}{param.name}` | {_cell(kind)}{where} | {default} |"
    for item in param.items:
        yield from _param(item, f"{prefix}{param.name}.")


def _field(field: Field, prefix: str = "") -> Iterator[str]:
    kind = _kind(field.kind, many=field.many)
    if field.allowed:
        kind += ": " + ", ".join(f"`{value}`" for value in field.allowed)
    optional = ", not always there" if field.optional else ""
    yield f"| `{prefix}{field.name}` | {_cell(kind)}{optional} |"
    for item in field.items:
        yield from _field(item, f"{prefix}{field.name}{'[]' if field.many else ''}.")


def _kind(kind: str, *, many: bool) -> str:
    word = _KINDS[kind]
    if not many:
        return word
    return f"list of {word}s" if kind in ("N", "S", "O") else f"list, each a {word}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    page = Path(sys.argv[1]) / PAGE.name if len(sys.argv) > 1 else PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(api_page(), encoding="utf-8")
