"""Addresses of hosts, each host asked for once in a run."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

from smarty_core.services.availability.aside import Aside

MOST_ADDRESSES: Final = 4
"""Of one name; the rest is not tried."""

AT_ONCE: Final = 32


class Address(NamedTuple):
    """One address of a host. `number` is what sockets take for it, with port 0: see `at`."""

    family: socket.AddressFamily
    number: tuple[Any, ...]

    def at(self, port: int) -> tuple[Any, ...]:
        """The socket address of a port there."""
        return (self.number[0], port, *self.number[2:])


class Resolver:
    """Resolves names in threads of its own. Belongs to one event loop."""

    def __init__(self) -> None:
        self._aside = Aside(AT_ONCE, "resolver")
        self._asked: dict[str, asyncio.Task[tuple[Address, ...]]] = {}

    async def resolve(self, host: str) -> tuple[Address, ...]:
        """The addresses of a name, or of an address itself, at least one. Raises `OSError` when there are none."""
        if _is_address(host):
            return _look_up(host, socket.AI_NUMERICHOST)
        task = self._asked.get(host)
        if task is None:
            task = asyncio.create_task(self._aside.call(lambda: _look_up(host)))
            # one who gives up must not take the answer away from the others, nor leave its failure unseen
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._asked[host] = task
        return await asyncio.shield(task)

    def close(self) -> None:
        """Wait for nobody any more."""
        for task in self._asked.values():
            task.cancel()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, flags: int = 0) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as exc:  # a name that no encoding of names takes
        raise OSError(f"{host!r} is no host name") from exc
    addresses = dict.fromkeys(Address(family, number) for family, _, _, _, number in found)
    return tuple(addresses)[:MOST_ADDRESSES]
