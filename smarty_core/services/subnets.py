"""Networks as the database compares them: first and last address, 16 bytes each, IPv4 inside IPv6."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from smarty_core.errors import InvalidValue


def address_bytes(ip: str) -> bytes | None:
    """An address in the form of `subnet_bounds`; None when the text is no address."""
    try:
        return _packed(ip_address(ip))
    except ValueError:
        return None


def subnet_bounds(cidr: str) -> tuple[bytes, bytes]:
    """First and last address of a network such as `10.0.0.0/8` or `2001:db8::/32`; a single address is one too.

    Raises `InvalidValue`.
    """
    try:
        network = ip_network(cidr.strip(), strict=False)
    except ValueError as exc:
        raise InvalidValue(f"not a network: {cidr!r}") from exc
    return _packed(network[0]), _packed(network[-1])


def _packed(address: IPv4Address | IPv6Address) -> bytes:
    if isinstance(address, IPv4Address):
        return b"\0" * 10 + b"\xff\xff" + address.packed
    return address.packed
