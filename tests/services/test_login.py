"""Login: every way in, every documented refusal, and that a refusal changes nothing."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from smarty_core.errors import StorageError
from smarty_core.events import Event
from smarty_core.services.login import LoginAttempt
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, ClientPlayDevice, Device, PlayDevice, Session, Tariff
from smarty_core.testing.subscribers import HOME_IP, PASSWORD, START, SubscriberWorld


class Home:
    """One operator with one tariff without device limits."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.world = SubscriberWorld(database, **settings)
        self.operator: Operator = self.world.operator()
        self.tariff: Tariff = self.world.tariff(self.operator, channels=2)

    def subscriber(self, abonement: str = "1001", **columns: Any) -> Account:
        columns.setdefault("tariffs", [self.tariff])
        return self.world.subscriber(self.operator, abonement, **columns)

    def refused(self, **attempt: Any) -> LoginRefused:
        """Why this login is refused; nothing may have changed by it."""
        before = self.state()
        with pytest.raises(LoginRefused) as caught:
            self.world.log_in(self.operator, **attempt)
        assert self.state() == before
        return caught.value

    def state(self) -> list[Any]:
        with self.world.database.read() as session:
            accounts = select(Account.id, Account.active, Account.status_reason, Account.activation_date)
            return [
                session.scalar(select(func.count()).select_from(Session)),
                session.scalar(select(func.count()).select_from(Device)),
                session.execute(accounts.order_by(Account.id)).all(),
            ]

    def account(self, account: Account) -> Account:
        with self.world.database.read() as session:
            return session.get_one(Account, account.id)


@pytest.fixture
def home(sqlite_database: Database) -> Home:
    return Home(sqlite_database)


def test_abonement_and_password_open_a_session_with_a_key_of_128_hex_digits(home: Home) -> None:
    account = home.subscriber(customer={"ext_id": "x7", "contract_number": "C-1", "meta": {"vip": 1}})
    done = home.world.log_in(home.operator)
    assert len(done.authkey) == 128
    assert int(done.authkey, 16) > 0
    assert done.authkey == done.authkey.lower()
    assert (done.account_id, done.abonement, done.customer_ext_id) == (account.id, "1001", "x7")
    assert (done.login_type, done.login_method) == ("basic device", "abonement and password")
    viewer = home.world.sessions.find(done.authkey, home.operator.id)
    assert viewer is not None
    assert (viewer.account_id, viewer.device, viewer.device_uid, viewer.basic) == (account.id, "mag", "uid-1", True)


def test_the_authkey_itself_is_stored_nowhere(home: Home) -> None:
    home.subscriber()
    done = home.world.log_in(home.operator)
    with home.world.database.read() as session:
        assert done.authkey not in [row.authkey_hash for row in session.scalars(select(Session))]


def test_wrong_password_and_unknown_abonement_look_the_same(home: Home) -> None:
    home.subscriber()
    assert home.refused(password="0000").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused(abonement="2002", password=PASSWORD).refusal is LoginRefusal.NO_ACCOUNT


def test_an_account_without_password_is_not_open_to_an_empty_one(home: Home) -> None:
    account = home.subscriber()
    with home.world.database.write() as session:
        session.get_one(Account, account.id).password = ""
    assert home.refused(password="").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused(password="x").refusal is LoginRefusal.NO_ACCOUNT


def test_abonement_alone_only_where_the_account_allows_it(home: Home) -> None:
    home.subscriber()
    home.subscriber("1002", allow_login_by_abonement=True)
    assert home.refused(abonement="1001", password="").refusal is LoginRefusal.NO_ACCOUNT
    assert home.world.log_in(home.operator, abonement="1002").login_method == "abonement only"
    assert home.refused(abonement="1002", password="wrong").refusal is LoginRefusal.NO_ACCOUNT


def test_a_known_device_may_log_in_by_its_uid(home: Home) -> None:
    account = home.subscriber(allow_login_by_device_uid=True)
    home.world.log_in(home.operator)
    done = home.world.log_in(home.operator, anonymous=True)
    assert (done.account_id, done.login_method) == (account.id, "device UID only")
    assert home.refused(anonymous=True, device_uid="uid-2").refusal is LoginRefusal.NO_ACCOUNT


