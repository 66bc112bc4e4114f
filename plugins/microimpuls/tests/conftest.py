"""A MicroPVR on a real port: JSON-RPC 2.0 over plain TCP with its named parameters, error numbers and framing."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

HOUR = 3600
"""Each hour of a channel is a file of its own, a thousand bytes a second."""

RATE = 1000


class RpcFault(Exception):
    """An error of the protocol."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def optional(kind: Any) -> tuple[Any, bool]:
    return kind, False


METHODS: dict[str, dict[str, Any]] = {
    "is_alive": {},
    "get_file_and_offset": {"channel_id": int, "timestamp": int, "aid": optional(str)},
    "get_file_offset": {"channel_id": int, "timestamp": int, "aid": optional(str)},
    "get_playlist_name": {
        "channel_id": int, "start_timestamp": int, "end_timestamp": int, "playlist_type": optional(str),
        "aid": optional(str),
    },
    "create_new_task": {
        "channel_id": int, "channel_name": optional(str), "start_timestamp": optional(int), "duration": int,
        "lifetime": int, "record_location": str, "priority": optional(int), "repeat_period": optional(int),
        "stream_source": str, "urgent": optional(bool),
    },
    "cancel_task": {"channel_id": int, "record_location": str},
    "get_tasks_list": {},
}  # fmt: skip
"""Method -> its named parameters and their types; there are no others."""


@dataclass
class MicroPvrServer:
    """`recorded`: channel -> the stretch that is recorded. `send`: how an answer goes over the wire."""

    port: int = 0
    now: int = 1_700_000_000
    key: str = ""
    is_old: bool = False
    health: Any = field(default_factory=lambda: {"is_alive": True, "score": 0.42, "session_count": 17})
    recorded: dict[int, tuple[int, int]] = field(default_factory=lambda: {7: (1_699_900_000, 1_700_000_000)})
    tasks: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    send: Callable[[bytes], list[bytes]] = field(default=lambda answer: [answer + b"\n"])
    change: Callable[[dict[str, Any]], Any] = field(default=lambda answer: answer)
    waiting: threading.Event = field(default_factory=threading.Event)

    def answer(self, line: bytes) -> bytes:
        """The answer to one call, checked as strictly as the server would."""
        call = json.loads(line)
        assert call.keys() == {"jsonrpc", "id", "method", "params"}
        assert call["jsonrpc"] == "2.0"
        assert isinstance(call["id"], str)
        self.asked.append(call)
        envelope: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            result = self.run(call["method"], call["params"])
            envelope |= result if call["method"] == "get_file_offset" else {"result": result}
        except RpcFault as fault:
            envelope["error"] = {"code": fault.code, "message": str(fault)}
        changed = self.change(envelope)
        return changed if isinstance(changed, bytes) else json.dumps(changed).encode()

    def run(self, method: str, params: dict[str, Any]) -> Any:
        if method not in METHODS or (self.is_old and method == "get_file_and_offset"):
            raise RpcFault(-32601, "Method not found")
        given = params.pop("key", "") if self.key else ""
        if given != self.key:
            raise RpcFault(-32000, f"access denied to {given}")
        expected = METHODS[method]
        needed = {name for name, kind in expected.items() if not isinstance(kind, tuple)}
        if needed - params.keys():
            raise RpcFault(100, "no params")
        for name, value in params.items():
            if name not in expected:
                raise RpcFault(101, f"bad argument {name}")
            kind = expected[name][0] if isinstance(expected[name], tuple) else expected[name]
            if type(value) is not kind:
                raise RpcFault(101, f"bad argument {name}")
        return getattr(self, method)(**params)

    def is_alive(self) -> Any:
        return self.health

    def place(self, channel_id: int, timestamp: int) -> dict[str, Any] | None:
        begin, end = self.recorded.get(channel_id, (0, 0))
        if not begin <= timestamp < end:
            return None
        hour = timestamp // HOUR * HOUR
        return {
            "file": f"/rec/{channel_id}/{hour}.ts",
            "offset": str((timestamp - hour) * RATE),
            "timestamp": timestamp,
        }

    def get_file_and_offset(self, channel_id: int, timestamp: int, aid: str = "") -> dict[str, Any]:
        found = self.place(channel_id, timestamp)
        if found is None:
            raise RpcFault(200, "not found")
        return found

    def get_file_offset(self, channel_id: int, timestamp: int, aid: str = "") -> dict[str, Any]:
        found = self.place(channel_id, timestamp)
        return {"result": "failed", "file": "", "offset": "-1"} if found is None else {"result": "ok", **found}

    def get_playlist_name(
        self, channel_id: int, start_timestamp: int, end_timestamp: int, playlist_type: str = "HLS4", aid: str = ""
    ) -> str:
        if playlist_type not in ("HLS4", "RMPD") or end_timestamp <= start_timestamp:
            raise RpcFault(101, "bad argument")
        if self.place(channel_id, start_timestamp) is None:
            raise RpcFault(200, "not found")
        return f"{channel_id}_{start_timestamp}_{end_timestamp}.{'m3u8' if playlist_type == 'HLS4' else 'mpd'}"

    def create_new_task(self, **task: Any) -> str:
        start = task.get("start_timestamp", self.now)
        if task["duration"] < 120 or task["lifetime"] < 0 or not task["stream_source"]:
            raise RpcFault(101, "bad argument")
        if task.get("repeat_period", task["duration"]) < task["duration"]:
            raise RpcFault(140, "period < duration")
        if start + task["duration"] <= self.now:
            raise RpcFault(141, "end in the past")
        if self.find(task["channel_id"], task["record_location"]) is not None:
            return "failed"
        self.tasks.append(
            {
                "task-id": len(self.tasks) + 1, "channel-id": task["channel_id"],
                "channel-name": task.get("channel_name", ""), "stream-source": task["stream_source"],
                "path": task["record_location"], "start-time": start, "stop-time": start + task["duration"],
                "expected-duration": task["duration"], "repeat-period": 0, "lifetime": task["lifetime"],
                "status": "waiting", "number-of-records": 0,
            }
        )  # fmt: skip
        return "ok"

    def cancel_task(self, channel_id: int, record_location: str) -> str:
        found = self.find(channel_id, record_location)
        if found is None:
            return "failed"
        self.tasks.remove(found)
        return "ok"

    def get_tasks_list(self) -> list[dict[str, Any]]:
        return self.tasks

    def find(self, channel_id: int, location: str) -> dict[str, Any] | None:
        wanted = (channel_id, location)
        return next((task for task in self.tasks if (task["channel-id"], task["path"]) == wanted), None)


@pytest.fixture
def pvr() -> Iterator[MicroPvrServer]:
    made = MicroPvrServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline()
            if not line:
                return
            for piece in made.send(made.answer(line)):
                if piece == b"wait":
                    made.waiting.wait(30)
                    return
                self.wfile.write(piece)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.port = server.server_address[1]
    yield made
    made.waiting.set()
    server.shutdown()
    thread.join()
    server.server_close()


Make = Callable[..., Any]


@pytest.fixture
def make(host: Any, pvr: MicroPvrServer) -> Make:
    """`make(mask=...)`: the driver for the running server."""
    from smarty_microimpuls.router import Microimpuls

    def made(**settings: Any) -> Microimpuls:
        known = {"host": "127.0.0.1", "port": pvr.port, **settings}
        return Microimpuls("main", Microimpuls.Settings.model_validate(known), host)

    return made
