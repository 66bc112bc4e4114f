"""Messages and commands for devices: told at least once, taken at most once, seen by nobody else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from smarty_core.errors import InvalidValue, NotFound, StorageError
from smarty_core.events import Event
from smarty_core.services.device_commands import REBOOT_DEVICE, RESTART_APPLICATION, CommandFacts
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database
from smarty_core.storage.models import DeviceCommand, Message
from smarty_core.testing.subscribers import PASSWORD, START, SubscriberWorld

UNKNOWN = "00000000-0000-4000-8000-000000000000"
RESTART = CommandFacts(RESTART_APPLICATION, False, "", "", "")
REBOOT = CommandFacts(REBOOT_DEVICE, True, "app://x", "please", "http://pictures.example/1.png")


class House:
    """Two operators with a subscriber each; the first has two devices."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.one, self.two = self.world.operator("one"), self.world.operator("two")
        self.account = self.world.subscriber(self.one, tariffs=[self.world.tariff(self.one)])
        self.world.subscriber(self.two, tariffs=[self.world.tariff(self.two)])
        self.viewer = self.world.viewer(self.one)
        self.second = self.world.viewer(self.one, device_uid="uid-2")
        self.stranger = self.world.viewer(self.two, device_uid="uid-3")

    def leave(self, subject: str = "subject", text: str = "text", **options: Any) -> str:
        return self.world.messages.create(self.one.id, self.account.id, subject, text, **options)

    def unread(self, viewer: Viewer | None = None) -> list[str]:
        return [message.uuid for message in self.world.messages.unread(viewer or self.viewer, self.world.now)]

    def listed(self, viewer: Viewer | None = None) -> list[str]:
        return [message.uuid for message in self.world.messages.list_for(viewer or self.viewer)]


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return House(sqlite_database)


def events(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, Any]]]:
    return [(record.msg.name, dict(record.msg.context)) for record in caplog.records if isinstance(record.msg, Event)]


def test_a_message_waits_in_the_list_until_it_is_opened(house: House) -> None:
    first = house.leave("first")
    house.world.move(minutes=1)
    second = house.leave("second")
    assert house.listed() == [second, first]
    assert house.unread() == [first, second]
    opened = house.world.messages.open(house.viewer, first.upper())
    assert (opened.subject, opened.was_read, opened.was_sent) == ("first", True, True)
    assert house.unread() == [second]
    assert house.listed() == [second, first]


def test_both_devices_of_an_account_see_the_same_and_no_other_account_anything(house: House) -> None:
    uuid = house.leave()
    assert house.unread(house.second) == [uuid]
    assert house.unread(house.stranger) == house.listed(house.stranger) == []
    for act in (house.world.messages.open, house.world.messages.delete):
        with pytest.raises(NotFound):
            act(house.stranger, uuid)
    assert house.world.messages.delete(house.stranger, "all") == 0
    assert house.unread() == [uuid]


def test_a_message_is_gone_when_its_time_is_over(house: House) -> None:
    uuid = house.leave(expires_at=START + timedelta(hours=1))
    assert house.unread() == house.listed() == [uuid]
    house.world.now = START + timedelta(hours=1)
    assert house.unread() == house.listed() == []
    with pytest.raises(NotFound):
        house.world.messages.open(house.viewer, uuid)


def test_a_message_to_delete_after_reading_is_deleted_by_reading(house: House) -> None:
    uuid = house.leave(delete_after_reading=True)
    assert house.world.messages.open(house.viewer, uuid).text == "text"
    with pytest.raises(NotFound):
        house.world.messages.open(house.viewer, uuid)
    assert house.listed() == []
    assert [event.uuid for event in house.world.hooks.of("message_deleted")] == [uuid]


