"""Staff: who may sign in to the panels."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from smarty_core.errors import Conflict, InvalidValue, NotFound
from smarty_core.services.users import LONGEST_PASSWORD, Users
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client, User
from smarty_core.storage.vault import Vault

VAULT = Vault("a key for tests only")
PASSWORD = "correct horse"


def users(database: Database) -> Users:
    return Users(database=database, vault=VAULT)


def stored(database: Database) -> list[User]:
    with database.read() as session:
        return list(session.scalars(select(User).order_by(User.id)))


def test_a_user_is_stored_with_his_rights_and_an_argon2id_hash(database: Database) -> None:
    with database.write() as session:
        client = Client(name="One", domain_prefix="one", api_key="")
        session.add(client)
    number = users(database).create(
        "anna@пример", PASSWORD, email="anna@example.com", client_id=client.id, is_admin=True, is_monitoring=True
    )
    (user,) = stored(database)
    assert (user.id, user.username, user.email, user.client_id) == (
        number, "anna@пример", "anna@example.com", client.id,
    )  # fmt: skip
    assert (user.active, user.is_admin, user.is_superuser, user.is_monitoring) == (True, True, False, True)
    assert user.password_hash.startswith("$argon2id$")
    assert VAULT.staff_matches(PASSWORD, user.password_hash)
    assert not VAULT.staff_matches(PASSWORD + " ", user.password_hash)


def test_a_name_is_taken_once_and_case_counts(database: Database) -> None:
    users(database).create("anna", PASSWORD)
    users(database).create("Anna", PASSWORD)
    with pytest.raises(Conflict, match="the username 'anna' is taken") as caught:
        users(database).create("anna", "another one", is_superuser=True)
    assert "argon2" not in str(caught.value.__cause__), "errors end in logs"
    assert [(user.username, user.is_superuser) for user in stored(database)] == [("anna", False), ("Anna", False)]


def test_another_password_changes_nothing_else(sqlite_database: Database) -> None:
    made = users(sqlite_database)
    made.create("anna", PASSWORD, is_monitoring=True)
    made.create("boris", PASSWORD)
    made.reset_password("anna", "another one")
    anna, boris = stored(sqlite_database)
    assert VAULT.staff_matches("another one", anna.password_hash)
    assert not VAULT.staff_matches(PASSWORD, anna.password_hash)
    assert (anna.username, anna.is_monitoring) == ("anna", True)
    assert VAULT.staff_matches(PASSWORD, boris.password_hash)


@pytest.mark.parametrize("username", ["", "an na", "anna\n", "a" * 151, "anna'--", "\udcff"])
def test_a_name_that_will_not_do_is_refused(sqlite_database: Database, username: str) -> None:
    with pytest.raises(InvalidValue, match="username: 1 to 150 letters"):
        users(sqlite_database).create(username, PASSWORD)
    assert stored(sqlite_database) == []


@pytest.mark.parametrize("password", ["", "a" * (LONGEST_PASSWORD + 1), "long enough \udcff"])
def test_a_password_that_will_not_do_is_refused_and_not_repeated(sqlite_database: Database, password: str) -> None:
    made = users(sqlite_database)
    made.create("boris", PASSWORD)
    for attempt in (lambda: made.create("anna", password), lambda: made.reset_password("boris", password)):
        with pytest.raises(InvalidValue, match="password: ") as caught:
            attempt()
        assert "long enough" not in str(caught.value)
        assert caught.value.__cause__ is None
    (boris,) = stored(sqlite_database)
    assert VAULT.staff_matches(PASSWORD, boris.password_hash)


@pytest.mark.parametrize("email", ["anna", "anna@", "an na@example.com", "anna@example.com\n", "anna@\x07", "\udcff@x"])
def test_what_cannot_be_an_address_is_refused(sqlite_database: Database, email: str) -> None:
    with pytest.raises(InvalidValue, match="email: not an address"):
        users(sqlite_database).create("anna", PASSWORD, email=email)


def test_staff_of_nobody_and_a_password_for_nobody_are_refused(sqlite_database: Database) -> None:
    made = users(sqlite_database)
    with pytest.raises(NotFound, match="there is no operator 7"):
        made.create("anna", PASSWORD, client_id=7)
    with pytest.raises(NotFound, match="there is no user 'anna'"):
        made.reset_password("anna", PASSWORD)
    assert stored(sqlite_database) == []