def test_by_uid_needs_the_accounts_and_the_device_types_consent(home: Home) -> None:
    account = home.subscriber(allow_login_by_device_uid=False)
    home.world.log_in(home.operator)
    assert home.refused(anonymous=True).refusal is LoginRefusal.NO_ACCOUNT
    with home.world.database.write() as session:
        session.get_one(Account, account.id).allow_login_by_device_uid = True
        mag = session.scalars(select(PlayDevice).where(PlayDevice.system_name == "mag")).one()
        session.scalars(
            select(ClientPlayDevice).where(ClientPlayDevice.play_device_id == mag.id)
        ).one().available_for_uid = False
    home.world.join()
    assert home.refused(anonymous=True).refusal is LoginRefusal.NO_ACCOUNT


@pytest.mark.parametrize("stored", ["79161234567", "+79161234567"])
def test_mobile_phone_and_password(home: Home, stored: str) -> None:
    account = home.subscriber(customer={"mobile_phone_number": stored})
    done = home.world.log_in(home.operator, phone_number="+7 (916) 123-45-67", password=PASSWORD)
    assert (done.account_id, done.login_method) == (account.id, "phone number and password")
    assert home.refused(phone_number="79161234567", password="0").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused(phone_number="79160000000", password=PASSWORD).refusal is LoginRefusal.NO_ACCOUNT


@pytest.mark.parametrize("number", ["", "12ab", "1", "9" * 30, "+"])
def test_a_malformed_phone_number_is_named(home: Home, number: str) -> None:
    home.subscriber()
    refused = home.refused(phone_number=number, try_login_by_phone=True, password="")
    assert refused.refusal is LoginRefusal.BAD_PHONE


def test_no_code_is_sent_to_a_phone_so_it_matches_no_account(home: Home) -> None:
    home.subscriber(customer={"mobile_phone_number": "79161234567"})
    refused = home.refused(phone_number="79161234567", try_login_by_phone=True)
    assert refused.refusal is LoginRefusal.NO_ACCOUNT


def test_by_address_where_exactly_one_account_has_the_network(home: Home) -> None:
    account = home.subscriber(subnets=["192.0.2.0/24", "2001:db8::/32"], allow_login_by_ip=True)
    home.subscriber("1002", subnets=["198.51.100.0/24"], allow_login_by_ip=True)
    home.subscriber("1003", subnets=["203.0.113.0/24"])
    assert home.world.log_in(home.operator, anonymous=True).account_id == account.id
    assert home.world.log_in(home.operator, anonymous=True, ip="2001:db8::7").login_method == "IP only"
    assert home.refused(anonymous=True, ip="203.0.113.5").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused(anonymous=True, ip="not an address").refusal is LoginRefusal.NO_ACCOUNT


def test_overlapping_networks_are_ambiguous(home: Home) -> None:
    home.subscriber(subnets=["192.0.2.0/24"], allow_login_by_ip=True)
    home.subscriber("1002", subnets=["192.0.2.0/28"], allow_login_by_ip=True)
    assert home.refused(anonymous=True).refusal is LoginRefusal.AMBIGUOUS_IP
    assert home.world.log_in(home.operator, anonymous=True, ip="192.0.2.200").abonement == "1001"


def test_networks_of_an_account_bind_every_login(home: Home) -> None:
    home.subscriber(subnets=["192.0.2.0/24", "10.0.0.0/8"])
    home.world.log_in(home.operator)
    home.world.log_in(home.operator, ip="10.255.255.255")
    assert home.refused(ip="192.0.3.1").refusal is LoginRefusal.SUBNET
    assert home.refused(ip="").refusal is LoginRefusal.SUBNET


def test_an_inactive_account_stays_out(home: Home) -> None:
    home.subscriber(active=False, status_reason="DEBT")
    assert home.refused().refusal is LoginRefusal.INACTIVE


def test_an_inactive_account_with_a_set_for_such_comes_in(home: Home) -> None:
    free = home.world.tariff(home.operator, channels=1, available_for_inactive_accounts=True)
    home.subscriber(active=False, tariffs=[home.tariff, free])
    viewer = home.world.viewer(home.operator)
    entitlement = home.world.entitlements.for_viewer(viewer, lang=0, device_format="xml", now=home.world.now)
    assert not viewer.active
    assert entitlement.tariff_ids == (free.id,)


def test_a_customer_without_tariff_is_told_so(home: Home) -> None:
    home.subscriber(tariffs=[])
    assert home.refused().refusal is LoginRefusal.NO_TARIFF


