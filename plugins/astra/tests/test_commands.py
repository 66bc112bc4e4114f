"""`astra_sessions`: who watches on a server, and ending a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from smarty_astra import hooks

from smarty_core.errors import ConfigError, ProviderRefused


@pytest.fixture
def command(host: Any, astra: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.setenv("ASTRA_PASSWORD", astra.password)
    (spec,) = hooks.register_commands(host)
    assert spec.name == "astra_sessions"
    return spec.run


def test_viewers_are_listed_and_sent_away(command: Any, astra: Any, capsys: pytest.CaptureFixture[str]) -> None:
    astra.get(f"{astra.url}/news1")
    astra.get(f"{astra.url}/tv/news1", ip="203.0.113.8")
    command(astra.url)
    assert capsys.readouterr().out == "1\t203.0.113.7\ta0c1\t1 s\n2\t203.0.113.8\ta0c2\t1 s\n"
    command(astra.url, close="1")
    assert list(astra.sessions) == ["2"]
    with pytest.raises(ProviderRefused):
        command(astra.url, close="1")


def test_what_a_server_says_does_not_steer_the_terminal(
    command: Any, astra: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    astra.sessions = {"1": {"client_id": "1", "addr": "\x1b[2J", "channel_name": "a\nb"}}
    command(astra.url)
    assert capsys.readouterr().out == "1\t?[2J\ta?b\t0 s\n"


def test_the_password_and_the_address_are_checked(command: Any, astra: Any) -> None:
    astra.password = "changed"
    with pytest.raises(ProviderRefused):
        command(astra.url)
    with pytest.raises(ConfigError, match="astra_sessions: url: "):
        command("10.0.0.5:8000")
