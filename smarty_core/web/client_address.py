"""Whose address a request comes from. Headers are believed only when the peer is one of TRUSTED_PROXIES."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from smarty_core.errors import ConfigError

Address = IPv4Address | IPv6Address


class ClientAddress:
    """Finds the viewer's address behind the operator's own proxies (networks or addresses)."""

    def __init__(self, trusted: Iterable[str]) -> None:
        try:
            self._trusted = [ip_network(item, strict=False) for item in trusted]
        except ValueError as exc:
            raise ConfigError(f"TRUSTED_PROXIES: {exc}") from exc

    def find(self, peer: str, headers: Mapping[str, str]) -> str:
        """The address as text, IPv4 inside IPv6 unwrapped; the peer itself when nothing better can be believed."""
        address = _read(peer)
        if address is None or not self._trusts(address):
            return str(address) if address else ""
        for text in reversed(headers.get("x-forwarded-for", "").split(",")):
            hop = _read(text)
            if hop is None:
                break
            address = hop
            if not self._trusts(hop):
                return str(hop)
        real = _read(headers.get("x-real-ip", ""))
        return str(real or address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _read(text: str) -> Address | None:
    text = text.strip().strip('"')
    if text.startswith("[") and "]" in text:
        text = text[1 : text.index("]")]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
