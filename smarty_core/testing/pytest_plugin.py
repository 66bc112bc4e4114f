"""The pytest plugin that comes with the core (entry point `smarty`).

It imports nothing of the core while pytest starts, so that coverage measures the core's modules and other projects pay
nothing. It gives the `host` fixture, honours `requires_capability`, and lets no test reach past loopback.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from smarty_core.testing.fake_host import FakeHost

pytest.register_assert_rewrite("smarty_core.testing.suite")

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


class NetworkForbidden(RuntimeError):
    """A test tried to reach beyond this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("smarty_network", "let tests reach beyond loopback", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requires_capability(name): skipped with a reason unless the driver declares the ability"
    )
    _guard(config)


def _guard(config: pytest.Config) -> None:
    if not config.getini("smarty_network"):
        socket.socket.connect = _guarded_connect  # type: ignore[method-assign,assignment]
        socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign,assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    # Other plugins (pytest-socket) put the original functions back after each test.
    _guard(item.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    socket.socket.connect = _connect  # type: ignore[method-assign]
    socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _check(self, address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _check(self, address)
    return _connect_ex(self, address)


def _check(opened: socket.socket, address: Any) -> None:
    if opened.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = host in ("localhost", "")
    if not local:
        raise NetworkForbidden(f"tests may only connect to loopback, not to {host}")


@pytest.fixture
def host() -> Iterator[FakeHost]:
    """A host that works without a server: memory for cache and outbox, SQLite for sql, real outgoing HTTP."""
    from smarty_core.testing.fake_host import FakeHost

    made = FakeHost.make("test")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _requires_capability(request: pytest.FixtureRequest) -> None:
    """Skip a suite test whose ability the driver does not declare."""
    markers = list(request.node.iter_markers("requires_capability"))
    if not markers:
        return
    driver = request.getfixturevalue("driver")
    for marker in markers:
        if marker.args[0] not in driver.supports:
            pytest.skip(f"{type(driver).__name__} does not declare {marker.args[0]!r}")
