"""JSON-RPC 2.0 over plain TCP, named parameters only: one connection per call, one object each way."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any, Final

from smarty_core.api.surroundings import Log
from smarty_core.errors import ProviderError, ProviderProtocolError, ProviderRefused, ProviderUnavailable
from smarty_microimpuls.framing import ObjectReader

MAX_ANSWER: Final = 8_388_608
"""Bytes. The largest answers are lists of tasks and records."""

LOG: Final = "smarty_videoservices"

UNKNOWN_METHOD: Final = -32601


class RpcError(ProviderRefused):
    """The server answered with an error. `code` is its own number."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class RpcClient:
    """One server. Safe to share between threads. `key` is sent as the parameter `key_parameter` when it is not empty.

    `call` and `exchange` take seconds for everything together and raise `ProviderUnavailable` (no connection, no
    complete answer in time), `ProviderProtocolError` (an answer nobody can read) and `RpcError`.
    """

    def __init__(self, host: str, port: int, *, log: Log, key: str = "", key_parameter: str = "key") -> None:
        self._place = (host, port)
        self._where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._key = {key_parameter: key} if key else {}
        self._log = log.of(LOG)

    def call(self, method: str, params: Mapping[str, Any], deadline: float) -> Any:
        """The `result` of a method."""
        answer = self.exchange(method, params, deadline)
        if "result" not in answer:
            raise ProviderProtocolError(f"{self._where} {method}: neither a result nor an error")
        return answer["result"]

    def exchange(self, method: str, params: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        """The whole answer of a method, for old ones that put more beside `result`."""
        told = {"host": f"microimpuls {self._where}", "args": dict(params), "command": method}
        try:
            answer = self._exchange(method, params, deadline)
        except ProviderError as exc:
            self._log.warning("VIDEOSERVICES_API_REQUEST", **{**told, "message": str(exc)})
            raise
        self._log.info("VIDEOSERVICES_API_REQUEST", **told)
        return answer

    def _exchange(self, method: str, params: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        number = secrets.token_hex(8)
        asked = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, **self._key}}
        sent = json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        what = f"{self._where} {method}"
        end = time.monotonic() + deadline
        try:
            with socket.create_connection(self._place, timeout=_left(end)) as connection:
                connection.settimeout(_left(end))
                connection.sendall(sent)
                return self._read(connection, number, what, end)
        except TimeoutError as exc:
            raise ProviderUnavailable(f"{what}: no answer within {deadline:g} s") from exc
        except OSError as exc:
            raise ProviderUnavailable(f"{what}: {exc.strerror or type(exc).__name__}") from exc
        except RpcError as exc:
            raise RpcError(f"{what}: {self._without_key(str(exc))}", exc.code) from exc
        except ProviderProtocolError as exc:
            raise ProviderProtocolError(f"{what}: {exc}") from exc.__cause__

    def _read(self, connection: socket.socket, number: str, what: str, end: float) -> Mapping[str, Any]:
        reader = ObjectReader(MAX_ANSWER)
        while True:
            connection.settimeout(_left(end))
            data = connection.recv(65_536)
            if not data:
                raise ProviderUnavailable(f"{what}: the connection was closed before the answer")
            for text in reader.feed(data):
                if (answer := _answer(text, number)) is not None:
                    return answer

    def _without_key(self, text: str) -> str:
        """A server may repeat what it was sent."""
        for key in self._key.values():
            text = text.replace(key, "***")
        return text


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(text: bytes, number: str) -> Mapping[str, Any] | None:
    """The answer to call `number`; None for a notification, which is nobody's answer."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ProviderProtocolError("the answer is not JSON") from exc
    if not isinstance(found, dict):
        raise ProviderProtocolError("the answer is no object")
    if "method" in found and "id" not in found:
        return None
    error = found.get("error")
    # A server that cannot even read the call answers with id null; anything else is the answer to another call.
    if found.get("id") != number and not (error is not None and found.get("id", 0) is None):
        raise ProviderProtocolError("the answer belongs to another call")
    if error is not None:
        raise _error(error)
    return found


def _error(error: Any) -> RpcError:
    if not isinstance(error, dict) or type(error.get("code")) is not int:
        raise ProviderProtocolError("the error has no code")
    message = error.get("message")
    words = message[:200] if isinstance(message, str) else ""
    return RpcError(f"error {error['code']} {words}".rstrip(), error["code"])
