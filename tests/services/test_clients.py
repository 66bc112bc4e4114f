"""New operators: their keys, what is refused, and who has to hear of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.errors import Conflict, InvalidValue, NotFound
from smarty_core.services.clients import LONGEST_KEY, Clients
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client
from smarty_core.storage.vault import Vault
from smarty_core.testing.subscribers import SubscriberWorld

VAULT = Vault("a key for tests only")
KEY = "0123456789abcdef0123456789abcdef"
NORTH = {"name": "Север ТВ", "api_key": KEY, "domain_prefix": "sever", "email": "tv@example.com"}


def create(database: Database, **changed: Any) -> int:
    return Clients(database=database, vault=VAULT).create(**{**NORTH, **changed})


def stored(database: Database) -> list[Client]:
    with database.read() as session:
        return list(session.scalars(select(Client).order_by(Client.id)))


def test_an_operator_gets_the_key_given_and_three_of_his_own(database: Database) -> None:
    number = create(database, name="  Север ТВ ")
    (client,) = stored(database)
    assert (client.id, client.name, client.domain_prefix) == (number, "Север ТВ", "sever")
    assert (client.email, client.enabled, client.parent_id) == ("tv@example.com", True, None)
    kept = [client.api_key, client.billing_api_key, client.content_api_key, client.streaming_api_key]
    given, *made = map(VAULT.decrypt, kept)
    assert given == KEY
    assert len(set(made)) == 3
    assert all(len(key) == 64 and key.isalnum() for key in made)
    assert not {given, *made} & set(kept), "keys are kept encrypted"


def test_devices_of_a_new_operator_are_let_in_with_his_key(sqlite_database: Database) -> None:
    world = SubscriberWorld(sqlite_database)
    number = create(sqlite_database)
    assert world.operators.authenticate(number, KEY).name == "Север ТВ"
    with pytest.raises(NotFound):
        world.operators.authenticate(number, KEY[:-1])


def test_a_domain_prefix_is_taken_once(database: Database) -> None:
    create(database)
    with pytest.raises(Conflict, match="the domain prefix 'sever' is taken") as caught:
        create(database, name="Other")
    assert "enc1:" not in str(caught.value.__cause__), "errors end in logs"
    assert [client.name for client in stored(database)] == ["Север ТВ"]


def test_the_operator_above_hears_of_one_below_him(sqlite_database: Database) -> None:
    world = SubscriberWorld(sqlite_database)
    parent = create(sqlite_database)
    assert not world.operators.by_id(parent).has_children
    child = create(sqlite_database, domain_prefix="south", parent_id=parent)
    assert world.operators.by_id(parent).has_children
    assert world.operators.by_id(child).parent_id == parent


def test_there_is_no_operator_below_nobody(sqlite_database: Database) -> None:
    with pytest.raises(NotFound, match="there is no operator 7"):
        create(sqlite_database, parent_id=7)
    assert stored(sqlite_database) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", value) for value in ("", "  ", "a" * 256, "two\nlines", "\udcff")),
        *(("api_key", value) for value in ("", "a" * (LONGEST_KEY + 1), "ключ", "a\nb", "\udcff")),
        *(("domain_prefix", value) for value in ("", "-a", "a-", "A", "a.b", "a" * 64, "север", "a\n")),
        *(("email", value) for value in ("", "tv", "@", "a b@c", "a" * 65 + "@b", "tv@\x07", "\udcff@x")),
    ],
)
def test_what_will_not_do_is_refused_by_name(sqlite_database: Database, field: str, value: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{field}: ") as caught:
        create(sqlite_database, **{field: value})
    assert KEY not in str(caught.value)
    assert stored(sqlite_database) == []
