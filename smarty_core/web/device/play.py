"""Answering with a stream address: a redirect to it, or with `redirect=0` the address and what else there is to say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from smarty_core.errors import Refused
from smarty_core.events import log_event
from smarty_core.services.playback import Chosen, Played
from smarty_core.web.device.play_fields import audio_fields, banner_fields, drm_fields, quality_fields
from smarty_core.web.method import ApiError, Call, Reply

FORBIDDEN: Final = 403
NOT_FOUND: Final = 404

TRACK_PARAMS: Final = 'audio_pid? S{..64}=""; text_pid? S{..64}=""; video_pid? S{..64}=""'
ADDRESS: Final = "uri:S, stream_service_id:N"

_log = logging.getLogger("smarty_content_requests")


def chosen_tracks(call: Call) -> Chosen:
    """The tracks the device asks for."""
    return Chosen(*(call.params[name] or "" for name in ("audio_pid", "text_pid", "video_pid")))


def excluded_services(call: Call) -> list[int]:
    """The services that failed this device."""
    return call.params["exclude_service_id"] or []


def refusal(refused: Refused, code: int = NOT_FOUND) -> ApiError:
    """No code is documented for a veto: the content is not there for this viewer."""
    return ApiError(FORBIDDEN if refused.reason == "session_ended" else code, str(refused))


def answer(call: Call, played: Played, fields: Callable[[], Mapping[str, Any]]) -> Reply:
    """The answer of a method that gives `played`. `fields` makes what the body says besides the address.

    Raises error 2 when DRM information is asked for and there is none.
    """
    wanted = bool(call.params.get("get_drm_info"))
    drm = drm_fields(played.tracks, wanted=wanted, protected=played.drm_available)
    uri = played.uri
    if call.device.startswith("wrt") and not call.system.settings.TVMW_DONT_USE_ENDLESS_WRT:
        uri = with_endless(uri)
    log_event(_log, logging.INFO, "CONTENT_REQUEST_SUCCESS", url=call.url, params=dict(call.params), uri=uri,
              stream_service=played.stream_service_id)  # fmt: skip
    if call.params["redirect"]:
        return Reply(redirect=uri)
    return Reply(body={"uri": uri, "stream_service_id": played.stream_service_id, **fields(), **drm})


def stream_fields(call: Call, played: Played) -> dict[str, Any]:
    """What channels and programmes say alike: sound, qualities and the banner."""
    return {
        **banner_fields(played.lock_banner),
        **audio_fields(played.tracks, call.params["audio_pid"]),
        **quality_fields(played.tracks),
    }


def with_endless(uri: str) -> str:
    """The flag that makes a `wrt` box keep on reading; only web addresses have a place for it."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return uri
    return urlunsplit(parts._replace(query=f"{parts.query}&endless=1" if parts.query else "endless=1"))
