"""Whose address a request comes from. Headers are believed only when the peer is one of TRUSTED_PROXIES.

X-Forwarded-For is read from the right: each proxy writes behind what it was given, so what our own proxies wrote stands
last and whatever the viewer made up stands before it. The first address that is no proxy of ours is the viewer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from smarty_core.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED: Final = "x-forwarded-for"
REAL: Final = "x-real-ip"
MOST_HOPS: Final = 32
"""Nobody has more proxies of his own in a row."""
_LONGEST: Final = 100
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
# With a port, IPv6 stands in brackets; alone it may. A zone id means something on the proxy's host only.
_HOP: Final = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+))(?::\d{1,5})?|([^\[\]]+)")


class ClientAddress:
    """Finds the viewer's address behind the operator's own proxies (networks or addresses)."""

    def __init__(self, trusted: Iterable[str]) -> None:
        """Raises `ConfigError` for what is no network."""
        try:
            self._trusted = [_unmapped(ip_network(item, strict=False)) for item in trusted]
        except ValueError as exc:
            raise ConfigError(f"TRUSTED_PROXIES: {exc}") from exc

    def find(self, peer: str, headers: Mapping[str, str]) -> str:
        """The address as text, IPv4 inside IPv6 unwrapped; empty when the peer has none (a socket of the file system).

        `headers`: by names in lower case, those that were sent several times joined by commas. Where a hop cannot be
        read, the last one that could be is the answer. X-Real-IP counts only without X-Forwarded-For: a proxy that
        writes the one may pass the other on as the viewer sent it.
        """
        address = _read(peer)
        if address is None or not self._trusts(address):
            return str(address) if address else ""
        forwarded = headers.get(FORWARDED, "")
        if not forwarded.strip():
            return str(_read(headers.get(REAL, "")) or address)
        for text in _from_the_right(forwarded):
            hop = _read(text)
            if hop is None:
                break
            address = hop
            if not self._trusts(hop):
                break
        return str(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as `find` wants them, of those of a request: of one sent several times the last, but all hops."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]},{text}" if name == FORWARDED and name in found else text
    return found


def _from_the_right(forwarded: str) -> Iterator[str]:
    hops = forwarded.rsplit(",", MOST_HOPS)
    yield from reversed(hops[1:] if len(hops) > MOST_HOPS else hops)


def _read(text: str) -> Address | None:
    text = text.strip().strip('"').strip()
    match = _HOP.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    try:
        address = ip_address((match[1] or match[2] or match[3]).partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _unmapped(network: Network) -> Network:
    """An IPv4 network, if it was written as one inside IPv6: addresses are compared unwrapped."""
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - 96))
    return network
