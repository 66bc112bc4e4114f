"""From a request to a finished answer: prove who asks, read the parameters, call the method, render what it says."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from smarty_core.errors import InvalidValue, NotFound, StorageError
from smarty_core.events import log_event
from smarty_core.values import parse_id
from smarty_core.web.callers import session_mark
from smarty_core.web.client_address import ClientAddress
from smarty_core.web.contents import fill_slots, max_age, split_slots
from smarty_core.web.keeping import Keeper
from smarty_core.web.method import Answer, ApiError, Call, Reply, Shared, Steady
from smarty_core.web.params import read_params
from smarty_core.web.prepared import PreparedAnswers
from smarty_core.web.render import CONTENT_TYPES, render
from smarty_core.web.rendered import NextBody, RenderedBodies
from smarty_core.web.request import Request
from smarty_core.web.response import Response, location
from smarty_core.web.signature import UNKNOWN_ERROR, SignedApi, prove
from smarty_core.web.surface import Endpoint

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.services.operators import Operator
    from smarty_core.services.sessions import Viewer

BAD_PARAMETER: Final = 400
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
INTERNAL: Final = 500
MAX_AUTHKEY: Final = 256

NOT_STORED: Final = {"Cache-Control": "no-store"}

_main = logging.getLogger("smarty_main")
_requests = logging.getLogger("smarty_api_requests")
_content = logging.getLogger("smarty_content_requests")


class Answerer:
    """Answers API requests of one installation. `answer` blocks; it runs in a worker thread."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._address = ClientAddress(system.settings.TRUSTED_PROXIES)
        self._languages = [system.settings.SMARTY_DEFAULT_LANGUAGE, *system.settings.SMARTY_ADDITIONAL_LANGUAGES]
        behind_proxies = bool(system.settings.TRUSTED_PROXIES)
        self.bodies = RenderedBodies(system.cache.tag_versions.vector)
        self.prepared = PreparedAnswers(system, behind_proxies=behind_proxies)
        self._keeper = Keeper(system, self.prepared, self.bodies, behind_proxies=behind_proxies)

    def answer(self, endpoint: Endpoint, request: Request) -> Response:
        """The complete answer; never raises."""
        sent = request.sent
        device = _last(sent, "device")[:64]
        answer_format: Literal["json", "xml"] = "json"
        call: Call | None = None
        moves = self.prepared.moves
        try:
            if endpoint.method.auth != "signature":  # other systems read JSON, whatever device they speak of
                answer_format = cast('Literal["json", "xml"]', self.system.play_devices.answer_format(device))
            call = self._call(endpoint, request, sent, device, answer_format)
            result = endpoint.method.handler(call)
        except ApiError as exc:
            return self._error(endpoint, request, answer_format, exc.code, exc.message, exc.fields)
        except InvalidValue as exc:
            code = endpoint.method.bad_parameter
            return self._error(endpoint, request, answer_format, BAD_PARAMETER if code is None else code, str(exc))
        except NotFound as exc:
            code = NOT_FOUND if NOT_FOUND in endpoint.codes else endpoint.method.bad_parameter
            return self._error(endpoint, request, answer_format, NOT_FOUND if code is None else code, str(exc))
        except StorageError as exc:
            log_event(_main, logging.ERROR, "STORAGE_FAILED", url=request.path, error=str(exc))
            return self._error(endpoint, request, answer_format, _failure(endpoint), "temporarily unavailable")
        except Exception:  # noqa: BLE001 - the border: a bug must become an answer
            log_event(_main, logging.ERROR, "API_REQUEST_FAILED", url=_url(request), ip=request.peer, exc_info=True)
            if endpoint.method.content_request:
                log_event(_content, logging.ERROR, "CONTENT_REQUEST_FAIL", url=_url(request), params=_args(request),
                          stacktrace=traceback.format_exc())  # fmt: skip
            return self._error(endpoint, request, answer_format, _failure(endpoint), "internal error")
        log_event(_requests, logging.DEBUG, "API_REQUEST_SUCCESS", url=_url(request), ip=call.ip)
        return self._success(endpoint, call, result, request, moves)

    def _call(
        self, endpoint: Endpoint, request: Request, sent: Mapping[str, Any], device: str, answer_format: Any
    ) -> Call:
        system, method = self.system, endpoint.method
        now = system.clock()
        ip = self._address.find(request.peer, request.headers)
        authkey = (_last(sent, "authkey") or request.cookie("authkey"))[:MAX_AUTHKEY]
        operator: Operator | None
        viewer: Viewer | None = None
        if method.auth == "signature":
            if request.broken:
                raise InvalidValue(request.broken)
            operator, sent = prove(system.operators, cast("SignedApi", endpoint.surface.signed_as), request)
        else:
            operator, viewer = self._prove(method.auth, sent, authkey)
        if viewer is not None:
            system.sessions.seen(viewer, ip, now)
        if request.broken:
            raise InvalidValue(request.broken)
        return Call(
            system=system,
            method=method,
            params=read_params(endpoint.params, sent),
            operator=operator,
            viewer=viewer,
            authkey=authkey,
            device=device,
            device_uid=_last(sent, "device_uid")[:128] or request.cookie("device_uid")[:128],
            lang=self._language(_last(sent, "lang")),
            ip=ip,
            answer_format=answer_format,
            headers=request.headers,
            now=now,
            url=_url(request),
        )

    def _prove(self, auth: str, sent: Mapping[str, Any], authkey: str) -> tuple[Operator | None, Viewer | None]:
        """Who asks. Raises error 403 when the method needs a proof that is missing or wrong."""
        if auth == "none":
            return None, None
        system = self.system
        try:
            client_id = parse_id(_last(sent, "client_id"), "client_id")
            if auth in ("session", "any", "status") and authkey:
                viewer = system.sessions.find(authkey, client_id)
                if viewer is not None:
                    return system.operators.by_id(client_id), viewer
            if auth == "status":
                return system.operators.by_id(client_id), None
            if auth in ("api_key", "any"):
                return system.operators.authenticate(client_id, _last(sent, "api_key")), None
        except (InvalidValue, NotFound) as exc:
            if auth == "status":
                return None, None
            raise ApiError(FORBIDDEN, "client_id or api_key is wrong") from exc
        raise ApiError(FORBIDDEN, "not authorised")

    def _language(self, lang: str) -> int:
        return self._languages.index(lang) if lang in self._languages else 0

    def _success(self, endpoint: Endpoint, call: Call, answer: Answer, request: Request, moves: int) -> Response:
        content_type = CONTENT_TYPES[call.answer_format]
        accepts = request.headers.get("accept-encoding", "")
        known = request.headers.get("if-none-match", "") if request.verb in ("GET", "HEAD") else ""
        if isinstance(answer, Shared):
            return self._shared(endpoint, call, answer, request, moves, accepts, known)
        if isinstance(answer, Steady):
            rendered = render({"error": 0, "error_message": "", **answer.body}, call.answer_format)
            self._keeper.keep_steady(call, request, answer, rendered, moves)
            body_bytes = fill_slots(split_slots(rendered, call.answer_format), call.now)
            response = Response(body_bytes, content_type, headers=dict(NOT_STORED))
        elif isinstance(answer, Reply):
            headers = {**NOT_STORED, **answer.headers}
            if answer.again is not None:
                self._keeper.keep_again(call, request, answer.again, moves)
            if answer.redirect:
                headers["Location"] = location(answer.redirect)
                return Response(b"", content_type, 302, headers, answer.cookies)
            body_bytes = render({"error": 0, "error_message": "", **answer.body}, call.answer_format)
            response = Response(body_bytes, content_type, answer.status, headers, answer.cookies, sent=answer.sent)
        else:
            body_bytes = render({"error": 0, "error_message": "", **answer}, call.answer_format)
            response = Response(body_bytes, content_type, headers=dict(NOT_STORED))
        return response.finish(accepts=accepts, if_none_match=known)

    def _shared(
        self, endpoint: Endpoint, call: Call, answer: Shared, request: Request, moves: int, accepts: str, known: str
    ) -> Response:
        key = body_key(call, answer)
        body = self.bodies.get(
            key,
            tags=answer.tags,
            valid_until=answer.valid_until,
            now=call.now,
            build=lambda: _rendered(call, answer),
            renew=lambda moment: _at(endpoint, call, moment, answer.key),
        )
        mark = body.etag + (session_mark(call.authkey) if len(body.segments) > 1 else "")
        headers = {"Cache-Control": "private, no-cache", **answer.headers}
        self._keeper.keep_shared(call, request, answer, key, body, headers, moves)
        if answer.countdown:
            headers["Cache-Control"] = max_age(body.valid_until, call.now)
        slot = _slot_text(call.authkey)
        response = Response(body.fill(slot), CONTENT_TYPES[call.answer_format], headers=headers, etag=mark)
        return response.finish(accepts=accepts, if_none_match=known, packed=lambda: body.packed(slot))

    def _error(
        self,
        endpoint: Endpoint,
        request: Request,
        answer_format: str,
        code: int,
        message: str,
        fields: Mapping[str, Any] | None = None,
    ) -> Response:
        message = message or endpoint.codes.get(code, "")
        ip = self._address.find(request.peer, request.headers)
        args = _args(request)
        if endpoint.method.content_request and code != INTERNAL:
            log_event(_content, logging.INFO, "CONTENT_REQUEST_ERROR", url=_url(request), params=args)
        log_event(_requests, logging.INFO, "API_REQUEST_ERROR", url=request.path, ip=ip, args=args,
                  error_message=message, error=code)  # fmt: skip
        body = render({"error": code, "error_message": message, **(fields or {})}, answer_format)
        status = endpoint.method.error_statuses.get(code, 200)
        return Response(body, CONTENT_TYPES[answer_format], status, dict(NOT_STORED))