def test_one_or_all_messages_are_deleted(house: House) -> None:
    uuids = [house.leave(str(number)) for number in range(3)]
    assert house.world.messages.delete(house.viewer, uuids[1]) == 1
    with pytest.raises(NotFound):
        house.world.messages.delete(house.viewer, uuids[1])
    assert house.world.messages.delete(house.viewer, "all") == 2
    assert house.world.messages.delete(house.viewer, "all") == 0
    assert house.unread() == []


@pytest.mark.parametrize("uuid", ["", "x", "1", "'; DROP TABLE message; --", "ALL", "\0", "a" * 10_000])
def test_what_is_no_uuid_is_refused(house: House, uuid: str) -> None:
    kept = house.leave()
    for act in (house.world.messages.open, house.world.messages.delete):
        with pytest.raises(InvalidValue):
            act(house.viewer, uuid)
    with pytest.raises(NotFound):
        house.world.messages.open(house.viewer, UNKNOWN)
    assert house.unread() == [kept]


@pytest.mark.parametrize(
    ("subject", "text", "options"),
    [
        ("s" * 256, "", {}), ("", "t" * 2001, {}), ("\0", "", {}), ("", "a\0b", {}),
        ("", "", {"expires_at": datetime(2026, 3, 11)}),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_kept_is_refused(house: House, subject: str, text: str, options: Any) -> None:
    with pytest.raises(InvalidValue):
        house.leave(subject, text, **options)
    assert house.listed() == []
    assert house.world.hooks.of("message_created") == []


def test_the_longest_message_is_kept(house: House) -> None:
    house.leave("ж" * 255, "🛰" * 2000)
    (message,) = house.world.messages.list_for(house.viewer)
    assert (message.subject, message.text) == ("ж" * 255, "🛰" * 2000)


def test_a_message_for_another_operators_account_is_refused(house: House) -> None:
    with pytest.raises(NotFound):
        house.world.messages.create(house.two.id, house.account.id, "s", "t")
    assert house.listed() == []


def test_events_are_written_and_told_with_their_exact_context(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "smarty_messaging")
    uuid = house.leave("hello", "world")
    house.world.messages.open(house.viewer, uuid)
    house.world.messages.open(house.second, uuid)
    house.world.messages.delete(house.viewer, uuid)
    facts = {"account": house.account.id, "subject": "hello", "text": "world"}
    assert events(caplog) == [
        ("MESSAGE_CREATED", facts), ("MESSAGE_SEND", {**facts, "uuid": uuid}),
        ("MESSAGE_DELETED", {**facts, "uuid": uuid}),
    ]  # fmt: skip
    told = [name for name, _ in house.world.hooks.told if name.startswith("message_")]
    assert told == ["message_created", "message_send", "message_deleted"]


def test_an_urgent_message_is_told_once_to_the_first_device_that_asks(house: House) -> None:
    house.leave("quiet", urgent=False)
    uuid = house.leave("urgent")
    status = house.world.account_status.of(house.viewer, house.world.now)
    assert status.message is not None
    assert (status.message.uuid, status.has_new_messages) == (uuid, True)
    for viewer in (house.viewer, house.second):
        again = house.world.account_status.of(viewer, house.world.now)
        assert (again.message, again.has_new_messages) == (None, True)


def test_a_message_that_could_not_be_noted_is_told_again(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    uuid = house.leave()
    write = house.world.database.write

    def away() -> Any:
        raise StorageError("away")

    monkeypatch.setattr(house.world.database, "write", away)
    told = house.world.account_status.of(house.viewer, house.world.now).message
    monkeypatch.setattr(house.world.database, "write", write)
    again = house.world.account_status.of(house.viewer, house.world.now).message
    assert told is not None
    assert again is not None
    assert told.uuid == again.uuid == uuid
    assert house.world.account_status.of(house.viewer, house.world.now).message is None
    assert "MESSAGE_NOT_NOTED" in [name for name, _ in events(caplog)]


def test_old_and_expired_messages_are_cleaned(house: House) -> None:
    house.leave("old")
    house.world.move(days=31)
    house.leave("expired", expires_at=house.world.now + timedelta(minutes=1))
    kept = house.leave("fresh")
    house.world.move(minutes=1)
    assert house.world.messages.clean(30) == 2
    assert house.world.messages.clean(30) == 0
    assert house.listed() == [kept]


def test_many_messages_are_cleaned_in_batches(house: House) -> None:
    house.world.add(*[
        Message(client_id=house.one.id, account_id=house.account.id, uuid=f"m{number}", subject="", text="",
                created_at=START - timedelta(days=99))
        for number in range(1001)
    ])  # fmt: skip
    assert house.world.messages.clean(30) == 1001
    with house.world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_polling_without_news_asks_no_database(house: House) -> None:
    house.leave(urgent=False)
    house.world.account_status.of(house.viewer, house.world.now)
    house.world.account_status.of(house.viewer, house.world.now)
    statements: list[Any] = []
    event.listen(house.world.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(5):
        assert house.world.account_status.of(house.viewer, house.world.now).has_new_messages
    assert statements == []


def take(house: House, viewer: Viewer) -> CommandFacts | None:
    return house.world.device_commands.take(viewer, house.world.now)


def test_a_command_for_an_account_reaches_each_session_once(house: House) -> None:
    house.world.device_commands.give(house.one.id, house.account.id, REBOOT)
    assert take(house, house.viewer) == REBOOT
    assert take(house, house.viewer) is None
    assert take(house, house.second) == REBOOT
    assert take(house, house.second) is None
    assert take(house, house.stranger) is None


def test_a_command_for_a_session_reaches_that_one_only(house: House) -> None:
    give = house.world.device_commands.give
    give(house.one.id, house.account.id, RESTART, session_id=house.second.session_id)
    assert take(house, house.viewer) is None
    assert take(house, house.second) == RESTART
    assert take(house, house.second) is None


def test_commands_are_taken_in_the_order_given(house: House) -> None:
    give = house.world.device_commands.give
    give(house.one.id, house.account.id, RESTART, session_id=house.viewer.session_id)
    give(house.one.id, house.account.id, REBOOT, session_id=house.viewer.session_id)
    assert [take(house, house.viewer) for _ in range(3)] == [RESTART, REBOOT, None]


def test_a_command_is_taken_once_however_many_ask_at_once(house: House) -> None:
    give = house.world.device_commands.give
    for _ in range(3):
        give(house.one.id, house.account.id, REBOOT, session_id=house.viewer.session_id)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _number: take(house, house.viewer), range(16)))
    assert len([command for command in taken if command]) == 3


@pytest.mark.parametrize("kind", [-1, 0, 1, 4, 2**40])
def test_an_unknown_command_is_refused(house: House, kind: int) -> None:
    with pytest.raises(InvalidValue):
        house.world.device_commands.give(house.one.id, house.account.id, CommandFacts(kind, False, "", "", ""))


@pytest.mark.parametrize(
    "target",
    [
        lambda house: (house.two.id, house.account.id, None),
        lambda house: (house.one.id, 10**9, None),
        lambda house: (house.one.id, house.account.id, house.stranger.session_id),
        lambda house: (house.one.id, house.account.id, 10**9),
    ],
    ids=["other operator", "no account", "other account's session", "no session"],
)
def test_a_command_for_what_is_not_there_is_refused(house: House, target: Callable[[House], Any]) -> None:
    client_id, account_id, session_id = target(house)
    with pytest.raises(NotFound):
        house.world.device_commands.give(client_id, account_id, REBOOT, session_id=session_id)
    with house.world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DeviceCommand)) == 0


def test_a_device_that_logs_in_later_does_not_get_an_older_command(house: House) -> None:
    house.world.device_commands.give(house.one.id, house.account.id, REBOOT)
    assert take(house, house.viewer) == REBOOT
    newcomer = house.world.viewer(house.one, abonement="1001", password=PASSWORD, device_uid="uid-9")
    assert take(house, newcomer) is None
