"""Opening a TCP connection, and a page over HTTP, to see whether somebody answers."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from smarty_core import __version__
from smarty_core.services.availability.outcome import PASSED, Outcome
from smarty_core.services.availability.resolving import Address
from smarty_core.services.availability.target import Target

MAX_HEAD_BYTES: Final = 32_768
"""Largest head of an answer; the body is not read at all."""

FIRST_BAD_STATUS: Final = 400
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})(?:[ \r]|$)")
_LOCATION: Final = re.compile(rb"\r\nlocation:[ \t]*([^\r\n]*)", re.IGNORECASE)


def _unchecked_tls() -> ssl.SSLContext:
    """Whether it answers is asked, not who it is: nothing secret is sent, and servers are often known by address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


_TLS: Final = _unchecked_tls()


async def connect(addresses: tuple[Address, ...], port: int) -> socket.socket:
    """A connection to the first of the addresses that takes one; they are tried at the same time, as players do.

    Raises the `OSError` of the first address when none does.
    """
    attempts = [asyncio.create_task(_connect(address, port)) for address in addresses]
    opened: socket.socket | None = None
    try:
        for attempt in asyncio.as_completed(attempts):
            with contextlib.suppress(OSError):
                opened = await attempt
                return opened
    finally:
        for task in attempts:
            task.cancel()
        for result in await asyncio.gather(*attempts, return_exceptions=True):
            if isinstance(result, socket.socket) and result is not opened:
                result.close()
    failure = attempts[0].exception()
    raise failure if failure is not None else OSError("no address")


async def _connect(address: Address, port: int) -> socket.socket:
    opened = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, address.at(port))
    except BaseException:
        opened.close()
        raise
    return opened


async def opens(addresses: tuple[Address, ...], port: int) -> Outcome:
    """Whether a TCP connection can be opened. Raises `OSError`."""
    (await connect(addresses, port)).close()
    return PASSED


async def answers_http(addresses: tuple[Address, ...], target: Target) -> Outcome:
    """Whether the path of the target is answered with a status below 400. Raises `OSError`.

    A redirect within the same host is an answer; it is not followed. One to another host is a failure: who answers
    there is somebody else.
    """
    async with _stream(addresses, target) as (reader, writer):
        writer.write(
            f"GET {target.path} HTTP/1.1\r\nHost: {target.authority}\r\nUser-Agent: Smarty/{__version__}\r\n"
            "Accept: */*\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            status, head = await _final_head(reader)
        except asyncio.LimitOverrunError:
            return Outcome(False, f"the head of its answer is longer than {MAX_HEAD_BYTES} bytes")
        except asyncio.IncompleteReadError as exc:
            said = f"{exc.partial[:40]!r}" if exc.partial else "nothing"
            return Outcome(False, f"it closed the connection and said {said}")
    if status == 0:
        return Outcome(False, f"it does not speak HTTP: {head[:40]!r}")
    if status >= FIRST_BAD_STATUS:
        return Outcome(False, f"status {status}")
    elsewhere = _elsewhere(target, head) if status >= 300 else ""
    return Outcome(False, f"status {status}, which leads to another host: {elsewhere}") if elsewhere else PASSED


@contextlib.asynccontextmanager
async def _stream(
    addresses: tuple[Address, ...], target: Target
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    opened = await connect(addresses, target.port)
    try:
        reader, writer = await asyncio.open_connection(
            sock=opened,
            limit=MAX_HEAD_BYTES,
            ssl=_TLS if target.tls else None,
            server_hostname=target.host if target.tls else None,
        )
    except BaseException:
        opened.close()
        raise
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # a polite goodbye may take for ever


async def _final_head(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and head of the answer behind any interim ones (1xx); status 0 when it is no HTTP."""
    for _ in range(5):
        head = await reader.readuntil(b"\r\n\r\n")
        found = _STATUS.match(head)
        if found is None:
            return 0, head
        status = int(found[1])
        if status >= 200:
            return status, head
    return 0, head


def _elsewhere(target: Target, head: bytes) -> str:
    """The host a redirect leads to when it is not the target's own."""
    found = _LOCATION.search(head)
    if found is None:
        return ""
    base = f"{'https' if target.tls else 'http'}://{target.authority}{target.path}"
    try:
        host = urlsplit(urljoin(base, found[1].decode("latin-1").strip())).hostname or ""
    except ValueError:
        return "an address nobody can read"
    return "" if host.lower() == target.host.lower() else (host[:100] or "nowhere")
