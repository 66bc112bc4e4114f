"""An Astra or Alta server on a real port: it checks securetoken, asks its HTTP backend and answers its control API."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

NOW = 1_700_000_000
"""Unix time of the server and of all requests."""

CHECK_PATH = "/tvmiddleware/api/streamservice/token/check/"


@dataclass
class AstraServer:
    """Set `backend` (Astra: the address of the middleware alone; Alta: the whole address) or `key` for securetoken.

    `channels`: path of a channel -> its id. `down_lets_in`: what happens while nobody answers at the backend's address.
    """

    product: Literal["astra", "alta"] = "astra"
    url: str = ""
    channels: dict[str, str] = field(default_factory=lambda: {"news1": "a0c1", "tv/news1": "a0c2"})
    backend: str = ""
    key: str = ""
    login: str = "admin"
    password: str = "s3cret"
    now: int = NOW
    down_lets_in: bool = True
    has_sessions: bool = True
    status: Any = field(default_factory=lambda: {"app_uptime": 3600, "la1": 12, "mem": 40})
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def play(self, target: str, ip: str) -> int:
        """HTTP status for a player at `ip`."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        channel = self._channel(path.strip("/"))
        if channel is None:
            return 404
        query = parse_qs(parts.query, keep_blank_values=True)
        token = query.get("token", [""])[0]
        if self.key and not self._is_signed(channel if self.product == "astra" else path, ip, token):
            return 403
        session = str(next(self.ids))
        name: str | None = ""
        if self.backend:
            name = self._ask(parts.path, parts.query, session, channel, ip)
            if name is None:
                return 403
        self.sessions[session] = {
            "client_id": session, "channel_id": channel, "channel_name": channel, "addr": ip, "uptime": 1,
            "login": name,
        }  # fmt: skip
        return 200

    def _channel(self, path: str) -> str | None:
        path = path.removesuffix("/index.m3u8")
        if path.startswith("play/"):
            return next((found for found in self.channels.values() if found == path[5:]), None)
        return self.channels.get(path)

    def _is_signed(self, signed: str, ip: str, token: str) -> bool:
        try:
            digest, salt, end, start = token.split("-")
            fresh = int(start) <= self.now < int(end)
        except ValueError:
            return False
        text = signed + ip + start + end + self.key + salt
        return fresh and digest == hashlib.sha1(text.encode()).hexdigest()

    def _ask(self, path: str, query: str, session: str, channel: str, ip: str) -> str | None:
        """The name of an allowed session, None for a refusal. The player's whole query is passed on."""
        place = urlsplit(self.backend)
        if self.product == "astra":
            assert place.path in ("", "/"), "Astra adds the path itself"
            headers = {"X-Session-ID": session, "X-Channel-ID": channel, "X-Real-IP": ip, "X-Real-Path": path,
                       "X-Real-UA": "VLC", "X-Real-Host": urlsplit(self.url).netloc}  # fmt: skip
        else:
            assert place.path == CHECK_PATH
            headers = {"X-Session-Id": session, "X-Real-Ip": ip, "X-Real-Path": path, "X-Real-Origin": "",
                       "X-Real-Ua": "VLC"}  # fmt: skip
        connection = http.client.HTTPConnection(place.netloc, timeout=10)
        try:
            connection.request("GET", f"{CHECK_PATH}?{query}", headers=headers)
            reply = connection.getresponse()
            reply.read()
        except OSError:
            return "" if self.down_lets_in else None
        finally:
            connection.close()
        self.asked.append(headers)
        if reply.status == 200:
            return reply.headers.get("X-Session-Name", "")
        return None

    def control(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """Status and JSON of the control API."""
        expected = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        if headers["Authorization"] != f"Basic {expected}":
            return 401, {"error": "auth"}
        if (method, path) == ("GET", "/api/system-status"):
            return 200, self.status
        if (method, path) != ("POST", "/control/"):
            return 404, {}
        if not headers["Content-Type"].startswith("application/json"):
            return 400, {}
        asked = json.loads(body)
        if asked == {"cmd": "sessions"} and self.has_sessions:
            return 200, {"sessions": list(self.sessions.values())}
        if asked.get("cmd") == "close-session" and asked.keys() == {"cmd", "id"}:
            return 200, {"close-session": "ok" if self.sessions.pop(asked["id"], None) else "not found"}
        return 400, {"error": "unknown command"}

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


@pytest.fixture
def astra() -> Iterator[AstraServer]:
    made = AstraServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["X-Player"]:
                self.end(made.play(self.path.removesuffix("?"), self.headers["X-Player"]), None)
            else:
                self.end(*made.control("GET", self.path, self.headers, b""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.end(*made.control("POST", self.path, self.headers, body))

        def end(self, status: int, content: Any) -> None:
            body = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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


Make = Callable[..., Any]


@pytest.fixture
def make(host: Any) -> Make:
    """`make(Driver, mask=..., ...)`: a driver with these settings."""

    def made(kind: Any, **settings: Any) -> Any:
        return kind("main", kind.Settings.model_validate(settings), host)

    return made
