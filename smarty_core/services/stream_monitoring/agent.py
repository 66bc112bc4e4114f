"""Speaks with analysers: one question per TCP connection, each a line of JSON, and a line in answer.

    {"version": 1, "id": "5f2c", "command": "measure", "address": "udp://239.0.0.1:1234", "seconds": 10}
    {"id": "5f2c", "values": {"on_air": true, "cc_errors": 0, "bitrate": 4096.5}}

`system` asks about the analyser's own machine. What cannot be measured is answered with `"error": "why"`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

from smarty_core.errors import InvalidValue, ProviderError, ProviderProtocolError, ProviderRefused, ProviderUnavailable
from smarty_core.services.availability.opening import connect
from smarty_core.services.availability.resolving import Resolver
from smarty_core.services.stream_monitoring.keys import Kind, read_values

VERSION: Final = 1
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 5.0
"""What an analyser gets beyond the time of its measurement."""

SHOWN: Final = 200
"""Characters of an analyser's own words that are kept."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An analyser. `longest`: bytes of an answer at most; `seconds`: how long it measures one stream.

    Belongs to the event loop of its resolver.
    """

    host: str
    port: int
    longest: int
    seconds: int
    resolver: Resolver

    async def system(self) -> dict[str, float | bool]:
        """How its machine is. Raises the three `ProviderError` kinds."""
        return await self._ask("device", {"command": "system"}, ANSWER_SECONDS)

    async def measure(self, address: str) -> dict[str, float | bool]:
        """Measure a stream. Raises the three `ProviderError` kinds; `ProviderRefused` when it cannot."""
        question = {"command": "measure", "address": address, "seconds": self.seconds}
        return await self._ask("multicast", question, self.seconds + ANSWER_SECONDS)

    async def _ask(self, kind: Kind, question: dict[str, Any], seconds: float) -> dict[str, float | bool]:
        sent = {"version": VERSION, "id": secrets.token_hex(8), **question}
        try:
            return _read(kind, sent["id"], await self._exchange(sent, seconds))
        except ProviderError as exc:
            raise type(exc)(f"the analyser at {self.host}:{self.port}: {exc}") from exc

    async def _exchange(self, question: dict[str, Any], seconds: float) -> bytes:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                opened = await connect(await self.resolver.resolve(self.host), self.port)
            reader, writer = await asyncio.open_connection(sock=opened, limit=self.longest)
        except TimeoutError as exc:
            raise ProviderUnavailable(f"no connection within {CONNECT_SECONDS:g} s") from exc
        except (OSError, OverflowError) as exc:  # OverflowError: a port that is none
            raise ProviderUnavailable(f"cannot connect: {exc}") from exc
        try:
            async with asyncio.timeout(seconds):
                writer.write(json.dumps(question).encode() + b"\n")
                await writer.drain()
                return await reader.readuntil(b"\n")
        except TimeoutError as exc:
            raise ProviderUnavailable(f"no answer within {seconds:g} s") from exc
        except asyncio.IncompleteReadError as exc:
            raise ProviderUnavailable("it closed the connection without an answer") from exc
        except asyncio.LimitOverrunError as exc:
            raise ProviderProtocolError(f"its answer is longer than {self.longest} bytes") from exc
        except OSError as exc:
            raise ProviderUnavailable(f"the connection broke: {exc}") from exc
        finally:
            writer.transport.abort()


def _read(kind: Kind, question_id: str, line: bytes) -> dict[str, float | bool]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ProviderProtocolError("its answer is no JSON") from exc
    if not isinstance(answer, dict):
        raise ProviderProtocolError("its answer is no object")
    if answer.get("id") != question_id:
        raise ProviderProtocolError("its answer belongs to another question")
    if "error" in answer:
        raise ProviderRefused(" ".join(str(answer["error"]).split())[:SHOWN] or "it gives no reason")
    try:
        return read_values(kind, answer.get("values"))
    except InvalidValue as exc:
        raise ProviderProtocolError(str(exc)) from exc
