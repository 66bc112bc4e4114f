"""How the server is, by its own API."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_flussonic.router import Flussonic

from smarty_core.contracts.driver import Probe
from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderRefused


def router(host: Any, /, **settings: Any) -> Flussonic:
    known = {"mask": "https://cdn.example", "api_login": "admin", "api_password": "s3cret", **settings}
    return Flussonic("main", Flussonic.Settings.model_validate(known), host)


def test_a_server_that_answers_is_alive(host: Any, flussonic: Any) -> None:
    health = router(host, api_url=flussonic.url + "/").is_alive(5.0)
    assert health is not None
    assert health.alive
    assert (health.load, health.session_count) == (None, None)


def test_a_server_without_an_address_of_its_api_is_not_asked(host: Any) -> None:
    assert router(host).is_alive(5.0) is None


def test_a_server_that_cannot_be_reached_is_not_alive(host: Any) -> None:
    health = router(host, api_url="http://127.0.0.1:9").is_alive(1.0)
    assert health is not None
    assert not health.alive
    assert "127.0.0.1:9" in health.detail
    assert "s3cret" not in health.detail


def test_a_wrong_password_is_not_a_dead_server(host: Any, flussonic: Any) -> None:
    with pytest.raises(ProviderRefused):
        router(host, api_url=flussonic.url, api_password="wrong").is_alive(5.0)


def test_check_live_tells_in_which_way_it_went_wrong(host: Any, flussonic: Any) -> None:
    assert router(host).probe() == Probe(True)
    assert router(host, api_url=flussonic.url).probe() == Probe(True)
    assert router(host, api_url=flussonic.url, api_password="wrong").probe().reason == "refused_credentials"
    assert router(host, api_url="http://127.0.0.1:9").probe().reason == "cannot_connect"
    flussonic.api_answer = b"<html>"
    assert router(host, api_url=flussonic.url).probe().reason == "other"


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b""])
def test_something_else_at_the_address_is_named(host: Any, flussonic: Any, answer: bytes) -> None:
    flussonic.api_answer = answer
    with pytest.raises(ProviderProtocolError):
        router(host, api_url=flussonic.url).is_alive(5.0)


def test_an_address_that_is_none_is_named_when_the_instance_is_made(host: Any) -> None:
    with pytest.raises(ConfigError, match="main: api_url"):
        router(host, api_url="10.0.0.5:8080")
