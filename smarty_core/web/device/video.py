"""Films: where they are played from. A film that was made of a record is played from its channel's archive."""

from __future__ import annotations

from typing import Any, Final

from smarty_core.errors import Refused
from smarty_core.services.playback import Played
from smarty_core.web.device.play import (
    ADDRESS,
    TRACK_PARAMS,
    answer,
    chosen_tracks,
    excluded_services,
    refusal,
)
from smarty_core.web.device.play_fields import (
    AUDIO,
    QUALITIES,
    SUBTITLES,
    audio_fields,
    quality_fields,
    subtitle_fields,
)
from smarty_core.web.device.shown import operator_of, viewer_of
from smarty_core.web.method import Answer, Call, Method

NO_FILM: Final = 1


def video_url(call: Call) -> Answer:
    try:
        played = call.system.playback.content_url(
            viewer_of(call),
            operator_of(call),
            "video",
            call.params["vid"],
            file_id=call.params["vfid"],
            ip=call.ip,
            device=call.device,
            now=call.now,
            exclude=excluded_services(call),
            user_agent=call.headers.get("user-agent", ""),
            chosen=chosen_tracks(call),
        )
    except Refused as exc:
        raise refusal(exc, NO_FILM) from exc
    return answer(
        call,
        played,
        lambda: {
            **_external(played),
            **audio_fields(played.tracks, call.params["audio_pid"]),
            **subtitle_fields(played.tracks),
            **quality_fields(played.tracks),
        },
    )


def trailer_url(call: Call) -> Answer:
    try:
        played = call.system.playback.trailer_url(
            operator_of(call),
            call.params["vid"],
            call.params["vfid"],
            ip=call.ip,
            device=call.device,
            now=call.now,
            exclude=excluded_services(call),
            user_agent=call.headers.get("user-agent", ""),
        )
    except Refused as exc:
        raise refusal(exc, NO_FILM) from exc
    return answer(call, played, lambda: _external(played))


def _external(played: Played) -> dict[str, Any]:
    """What names the film in the system it came from; own films have no partner."""
    return {"ext_id": played.ext_id, "ext_partner_id": ""}


_EXTERNAL: Final = "ext_id:S, ext_partner_id:S, ext_auth_token?:S, ext_apikey?:S"
_CODES: Final = {
    NO_FILM: "film or asset not found",
    2: "external cinema did not return a stream address",
    3: "not allowed on this device type",
}

METHODS = (
    Method(
        "VideoUrl",
        "/video/url/",
        video_url,
        params="vid? N; vfid? N; redirect? F=1; exclude_service_id? N[]; " + TRACK_PARAMS,
        answer=f"{ADDRESS}, {_EXTERNAL}, skip_video_fragments?[]{{type?:N, begin_time?:Dec, end_time?:Dec}}, "
        f"{AUDIO}, {SUBTITLES}, {QUALITIES}",
        codes={**_CODES, 4: "planned episode has no stream"},
        bad_parameter=NO_FILM,
        statuses={302: "the stream"},
        content_request=True,
        group="Video",
        doc="The address of a film: a redirect to it, or with redirect=0 the address itself. `vfid` names one of its"
        " files, and is enough without `vid`; otherwise the first file is played that is no trailer. A film made of a"
        " recorded programme is played from the archive of its channel, and is open to whoever may watch that.",
    ),
    Method(
        "NoAuthVideoUrl",
        "/noauth/video/url/",
        trailer_url,
        auth="api_key",
        params="vid? N; vfid N; redirect? F=1; exclude_service_id? N[]",
        answer=f"{ADDRESS}, {_EXTERNAL}",
        codes=_CODES,
        bad_parameter=NO_FILM,
        statuses={302: "the stream"},
        content_request=True,
        group="Video",
        doc="The address of a trailer, for somebody who is not logged in; other files are not found.",
    ),
)
