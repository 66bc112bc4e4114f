"""What stands after the name of the stream: one form for each wish and each kind of stream. Times are Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import NotSupported


@dataclass(frozen=True, slots=True)
class Forms:
    """Templates with `{start}`, `{length}` and `{delay}`; empty = the server has no such form for this kind."""

    finished: str
    on_air: str
    going_on: str = ""
    live: str = ""
    delayed: str = ""
    rewindable: str = ""


FORMS: Final[Mapping[str, Forms]] = {
    "hls": Forms(
        live="index.m3u8",
        finished="archive-{start}-{length}.m3u8",
        on_air="archive-{start}-now.m3u8",
        going_on="timeshift_abs-{start}.m3u8",
        delayed="timeshift_rel-{delay}.m3u8",
        rewindable="rewind-{delay}.m3u8",
    ),
    "hls_index": Forms(
        finished="index-{start}-{length}.m3u8",
        on_air="index-{start}-now.m3u8",
        going_on="timeshift_abs-{start}.m3u8",
    ),
    "hls_mono": Forms(
        live="mono.m3u8",
        finished="mono-{start}-{length}.m3u8",
        on_air="mono-{start}-now.m3u8",
        going_on="timeshift_abs_mono-{start}.m3u8",
        delayed="timeshift_rel_mono-{delay}.m3u8",
    ),
    "hls_video": Forms(
        live="video.m3u8",
        finished="video-{start}-{length}.m3u8",
        on_air="video-{start}-now.m3u8",
        going_on="timeshift_abs-{start}.m3u8",
        delayed="timeshift_rel-{delay}.m3u8",
    ),
    "mpegts": Forms(
        live="mpegts",
        finished="archive/{start}/{length}/mpegts",
        # A stream has no end to wait for: what is still on air is played from its beginning and on.
        on_air="timeshift_abs/{start}",
        going_on="timeshift_abs/{start}",
        delayed="timeshift_rel/{delay}",
    ),
    "ts": Forms(
        finished="archive-{start}-{length}.ts",
        on_air="timeshift_abs-{start}.ts",
        going_on="timeshift_abs-{start}.ts",
    ),
    "mp4": Forms(finished="archive-{start}-{length}.mp4", on_air="archive-{start}-{length}.mp4"),
    "dash": Forms(
        live="index.mpd",
        finished="archive-{start}-{length}.mpd",
        on_air="archive-{start}-{length}.mpd",
    ),
}
"""Kind of stream (the settings `format` and `archive_format`) -> its forms."""

PREVIEW: Final = "$utc-preview.mp4"
"""A picture of the archive; the player puts a Unix second in the place of `$utc`."""


def form_of(request: PlayRequest, kind: str, *, rewind: int, shift_on_server: bool) -> str:
    """The end of the address for `request`. Raises `NotSupported` when the server has no such form."""
    forms = FORMS[kind]
    delay = request.shift_hours * 3600 if shift_on_server else 0
    shift = timedelta(seconds=delay)  # the server's own archive is that of the picture without the delay
    start = int((request.start - shift).timestamp()) if request.start else 0
    length = 0
    if request.start is None and delay > 0:
        wish, chosen = "a delayed picture", forms.delayed
    elif request.start is None and rewind:
        wish, chosen, delay = "a rewindable picture", forms.rewindable or forms.live, rewind
    elif request.start is None:
        wish, chosen = "live", forms.live
    elif request.timeshift:
        wish, chosen = "playing from a moment and on", forms.going_on
    elif request.stop is None:
        wish, chosen = "a programme still on air", forms.on_air
        length = _length(start, (request.now or datetime.now(UTC)) - shift)
    else:
        wish, chosen = "the archive", forms.finished
        length = _length(start, request.stop - shift)
    if not chosen:
        raise NotSupported(f"Flussonic has no form for {wish} as {kind}")
    return chosen.format(start=start, length=length, delay=delay)


def _length(start: int, end: datetime) -> int:
    return max(1, int(end.timestamp()) - start)
