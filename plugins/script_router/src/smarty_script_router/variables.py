"""What a script knows of the wish it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from smarty_core.contracts.stream_mask import path_of
from smarty_core.contracts.stream_router import PlayRequest


def variables(request: PlayRequest, service_id: int) -> dict[str, Any]:
    """What a script is given besides `random`. Texts are quoted for an address already: nothing a device sends can add
    a part to it. Times are Unix seconds; what has no value is None."""
    now = request.now or datetime.now(UTC)
    end = request.stop or now
    return {
        "prefix": path_of(request.prefix),
        "adid": request.data_center_id,
        "cid": _quoted(request.content_id),
        "content_type": request.content_type,
        "token": _quoted(request.token),
        "utc": int(now.timestamp()),
        "start": int(request.start.timestamp()) if request.start else None,
        "stop": int(request.stop.timestamp()) if request.stop else None,
        "duration": max(1, int((end - request.start).total_seconds())) if request.start else None,
        "timeshift": request.timeshift,
        "account_id": request.account_id,
        "abonement": _quoted(request.abonement),
        "device": _quoted(request.device),
        "device_uid": _quoted(request.device_uid),
        "ip": _quoted(request.ip),
        "service": service_id,
        "shift": request.shift_hours,
        "audio_pid": _quoted(request.audio_pid),
        "text_pid": _quoted(request.text_pid),
        "video_pid": _quoted(request.video_pid),
        "multicast_uri": request.multicast_uri,
    }


def _quoted(text: str) -> str:
    return quote(text, safe=":")


VARIABLES: Final = frozenset(variables(PlayRequest(content_type="channel", content_id="", prefix=""), 0))
"""Names of the variables."""
