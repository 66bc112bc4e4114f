"""What plugins can do through their `Host`, against a real system; never with another operator's objects."""

from __future__ import annotations

import logging
import types
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.api.accounts import Session
from smarty_core.api.host import Host
from smarty_core.contracts.events import Refusal
from smarty_core.errors import InvalidValue, NotFound, NotSupported, ProviderUnavailable, Refused
from smarty_core.events import Event
from smarty_core.hookspecs import hookimpl
from smarty_core.services.stream_tokens import TokenRefused
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    AccountTariff,
    EpgChannel,
    EpgSource,
    Message,
    OutboxEvent,
    ProgramBlocking,
    Programme,
)
from smarty_core.testing.fakes.people import FakeSmsBackend
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP, PASSWORD
from smarty_core.values import Money

SMS = {"smarty.sms_backend": {"fake": FakeSmsBackend}}


def heard_by_plugins() -> types.ModuleType:
    """A hook module that listens to durable events, so that they are written down."""

    def silent(host: Any, event: Any) -> None:
        pass

    module = types.ModuleType("listening")
    for hook in ("account_changed", "account_activated", "account_tariffs_assigned", "account_tariffs_removed"):
        listener = types.FunctionType(silent.__code__, {}, hook)
        setattr(module, hook, hookimpl(listener))
    return module


