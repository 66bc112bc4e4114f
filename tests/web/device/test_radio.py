"""Radio as devices ask for it: who has which stations, and their addresses in the list."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from smarty_core.storage.database import bump
from smarty_core.storage.models import (
    Radio,
    StreamService,
    Tariff,
    radio_stream_service,
    tariff_radio,
    tariff_stream_service,
)

from .world import House, World


def change(world: World, house: House, *statements: Any) -> None:
    client = f"client:{house.operator.id}"
    with world.system.database.write() as session:
        for statement in statements:
            session.execute(statement)
        bump(session, f"{client}:radio", f"{client}:tariffs", f"{client}:channels")


def stations(world: World, session: dict[str, Any], **params: Any) -> dict[int, dict[str, Any]]:
    answer = world.get("/radio/list/", **session, **params)
    assert answer["error"] == 0, answer
    return {row["id"]: row for row in answer["radio"]}


def serve(world: World, **columns: Any) -> int:
    """Give the second station a stream service; its id."""
    service = StreamService(
        client_id=world.alpha.operator.id,
        **{"name": "radio", "type": "live", "routing": "static", "mask": "http://radio.test/$prefix.mp3", **columns},
    )
    world.world.add(service)
    change(
        world,
        world.alpha,
        insert(radio_stream_service).values(radio_id=world.alpha.stations[1], stream_service_id=service.id),
        insert(tariff_stream_service).values(tariff_id=world.alpha.tariff.id, stream_service_id=service.id),
    )
    return service.id


def test_a_station_with_its_own_address(world: World) -> None:
    change(world, world.alpha, update(Radio).values(description="about", icon_url="radio.png"))
    session = world.login(world.alpha)
    (row,) = stations(world, session, lang="en", icon_width=5, icon_height=6).values()
    assert row == {
        "id": world.alpha.stations[0], "name": "Alpha radio", "url": "http://Alpha.test/radio",
        "logo_url": "http://tv.example.com/media/radio5_6.png", "channel_name": "", "description": "about",
        "has_subscription": 1,
    }  # fmt: skip


def test_a_station_of_a_service_with_static_routing(world: World) -> None:
    session = world.login(world.alpha)
    serve(world)
    assert list(stations(world, session)) == world.alpha.stations
    assert stations(world, session)[world.alpha.stations[1]]["url"] == "http://radio.test/Alpha-second.mp3"


@pytest.mark.parametrize(
    "trouble", ["dynamic", "off", "unavailable", "not in the tariff", "a film server", "no such router"]
)
def test_a_station_without_an_address_is_not_in_the_list(world: World, trouble: str) -> None:
    session = world.login(world.alpha)
    number = serve(world)
    assert len(stations(world, session)) == 2
    service = update(StreamService).where(StreamService.id == number)
    change(
        world,
        world.alpha,
        {
            "dynamic": service.values(routing="dynamic"),
            "off": service.values(enabled=False),
            "unavailable": service.values(available=False),
            "not in the tariff": delete(tariff_stream_service).where(
                tariff_stream_service.c.stream_service_id == number
            ),
            "a film server": service.values(type="vod"),
            "no such router": service.values(router="none"),
        }[trouble],
    )
    assert list(stations(world, session)) == world.alpha.stations[:1]


def test_a_station_is_opened_by_a_tariff_that_counts_for_radio(world: World) -> None:
    session = world.login(world.alpha)
    change(world, world.alpha, update(Tariff).values(used_for_radio_list=False))
    assert stations(world, session) == {}
    change(world, world.alpha, update(Tariff).values(used_for_radio_list=True))
    assert len(stations(world, session)) == 1
    change(world, world.alpha, delete(tariff_radio))
    assert stations(world, session) == {}


def test_searching_and_switching_off(world: World) -> None:
    session, (first, _) = world.login(world.alpha), world.alpha.stations
    assert list(stations(world, session, search="РАДИ")) == list(stations(world, session, search="radio")) == [first]
    assert stations(world, session, search="no such") == {}
    change(world, world.alpha, update(Radio).where(Radio.id == first).values(enabled=False))
    assert stations(world, session) == {}
    assert world.get("/radio/list/", **session, icon_width="x")["error"] == 400
