"""A Flussonic server on a real port: it checks securetoken and asks the authorisation back end as the product does."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest

NOW = 1_700_000_000
"""Unix time of the server and of all requests."""

MEDIA = re.compile(
    r"(?P<stream>.+?)/(?:"
    r"(?P<live>index\.m3u8|mono\.m3u8|video\.m3u8|index\.mpd|mpegts)"
    r"|(?:archive|index|mono|video)-(?P<start>\d+)-(?P<length>\d+|now)\.(?:m3u8|mpd|ts|mp4)"
    r"|archive/(?P<start_ts>\d+)/(?P<length_ts>\d+)/mpegts"
    r"|timeshift_abs(?:_mono)?[-/](?P<moment>\d+)(?:\.m3u8|\.ts)?"
    r"|timeshift_rel(?:_mono)?[-/](?P<delay>\d+)(?:\.m3u8)?"
    r"|rewind-(?P<rewind>\d+)\.m3u8"
    r"|(?P<picture>\d+)-preview\.mp4"
    r")"
)


MEDIA_REQUESTS = [
    (r"index\.m3u8", "hls_live-hls_mbr_playlist"),
    (r"(?:mono|video)\.m3u8", "hls_live-hls_playlist"),
    (r"mpegts", "mpegts_handler-request"),
    (r"(?:index|archive)-(\d+)-(\d+|now)\.m3u8", r"dvr_session-hls_mbr_playlist-\1-\2"),
    (r"(?:mono|video)-(\d+)-(\d+|now)\.m3u8", r"dvr_session-hls_playlist-\1-\2"),
    (r"archive-(\d+)-(\d+)\.mp4", r"dvr_handler-mp4-\1-\2"),
    (r"archive/(\d+)/(\d+)/mpegts", r"dvr_stream_handler-ts_stream-\1-\2"),
    (r"timeshift_abs(?:_mono)?[-/](\d+).*", r"dvr_handler-timeshift_abs-\1"),
    (r"timeshift_rel(?:_mono)?[-/](\d+).*", r"dvr_handler-timeshift_rel-\1"),
]
"""What stands after the stream's name -> what the server tells its back end of it; other parts are told as they are."""


def media_request(part: str) -> str:
    return next((re.sub(form, told, part) for form, told in MEDIA_REQUESTS if re.fullmatch(form, part)), part)


def proto_of(part: str) -> str:
    kinds = {".m3u8": "hls", ".mpd": "dash", ".mp4": "mp4"}
    return next((kind for ending, kind in kinds.items() if part.endswith(ending)), "mpegts")


@dataclass
class Session:
    """What the server remembers of one viewer: stream, address and token."""

    id: str
    user: str = ""
    number: int = 0
    ask_again_at: int = 0
    duration: int = 180
    opened_at: int = 0
    allowed: bool = False


