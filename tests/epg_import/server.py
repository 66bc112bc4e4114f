"""A web server as guides are served by."""

from __future__ import annotations

import gzip
import hashlib
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class GuideServer:
    """Serves documents with ETag and 304 as a web server does, and notes what it is asked."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.answers: dict[str, int] = {}
        """Status codes for paths that are to fail."""
        self.breaks: dict[str, str] = {}
        """Paths whose answers break off in the middle: `cut`, `stall` or `error`."""
        self._over = threading.Event()
        self.asked: list[tuple[str, str]] = []
        """Path and If-None-Match of every request."""
        self.served: list[int] = []
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = self.headers.get("If-None-Match") or ""
                world.asked.append((self.path, given))
                body = world.documents.get(self.path)
                status = world.answers.get(self.path, 404 if body is None else 200)
                etag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
                if status == 200 and given == etag:
                    status = 304
                world.served.append(status)
                self.send_response(status)
                content = (body or b"") if status == 200 else b""
                if status in (200, 304):
                    self.send_header("ETag", etag)
                if status != 304:
                    self.send_header("Content-Type", "application/octet-stream")
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                trouble = world.breaks.get(self.path)
                if trouble is None or status != 200:
                    self.wfile.write(content)
                    return
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                self.close_connection = True
                if trouble == "stall":
                    world._over.wait(60)
                elif trouble == "error":
                    # The connection is reset: what is told so far is all there will ever be.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def put(self, text: str | bytes, path: str = "/guide.xml", *, packed: bool = False) -> str:
        """Serve a document; its address."""
        body = text if isinstance(text, bytes) else text.encode()
        self.documents[path] = gzip.compress(body, mtime=0) if packed else body
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
