"""Secrets in the database: readable with the right SECRET_KEY only, comparable without being readable."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.errors import StorageError
from smarty_core.storage.vault import Vault, key_hash, new_api_key, new_authkey, same

VAULT = Vault("the key of this installation")
OTHER = Vault("the key of another installation")
text = st.text(alphabet=st.characters(codec="utf-8"))


@given(secret=text)
def test_what_is_encrypted_is_read_again(secret: str) -> None:
    assert VAULT.decrypt(VAULT.encrypt(secret)) == secret


@given(secret=st.text(min_size=4, alphabet="abcdefgh"))
def test_what_is_stored_shows_nothing_and_differs_each_time(secret: str) -> None:
    stored = VAULT.encrypt(secret)
    assert stored.startswith("enc1:")
    assert stored.isascii()
    assert VAULT.encrypt(secret) != stored
    assert len(VAULT.encrypt(secret)) == len(stored)


def test_empty_stays_empty() -> None:
    assert VAULT.encrypt("") == ""
    assert VAULT.decrypt("") == ""


def test_another_secret_key_reads_nothing_and_says_why() -> None:
    with pytest.raises(StorageError, match="SECRET_KEY is not the one") as caught:
        OTHER.decrypt(VAULT.encrypt("4711"))
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("stored", ["enc1:", "enc1:AAAA", "enc1:ключ", "4711", "enc2:x"])
def test_what_is_damaged_or_in_clear_is_a_storage_error(stored: str) -> None:
    with pytest.raises(StorageError) as caught:
        VAULT.decrypt(stored)
    assert "4711" not in str(caught.value)


@settings(max_examples=30)
@given(data=st.data())
def test_one_changed_character_is_noticed(data: st.DataObject) -> None:
    stored = VAULT.encrypt("secret")
    place = data.draw(st.integers(len("enc1:"), len(stored) - 3))
    altered = stored[:place] + ("A" if stored[place] != "A" else "B") + stored[place + 1 :]
    with pytest.raises(StorageError):
        VAULT.decrypt(altered)


@given(owner=text, code=text)
def test_a_code_matches_only_itself(owner: str, code: str) -> None:
    stored = VAULT.code_hash(owner, code)
    assert re.fullmatch("[0-9a-f]{64}", stored)
    assert VAULT.code_matches(owner, code, stored)
    assert not VAULT.code_matches(owner, code + "0", stored)
    assert not VAULT.code_matches(owner + "0", code, stored)
    assert not OTHER.code_matches(owner, code, stored)


def test_equal_codes_of_two_subscribers_are_stored_differently() -> None:
    assert VAULT.code_hash("1:1001", "4711") != VAULT.code_hash("1:1002", "4711")
    assert VAULT.code_hash("1:1001", "4711") != VAULT.code_hash("2:1001", "4711")
    assert VAULT.code_hash("1:1001", "4711") == Vault("the key of this installation").code_hash("1:1001", "4711")


def test_no_code_is_no_login() -> None:
    assert not VAULT.code_matches("1:1001", "", "")
    assert not VAULT.code_matches("1:1001", "anything", "")


def test_staff_passwords_are_argon2id() -> None:
    stored = VAULT.staff_hash("pass word")
    assert stored.startswith("$argon2id$")
    assert VAULT.staff_hash("pass word") != stored
    assert VAULT.staff_matches("pass word", stored)
    assert not VAULT.staff_matches("Pass word", stored)
    for damaged in ("", "x", "$argon2id$", stored[:-4]):
        assert not VAULT.staff_matches("pass word", damaged)


def test_keys_have_the_forms_that_clients_know_and_never_repeat() -> None:
    for make, form in (
        (new_authkey, "[0-9a-f]{128}"),
        (new_api_key, "[A-Za-z0-9]{64}"),
    ):
        keys = {make() for _ in range(50)}
        assert len(keys) == 50
        assert all(re.fullmatch(form, key) for key in keys)


def test_long_keys_are_kept_as_sha256() -> None:
    assert key_hash("abc") == hashlib.sha256(b"abc").hexdigest()


def test_comparing_is_by_value_whatever_the_text() -> None:
    assert same("ключ", "ключ")
    assert not same("ключ", "ключи")
    assert not same("", "x")
