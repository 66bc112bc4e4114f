"""Who may watch: asks the authorisation back end as Flussonic does, and remembers its decisions."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

DEFAULT_SECONDS: Final = 180
KEPT_SESSIONS: Final = 10_000
TIMEOUT: Final = 5.0

log = logging.getLogger("smarty_plugins.sample_video")

# The back end is our own and near; a proxy of the environment must not get to see tokens.
_open = build_opener(ProxyHandler({})).open


@dataclass(slots=True)
class ViewerSession:
    """One viewer of one stream with one token. `allowed` None = never decided."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    allowed: bool | None = None
    until: float = 0.0
    asked: int = 0
    begun: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Gate:
    """Decides who may watch. `auth_url` empty = everybody. Belongs to one event loop."""

    def __init__(self, auth_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._auth_url = auth_url
        self._clock = clock
        self._sessions: OrderedDict[tuple[str, str, str], ViewerSession] = OrderedDict()

    async def allows(self, stream: str, ip: str, token: str) -> bool:
        """Whether this viewer may have any part of the stream now."""
        if not self._auth_url:
            return True
        session = self._session((stream, ip, token))
        async with session.lock:
            if session.until <= self._clock():
                await self._decide(session, stream, ip, token)
        return bool(session.allowed)

    async def _decide(self, session: ViewerSession, stream: str, ip: str, token: str) -> None:
        now = self._clock()
        question = {
            "name": stream,
            "ip": ip,
            "proto": "hls",
            "token": token,
            "request_type": "update_session" if session.asked else "new_session",
            "request_number": session.asked,
            "session_id": session.id,
            "stream_clients": sum(key[0] == stream for key in self._sessions),
            "total_clients": len(self._sessions),
        }
        if session.asked:
            question["duration"] = int(now - session.begun)
        else:
            session.begun = now
        session.asked += 1
        separator = "&" if "?" in self._auth_url else "?"
        status, seconds = await asyncio.to_thread(_ask, f"{self._auth_url}{separator}{urlencode(question)}")
        if 500 <= status < 600:
            # The back end does not know; what was decided before stays for a short while, then it is asked again.
            session.allowed = bool(session.allowed)
            session.until = now + (10 if session.allowed else 0)
            return
        session.allowed = status in (200, 302)
        session.until = now + seconds

    def _session(self, key: tuple[str, str, str]) -> ViewerSession:
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = ViewerSession()
            while len(self._sessions) > KEPT_SESSIONS:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(key)
        return session


def _ask(url: str) -> tuple[int, float]:
    """The back end's status and for how many seconds it holds; 503 when it cannot be reached."""
    try:
        with _open(Request(url, headers={"User-Agent": "smarty-sample-video"}), timeout=TIMEOUT) as answer:  # noqa: S310
            return answer.status, _seconds(answer.headers)
    except HTTPError as exc:
        with exc:
            return exc.code, _seconds(exc.headers)
    except (OSError, HTTPException, ValueError) as exc:
        log.warning("the token check cannot be reached: %s", exc)
        return 503, 0.0


def _seconds(headers: Message) -> float:
    text = headers.get("X-AuthDuration", "")
    return float(text) if text.isdigit() and 0 < int(text) <= 86_400 else float(DEFAULT_SECONDS)
