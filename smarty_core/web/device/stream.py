"""Stream addresses for devices, and the check of a stream token for video servers."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from smarty_core.errors import Refused, StorageError
from smarty_core.events import log_event
from smarty_core.services.content import content_tags
from smarty_core.services.operators import Operator
from smarty_core.services.playback import Played
from smarty_core.services.sessions import Viewer
from smarty_core.services.stream_tokens import EXPIRED, NO_HEADERS, ServerHeaders, TokenRefused
from smarty_core.web.client_address import ClientAddress
from smarty_core.web.device.play import (
    ADDRESS,
    TRACK_PARAMS,
    answer,
    chosen_tracks,
    excluded_services,
    refusal,
    stream_fields,
)
from smarty_core.web.device.play_fields import (
    AUDIO,
    BANNER,
    DRM,
    LIVE_SUBTITLES,
    QUALITIES,
    SUBTITLES,
    live_subtitle_fields,
    subtitle_fields,
)
from smarty_core.web.method import Again, Answer, ApiError, Call, Messages, Method, Reply
from smarty_core.web.render import CONTENT_TYPES, render

if TYPE_CHECKING:
    from smarty_core.app import System

FORBIDDEN: Final = 403
UNSURE: Final = 500

LONGEST_QUERY: Final = 1500
"""A query too short to hold too many fields or a value that is too long."""

_requests = logging.getLogger("smarty_api_requests")
_main = logging.getLogger("smarty_main")


def channel_url(call: Call) -> Answer:
    viewer, operator = _proven(call)
    try:
        played = call.system.playback.channel_url(
            viewer,
            operator,
            call.params["cid"],
            ip=call.ip,
            device=call.device,
            now=call.now,
            exclude=excluded_services(call),
            user_agent=call.headers.get("user-agent", ""),
            chosen=chosen_tracks(call),
        )
    except Refused as exc:
        raise refusal(exc) from exc
    return replace(_live(call, played), again=_again(call, viewer))


def _live(call: Call, played: Played) -> Reply:
    return answer(
        call,
        played,
        lambda: {
            "archive_preview_url_mask": played.preview_mask,
            **live_subtitle_fields(played.tracks),
            **stream_fields(call, played),
        },
    )


def _again(call: Call, viewer: Viewer) -> Again | None:
    """How the same wish of another viewer of the same entitlement is answered without waiting."""
    playback = call.system.playback
    if playback.asks_plugins:
        return None
    allowed = playback.contents.allowed(viewer, "channel", call.params["cid"], call.now)
    if allowed.until is None:
        return None
    anybody = replace(call, viewer=None, authkey="", headers={}, url=hide_key(call.url, call.authkey))
    excluded, chosen, device = frozenset(excluded_services(call)), chosen_tracks(call), call.device

    def reply(viewer: Viewer, ip: str, now: datetime, user_agent: str) -> Reply | None:
        played = playback.channel_at_once(
            viewer, allowed, ip=ip, device=device, now=now, exclude=excluded, user_agent=user_agent, chosen=chosen
        )
        try:
            return None if played is None else _live(anybody, played)
        except ApiError:
            return None

    return Again(reply, allowed.until, content_tags(viewer.client_id, "channel"))


def hide_key(url: str, authkey: str) -> str:
    """The address of everybody who asks the same."""
    return url.replace(authkey, "") if authkey else url


def program_url(call: Call) -> Answer:
    viewer, operator = _proven(call)
    try:
        played = call.system.playback.program_url(
            viewer,
            operator,
            call.params["cid"],
            ip=call.ip,
            device=call.device,
            now=call.now,
            pid=call.params["pid"],
            time=call.params["time"],
            tv_pause=bool(call.params["tv_pause"]),
            kind="camera" if call.params["is_camera"] else "channel",
            exclude=excluded_services(call),
            user_agent=call.headers.get("user-agent", ""),
            chosen=chosen_tracks(call),
        )
    except Refused as exc:
        raise refusal(exc) from exc
    return answer(
        call,
        played,
        lambda: {
            "preview_uri_mask": played.preview_mask,
            **subtitle_fields(played.tracks),
            **stream_fields(call, played),
        },
    )


def token_check(call: Call) -> Answer:
    """Video servers look at the HTTP status alone, so whatever is not a clear yes has another one."""
    try:
        checked = call.system.stream_tokens.check(
            call.params["token"],
            call.params["name"],
            call.params["ip"],
            call.now,
            caller=call.ip,
            headers=ServerHeaders(
                call.headers.get("x-real-ip", ""),
                call.headers.get("x-real-path", ""),
                call.headers.get("x-channel-id", ""),
            ),
        )
    except TokenRefused as exc:
        raise ApiError(exc.code, str(exc)) from exc
    except StorageError as exc:
        return _unsure(call, exc)
    return Reply(headers=call.system.playback.check_headers(checked))


def _unsure(call: Call, failure: StorageError) -> Answer:
    """The answer while the database cannot be asked, as STREAM_TOKEN_CHECK_WHEN_UNSURE says."""
    wanted = call.system.settings.STREAM_TOKEN_CHECK_WHEN_UNSURE
    if wanted == "keep" and not call.params["request_type"]:
        raise failure
    log_event(_main, logging.ERROR, "STORAGE_FAILED", url=call.method.path, error=str(failure))
    if wanted == "keep":  # a Flussonic keeps its decision at status 500 alone, any other one is a no
        return Reply(body={"error": UNSURE, "error_message": "temporarily unavailable"}, status=UNSURE)
    if wanted == "deny":
        raise ApiError(EXPIRED, "nobody can be asked about the token now")
    # With X-Real-Path the query is the viewer's own, and whose headers these are cannot be told without the service.
    ip = "" if call.headers.get("x-real-path") else call.params["ip"]
    try:
        facts = call.system.stream_tokens.vouched(call.params["token"], call.params["name"], ip, call.now)
    except TokenRefused as exc:
        raise ApiError(exc.code, str(exc)) from exc
    return Reply(headers={"X-AuthDuration": str(facts.auth_duration), "X-UserId": str(facts.account_id)})


def quick_token_check(system: System, scope: MutableMapping[str, Any]) -> Messages | None:
    """A yes that was given before and still holds, from memory. Everything else goes the ordinary way."""
    asked = _asked(scope["query_string"])
    if asked is None or _requests.isEnabledFor(logging.DEBUG):
        return None
    token, name, ip = asked
    real_ip = path = channel = forwarded = ""
    for header, value in scope["headers"]:
        if header == b"origin":
            return None
        if header == b"x-real-ip":
            real_ip = value.decode("latin-1")
        elif header == b"x-real-path":
            path = value.decode("latin-1")
        elif header == b"x-channel-id":
            channel = value.decode("latin-1")
        elif header == b"x-forwarded-for":
            forwarded += f",{value.decode('latin-1')}" if forwarded else value.decode("latin-1")
    caller, said = "", NO_HEADERS
    if path or (real_ip and not ip):
        said = ServerHeaders(real_ip, path, channel)
        peer = scope.get("client") or ("", 0)
        headers = {"x-real-ip": real_ip, "x-forwarded-for": forwarded}
        caller = _addresses(tuple(system.settings.TRUSTED_PROXIES)).find(str(peer[0]), headers)
    now = system.clock()
    checked = system.stream_tokens.remembered(token, name, ip, now, caller=caller, headers=said)
    if checked is None or checked.headers is None:
        return None
    if checked.said is None:
        headers = {"Cache-Control": "no-store", **checked.headers}
        if not all(value.isprintable() for value in headers.values()):
            return None  # what could end a header is for the web server to refuse
        lines = [_line(*header) for header in headers.items()]
        checked.said = {"type": "http.response.start", "status": 200, "headers": [*lines, *_BODY_LINES]}
    return checked.said, _YES


def _asked(query: bytes) -> tuple[str, str, str] | None:
    """Token, name and address in a query; None when it is unusual and better read with all care."""
    if len(query) > LONGEST_QUERY:
        return None
    token = name = ip = ""
    for field in query.decode("latin-1").split("&"):
        key, _, value = field.partition("=")
        if key == "token":
            token = value or token
        elif key == "name":
            name = value or name
        elif key == "ip":
            ip = value or ip
        elif key == "device" or "%" in key or "+" in key:
            return None
    if "%" in name or "+" in name:
        name = unquote_plus(name)
    if "%" in ip or "+" in ip:
        ip = unquote_plus(ip)
    return (token, name, ip) if name.isprintable() and ip.isprintable() else None


@lru_cache(maxsize=16)
def _addresses(trusted: tuple[str, ...]) -> ClientAddress:
    return ClientAddress(trusted)


@lru_cache(maxsize=20_000)
def _line(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode("latin-1"), value.encode("latin-1")


_YES_BODY: Final = render({"error": 0, "error_message": ""}, "json")
_YES: Final = {"type": "http.response.body", "body": _YES_BODY}
_BODY_LINES: Final = (_line("content-type", CONTENT_TYPES["json"]), _line("content-length", str(len(_YES_BODY))))


def _proven(call: Call) -> tuple[Viewer, Operator]:
    if call.viewer is None or call.operator is None:
        raise ApiError(FORBIDDEN, "not authorised")
    return call.viewer, call.operator


_CHECK = {
    "quick": quick_token_check,
    "params": 'token? S=""; name? S=""; ip? S=""; request_type? S=""',
    "auth": "none",
    "codes": {
        1: "the token has expired or was never issued",
        2: "the token was issued for other content",
        3: "the token was issued for another IP address",
        500: "the server cannot tell now",
    },
    "bad_parameter": 1,
    "error_statuses": {1: 403, 2: 403, 3: 403, 500: 503},
    "statuses": {
        403: "the token is not good",
        500: "the same as 503, for a Flussonic, which says `request_type`",
        503: "the server cannot tell now; keep the last decision",
    },
    "group": "StreamService",
    "doc": "Asked by a video server: may the holder of this token watch this content from this address? The headers of "
    "a good answer say for how long it holds. A server that passes on the viewer's own query says the address, the "
    "path and the channel in the headers X-Real-Ip, X-Real-Path and X-Channel-Id; then only these count, and only when "
    "the stream service has its address. No session and no client_id is needed; other parameters are ignored.",
}

METHODS = (
    Method(
        "ChannelUrl",
        "/channel/url/",
        channel_url,
        params="cid N; redirect? F=1; exclude_service_id? N[]; get_drm_info? F=0; " + TRACK_PARAMS,
        answer=f"{ADDRESS}, archive_preview_url_mask:S, {BANNER}, {LIVE_SUBTITLES}, {AUDIO}, {QUALITIES}, {DRM}",
        codes={1: "bad parameter", 2: "could not get DRM information", 404: "channel not found"},
        bad_parameter=1,
        statuses={302: "the stream"},
        content_request=True,
        writes=True,
        group="Channel",
        doc="The address of the live stream: a redirect to it, or with redirect=0 the address itself. When a stream "
        "fails, ask again with exclude_service_id of its service (a list, separated by commas or repeated).",
    ),
    Method(
        "ProgramUrl",
        "/program/url/",
        program_url,
        params="cid N; pid? N; time? N; is_camera? F=0; redirect? F=1; exclude_service_id? N[]; tv_pause? N=0; "
        f"{TRACK_PARAMS}; get_drm_info? F=0",
        answer=f"{ADDRESS}, preview_uri_mask:S, {BANNER}, {SUBTITLES}, {AUDIO}, {QUALITIES}, {DRM}",
        codes={1: "one of the parameters is wrong", 2: "could not get DRM information", 404: "programme not found"},
        bad_parameter=1,
        statuses={302: "the stream"},
        content_request=True,
        writes=True,
        group="Program",
        doc="The address of a programme in the archive, named by pid or by a Unix time (pid wins). With tv_pause=1 it "
        "plays from there and goes on instead of ending with the programme.",
    ),
    Method("StreamServiceTokenCheck", "/streamservice/token/check/", token_check, **_CHECK),  # type: ignore[arg-type]
)

STREAMING_METHODS = (
    Method("FlussonicTokenCheck", "/streamservice/token/check/", token_check, **_CHECK),  # type: ignore[arg-type]
)
"""The same check at its other address, `/streaming/api`."""
