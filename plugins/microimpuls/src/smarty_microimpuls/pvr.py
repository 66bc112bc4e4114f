"""The methods of a MicroPVR, typed. Channels are numbers there, times Unix seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smarty_core.errors import ProviderProtocolError, ProviderRefused
from smarty_microimpuls.rpc import UNKNOWN_METHOD, RpcClient, RpcError

NOT_FOUND: Final = 200
SHORTEST_RECORD: Final = 120
"""Seconds; the server takes no shorter task."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a moment is recorded: a file on the server, and bytes from its beginning."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Health:
    """What the server says of itself. `score`: how busy it is; a Micromanager does not count sessions."""

    alive: bool
    score: float | None
    session_count: int | None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A record to be made. Times are Unix seconds; `lifetime` in seconds."""

    channel_id: int
    channel_name: str
    start: int
    duration: int
    lifetime: int
    location: str
    source: str
    priority: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task on the server's list. Times are Unix seconds, 0 when it does not say; `status` is its own word."""

    location: str
    start: int
    stop: int
    status: str
    records: int


class MicroPvr:
    """One server. Every method takes seconds as `deadline` and raises the three kinds of `ProviderError`."""

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc
        self._is_old = False

    def is_alive(self, deadline: float) -> Health:
        """How the server is."""
        said = _object(self._rpc.call("is_alive", {}, deadline), "is_alive")
        alive = said.get("is_alive")
        if not isinstance(alive, bool):
            raise ProviderProtocolError("is_alive: the server does not say whether it is")
        return Health(alive, _score(said.get("score")), _count(said.get("session_count")))

    def file_at(self, channel_id: int, moment: int, aid: str, deadline: float) -> FilePlace | None:
        """Where `moment` of a channel is recorded, None when it is not. `aid`: the account, empty = not told.

        A server that does not know the method is asked by its old name from then on.
        """
        params = {"channel_id": channel_id, "timestamp": moment, **_told("aid", aid)}
        if not self._is_old:
            try:
                return _file(self._rpc.call("get_file_and_offset", params, deadline))
            except RpcError as exc:
                if exc.code == NOT_FOUND:
                    return None
                if exc.code != UNKNOWN_METHOD:
                    raise
                self._is_old = True
        answer = self._rpc.exchange("get_file_offset", params, deadline)
        return None if answer.get("result") != "ok" else _file(answer)

    def playlist(self, channel_id: int, start: int, end: int, *, kind: str, aid: str, deadline: float) -> str | None:
        """Name of a playlist for a window, None when there is no record of it."""
        params = {
            "channel_id": channel_id, "start_timestamp": start, "end_timestamp": end,
            **_told("playlist_type", kind), **_told("aid", aid),
        }  # fmt: skip
        try:
            name = self._rpc.call("get_playlist_name", params, deadline)
        except RpcError as exc:
            if exc.code == NOT_FOUND:
                return None
            raise
        if not isinstance(name, str) or not name:
            raise ProviderProtocolError("get_playlist_name: the answer is no name")
        return name

    def create_task(self, task: NewTask, deadline: float) -> None:
        """Have a record made. Not idempotent: a second task for the same channel and location is refused."""
        params = {
            "channel_id": task.channel_id,
            "channel_name": task.channel_name,
            "start_timestamp": task.start,
            "duration": max(SHORTEST_RECORD, task.duration),
            "lifetime": task.lifetime,
            "record_location": task.location,
            "priority": task.priority,
            "stream_source": task.source,
            **({"urgent": True} if task.urgent else {}),
        }
        if self._rpc.call("create_new_task", params, deadline) == "failed":
            raise ProviderRefused("create_new_task: the server did not take the task")

    def cancel_task(self, channel_id: int, location: str, deadline: float) -> None:
        """Take a task away. Raises `ProviderRefused` when the server did not."""
        params = {"channel_id": channel_id, "record_location": location}
        if self._rpc.call("cancel_task", params, deadline) != "ok":
            raise ProviderRefused("cancel_task: the server did not take the task away")

    def tasks(self, deadline: float) -> Sequence[KnownTask]:
        """All tasks of the server; damaged entries are left out."""
        found = self._rpc.call("get_tasks_list", {}, deadline)
        if not isinstance(found, list):
            raise ProviderProtocolError("get_tasks_list: the answer is no list")
        return [_task(item) for item in found if isinstance(item, dict)]


def _told(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}


def _object(found: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ProviderProtocolError(f"{what}: the answer is no object")
    return found


def _file(answer: Any) -> FilePlace | None:
    found = _object(answer, "get_file_and_offset")
    name, offset = found.get("file"), found.get("offset")
    if str(offset) == "-1":
        return None
    if not isinstance(name, str) or not name or (number := _count(offset)) is None:
        raise ProviderProtocolError("get_file_and_offset: neither a file with an offset nor an error")
    return FilePlace(name, number)


def _score(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return max(0.0, float(value))


def _count(value: Any) -> int | None:
    """A whole number that is not negative, also as text; None for everything else."""
    if type(value) is int:
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return None


def _task(item: Mapping[str, Any]) -> KnownTask:
    return KnownTask(
        location=str(item.get("path", "")),
        start=_count(item.get("start-time")) or 0,
        stop=_count(item.get("stop-time")) or 0,
        status=str(item.get("status", "")).lower(),
        records=_count(item.get("number-of-records")) or 0,
    )