def _failure(endpoint: Endpoint) -> int:
    """What a method answers when the failure is ours."""
    return UNKNOWN_ERROR if endpoint.method.auth == "signature" else INTERNAL


def body_key(call: Call, answer: Shared) -> tuple[Hashable, ...]:
    """What a rendered body is kept under."""
    return (call.method.name, call.answer_format, call.operator.id if call.operator else 0, *answer.key)


def _rendered(call: Call, answer: Shared) -> bytes:
    return render({"error": 0, "error_message": "", **answer.build()}, call.answer_format)


def _at(endpoint: Endpoint, call: Call, moment: datetime, key: tuple[Hashable, ...]) -> NextBody | None:
    """The same body as it will be at a moment to come; None when the address leads elsewhere then."""
    then = replace(call, now=moment)
    answer = endpoint.method.handler(then)
    if not isinstance(answer, Shared) or answer.key != key:
        return None
    return NextBody(tuple(answer.tags), answer.valid_until, lambda: _rendered(then, answer))


def _last(sent: Mapping[str, Any], name: str) -> str:
    values = sent.get(name)
    return str(values[-1]) if values and isinstance(values[-1], (str, int)) else ""


def _slot_text(authkey: str) -> bytes:
    """The authkey as it stands inside an address; anything but letters and digits cannot be a key of ours."""
    return authkey.encode() if authkey.isalnum() and authkey.isascii() else b""


def _args(request: Request) -> dict[str, Any]:
    return {name: values[-1] for name, values in request.sent.items() if values}


def _url(request: Request) -> str:
    return f"{request.path}?{request.query_string}" if request.query_string else request.path
