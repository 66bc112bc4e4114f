"""A Wowza server on a real port: it computes the hash anew from nothing but the address and the viewer."""

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
from urllib.parse import urlsplit

import pytest

NOW = 1_700_000_000

FILES = re.compile(r"(?P<path>.+)/(?:playlist\.m3u8|manifest\.mpd)")


@dataclass
class WowzaServer:
    """Set `secret` for SecureToken. `played` holds what was given, in words."""

    url: str = ""
    streams: frozenset[str] = frozenset({"live/news1", "live/_definst_/news1", "vod/mp4:films/metropolis.mp4"})
    secret: str = ""
    prefix: str = "wowzatoken"
    algorithm: str = "sha256"
    include_ip: bool = True
    now: int = NOW
    played: list[str] = field(default_factory=list)

    def answer(self, target: str, ip: str) -> int:
        """HTTP status for a player at `ip`."""
        path, _, query = target.partition("?")
        found = FILES.fullmatch(path.strip("/"))
        if found is None or found["path"] not in self.streams:
            return 404
        parts = query.split("&") if query else []
        if self.secret and not self.is_signed(found["path"], parts, ip):
            return 403
        named = dict(part.split("=", 1) for part in parts if "=" in part)
        begin, length = named.get("wowzadvrplayliststart"), named.get("wowzadvrplaylistduration")
        if begin is None:
            self.played.append("live")
            return 200 if "DVR" not in parts and length is None else 404
        if "DVR" not in parts:
            return 404
        moment = datetime.strptime(begin, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if moment.timestamp() >= self.now:
            return 404
        self.played.append(f"{int(moment.timestamp())} {'on' if length is None else int(length)}")
        return 200

    def is_signed(self, path: str, parts: list[str], ip: str) -> bool:
        own = [part for part in parts if part.startswith(self.prefix)]
        hashes = [part for part in own if part.startswith(f"{self.prefix}hash=")]
        if len(hashes) != 1:
            return False
        own.remove(hashes[0])
        times = dict(part.split("=", 1) for part in own)
        if not int(times[f"{self.prefix}starttime"]) <= self.now < int(times[f"{self.prefix}endtime"]):
            return False
        text = path + "?" + "&".join(sorted([*own, self.secret, *([ip] if self.include_ip else [])]))
        digest = base64.b64encode(hashlib.new(self.algorithm, text.encode()).digest()).decode()
        return hashes[0] == f"{self.prefix}hash=" + digest.replace("+", "-").replace("/", "_")

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
def wowza() -> Iterator[WowzaServer]:
    made = WowzaServer()

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
