"""The OpenAPI 3.1 description of all surfaces, made from the method declarations and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from smarty_core import __version__
from smarty_core.values import MAX_ID
from smarty_core.web.notation import Field, Param
from smarty_core.web.params import MAX_TEXT
from smarty_core.web.surface import Endpoint, Routes

SHARED_CODES: Final = {400: "a parameter is missing or malformed", 500: "internal error"}
"""Codes that any method of any surface may answer with."""

_COMMON: Final = (
    Param("client_id", "N", required=True, low=1),
    Param("authkey", "S", required=False, high=256),
    Param("api_key", "S", required=False, high=256),
    Param("device", "S", required=False, high=64),
    Param("device_uid", "S", required=False, high=128),
    Param("lang", "S", required=False, high=16),
)
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "N": {"type": "number"},
    "F": {"type": "integer", "enum": [0, 1]},
    "S": {"type": "string"},
    "D": {"type": ["string", "integer"]},
    "B": {"type": "boolean"},
    "Dec": {"type": ["number", "string"]},
    "O": {"type": "object"},
    "PM": {"type": "string"},
}


def openapi(routes: Routes) -> dict[str, Any]:
    """The whole document, ready for JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Smarty",
            "version": __version__,
            "description": "Every method also answers under `/api/...`, with and without the final slash; a GET method"
            " may be called with POST. HTTP status is 200 also for errors: read `error`.",
        },
        "paths": {endpoint.path: {endpoint.method.verb.lower(): _operation(endpoint)} for endpoint in routes},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    method = endpoint.method
    declared = {param.name for param in endpoint.params}
    signed = method.auth == "signature"
    common = [param for param in _common(method.auth) if param.name not in declared]
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.surface.name}.{method.name}",
        "tags": [method.group or endpoint.surface.name],
        "summary": method.name,
        "description": _description(endpoint),
        "parameters": [] if signed else [_query(param) for param in (*common, *endpoint.params) if not param.in_body],
        "responses": _responses(endpoint),
    }
    in_body = [param for param in (*common, *endpoint.params) if signed or param.in_body]
    if in_body:
        schema = {
            "type": "object",
            "properties": {param.name: _param_schema(param) for param in in_body},
            "required": [param.name for param in in_body if param.required],
        }
        operation["requestBody"] = {"content": {_FORM if signed else _JSON: {"schema": schema}}, "required": True}
    return operation


def _common(auth: str) -> Iterable[Param]:
    if auth == "none":
        return ()
    if auth == "signature":
        return (_COMMON[0], Param("signature", "S", required=True, low=1, high=32))
    dropped = {"session": "api_key", "status": "api_key", "api_key": "authkey"}.get(auth)
    return (param for param in _COMMON if param.name != dropped)


def _description(endpoint: Endpoint) -> str:
    codes = _codes(endpoint)
    lines = [endpoint.method.doc, "", "| error | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in sorted(codes.items())]
    return "\n".join(lines)


def _codes(endpoint: Endpoint) -> dict[int, str]:
    return {**(SHARED_CODES if endpoint.method.auth != "signature" else {}), **endpoint.codes}


def _query(param: Param) -> dict[str, Any]:
    item: dict[str, Any] = {
        "name": param.name,
        "in": "query",
        "required": param.required,
        "schema": _param_schema(param),
    }
    if param.kind == "O":
        item["content"] = {"application/json": {"schema": item.pop("schema")}}
    return item


def _param_schema(param: Param) -> dict[str, Any]:
    schema: dict[str, Any] = dict(_TYPES[param.kind])
    if param.kind == "N":
        schema = {"type": "integer", "minimum": -MAX_ID if param.low is None else param.low,
                  "maximum": MAX_ID if param.high is None else param.high}  # fmt: skip
    elif param.kind in ("S", "D"):
        schema = {"type": "string", "maxLength": param.high or MAX_TEXT}
        if param.low:
            schema["minLength"] = param.low
    elif param.items:
        schema["properties"] = {item.name: _param_schema(item) for item in param.items}
        schema["required"] = [item.name for item in param.items if item.required]
    if param.allowed:
        schema["enum"] = [int(value) if param.kind == "N" else value for value in param.allowed]
    if param.form:
        schema["description"] = param.form
    if param.many:
        return {"type": "array", "items": schema}
    if param.default not in (None, ""):
        schema["default"] = param.default
    return schema


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    method = endpoint.method
    head = {"error": {"const": 0}, "error_message": {"type": "string"}}
    success = {
        "type": "object",
        "properties": {**head, **{field.name: _field_schema(field) for field in endpoint.answer}},
        "required": ["error", "error_message", *(field.name for field in endpoint.answer if not field.optional)],
    }
    codes = sorted(code for code in _codes(endpoint) if code)
    failure = {
        "type": "object",
        "properties": {"error": {"enum": codes}, "error_message": {"type": "string"}},
        "required": ["error", "error_message"],
    }
    content = {
        "application/json": {"schema": {"anyOf": [success, failure]}},
        "text/xml": {"schema": {"type": "string"}},
    }
    responses: dict[str, Any] = {"200": {"description": "the answer; `error` 0 is success", "content": content}}
    for status, meaning in method.statuses.items():
        responses[str(status)] = {"description": meaning}
        if status >= 400:
            responses[str(status)]["content"] = content
    responses["413"] = {"description": "the request is too large"}
    return responses


def _field_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = dict(_TYPES[field.kind])
    if field.items:
        schema["properties"] = {item.name: _field_schema(item) for item in field.items}
        if field.many:
            schema["required"] = [item.name for item in field.items if not item.optional]
    if field.allowed and field.kind == "N":
        schema["enum"] = [int(value) for value in field.allowed]
    return {"type": "array", "items": schema} if field.many else schema
