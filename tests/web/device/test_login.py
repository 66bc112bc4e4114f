"""Login as a device sees it: every way in, and the code of every refusal."""

from __future__ import annotations

from typing import Any

from smarty_core.services.subnets import subnet_bounds
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, AccountSubnet, Customer, Session, Tariff
from smarty_core.testing.subscribers import PASSWORD

from .world import World


def code(world: World, **sent: Any) -> int:
    """The answer to a login at Alpha with these parameters."""
    return int(world.get("/login/", **{**world.key(world.alpha), "device": "web_app", **sent})["error"])


def change(world: World, row: type[Any], number: int, **columns: Any) -> None:
    account = world.alpha.account
    with world.system.database.write() as session:
        found = session.get_one(row, number)
        for name, value in columns.items():
            setattr(found, name, value)
        tags = (f"account:{account.id}", f"customer:{account.customer_id}", f"client:{world.alpha.operator.id}:tariffs")
        bump(session, *tags)


GOOD = {"abonement": "1001", "password": PASSWORD}


def test_every_way_in(world: World) -> None:
    number = world.alpha.account.id
    assert code(world, **GOOD, device_uid="box") == 0
    assert code(world, abonement="1001") == 1
    change(world, Account, number, allow_login_by_abonement=True)
    assert code(world, abonement="1001", device_uid="box") == 0
    assert code(world, device_uid="never seen") == 1
    change(world, Account, number, allow_login_by_device_uid=True)
    assert code(world, device_uid="box") == 0
    change(world, Customer, world.alpha.account.customer_id, mobile_phone_number="+79990001122")
    assert code(world, phone_number="+79990001122", password=PASSWORD, device_uid="box") == 0
    assert code(world, phone_number="+79990001122", password="0000", device_uid="box") == 1
    assert code(world, phone_number="not a number", password=PASSWORD) == 26
    assert code(world) == 1
    low, high = subnet_bounds("127.0.0.0/8")
    subnet = AccountSubnet(client_id=world.alpha.operator.id, account_id=number, cidr="127.0.0.0/8", low=low, high=high)
    with world.system.database.write() as session:
        session.add(subnet)
        session.get_one(Account, number).allow_login_by_ip = True
        bump(session, f"account:{number}")
    answer = world.get("/login/", **world.key(world.alpha), device="web_app", device_uid="box")
    assert (answer["error"], answer["abonement"], answer["ip_address"]) == (0, 1001, "127.0.0.1")


def test_too_many_boxes_are_refused_with_a_list_to_choose_from(world: World) -> None:
    change(world, Tariff, world.alpha.tariff.id, basic_sessions_count=1)
    first = world.xml("/login/", **world.key(world.alpha), **GOOD, device_uid="box-1")
    assert first.findtext("error") == "0"
    sent = {**world.key(world.alpha), **GOOD, "device_uid": "box-2"}
    refused = world.xml("/login/", **sent)
    assert refused.findtext("error") == "5"
    (listed,) = refused.findall("devices/item")
    assert (listed.findtext("device_uid"), listed.findtext("has_active_sessions")) == ("box-1", "true")
    assert refused.find("authkey") is None
    assert world.xml("/login/", **sent, device_id_for_unbinding=10**9).findtext("error") == "27"
    chosen = world.xml("/login/", **sent, device_id_for_unbinding=listed.findtext("id"))
    assert chosen.findtext("error") == "0"
    authkey = first.findtext("authkey")
    assert world.get("/channel/list/", client_id=world.alpha.operator.id, authkey=authkey)["error"] == 403


def test_refusals_have_their_codes_and_open_nothing(world: World) -> None:
    account, tariff = world.alpha.account, world.alpha.tariff.id
    login = {**GOOD, "device_uid": "mine"}
    assert code(world, **GOOD, device_uid="mine") == 0
    assert code(world, abonement="1002", password=PASSWORD, device_uid="mine") == 6
    cases: list[tuple[type[Any], int, dict[str, Any], dict[str, Any], int]] = [
        (Account, account.id, {"active": False}, {"active": True}, 2),
        (Tariff, tariff, {"enabled": False}, {"enabled": True}, 8),
        (Account, account.id, {"allowed_device_groups": [1]}, {"allowed_device_groups": []}, 15),
        (Tariff, tariff, {"basic_sessions_count": 1}, {"basic_sessions_count": 0}, 11),
    ]
    for row, number, spoilt, mended, expected in cases:
        with world.system.database.read() as session:
            before = session.query(Session).count()
        change(world, row, number, **spoilt)
        assert code(world, **login) == expected, spoilt
        with world.system.database.read() as session:
            assert session.query(Session).count() == before
        change(world, row, number, **mended)
        assert code(world, **login) == 0, mended
    change(world, Tariff, tariff, sessions_count=1)
    assert world.xml("/login/", **world.key(world.alpha), **login).findtext("error") == "10"


def test_guessing_ends_in_code_28_also_for_the_right_password(sqlite_database: Database) -> None:
    world = World(sqlite_database, LOGIN_ATTEMPTS_PER_ABONEMENT=3)
    try:
        assert [code(world, abonement="1001", password=str(guess)) for guess in range(5)] == [1, 1, 1, 28, 28]
        assert code(world, **GOOD) == 28
        assert code(world, abonement="1002", password=PASSWORD) == 0
    finally:
        world.close()
