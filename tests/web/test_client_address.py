"""Whose address counts."""

from __future__ import annotations

import pytest

from smarty_core.errors import ConfigError
from smarty_core.web.client_address import ClientAddress


@pytest.mark.parametrize(
    ("trusted", "peer", "headers", "address"),
    [
        ([], "203.0.113.7", {"x-forwarded-for": "198.51.100.1"}, "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", {"x-forwarded-for": "198.51.100.1"}, "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", {"x-forwarded-for": "1.2.3.4, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", {"x-forwarded-for": "garbage"}, "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", {"x-real-ip": "2001:db8::5"}, "2001:db8::5"),
        (["10.0.0.0/8"], "10.0.0.1", {}, "10.0.0.1"),
        (["::1"], "::1", {"x-forwarded-for": "[2001:db8::7]:4444"}, "2001:db8::7"),
        (["127.0.0.1"], "::ffff:127.0.0.1", {"x-forwarded-for": "198.51.100.9:1234"}, "198.51.100.9"),
        ([], "", {}, ""),
    ],
)
def test_the_viewers_address(trusted: list[str], peer: str, headers: dict[str, str], address: str) -> None:
    assert ClientAddress(trusted).find(peer, headers) == address


def test_a_wrong_network_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="TRUSTED_PROXIES"):
        ClientAddress(["not-a-network"])
