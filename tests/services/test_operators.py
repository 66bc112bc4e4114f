"""Operators: found by number, proven by key, in memory until they change."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update

from smarty_core.errors import NotFound
from smarty_core.services.operators import Operator, Operators
from smarty_core.storage.cache import MemoryCache
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Client
from smarty_core.storage.vault import Vault
from smarty_core.testing.subscribers import API_KEY, SubscriberWorld


@pytest.fixture
def world(sqlite_database: Database) -> SubscriberWorld:
    return SubscriberWorld(sqlite_database)


def change(world: SubscriberWorld, operator: Operator, **columns: object) -> None:
    with world.database.write() as session:
        session.execute(update(Client).where(Client.id == operator.id).values(**columns))
        bump(session, f"client:{operator.id}")


def test_an_operator_is_proven_by_his_own_key_only(world: SubscriberWorld) -> None:
    one, two = world.operator("one"), world.operator("two")
    change(world, two, api_key=world.vault.encrypt("another key"))
    assert world.operators.authenticate(one.id, API_KEY) == one
    for client_id, key in ((one.id, "another key"), (two.id, API_KEY), (one.id, ""), (one.id, API_KEY[:-1]),
                           (one.id, API_KEY + "k"), (10**9, API_KEY), (0, ""), (one.id, "ключ")):  # fmt: skip
        with pytest.raises(NotFound, match="client_id or api_key is wrong"):
            world.operators.authenticate(client_id, key)


def test_an_operator_without_a_key_lets_nobody_in(world: SubscriberWorld) -> None:
    one = world.operator()
    change(world, one, api_key="")
    with pytest.raises(NotFound):
        world.operators.authenticate(one.id, "")


def test_an_operator_switched_off_is_not_there_until_switched_on_again(world: SubscriberWorld) -> None:
    one = world.operator()
    change(world, one, enabled=False)
    with pytest.raises(NotFound):
        world.operators.by_id(one.id)
    assert world.operators.exists(one.id)
    assert world.operators.all_ids() == ()
    change(world, one, enabled=True, name="renamed")
    assert world.operators.by_id(one.id).name == "renamed"
    assert world.operators.all_ids() == (one.id,)


def test_a_new_key_counts_at_once(world: SubscriberWorld) -> None:
    one = world.operator()
    world.operators.authenticate(one.id, API_KEY)
    change(world, one, api_key=world.vault.encrypt("new"))
    assert world.operators.authenticate(one.id, "new") == one
    with pytest.raises(NotFound):
        world.operators.authenticate(one.id, API_KEY)


def test_with_another_secret_key_nobody_gets_in_but_operators_are_found(world: SubscriberWorld) -> None:
    one = world.operator()
    others = Operators(database=world.database, vault=Vault("another"), cache=MemoryCache())
    assert others.by_id(one.id).name == "one"
    for key in (API_KEY, ""):
        with pytest.raises(NotFound):
            others.authenticate(one.id, key)


def test_asking_again_asks_no_database(world: SubscriberWorld) -> None:
    one = world.operator()
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    for _ in range(3):
        world.operators.authenticate(one.id, API_KEY)
    assert statements == []


def test_sections_are_all_or_those_listed() -> None:
    assert Operator(1, "x").allows("archive")
    limited = Operator(1, "x", permissions=frozenset({"tv"}))
    assert limited.allows("tv")
    assert not limited.allows("archive")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "a\0b", "."])
def test_a_time_zone_that_does_not_exist_is_the_servers(zone: str) -> None:
    assert Operator(1, "x", time_zone=zone).zone("Europe/Moscow") == ZoneInfo("Europe/Moscow")
    assert Operator(1, "x", time_zone="Asia/Almaty").zone("Europe/Moscow") == ZoneInfo("Asia/Almaty")


def test_an_operator_knows_of_the_operators_below_him(world: SubscriberWorld) -> None:
    parent = world.operator("parent")
    world.operator("child", parent_id=parent.id)
    with world.database.write() as session:
        bump(session, f"client:{parent.id}")
    assert world.operators.by_id(parent.id).has_children
    assert not world.operators.by_id(parent.id + 1).has_children
