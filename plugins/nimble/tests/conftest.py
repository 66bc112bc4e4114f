"""A Nimble Streamer on a real port: it computes the hash anew from nothing but the address and the viewer."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

NOW = 1_700_000_000

MEDIA = re.compile(
    r"(?P<stream>.+)/(?:"
    r"(?P<live>playlist\.m3u8|playlist_dvr\.m3u8|manifest\.mpd)"
    r"|playlist_dvr_range-(?P<start>\d+)-(?P<length>\d+)\.m3u8"
    r"|playlist_dvr_timeshift-(?P<behind>\d+)\.m3u8)"
)


@dataclass
class NimbleServer:
    """Set `password` for WMSAuth. `played` holds what was given, in words."""

    url: str = ""
    streams: frozenset[str] = frozenset({"live/news1", "vod/films/metropolis.mp4"})
    password: str = ""
    now: int = NOW
    played: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    def answer(self, target: str, ip: str) -> int:
        """HTTP status for a player at `ip`."""
        path, _, query = target.partition("?")
        found = MEDIA.fullmatch(path.strip("/"))
        if found is None or found["stream"] not in self.streams:
            return 404
        if self.password and not self.is_signed(found["stream"], query, ip):
            return 403
        words = {name: value for name, value in found.groupdict().items() if value and name != "stream"}
        if int(words.get("start", 0)) >= self.now or words.get("behind") == "0":
            return 404
        self.played.append(" ".join(f"{name}={value}" for name, value in words.items()))
        return 200

    def is_signed(self, stream: str, query: str, ip: str) -> bool:
        name, _, value = query.partition("=")
        if name != "wmsAuthSign" or "&" in query:
            return False
        try:
            text = base64.b64decode(value, validate=True).decode("ascii")
            facts = dict(parse_qsl(text, strict_parsing=True))
            # A plus sign in base64 is one here: the text is no query of a browser.
            digest = text.partition("hash_value=")[2].partition("&")[0]
            begin = datetime.strptime(facts["server_time"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC).timestamp()
            minutes, length = int(facts["validminutes"]), int(facts.get("strm_len", "0"))
        except (ValueError, KeyError):
            return False
        if facts.keys() - {"server_time", "hash_value", "validminutes", "strm_len", "id", "checkip"}:
            return False
        if not begin <= self.now < begin + minutes * 60 or length > len(stream):
            return False
        address = "" if facts.get("checkip") == "false" else ip
        key = address + facts.get("id", "") + self.password + facts["server_time"] + str(minutes) + stream[:length]
        if digest != base64.b64encode(hashlib.md5(key.encode()).digest()).decode():
            return False
        self.users.append(facts.get("id", ""))
        return True

    def get(self, uri: str, ip: str = "203.0.113.7") -> int:
        """A player opens `uri`, through a balancer that tells its address."""
        place = urlsplit(uri)
        assert f"{place.scheme}://{place.netloc}" == self.url, "the address leads to another server"
        connection = http.client.HTTPConnection(place.netloc, timeout=10)
        try:
            target = f"{place.path}?{place.query}" if place.query else place.path
            connection.request("GET", target, headers={"X-Player": ip})
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def nimble() -> Iterator[NimbleServer]:
    made = NimbleServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(made.answer(self.path, self.headers["X-Player"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
