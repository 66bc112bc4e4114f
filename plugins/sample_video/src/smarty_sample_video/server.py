"""The ASGI application: reads an address, asks the gate, answers with a playlist or a segment."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from smarty_sample_video import playlists
from smarty_sample_video.gate import Gate

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MEDIA: Final = Path(__file__).parent / "media"
HUES: Final = ("bars", "dusk", "dawn")
PLAYLIST: Final = "application/vnd.apple.mpegurl"
SEGMENT: Final = "video/mp2t"
LONGEST_TOKEN: Final = 512

_STREAM = re.compile(r"[\w.@+-]{1,128}", re.ASCII)
_SEGMENT = re.compile(r"(\d{1,10})\.ts", re.ASCII)
_WINDOW = re.compile(r"(index|archive|video|mono)-(\d{1,10})-(\d{1,6}|now)\.m3u8", re.ASCII)
_SHIFT = re.compile(r"timeshift_(abs|rel)(_mono)?-(\d{1,10})\.m3u8", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = "text/plain"
    max_age: int = 0


class SampleVideo:
    """One server. `clock` gives Unix time; a test may turn it."""

    def __init__(self, gate: Gate, *, clock: Callable[[], float] = time.time) -> None:
        self._gate = gate
        self._clock = clock
        self._segments = {
            (hue, number): (MEDIA / hue / f"{number}.ts").read_bytes()
            for hue in HUES
            for number in range(playlists.LOOP)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        reply = await self._reply(scope)
        headers = [
            (b"content-type", reply.content_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            (b"access-control-allow-origin", b"*"),
            (b"cache-control", f"max-age={reply.max_age}".encode() if reply.max_age else b"no-store"),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})

    async def _reply(self, scope: Scope) -> Reply:
        if scope["method"] not in ("GET", "HEAD"):
            return Reply(405, b"method not allowed")
        stream, _, name = scope["path"].rpartition("/")
        stream = stream.rpartition("/")[2]
        if not _STREAM.fullmatch(stream):
            return Reply(404, b"no such stream")
        token = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[-1]
        if len(token) > LONGEST_TOKEN or not await self._gate.allows(stream, _viewer(scope), token):
            return Reply(403, b"not allowed")
        if segment := _SEGMENT.fullmatch(name):
            return self._segment(stream, int(segment[1]))
        playlist = self._playlist(name, token)
        if playlist is None:
            return Reply(404, b"no such address, or outside the archive")
        return Reply(200, playlist.encode(), PLAYLIST)

    def _segment(self, stream: str, number: int) -> Reply:
        now = self._clock()
        if not self._kept(number * playlists.SECONDS, now) or number > playlists.newest(now):
            return Reply(404, b"outside the archive")
        hue = HUES[zlib.crc32(stream.encode()) % len(HUES)]
        return Reply(200, self._segments[hue, number % playlists.LOOP], SEGMENT, max_age=3600)

    def _playlist(self, name: str, token: str) -> str | None:
        now = self._clock()
        if name == "index.m3u8":
            return playlists.master("mono.m3u8", token)
        if name in ("video.m3u8", "mono.m3u8"):
            return playlists.live(now, token)
        if found := _WINDOW.fullmatch(name):
            return self._window(found[1], int(found[2]), found[3], now, token)
        if found := _SHIFT.fullmatch(name):
            return self._shift(found[1], bool(found[2]), int(found[3]), now, token)
        return None

    def _window(self, form: str, start: int, length: str, now: float, token: str) -> str | None:
        if not self._kept(start, now):
            return None
        if form == "index":
            return playlists.master(f"mono-{start}-{length}.m3u8", token)
        if length == "now":
            return playlists.growing(start, now, token)
        duration = int(length)
        if not 0 < duration <= playlists.LONGEST_SECONDS:
            return None
        if start + duration > now - playlists.SECONDS:
            return playlists.growing(start, now, token)
        return playlists.finished(start, duration, token)

    def _shift(self, form: str, mono: bool, number: int, now: float, token: str) -> str | None:
        delay = int(now) - number if form == "abs" else number
        if delay < 0 or not self._kept(now - delay, now):
            return None
        if form == "abs" or not mono:
            # The delay is counted once, when playing begins, so that the picture moves on from the wished moment.
            return playlists.master(f"timeshift_rel_mono-{delay}.m3u8", token)
        return playlists.live(now - delay, token)

    @staticmethod
    def _kept(start: float, now: float) -> bool:
        return now - playlists.ARCHIVE_SECONDS - playlists.SECONDS <= start < now


def _viewer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
