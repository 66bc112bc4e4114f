"""Static routing: the address stands in the list itself, the same for everybody who shares it, and follows changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.services.configured_instances import ConfiguredInstances
from smarty_core.services.installation_check import check_plugins
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Channel, DataCenter, Maintenance, StreamService, Tariff
from smarty_core.testing.subscribers import START

from .world import World

OPEN = {"routing": "static", "mask": "http://open.test/$prefix/$dc/index.m3u8"}


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    """Alpha's News and Films have an open service with static routing beside their dynamic one."""
    made = World(sqlite_database)
    with made.world.database.write() as session:
        channels = [session.get_one(Channel, cid) for cid in made.alpha.channels[:2]]
        tariff = session.get_one(Tariff, made.alpha.tariff.id)
        for name, columns in (("open", {}), ("near", {"sort": 1})):
            service = StreamService(client_id=made.alpha.operator.id, name=name, type="live", **{**OPEN, **columns})
            session.add(service)
            tariff.services.append(service)
            for channel in channels:
                channel.services.append(service)
        dynamic = session.get_one(StreamService, made.alpha.service)
        dynamic.sort, dynamic.data_center_id = 9, None
    yield made
    made.close()


def change(world: World, name: str, **columns: Any) -> None:
    client = world.alpha.operator.id
    with world.system.database.write() as session:
        query = select(StreamService).where(StreamService.client_id == client, StreamService.name == name)
        for column, value in columns.items():
            setattr(session.scalars(query).one(), column, value)
        bump(session, f"client:{client}:channels")


def urls(world: World, session: dict[str, Any], path: str = "/channel/list/") -> dict[int, str]:
    return {row["id"]: row["url"] for row in world.get(path, **session)["channels"]}


def test_the_address_of_the_service_that_would_play_stands_in_every_list(world: World) -> None:
    news, films, plain = world.alpha.channels
    session = world.login(world.alpha)
    for _ in range(2):  # as built, and as prepared
        found = urls(world, session)
        assert found[news] == "http://open.test/Alpha-news//index.m3u8"
        assert found[films] == "http://open.test/Alpha-films//index.m3u8"
        assert found[plain].startswith("http://tv.example.com/")
    assert urls(world, {**session, "search": "Alpha"}, "/channel/list/search/") == found
    live = world.get("/channel/url/", **session, cid=news, redirect=0)
    assert live["uri"] == found[news]
    assert all("/channel/url/" in url for url in urls(world, world.login(world.beta)).values())


def test_the_account_s_data_centre_decides_and_lists_are_not_mixed_up(world: World) -> None:
    news = world.alpha.channels[0]
    with world.system.database.write() as session:
        center = DataCenter(client_id=world.alpha.operator.id, name="near")
        session.add(center)
        session.flush()
        number = center.id
        account = session.scalars(select(Account).where(Account.id == world.alpha.account.id)).one()
        account.data_center_id = number
        bump(session, f"account:{account.id}")
    change(world, "near", data_center_id=number, mask="http://near.test/$prefix/$dc")
    near, far = world.login(world.alpha), world.login(world.alpha, "1002")
    for _ in range(2):
        assert urls(world, near)[news] == f"http://near.test/Alpha-news/{number}"
        assert urls(world, far)[news] == "http://open.test/Alpha-news//index.m3u8"


def test_a_list_follows_when_the_service_falls_out(world: World) -> None:
    news = world.alpha.channels[0]
    session = world.login(world.alpha)
    assert "open.test" in urls(world, session)[news]
    change(world, "near", routing="dynamic", mask="http://near.test/$prefix?token=$token")
    change(world, "open", available=False)
    assert urls(world, session)[news].startswith("http://tv.example.com/tvmiddleware/api/channel/url/")
    change(world, "open", available=True)
    with world.system.database.write() as opened:
        query = select(StreamService).where(StreamService.name == "open")
        works = Maintenance(client_id=world.alpha.operator.id, unavailable=True, begin=START + timedelta(hours=1),
                            end=START + timedelta(hours=2), services=[opened.scalars(query).one()])  # fmt: skip
        opened.add(works)
        bump(opened, f"client:{world.alpha.operator.id}:channels")
    found = []
    for _ in range(3):
        found.append("open.test" in urls(world, session)[news])
        world.move(hours=1)
    assert found == [True, False, True]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"mask": "http://open.test/$prefix?t=$token&ip=$ip"}, ["$ip has no value", "$token has no value"]),
        ({"mask": "http://open.test/$prefx"}, ["unknown variable $prefx in the mask 'http://open.test/$prefx'"]),
        ({"mask": "http://open.test/$flpbt"}, ["$flpbt has no value while live"]),
        ({"mask": ""}, ["the service has no mask"]),
    ],
)
def test_a_mask_that_cannot_be_filled_is_told_by_the_check_and_the_next_service_plays(
    world: World, columns: dict[str, Any], said: list[str]
) -> None:
    news = world.alpha.channels[0]
    change(world, "open", **columns)
    session = world.login(world.alpha)
    assert world.get("/channel/url/", **session, cid=news, redirect=0)["uri"].startswith("http://open.test/Alpha-news")
    assert urls(world, session)[news].startswith("http://tv.example.com/")
    system = world.system
    instances = ConfiguredInstances(
        settings=system.settings, database=system.database, registry=system.registry, vault=system.vault
    )
    problems = [one.text for one in check_plugins(system.hooks, instances, live=False) if one.verdict == "problem"]
    assert len(problems) == 1
    assert "open" in problems[0]
    assert all(part in problems[0] for part in said), problems
