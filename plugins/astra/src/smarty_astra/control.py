"""The control API of the server: how it is, who is watching, and ending a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smarty_core.api.http import HttpClient
from smarty_core.errors import ProviderProtocolError, ProviderRefused

MAX_BYTES: Final = 16_777_216
"""The list of sessions of a busy server has tens of thousands of lines."""


@dataclass(frozen=True, slots=True)
class AstraSession:
    """One viewer on the server. `uptime` is in seconds."""

    client_id: str
    channel_id: str
    channel_name: str
    address: str
    uptime: int


class Control:
    """One server's control API. Every method raises the three kinds of `ProviderError`; `timeout` is in seconds."""

    def __init__(self, http: HttpClient, url: str, login: str, password: str) -> None:
        self._http = http
        self._url = url
        self._auth = (login, password) if login else None

    def system_status(self, timeout: float) -> Mapping[str, Any]:
        """What the server says of itself; which keys there are depends on its version."""
        answer = self._http.request(
            "GET", f"{self._url}/api/system-status", auth=self._auth, timeout=timeout, max_bytes=MAX_BYTES
        )
        return _object(answer.json())

    def sessions(self, timeout: float) -> list[AstraSession]:
        """Who is watching now."""
        found = self._command({"cmd": "sessions"}, timeout).get("sessions")
        if not isinstance(found, list):
            raise ProviderProtocolError("the list of sessions is missing in the server's answer")
        return [_session(item) for item in found if isinstance(item, dict)]

    def close_session(self, client_id: str, timeout: float) -> None:
        """End a session. Raises `ProviderRefused` when the server does not say that it did."""
        said = self._command({"cmd": "close-session", "id": client_id}, timeout).get("close-session")
        if said != "ok":
            raise ProviderRefused(f"the server did not close session {client_id}")

    def _command(self, command: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        answer = self._http.request(
            "POST", f"{self._url}/control/", json=command, auth=self._auth, timeout=timeout, max_bytes=MAX_BYTES,
            idempotent=True,
        )  # fmt: skip
        return _object(answer.json())


def _object(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ProviderProtocolError("the server's answer is no JSON object")
    return found


def _session(item: Mapping[str, Any]) -> AstraSession:
    uptime = item.get("uptime")
    return AstraSession(
        client_id=str(item.get("client_id", "")),
        channel_id=str(item.get("channel_id", "")),
        channel_name=str(item.get("channel_name", "")),
        address=str(item.get("addr", "")),
        uptime=uptime if isinstance(uptime, int) and uptime >= 0 else 0,
    )
