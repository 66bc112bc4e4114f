"""Ping without privileges: Linux lets groups named in `net.ipv4.ping_group_range` open ICMP datagram sockets.

Linux fills in identifier and checksum and hands back the echo replies of this socket alone; a random mark in the
packet tells which ping a reply belongs to, so one socket for each family serves them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import struct
from types import TracebackType
from typing import Any, Final, Self

from smarty_core.services.availability.outcome import PASSED, Outcome, failed, not_made
from smarty_core.services.availability.resolving import Address

PACKETS: Final = 3
"""Sent in the time of one ping; one answer is enough, so that a lost packet is no failure."""

MARK_BYTES: Final = 16
HEADER: Final = struct.Struct("!BBHHH")
PROTOCOLS: Final = {
    socket.AF_INET: (socket.IPPROTO_ICMP, 8, 0),
    socket.AF_INET6: (socket.IPPROTO_ICMPV6, 128, 129),
}
"""By family: the protocol, the types of an echo request and of its reply."""

log = logging.getLogger("smarty_stream_services")

_told: set[int] = set()
"""Families whose refusal this process has told about: the system says no every minute, the log says so once."""


class Pinger:
    """`async with Pinger() as pinger:`; belongs to one event loop."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._refused: dict[int, str] = {}
        self._waiting: dict[bytes, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        for opened in self._sockets.values():
            asyncio.get_running_loop().remove_reader(opened)
            opened.close()
        self._sockets.clear()

    async def ping(self, addresses: tuple[Address, ...], seconds: float) -> Outcome:
        """Whether the first address that can be pinged answers within `seconds`."""
        refusal = ""
        for address in addresses:
            opened = self._open(address.family)
            if opened is not None:
                return await self._ping(opened, address, seconds)
            refusal = self._refused[address.family]
        return not_made(refusal or "no address that can be pinged")

    async def _ping(self, opened: socket.socket, address: Address, seconds: float) -> Outcome:
        mark = secrets.token_bytes(MARK_BYTES)
        answered = self._waiting[mark] = asyncio.get_running_loop().create_future()
        trouble: OSError | None = None
        try:
            for number in range(PACKETS):
                try:
                    self._send(opened, address, mark, number)
                except BlockingIOError:
                    pass  # its buffer is full: as good as lost on the way
                except OSError as exc:  # no route; the next packet may find one
                    trouble = exc
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds / PACKETS):
                        await asyncio.shield(answered)
                        return PASSED
        finally:
            self._waiting.pop(mark, None)
            answered.cancel()
        return failed(trouble) if trouble else Outcome(False, f"no answer to {PACKETS} packets in {seconds:g} s")

    @staticmethod
    def _send(opened: socket.socket, address: Address, mark: bytes, number: int) -> None:
        _, request, _ = PROTOCOLS[address.family]
        opened.sendto(HEADER.pack(request, 0, 0, 0, number) + mark, address.at(0))

    def _open(self, family: int) -> socket.socket | None:
        """The socket of a family; None when the system has none for us, or only with privileges."""
        if family in self._sockets or family in self._refused:
            return self._sockets.get(family)
        try:
            opened = _icmp_socket(family)
        except OSError as exc:
            version = "IPv6" if family == socket.AF_INET6 else "IPv4"
            why = f"the system does not let this process ping over {version} ({exc.strerror})"
            self._refused[family] = why
            if family not in _told:
                _told.add(family)
                log.warning("%s; ping checks are left out. Allow its group in net.ipv4.ping_group_range.", why)
            return None
        opened.setblocking(False)
        asyncio.get_running_loop().add_reader(opened, self._receive, opened)
        self._sockets[family] = opened
        return opened

    def _receive(self, opened: socket.socket) -> None:
        _, _, reply = PROTOCOLS[socket.AddressFamily(opened.family)]
        while True:
            try:
                packet: Any = opened.recv(1500)
            except OSError:  # nothing more, or an error that came back for some packet: its ping runs out of time
                return
            if len(packet) >= HEADER.size + MARK_BYTES and packet[0] == reply:
                waiting = self._waiting.get(packet[HEADER.size : HEADER.size + MARK_BYTES])
                if waiting is not None and not waiting.done():
                    waiting.set_result(None)


def _icmp_socket(family: int) -> socket.socket:
    """Raises `OSError` when the system has no such sockets, or none for us."""
    return socket.socket(family, socket.SOCK_DGRAM, PROTOCOLS[socket.AddressFamily(family)][0])