def test_a_tariff_that_is_over_or_switched_off_is_none(home: Home) -> None:
    off = home.world.tariff(home.operator, enabled=False)
    account = home.subscriber(tariffs=[off])
    home.world.give_tariff(account, home.tariff, valid_until=START)
    assert home.refused().refusal is LoginRefusal.NO_TARIFF
    home.world.move(seconds=-1)
    home.world.log_in(home.operator)


def test_the_first_login_activates_for_the_granted_days(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    account = home.subscriber(active=False, auto_activation_period=14, status_reason="INACTIVE")
    with caplog.at_level(logging.INFO, "smarty_accounts"):
        done = home.world.log_in(home.operator)
    stored = home.account(account)
    today = date(2026, 3, 10)
    assert (stored.active, stored.status_reason) == (True, "ACTIVE")
    assert (stored.activation_date, stored.deactivation_date) == (today, today + timedelta(days=14))
    assert (done.activation_days_left, done.status_reason) == (14, "ACTIVE")
    assert [event.account_id for event in home.world.hooks.of("account_activated")] == [account.id]
    activated = next(event for event in _events(caplog) if event.name == "ACCOUNT_ACTIVATED")
    assert list(activated.context) == ["activation_result", "params"]


def test_an_account_that_was_active_before_is_not_activated_again(home: Home) -> None:
    home.subscriber(active=False, auto_activation_period=14, activation_date=date(2026, 1, 1))
    assert home.refused().refusal is LoginRefusal.INACTIVE


def test_activation_is_undone_when_the_login_fails_after_it(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.subscriber(active=False, auto_activation_period=14, tariffs=[])
    with caplog.at_level(logging.INFO, "smarty_accounts"):
        assert home.refused().refusal is LoginRefusal.NO_TARIFF
    assert "ACCOUNT_ACTIVATED" not in [event.name for event in _events(caplog)]


def test_the_day_of_activation_is_the_operators(home: Home) -> None:
    operator = home.world.operator("east", time_zone="Asia/Kamchatka")  # noon UTC is the next day there
    account = home.world.subscriber(
        operator, tariffs=[home.world.tariff(operator)], active=False, auto_activation_period=1
    )
    home.world.log_in(operator)
    assert home.account(account).activation_date == date(2026, 3, 11)


def test_a_block_ends_when_the_login_asks_for_it(home: Home) -> None:
    account = home.subscriber(status_reason="BLOCK")
    assert home.world.log_in(home.operator).status_reason == "BLOCK"
    done = home.world.log_in(home.operator, reset_block_status_reason=True)
    assert done.status_reason == "ACTIVE"
    assert home.account(account).status_reason == "ACTIVE"


def test_only_allowed_device_groups(home: Home) -> None:
    home.subscriber(allowed_device_groups=[0, 1])
    home.world.log_in(home.operator, device="mag_250")
    assert home.refused(device="android", device_uid="uid-2").refusal is LoginRefusal.DEVICE_GROUP
    assert home.refused(device="toaster", device_uid="uid-3").refusal is LoginRefusal.DEVICE_GROUP


def test_a_device_belongs_to_one_account(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.subscriber()
    second = home.subscriber("1002")
    home.world.log_in(home.operator)
    refused = home.refused(abonement="1002", password=PASSWORD)
    assert refused.refusal is LoginRefusal.DEVICE_OF_ANOTHER
    error = next(event for event in _events(caplog) if event.name == "ACCOUNT_DEVICE_ERROR")
    assert error.context == {
        "account": second.id, "device": "mag", "device_uid": "uid-1", "client": home.operator.id,
    }  # fmt: skip
    assert home.refused(abonement="1002", password=PASSWORD, device="toaster").refusal is refused.refusal


def test_two_operators_may_have_the_same_device_and_abonement(home: Home) -> None:
    other = home.world.operator("two")
    home.subscriber()
    theirs = home.world.subscriber(other, tariffs=[home.world.tariff(other)])
    home.world.log_in(home.operator)
    assert home.world.log_in(other).account_id == theirs.id


def test_a_device_without_uid_is_given_one(home: Home) -> None:
    home.subscriber()
    first = home.world.log_in(home.operator, device_uid="")
    second = home.world.log_in(home.operator, device_uid="")
    assert len(first.device_uid) == 36
    assert first.device_uid != second.device_uid
    with home.world.database.read() as session:
        assert set(session.scalars(select(Device.device_uid))) == {first.device_uid, second.device_uid}


def test_what_a_device_says_about_itself_is_kept(home: Home) -> None:
    home.subscriber()
    home.world.log_in(home.operator, device_model="250", brand_name="Infomir", device_serial="S1")
    home.world.log_in(home.operator, device="tvip", device_model="S-Box")
    with home.world.database.read() as session:
        device = session.scalars(select(Device)).one()
    assert (device.brand, device.model, device.serial) == ("Infomir", "S-Box", "S1")
    assert device.play_device.system_name == "tvip"
    assert [event.device_uid for event in home.world.hooks.of("account_device_added")] == ["uid-1"]


def test_an_unknown_device_type_does_not_fail_the_call(home: Home) -> None:
    home.subscriber()
    done = home.world.log_in(home.operator, device="toaster", device_uid="t1")
    assert done.login_type == "additional device"
    assert home.world.log_in(home.operator, device="", device_uid="t2").authkey


def test_guessing_is_braked_per_abonement(sqlite_database: Database) -> None:
    home = Home(sqlite_database, LOGIN_ATTEMPTS_PER_ABONEMENT=3)
    home.subscriber()
    for _ in range(3):
        assert home.refused(password="0000").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused(password="0000").refusal is LoginRefusal.TOO_OFTEN
    assert home.refused().refusal is LoginRefusal.TOO_OFTEN  # even the right one: it may be a guess
    home.subscriber("1002")
    home.world.log_in(home.operator, abonement="1002", password=PASSWORD, device_uid="uid-2")


def test_guessing_is_braked_per_address(sqlite_database: Database) -> None:
    home = Home(sqlite_database, LOGIN_ATTEMPTS_PER_ADDRESS=3)
    home.subscriber()
    for number in range(3):
        assert home.refused(abonement=str(5000 + number), password="1").refusal is LoginRefusal.NO_ACCOUNT
    assert home.refused().refusal is LoginRefusal.TOO_OFTEN
    home.world.log_in(home.operator, ip="192.0.2.11")


def test_a_hundred_good_logins_from_one_address_are_no_attack(sqlite_database: Database) -> None:
    home = Home(sqlite_database, LOGIN_ATTEMPTS_PER_ABONEMENT=3, LOGIN_ATTEMPTS_PER_ADDRESS=3)
    home.subscriber()
    for _ in range(20):
        home.world.log_in(home.operator)


def test_trouble_with_the_database_is_code_3(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home.subscriber()

    def broken(*_: Any, **__: Any) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(home.world.sessions, "create_all", broken)
    assert home.refused().refusal is LoginRefusal.NO_SESSION
    failed = next(record for record in caplog.records if getattr(record.msg, "name", "") == "LOGIN_ERROR")
    assert isinstance(failed.msg, Event)
    assert failed.msg.context["reason"] == "unknown_error"
    assert failed.exc_info is not None


def test_every_documented_code_has_its_refusal() -> None:
    assert [refusal.code for refusal in LoginRefusal] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 15, 16, 26, 27, 28]


def test_log_of_success_and_failure(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.subscriber()
    attempt = LoginAttempt(
        ip=HOME_IP, abonement="1001", password=PASSWORD, device="mag", device_uid="uid-1",
        params={"abonement": "1001", "password": PASSWORD, "api_key": "k" * 64},
    )  # fmt: skip
    with caplog.at_level(logging.INFO, "smarty_accounts"):
        home.world.login.login(home.operator, attempt, home.world.now)
    (success,) = (event for event in _events(caplog) if event.name == "LOGIN_SUCCESS")
    assert list(success.context) == ["login_type", "login_method", "params"]
    assert PASSWORD not in str(success)
    assert "k" * 64 not in str(success)
    caplog.clear()
    home.refused(password="wrong", params={"password": "wrong"})
    (error,) = (event for event in _events(caplog) if event.name == "LOGIN_ERROR")
    assert (list(error.context), error.context["reason"]) == (["reason", "params"], "account_does_not_exist")
    assert "wrong" not in str(error)
    assert [event.reason for event in home.world.hooks.of("login_error")] == ["account_does_not_exist"]
    assert [event.login_type for event in home.world.hooks.of("login_success")] == ["basic device"]


def _events(caplog: pytest.LogCaptureFixture) -> list[Event]:
    return [record.msg for record in caplog.records if isinstance(record.msg, Event)]