class Houses:
    """Two operators with one subscriber each; `host` is a plugin's."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(
            database, {**SMS, "smarty.hooks": {"listening": heard_by_plugins()}}, SMS_BACKEND="fake"
        )
        self.world = world = self.installation.world
        self.one, self.tariff, self.channel = self.installation.house("one")
        self.two, self.other_tariff, self.other_channel = self.installation.house("two")
        self.account = world.subscriber(
            self.one, "1001", tariffs=[self.tariff], ext_id="e1",
            customer={"ext_id": "c1", "email": "i@example.org", "mobile_phone_number": "79990001122"},
        )  # fmt: skip
        self.stranger = world.subscriber(self.two, "2001", tariffs=[self.other_tariff], ext_id="e2")
        self.host: Host = self.installation.host()

    def log_in(self, **values: str) -> Session:
        given = {"abonement": "1001", "password": PASSWORD, "device": "mag", "device_uid": "u1", "ip": HOME_IP}
        authkey = self.host.accounts.login(self.one.id, **{**given, **values})
        session = self.host.accounts.session(authkey, self.one.id)
        assert session is not None
        return session

    def guide(self, *spans: tuple[datetime, datetime]) -> list[int]:
        """Programmes of the first operator's channel; their ids."""
        source = EpgSource(name="guide", parser="dummy_source")
        self.world.add(source)
        channel = EpgChannel(source_id=source.id, source_channel_id="news", name="News")
        self.world.add(channel)
        rows = [Programme(epg_channel_id=channel.id, start=start, stop=stop, name="Film") for start, stop in spans]
        self.world.add(*rows)
        with self.world.database.write() as session:
            session.merge(self.channel).epg_channel_id = channel.id
        return [row.id for row in rows]

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Durable events that wait for the plugin."""
        with self.world.database.read() as session:
            found = session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))
            return [(row.hook, dict(row.payload)) for row in found]


@pytest.fixture
def houses(sqlite_database: Database) -> Iterator[Houses]:
    made = Houses(sqlite_database)
    yield made
    made.installation.close()


def events(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, Any]]]:
    return [(record.msg.name, dict(record.msg.context)) for record in caplog.records if isinstance(record.msg, Event)]


def test_a_plugin_logs_a_device_in_and_out(houses: Houses) -> None:
    authkey = houses.host.accounts.login(
        houses.one.id, abonement="1001", password=PASSWORD, device="mag", device_uid="u1", ip=HOME_IP
    )
    session = houses.host.accounts.session(authkey, houses.one.id)
    assert session is not None
    assert (session.client_id, session.account_id, session.device_uid) == (houses.one.id, houses.account.id, "u1")
    assert houses.host.accounts.session(authkey, houses.two.id) is None
    houses.host.accounts.logout(authkey, houses.two.id)
    assert houses.host.accounts.session(authkey, houses.one.id) is not None
    houses.host.accounts.logout(authkey, houses.one.id)
    assert houses.host.accounts.session(authkey, houses.one.id) is None


def test_a_refused_login_says_why(houses: Houses) -> None:
    with pytest.raises(Refused) as caught:
        houses.host.accounts.login(houses.one.id, abonement="1001", password="wrong", device="mag")
    assert caught.value.reason == "account_does_not_exist"
    with pytest.raises(Refused):
        houses.host.accounts.login(houses.one.id, abonement="2001", password=PASSWORD, device="mag")
    with pytest.raises(NotFound):
        houses.host.accounts.login(987, abonement="1001", password=PASSWORD)
    with pytest.raises(InvalidValue):
        houses.host.accounts.login(houses.one.id, abonement="1001", password=PASSWORD, device_uid="u" * 129)


def test_the_password_of_a_plugins_login_is_in_no_log_line(houses: Houses, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        houses.log_in()
    assert "LOGIN_SUCCESS" in caplog.text
    assert PASSWORD not in caplog.text


def test_an_account_is_shown_with_what_an_outside_system_needs(houses: Houses) -> None:
    houses.host.accounts.assign_tariffs(houses.one.id, houses.account.id, (houses.tariff.id,))
    found = houses.host.accounts.get(houses.one.id, houses.account.id)
    who = found.subscriber
    assert (who.abonement, who.ext_id, who.phone, who.email) == ("1001", "e1", "79990001122", "i@example.org")
    assert (found.active, found.status_reason, found.tariffs_ids) == (True, "ACTIVE", (houses.tariff.id,))


def test_an_account_is_found_by_abonement_and_by_its_or_its_customers_ext_id(houses: Houses) -> None:
    accounts, one = houses.host.accounts, houses.one.id
    for asked in ({"abonement": "1001"}, {"ext_id": "e1"}, {"ext_id": "c1"}, {"abonement": "1001", "ext_id": "c1"}):
        assert accounts.find(one, **asked).subscriber.account_id == houses.account.id
    for asked in ({"abonement": "2001"}, {"ext_id": "e2"}, {"ext_id": "none"}, {"abonement": "1001", "ext_id": "e2"}):
        with pytest.raises(NotFound):
            accounts.find(one, **asked)
    with pytest.raises(InvalidValue):
        accounts.find(one)


def test_a_customers_ext_id_that_means_several_accounts_finds_none(houses: Houses) -> None:
    twin = houses.world.subscriber(houses.one, "1002")
    with houses.world.database.write() as session:
        session.merge(twin).customer_id = houses.account.customer_id
    with pytest.raises(NotFound):
        houses.host.accounts.find(houses.one.id, ext_id="c1")


def test_switching_an_account_off_and_on_is_stored_and_told(houses: Houses, caplog: pytest.LogCaptureFixture) -> None:
    accounts, one, number = houses.host.accounts, houses.one.id, houses.account.id
    session = houses.log_in()
    with caplog.at_level(logging.INFO, "smarty_accounts"):
        caplog.clear()
        accounts.set_active(one, number, False, reason="DEBT")
        assert (accounts.get(one, number).active, accounts.get(one, number).status_reason) == (False, "DEBT")
        assert houses.host.entitlements.channel_ids(session) == frozenset()
        accounts.set_active(one, number, True)
        accounts.set_active(one, number, True)
    assert houses.host.entitlements.channel_ids(session) == {houses.channel.id}
    fields = ("active", "status_reason")
    assert events(caplog) == [
        ("ACCOUNT_CHANGED", {"account_id": number, "changed_fields": fields}),
        (
            "ACCOUNT_ACTIVATED",
            {"activation_result": "", "params": {"account_id": number, "status_reason": "ACTIVE"}},
        ),
        ("ACCOUNT_CHANGED", {"account_id": number, "changed_fields": fields}),
    ]
    assert [hook for hook, _ in houses.told()] == ["account_changed", "account_activated", "account_changed"]


@pytest.mark.parametrize("reason", ["r" * 21, "two\nlines"])
def test_a_status_reason_has_to_fit(houses: Houses, reason: str) -> None:
    with pytest.raises(InvalidValue):
        houses.host.accounts.set_active(houses.one.id, houses.account.id, False, reason=reason)
    assert houses.host.accounts.get(houses.one.id, houses.account.id).active


def test_tariffs_are_given_once_and_taken_once(houses: Houses, caplog: pytest.LogCaptureFixture) -> None:
    accounts, one, number = houses.host.accounts, houses.one.id, houses.account.id
    more = houses.world.tariff(houses.one, name="more")
    channel = houses.installation.channel(more, "Sport")
    session = houses.log_in()
    assert houses.host.entitlements.channel_ids(session) == {houses.channel.id}
    with caplog.at_level(logging.INFO, "smarty_accounts"):
        caplog.clear()
        accounts.assign_tariffs(one, number, (more.id, more.id))
        accounts.assign_tariffs(one, number, (more.id,))
        assert houses.host.entitlements.channel_ids(session) == {houses.channel.id, channel.id}
        accounts.remove_tariffs(one, number, (more.id, houses.tariff.id, 10**6))
        accounts.remove_tariffs(one, number, (more.id,))
    assert houses.host.entitlements.channel_ids(session) == {houses.channel.id}
    told = {"account_id": number, "tariffs_ids": (more.id,)}
    assert events(caplog) == [("ACCOUNT_TARIFFS_ASSIGNED", told), ("ACCOUNT_TARIFFS_REMOVED", told)]
    sent = {"client_id": one, "account_id": number, "tariffs_ids": [more.id]}
    assert houses.told() == [("account_tariffs_assigned", sent), ("account_tariffs_removed", sent)]


def test_a_tariff_that_has_run_out_is_given_anew(houses: Houses) -> None:
    houses.world.give_tariff(houses.account, houses.tariff, valid_until=houses.world.now - timedelta(days=1))
    assert houses.host.accounts.get(houses.one.id, houses.account.id).tariffs_ids == ()
    houses.host.accounts.assign_tariffs(houses.one.id, houses.account.id, (houses.tariff.id,))
    assert houses.host.accounts.get(houses.one.id, houses.account.id).tariffs_ids == (houses.tariff.id,)


def test_another_operators_tariff_cannot_be_given_and_then_none_is(houses: Houses) -> None:
    wanted = (houses.tariff.id, houses.other_tariff.id)
    with pytest.raises(NotFound):
        houses.host.accounts.assign_tariffs(houses.one.id, houses.account.id, wanted)
    with houses.world.database.read() as session:
        assert session.scalars(select(AccountTariff)).all() == []


def test_another_operators_account_is_not_found_by_any_use(houses: Houses) -> None:
    accounts, one, number = houses.host.accounts, houses.one.id, houses.stranger.id
    uses = (
        lambda: accounts.get(one, number),
        lambda: accounts.set_active(one, number, False),
        lambda: accounts.assign_tariffs(one, number, (houses.tariff.id,)),
        lambda: accounts.remove_tariffs(one, number, (houses.other_tariff.id,)),
        lambda: houses.host.messages.send(one, number, subject="s", text="t"),
        lambda: houses.host.guide.now(one, houses.other_channel.id),
    )
    for use in uses:
        with pytest.raises(NotFound):
            use()
    assert houses.host.accounts.get(houses.two.id, number).active
    assert [channel.id for channel in houses.host.catalogue.channels(one)] == [houses.channel.id]


def test_a_session_that_has_ended_or_was_made_up_gives_nothing(houses: Houses) -> None:
    real = houses.log_in()
    stranger = Session(houses.two.id, houses.stranger.id, None, "mag", "u1", HOME_IP, real.id)
    made_up = Session(houses.one.id, houses.account.id, None, "mag", "u1", HOME_IP)
    houses.installation.system.sessions.delete_all(houses.one.id)
    for session in (real, stranger, made_up):
        for use in (
            lambda session=session: houses.host.entitlements.channel_ids(session),
            lambda session=session: houses.host.playback.channel_url(session, houses.channel.id),
        ):
            with pytest.raises(Refused) as caught:
                use()
            assert caught.value.reason == "session_ended"


def test_a_live_address_is_the_one_the_device_api_gives_with_a_token(houses: Houses) -> None:
    url = houses.host.playback.channel_url(houses.log_in(), houses.channel.id)
    address, _, token = url.uri.partition("?token=")
    assert address == "http://video.test/news/index.m3u8"
    system = houses.installation.system
    checked = system.stream_tokens.check(token, "news", HOME_IP, houses.world.now)
    assert checked.facts.account_id == houses.account.id
    with pytest.raises(TokenRefused):
        system.stream_tokens.check(token, "sport", HOME_IP, houses.world.now)


def test_another_operators_channel_has_no_address(houses: Houses) -> None:
    session = houses.log_in()
    with pytest.raises(NotFound):
        houses.host.playback.channel_url(session, houses.other_channel.id)
    begin = houses.world.now - timedelta(hours=1)
    with pytest.raises(NotFound):
        houses.host.playback.archive_url(session, houses.other_channel.id, begin=begin, end=None)


def test_a_window_of_the_archive_has_an_address_whatever_programmes_are_in_it(houses: Houses) -> None:
    now = houses.world.now
    begin = now - timedelta(hours=3)
    houses.guide((begin, begin + timedelta(minutes=20)))
    url = houses.host.playback.archive_url(
        houses.log_in(), houses.channel.id, begin=begin, end=now - timedelta(hours=1)
    )
    assert url.uri.startswith(f"http://video.test/news/archive-{int(begin.timestamp())}-7200.m3u8?token=")


@pytest.mark.parametrize(
    ("begin", "end", "error"),
    [
        (timedelta(hours=1), None, NotFound),
        (timedelta(days=-4), timedelta(days=-3.9), NotFound),
        (timedelta(hours=-1), timedelta(hours=-2), InvalidValue),
        (timedelta(hours=-30), timedelta(hours=-1), InvalidValue),
        (timedelta(hours=-30), None, InvalidValue),
    ],
    ids=["not begun", "older than records", "backwards", "too long", "too long up to now"],
)
def test_a_window_that_cannot_be_played_is_refused(
    houses: Houses, begin: timedelta, end: timedelta | None, error: type[Exception]
) -> None:
    now = houses.world.now
    session = houses.log_in()
    with pytest.raises(error):
        houses.host.playback.archive_url(
            session, houses.channel.id, begin=now + begin, end=None if end is None else now + end
        )


def test_a_window_needs_a_time_zone(houses: Houses) -> None:
    with pytest.raises(InvalidValue):
        houses.host.playback.archive_url(
            houses.log_in(), houses.channel.id, begin=datetime(2026, 3, 10, 9, 0), end=None  # noqa: DTZ001
        )  # fmt: skip


def test_a_window_with_a_blocked_programme_in_it_is_not_played(houses: Houses) -> None:
    now = houses.world.now
    first, second, third = (now - timedelta(hours=hours) for hours in (4, 3, 2))
    ids = houses.guide((first, second), (second, third))
    houses.world.add(ProgramBlocking(client_id=houses.one.id, programme_id=ids[1]))
    session = houses.log_in()
    assert houses.host.playback.archive_url(session, houses.channel.id, begin=first, end=second).uri
    with pytest.raises(NotFound):
        houses.host.playback.archive_url(session, houses.channel.id, begin=first, end=third - timedelta(minutes=1))


def test_a_message_is_left_and_found_by_its_id(houses: Houses) -> None:
    until = houses.world.now + timedelta(days=1)
    number = houses.host.messages.send(houses.one.id, houses.account.id, subject="Hello", text="World", until=until)
    with houses.world.database.read() as session:
        row = session.get_one(Message, number)
    assert (row.client_id, row.account_id, row.subject, row.text, row.expires_at) == (
        houses.one.id, houses.account.id, "Hello", "World", until,
    )  # fmt: skip
    with pytest.raises(InvalidValue):
        houses.host.messages.send(houses.one.id, houses.account.id, subject="s", text="a\0b")
    with pytest.raises(InvalidValue):
        houses.host.messages.send(houses.one.id, houses.account.id, subject="s", text="t" * 2001)


def sms_backend(houses: Houses) -> FakeSmsBackend:
    guarded = houses.installation.system.registry.instance("sms_backend", "fake", "SMS_BACKEND", {})
    driver = guarded.driver
    assert isinstance(driver, FakeSmsBackend)
    return driver


def test_an_sms_goes_through_the_backend_of_the_settings(houses: Houses, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        receipt = houses.host.messages.send_sms(houses.one.id, "+79990001122", "code 1234")
    assert receipt.id == "receipt-1"
    assert [(sms.phone, sms.text) for sms in sms_backend(houses).sent] == [("79990001122", "code 1234")]
    assert "SMS_SENT" in caplog.text
    assert "79990001122" not in caplog.text
    assert "1234" not in caplog.text.replace("***1122", "")


def test_an_sms_to_nobody_is_not_sent(houses: Houses) -> None:
    send = houses.host.messages.send_sms
    with pytest.raises(InvalidValue):
        send(houses.one.id, "12ab", "text")
    with pytest.raises(InvalidValue):
        send(houses.one.id, "79990001122", "")
    with pytest.raises(InvalidValue):
        send(houses.one.id, "79990001122", "t" * 1601)
    with pytest.raises(NotFound):
        send(987, "79990001122", "text")
    assert sms_backend(houses).sent == []


def test_without_a_backend_no_sms_can_be_sent(sqlite_database: Database) -> None:
    installation = Installation(sqlite_database)
    operator = installation.world.operator()
    with pytest.raises(NotSupported, match="SMS_BACKEND is not set"):
        installation.host().messages.send_sms(operator.id, "79990001122", "text")
    installation.close()


def test_a_plugins_veto_stops_an_sms(sqlite_database: Database) -> None:
    module = types.ModuleType("quiet_hours")

    def authorize_sms(host: Any, wish: Any) -> Refusal:
        return Refusal("quiet_hours", wish.phone)

    module.authorize_sms = hookimpl(authorize_sms)  # type: ignore[attr-defined]
    installation = Installation(sqlite_database, {**SMS, "smarty.hooks": {"quiet": module}}, SMS_BACKEND="fake")
    operator = installation.world.operator()
    with pytest.raises(Refused) as caught:
        installation.host().messages.send_sms(operator.id, "79990001122", "text")
    assert caught.value.reason == "quiet_hours"
    registry = installation.system.registry
    assert registry.instance("sms_backend", "fake", "SMS_BACKEND", {}).driver.sent == []  # type: ignore[attr-defined]
    installation.close()


def test_a_backend_in_trouble_is_told_to_the_caller(houses: Houses, caplog: pytest.LogCaptureFixture) -> None:
    sms_backend(houses).failure = ProviderUnavailable("the provider is away")
    with pytest.raises(ProviderUnavailable):
        houses.host.messages.send_sms(houses.one.id, "79990001122", "text")
    assert "SMS_NOT_SENT" in caplog.text


def test_money_is_said_to_be_missing_instead_of_shown_as_nothing(houses: Houses) -> None:
    ledger, now = houses.host.ledger, datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(NotSupported, match="no money"):
        ledger.balance(houses.one.id, 1)
    with pytest.raises(NotSupported, match="no money"):
        ledger.entries(houses.one.id, 1, begin=now, end=now)
    with pytest.raises(NotSupported, match="no money"):
        ledger.post(houses.one.id, 1, Money(1, "RUB"), key="k", source=4)  # type: ignore[arg-type]


def test_accounts_change_on_every_kind_of_database(database: Database) -> None:
    houses = Houses(database)
    accounts, one, number = houses.host.accounts, houses.one.id, houses.account.id
    more = houses.world.tariff(houses.one, name="more")
    accounts.assign_tariffs(one, number, (more.id, houses.tariff.id))
    accounts.remove_tariffs(one, number, (more.id,))
    accounts.set_active(one, number, False, reason="DEBT")
    found = accounts.find(one, ext_id="c1")
    assert (found.active, found.status_reason, found.tariffs_ids) == (False, "DEBT", (houses.tariff.id,))
    assert [hook for hook, _ in houses.told()] == [
        "account_tariffs_assigned", "account_tariffs_removed", "account_changed",
    ]  # fmt: skip
    assert houses.host.messages.send(one, number, subject="s", text="t") > 0
    houses.installation.close()
