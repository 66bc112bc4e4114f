"""The control API: how the server is, who watches, and ending a session."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_astra.control import AstraSession, Control
from smarty_astra.router import Astra

from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderRefused


@pytest.fixture
def service(make: Any, astra: Any) -> Any:
    """A driver that knows the server's control API."""
    return make(
        Astra,
        mask=astra.url,
        control_url=astra.url + "/",
        control_login=astra.login,
        control_password=astra.password,
    )


def control(host: Any, astra: Any) -> Control:
    return Control(host.http, astra.url, astra.login, astra.password)


def test_health_tells_how_many_watch(service: Any, astra: Any) -> None:
    for _ in range(3):
        assert astra.get(f"{astra.url}/news1") == 200
    health = service.is_alive(5.0)
    assert (health.alive, health.session_count, health.load) == (True, 3, None)


def test_a_server_without_that_command_is_alive_all_the_same(service: Any, astra: Any) -> None:
    astra.has_sessions = False
    health = service.is_alive(5.0)
    assert (health.alive, health.session_count) == (True, None)


def test_a_service_without_the_address_is_not_asked(make: Any) -> None:
    assert make(Astra, mask="http://v.example").is_alive(5.0) is None


def test_a_server_that_cannot_be_reached_is_not_alive(make: Any) -> None:
    made = make(Astra, mask="http://v.example", control_url="http://127.0.0.1:9", control_password="s3cret")
    health = made.is_alive(1.0)
    assert not health.alive
    assert "127.0.0.1:9" in health.detail


def test_a_wrong_password_is_not_a_dead_server(service: Any, astra: Any) -> None:
    astra.password = "changed"
    with pytest.raises(ProviderRefused):
        service.is_alive(5.0)


@pytest.mark.parametrize("status", [b"<html>", [], b""])
def test_something_else_at_the_address_is_named(service: Any, astra: Any, status: Any) -> None:
    astra.status = status
    with pytest.raises(ProviderProtocolError):
        service.is_alive(5.0)


def test_sessions_are_listed_and_ended(host: Any, astra: Any) -> None:
    astra.get(f"{astra.url}/news1", ip="203.0.113.7")
    astra.get(f"{astra.url}/tv/news1", ip="203.0.113.8")
    api = control(host, astra)
    first, second = api.sessions(5.0)
    assert first == AstraSession("1", "a0c1", "a0c1", "203.0.113.7", 1)
    api.close_session(first.client_id, 5.0)
    assert api.sessions(5.0) == [second]
    with pytest.raises(ProviderRefused, match="did not close session 1"):
        api.close_session(first.client_id, 5.0)


def test_damaged_lines_of_the_list_do_no_harm(host: Any, astra: Any) -> None:
    astra.sessions = {"1": {"client_id": 1, "uptime": "long"}, "2": "nonsense", "3": {"uptime": -5}}
    found = control(host, astra).sessions(5.0)
    assert [(session.client_id, session.uptime) for session in found] == [("1", 0), ("", 0)]


def test_a_list_that_is_none_is_named(host: Any, astra: Any) -> None:
    astra.has_sessions = False
    with pytest.raises(ProviderRefused):
        control(host, astra).sessions(5.0)


def test_an_address_that_is_none_is_named_when_the_instance_is_made(make: Any) -> None:
    with pytest.raises(ConfigError, match="main: control_url: "):
        make(Astra, mask="http://v.example", control_url="10.0.0.5:8000")
