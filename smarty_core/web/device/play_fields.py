"""What answers with a stream address say besides it: tracks, subtitles, qualities, DRM, the banner of a locked screen.

Operators describe a stream in the column `tracks`: `audio`, `subtitles` and `qualities` are lists of objects, `drm` is
one object. Whatever is stored there, devices get the declared types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smarty_core.web.method import ApiError

NO_DRM: Final = 2
DRM_TYPES: Final = ("Widevine", "PlayReady", "FairPlay", "Huawei")
SUBTITLE_TYPES: Final = ("srt", "smi")

AUDIO: Final = "audio_tracks?[]{index?:N, is_active?:F, lang?:S, display_name?:S}"
QUALITIES: Final = "video_qualities?[]{index?:N, display_name?:S}"
SUBTITLES: Final = "subtitles?[]{index?:N, type?:S<srt,smi>, lang?:S, url?:S, display_name?:S}"
LIVE_SUBTITLES: Final = "subtitle_tracks?[]{index?:N, type?:S<srt,smi>, lang?:S, url?:S}, subtitles[]{display_name?:S}"
DRM: Final = "drm?{license_url?:S, params?:S, provider?:S, type?:S<Widevine,PlayReady,FairPlay,Huawei>}"
BANNER: Final = "lock_banner?:S"

Tracks = Mapping[str, Any] | None


def audio_fields(tracks: Tracks, chosen: object = None) -> dict[str, Any]:
    """`audio_tracks`. The track of index `chosen` is the active one; the first where there is none of that index."""
    found = [{"index": _whole(one.get("index"), place), **_texts(one, "lang", "display_name")}
             for place, one in enumerate(_list(tracks, "audio"))]  # fmt: skip
    active = next((row for row in found if str(row["index"]) == str(chosen)), found[0] if found else None)
    return {"audio_tracks": [{**row, "is_active": int(row is active)} for row in found]}


def quality_fields(tracks: Tracks) -> dict[str, Any]:
    """`video_qualities`."""
    return {
        "video_qualities": [
            {"index": _whole(one.get("index"), place), **_texts(one, "display_name")}
            for place, one in enumerate(_list(tracks, "qualities"))
        ]
    }


def subtitle_fields(tracks: Tracks) -> dict[str, Any]:
    """`subtitles`, as the archive and films have them."""
    return {"subtitles": _subtitles(tracks)}


def live_subtitle_fields(tracks: Tracks) -> dict[str, Any]:
    """The same as live channels have it: what to fetch in `subtitle_tracks`, what to show in `subtitles`."""
    found = _subtitles(tracks)
    return {
        "subtitle_tracks": [{name: value for name, value in row.items() if name != "display_name"} for row in found],
        "subtitles": [{"display_name": row["display_name"]} for row in found],
    }


def drm_fields(tracks: Tracks, *, wanted: bool, protected: bool) -> dict[str, Any]:
    """`drm` of protected content for whoever wants it. Raises error 2 when nothing is known of its protection."""
    if not wanted or not protected:
        return {}
    found = (tracks or {}).get("drm")
    if not isinstance(found, Mapping) or found.get("type") not in DRM_TYPES:
        raise ApiError(NO_DRM, "no DRM information for this content")
    return {"drm": _texts(found, "license_url", "params", "provider", "type")}


def banner_fields(banner: str) -> dict[str, Any]:
    """`lock_banner`, where there is one."""
    return {"lock_banner": banner} if banner else {}


def _subtitles(tracks: Tracks) -> list[dict[str, Any]]:
    return [
        {
            "index": _whole(one.get("index"), place),
            "type": one["type"] if one.get("type") in SUBTITLE_TYPES else SUBTITLE_TYPES[0],
            **_texts(one, "lang", "url", "display_name"),
        }
        for place, one in enumerate(_list(tracks, "subtitles"))
    ]


def _list(tracks: Tracks, name: str) -> list[Mapping[str, Any]]:
    found = (tracks or {}).get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _texts(one: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: value if isinstance(value := one.get(name), str) else "" for name in names}


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