@dataclass
class FlussonicServer:
    """Set `auth_url`, or `key` for securetoken. `played` holds what was given, in words."""

    url: str = ""
    streams: frozenset[str] = frozenset({"news1", "live/news1", "films/metropolis.mp4"})
    auth_url: str = ""
    key: str = ""
    check_ip: bool = True
    now: int = NOW
    api_password: str = "s3cret"
    api_answer: bytes = b'{"streams": [{"name": "news1"}], "estimated_count": 3}'
    played: list[str] = field(default_factory=list)
    sessions: dict[tuple[str, str, str], Session] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, target: str, ip: str) -> int:
        """HTTP status for a player at `ip`."""
        parts = urlsplit(target)
        query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        if any(len(values) != 1 for values in query.values()):
            return 400
        found = MEDIA.fullmatch(unquote(parts.path).strip("/"))
        if found is None or found["stream"] not in self.streams:
            return 404
        token = query.get("token", [""])[0]
        user = query.get("user_id", [""])[0]
        if self.key and not self.is_signed(found["stream"], ip, token, user):
            return 403
        if self.auth_url and not self.is_allowed(found, ip, token, parts.query):
            return 403
        words = {name: value for name, value in found.groupdict().items() if value and name != "stream"}
        begin = words.get("start") or words.get("start_ts") or words.get("moment") or words.get("picture")
        if begin and int(begin) >= self.now:
            return 404
        self.played.append(" ".join(f"{name}={value}" for name, value in words.items()))
        return 200

    def is_signed(self, stream: str, ip: str, token: str, user: str) -> bool:
        try:
            digest, salt, end, start = token.split("-")
            fresh = int(start) <= self.now < int(end)
        except ValueError:
            return False
        text = stream + (ip if self.check_ip else "") + start + end + self.key + salt + user
        return fresh and digest == hashlib.sha1(text.encode()).hexdigest()

    def is_allowed(self, media: re.Match[str], ip: str, token: str, query: str) -> bool:
        stream = media["stream"]
        session = self.sessions.setdefault((stream, ip, token), Session(f"6f1c2a-{next(self.ids)}", opened_at=self.now))
        if session.number and self.now < session.ask_again_at:
            return session.allowed
        reply = self.ask(session, media, ip, token, query)
        if reply is None or reply.status == 500:
            # The last decision stands; who has none yet is refused and asked about anew when he tries again.
            if not session.number:
                del self.sessions[stream, ip, token]
            return session.allowed
        session.number += 1
        session.allowed = reply.status in (200, 302)
        session.duration = int(reply.headers.get("X-AuthDuration", "180"))
        session.ask_again_at = self.now + session.duration
        session.user = reply.headers.get("X-UserId", "")
        if session.allowed and session.user:
            limit = 1 if reply.headers.get("X-Unique") == "true" else int(reply.headers.get("X-Max-Sessions", "0"))
            self.limit(session, limit)
        return session.allowed

    def ask(
        self, session: Session, media: re.Match[str], ip: str, token: str, query: str
    ) -> http.client.HTTPResponse | None:
        """The back end's answer to everything the server tells of a session; None when there is none."""
        part = media[0].removeprefix(media["stream"] + "/")
        asked = {
            "name": media["stream"], "ip": ip, "proto": proto_of(part), "type": proto_of(part), "token": token,
            "request_type": "update_session" if session.number else "new_session",
            "request_number": session.number, "session_id": session.id, "stream_clients": 3, "total_clients": 9,
            "media_request": media_request(part), "qs": query, "host": urlsplit(self.url).netloc,
            "referer": "https://tv.example/watch?id=1&lang=ru", "user_agent": "Плеер/1.0 (a;b)",
        }  # fmt: skip
        if session.number:
            asked |= {"duration": self.now - session.opened_at, "bytes": 1_048_576}
        place = urlsplit(self.auth_url)
        connection = http.client.HTTPConnection(place.netloc, timeout=10)
        try:
            connection.request("GET", f"{place.path}?{urlencode(asked)}", headers={"User-Agent": "Flussonic"})
            reply = connection.getresponse()
            reply.read()
        except OSError:
            return None
        finally:
            connection.close()
        return reply

    def limit(self, newest: Session, limit: int) -> None:
        """Of one user's sessions the oldest ones beyond the limit are banned, for as long as a decision holds."""
        mine = [session for session in self.sessions.values() if session.user == newest.user and session.allowed]
        same = [*(session for session in mine if session is not newest), newest]
        for session in same[: max(0, len(same) - limit)] if limit else []:
            session.allowed = False
            session.ask_again_at = self.now + session.duration

    def get(self, uri: str, ip: str = "203.0.113.7") -> int:
        """A player opens `uri`, through a balancer that tells its address."""
        place = urlsplit(uri)
        assert f"{place.scheme}://{place.netloc}" == self.url, "the address leads to another server"
        connection = http.client.HTTPConnection(place.netloc, timeout=10)
        try:
            connection.request("GET", f"{place.path}?{place.query}", headers={"X-Player": ip})
            return connection.getresponse().status
        finally:
            connection.close()


Serve = Callable[[type[BaseHTTPRequestHandler]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Run a request handler on a loopback port; gives its address."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def begin(handler: type[BaseHTTPRequestHandler]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield begin
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(BaseHTTPRequestHandler):
    def end(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


@pytest.fixture
def flussonic(serve: Serve) -> FlussonicServer:
    made = FlussonicServer()

    class Handler(Quiet):
        def do_GET(self) -> None:
            if self.path.startswith("/streamer/api/"):
                self.api()
            else:
                self.end(made.answer(self.path.removesuffix("?"), self.headers["X-Player"]))

        def api(self) -> None:
            expected = base64.b64encode(f"admin:{made.api_password}".encode()).decode()
            if self.headers["Authorization"] != f"Basic {expected}":
                self.end(401)
            elif urlsplit(self.path).path != "/streamer/api/v3/streams":
                self.end(404)
            else:
                self.end(200, {"Content-Type": "application/json"}, made.api_answer)

    made.url = serve(Handler)
    return made


@dataclass
class Backend:
    """The middleware's token check, as far as a server sees it: `tokens` are good, for these streams.

    `trouble`: another status than 403 for everything, or -1 = the connection breaks off.
    """

    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    trouble: int = 0


@pytest.fixture
def backend(serve: Serve) -> Backend:
    made = Backend()

    class Handler(Quiet):
        def do_GET(self) -> None:
            asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            made.asked.append(asked)
            good = made.tokens.get(asked.get("token", "")) == asked["name"]
            if made.trouble == -1:
                self.close_connection = True
                return
            if made.trouble:
                self.end(made.trouble)
                return
            self.end(200 if good else 403, made.headers if good else {})

    made.url = serve(Handler) + "/streaming/api/streamservice/token/check/"
    return made
