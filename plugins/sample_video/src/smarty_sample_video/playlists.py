"""HLS playlists made from the time alone.

Segment number n covers the six seconds from Unix time 6n, for ever, so every process and every restart serves the same.
Its picture is the n-th of a loop of ten; where the loop begins again the timestamps jump, which HLS calls a
discontinuity.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

SECONDS: Final = 6
LOOP: Final = 10
LIVE_SEGMENTS: Final = 5
ARCHIVE_SECONDS: Final = 7 * 86_400
LONGEST_SECONDS: Final = 86_400
"""Of one list: 14 400 segments, about a megabyte."""


def newest(now: float) -> int:
    """The last segment that is complete."""
    return int(now // SECONDS) - 1


def master(media: str, token: str) -> str:
    """A list of one quality, whose media list is `media`."""
    return (
        "#EXTM3U\n#EXT-X-VERSION:3\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=70000,RESOLUTION=320x180,CODECS="avc1.42c01e,mp4a.40.2"\n'
        f"{media}{_query(token)}\n"
    )


def live(now: float, token: str) -> str:
    """The window that ends with the newest segment."""
    last = newest(now)
    return _media(last - LIVE_SEGMENTS + 1, last, token)


def finished(start: int, duration: int, token: str) -> str:
    """A whole programme."""
    return _media(start // SECONDS, -(-(start + duration) // SECONDS) - 1, token, kind="VOD")


def growing(start: int, now: float, token: str) -> str:
    """From `start` to the present, and longer at every look; ends after `LONGEST_SECONDS`.

    A list must not be empty, so what has only just begun starts a little early, with the newest segment there is.
    """
    last = newest(now)
    first = min(start // SECONDS, last)
    limit = first + LONGEST_SECONDS // SECONDS - 1
    return _media(first, min(last, limit), token, kind="VOD" if last >= limit else "EVENT")


def _media(first: int, last: int, token: str, *, kind: str = "") -> str:
    query = _query(token)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{SECONDS}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{first // LOOP}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if kind:
        lines += [f"#EXT-X-PLAYLIST-TYPE:{kind}", "#EXT-X-START:TIME-OFFSET=0"]
    for number in range(first, last + 1):
        if number % LOOP == 0 and number != first:
            lines.append("#EXT-X-DISCONTINUITY")
        if number == first or number % LOOP == 0:
            begin = datetime.fromtimestamp(number * SECONDS, UTC)
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{begin:%Y-%m-%dT%H:%M:%S}.000Z")
        lines += [f"#EXTINF:{SECONDS}.000,", f"{number}.ts{query}"]
    if kind == "VOD":
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def _query(token: str) -> str:
    return f"?token={quote(token, safe='')}" if token else ""
