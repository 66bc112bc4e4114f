"""Personal records. The original device API documents no such methods: these are this server's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smarty_core.errors import Refused
from smarty_core.services.languages import pick
from smarty_core.services.npvr import BUSY, TOO_MANY, OwnRecord
from smarty_core.services.npvr_recorders import NO_RECORDER
from smarty_core.services.playback import Asked
from smarty_core.web.device.play import (
    ADDRESS,
    TRACK_PARAMS,
    answer,
    chosen_tracks,
    excluded_services,
    refusal,
    stream_fields,
)
from smarty_core.web.device.play_fields import AUDIO, BANNER, QUALITIES, SUBTITLES, subtitle_fields
from smarty_core.web.device.shown import Addresses, viewer_of
from smarty_core.web.method import Answer, ApiError, Call, Method

BAD: Final = 1
CODES_OF: Final[Mapping[str, int]] = {TOO_MANY: 2, NO_RECORDER: 3, BUSY: 4}


def npvr_list(call: Call) -> Answer:
    sent = call.params
    count, records = call.system.npvr.list_for(
        viewer_of(call), status=sent["status"] or "", limit=sent["limit"], page=sent["page"]
    )
    return {"count": count, "records": [_row(call, record) for record in records]}


def npvr_create(call: Call) -> Answer:
    sent = call.params
    try:
        record = call.system.npvr.create(
            viewer_of(call), sent["cid"], pid=sent["pid"], begin=sent["begin_time"], end=sent["end_time"],
            name=sent["name"] or "",
        )  # fmt: skip
    except Refused as exc:
        raise ApiError(CODES_OF[exc.reason], str(exc)) from exc
    return _row(call, record)


def npvr_delete(call: Call) -> Answer:
    call.system.npvr.delete(viewer_of(call), call.params["rid"])
    return {}


def npvr_url(call: Call) -> Answer:
    asked = Asked(
        ip=call.ip,
        device=call.device,
        now=call.now,
        exclude=excluded_services(call),
        user_agent=call.headers.get("user-agent", ""),
        chosen=chosen_tracks(call),
    )
    try:
        played = call.system.npvr.url(viewer_of(call), call.params["rid"], asked)
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


def _row(call: Call, record: OwnRecord) -> dict[str, Any]:
    channel = call.system.catalogue.line_up(viewer_of(call).client_id).by_id.get(record.channel_id)
    return {
        "id": record.id,
        "cid": record.channel_id,
        "channel_name": pick(channel.names, call.lang) if channel is not None else "",
        "program_id": record.programme_id,
        "name": record.name,
        "begin_time": int(record.begin.timestamp()),
        "end_time": int(record.end.timestamp()),
        "status": record.status,
        "status_reason": record.error,
        "expires_at": int(record.expires_at.timestamp()) if record.expires_at is not None else 0,
        "url": Addresses(call, authkey=call.authkey).own_record(record.id) if record.playable else "",
    }


_RECORD: Final = (
    "id:N, cid:N, channel_name:S, program_id:N, name:S, begin_time:N, end_time:N,"
    " status:S<planned,recording,done,failed>, status_reason:S, expires_at:N, url:S"
)
_OWN: Final = " Not a method of the original API."

METHODS = (
    Method(
        "NpvrList",
        "/npvr/list/",
        npvr_list,
        group="Npvr",
        bad_parameter=BAD,
        params="status? S<planned,recording,done,failed>; limit? N{1-100}=50; page? N{1..1000000}=1",
        answer=f"count:N, records[]{{{_RECORD}}}",
        codes={BAD: "one of the parameters is wrong"},
        doc="The account's own records, the newest first. Times are those of the picture the viewer is shown;"
        " `expires_at` 0 = nobody knows; `url` is empty while there is nothing to play." + _OWN,
    ),
    Method(
        "NpvrCreate",
        "/npvr/create/",
        npvr_create,
        group="Npvr",
        bad_parameter=BAD,
        writes=True,
        params="cid N; pid? N; begin_time? N; end_time? N; name? S{..255}",
        answer=_RECORD,
        codes={
            BAD: "one of the parameters is wrong",
            2: "the account has too many records",
            3: "no service records this channel",
            4: "the same record is just being taken back; ask again in a minute",
            404: "channel or programme not found",
        },
        doc="Orders a record of a programme, or of a channel from `begin_time` to `end_time` (Unix time). What is on"
        " air is recorded from now on; what is over cannot be recorded. Ordered again it is the same record." + _OWN,
    ),
    Method(
        "NpvrUrl",
        "/npvr/url/",
        npvr_url,
        group="Npvr",
        bad_parameter=BAD,
        params="rid N; redirect? F=1; exclude_service_id? N[]; " + TRACK_PARAMS,
        answer=f"{ADDRESS}, preview_uri_mask:S, {BANNER}, {SUBTITLES}, {AUDIO}, {QUALITIES}",
        codes={BAD: "one of the parameters is wrong", 404: "record not found, or not made yet"},
        statuses={302: "the stream"},
        content_request=True,
        doc="The address of a record: a redirect to it, or with redirect=0 the address itself. One that is being made"
        " is played from its beginning." + _OWN,
    ),
    Method(
        "NpvrDelete",
        "/npvr/delete/",
        npvr_delete,
        group="Npvr",
        bad_parameter=BAD,
        writes=True,
        params="rid N",
        codes={BAD: "one of the parameters is wrong", 404: "record not found"},
        doc="Takes a record back, whether it is made already or not." + _OWN,
    ),
)
