"""Settings of a stream service's router, put together from the service's row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import NotFound
from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP


class TellingSettings(DriverSettings):
    script: str = ""
    client_id: int = 0
    service_id: int = 0


class Telling(StreamRouter[TellingSettings]):
    """Its address is what it was told."""

    Settings: ClassVar[type[DriverSettings]] = TellingSettings
    supports = frozenset({"inline", "token"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        told = self.settings
        return StreamUrl(f"http://{told.client_id}.test/{told.service_id}/{told.script}?{request.token}")


class Deaf(StreamRouter[DriverSettings]):
    """Asks for nothing, so that it must be given nothing."""

    supports = frozenset({"inline"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        return StreamUrl("http://deaf.test/")


class Slow(StreamRouter[DriverSettings]):
    """Takes its time to be made; counts how often that was."""

    made: ClassVar[list[str]] = []

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.made.append(self.name)

    def issue(self, request: PlayRequest) -> StreamUrl:
        return StreamUrl("http://slow.test/")


class House:
    """Operators, each with one channel that one service plays."""

    def __init__(self, database: Database) -> None:
        routers = {"telling": Telling, "deaf": Deaf, "slow": Slow}
        self.installation = Installation(database, {"smarty.stream_router": routers})

    def channel(self, name: str, router: str = "telling", **columns: Any) -> tuple[Any, Any, StreamService]:
        world = self.installation.world
        operator = world.operator(name)
        tariff = world.tariff(operator)
        service = StreamService(client_id=operator.id, name=name, type="live", router=router, **columns)
        channel = self.installation.channel(tariff, services=[service])
        world.subscriber(operator, tariffs=[tariff])
        return operator, channel, service

    def uri(self, operator: Any, channel: Any) -> str:
        world = self.installation.world
        return self.installation.system.playback.channel_url(
            world.viewer(operator), operator, channel.id, ip=HOME_IP, device="mag", now=world.now
        ).uri


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    made = House(sqlite_database)
    yield made
    made.installation.close()


def test_a_router_that_asks_knows_its_operator_and_service(house: House) -> None:
    made = [house.channel(name, mask=f"mine-{name}") for name in ("one", "two")]
    for (operator, channel, service), script in zip(made, ("mine-one", "mine-two"), strict=True):
        assert house.uri(operator, channel) == f"http://{operator.id}.test/{service.id}/{script}?"


def test_attributes_cannot_make_a_service_another_operators(house: House) -> None:
    operator, channel, service = house.channel("one", attributes={"client_id": 77, "service_id": 78, "script": "x"})
    assert house.uri(operator, channel) == f"http://{operator.id}.test/{service.id}/x?"


def test_a_router_that_does_not_ask_is_not_told(house: House) -> None:
    operator, channel, _ = house.channel("one", router="deaf", mask="http://elsewhere.test/")
    assert house.uri(operator, channel) == "http://deaf.test/"


def test_an_attribute_nobody_asked_for_is_a_mistake(house: House) -> None:
    operator, channel, _ = house.channel("one", router="deaf", attributes={"client_id": 1})
    with pytest.raises(NotFound):
        house.uri(operator, channel)


@pytest.mark.parametrize(
    ("script", "has_token"), [("'$prefix' + token", True), ("'$token'", True), ("'$prefix'", False)]
)
def test_a_dollar_sign_in_a_script_is_no_variable(house: House, script: str, has_token: bool) -> None:
    operator, channel, service = house.channel("one", mask=script)
    uri, _, token = house.uri(operator, channel).partition("?")
    assert uri == f"http://{operator.id}.test/{service.id}/{script}"
    assert bool(token) is has_token


def test_who_must_not_wait_learns_what_a_router_does_without_making_it(house: House) -> None:
    _, _, slow = house.channel("one", router="slow")
    _, _, quick = house.channel("two")
    routers = house.installation.system.playback.addresses._router_for
    Slow.made.clear()
    assert [routers.computes(service_facts(one)) for one in (slow, quick)] == [False, True]
    assert Slow.made == []
    assert routers(service_facts(slow)).call("issue", None).uri == "http://slow.test/"
    assert [routers.computes(service_facts(one)) for one in (slow, quick)] == [False, True]
    assert len(Slow.made) == 1
