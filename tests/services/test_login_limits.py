"""How many devices may be logged in, on every database, also when all come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.operators import Operator
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Device, Session
from smarty_core.testing.subscribers import SubscriberWorld


class Limits:
    """One subscriber whose tariff has the given device limits."""

    def __init__(self, database: Database, **limits: int | bool) -> None:
        self.world = SubscriberWorld(database)
        self.operator: Operator = self.world.operator()
        self.tariff = self.world.tariff(self.operator, **limits)
        self.account: Account = self.world.subscriber(self.operator, tariffs=[self.tariff])

    def box(self, number: int, **attempt: object) -> str:
        return self.world.log_in(self.operator, device="mag", device_uid=f"box-{number}", **attempt).authkey

    def phone(self, number: int, **attempt: object) -> str:
        return self.world.log_in(self.operator, device="android", device_uid=f"phone-{number}", **attempt).authkey

    def alive(self, *keys: str) -> list[bool]:
        return [self.world.sessions.find(key, self.operator.id) is not None for key in keys]

    def count(self, table: type = Session) -> int:
        with self.world.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def device_id(self, uid: str) -> int:
        with self.world.database.read() as session:
            return session.scalars(select(Device.id).where(Device.device_uid == uid)).one()


def test_basic_devices_beyond_the_limit_are_refused_with_a_list(database: Database) -> None:
    home = Limits(database, basic_sessions_count=2, sessions_count=1)
    home.box(1, brand_name="Infomir", device_model="250")
    home.world.move(seconds=301)  # the first one is not online any more; it counts all the same
    home.box(2)
    with pytest.raises(LoginRefused) as caught:
        home.box(3)
    assert caught.value.refusal is LoginRefusal.BASIC_DEVICES
    first, second = caught.value.devices
    assert (first.device_uid, first.system_name, first.brand_name, first.device_model) == (
        "box-1", "mag", "Infomir", "250",
    )  # fmt: skip
    assert (first.has_active_sessions, second.has_active_sessions) == (False, True)
    assert home.count() == 2
    assert home.count(Device) == 2


def test_a_device_already_in_takes_no_second_place(database: Database) -> None:
    home = Limits(database, basic_sessions_count=1, sessions_count=1)
    before = home.box(1)
    after = home.box(1)
    assert home.alive(before, after) == [False, True]
    assert home.count() == 1


def test_giving_up_a_device_makes_room(database: Database) -> None:
    home = Limits(database, basic_sessions_count=1, sessions_count=1)
    first = home.box(1)
    gone = home.device_id("box-1")
    second = home.box(2, device_id_for_unbinding=str(gone))
    assert home.alive(first, second) == [False, True]
    with home.world.database.read() as session:
        assert list(session.scalars(select(Device.device_uid))) == ["box-2"]
    assert [event.device_uid for event in home.world.hooks.of("account_device_removed")] == ["box-1"]


@pytest.mark.parametrize("sent", ["0", "-5", "abc", "999999", "9" * 40])
def test_a_bad_device_to_give_up_is_named(sqlite_database: Database, sent: str) -> None:
    home = Limits(sqlite_database, basic_sessions_count=1, sessions_count=1)
    home.box(1)
    with pytest.raises(LoginRefused) as caught:
        home.box(2, device_id_for_unbinding=sent)
    assert caught.value.refusal is LoginRefusal.BAD_UNBINDING


def test_another_accounts_device_cannot_be_given_up(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=1, sessions_count=1)
    home.world.subscriber(home.operator, "1002", tariffs=[home.tariff])
    home.world.log_in(home.operator, abonement="1002", password="4711", device_uid="theirs")
    home.box(1)
    with pytest.raises(LoginRefused) as caught:
        home.box(2, device_id_for_unbinding=str(home.device_id("theirs")))
    assert caught.value.refusal is LoginRefusal.BAD_UNBINDING
    assert home.count(Device) == 2


def test_giving_up_one_device_is_not_enough_when_the_limit_went_down(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=3, sessions_count=1)
    for number in (1, 2, 3):
        home.box(number)
    home.tariff.basic_sessions_count = 1
    with home.world.database.write() as session:
        session.merge(home.tariff)
    home.world.join()
    with pytest.raises(LoginRefused) as caught:
        home.box(4, device_id_for_unbinding=str(home.device_id("box-1")))
    assert caught.value.refusal is LoginRefusal.BASIC_DEVICES
    assert home.count(Device) == 3


def test_additional_devices_push_out_the_oldest_online_one(database: Database) -> None:
    home = Limits(database, basic_sessions_count=1, sessions_count=2)
    box = home.box(1)
    first = home.phone(1)
    home.world.move(seconds=10)
    second = home.phone(2)
    home.world.move(seconds=10)
    third = home.phone(3)
    assert home.alive(box, first, second, third) == [True, False, True, True]
    assert [event.reason for event in home.world.hooks.of("session_closed")] == ["pushed_out"]


def test_an_additional_device_that_sleeps_is_left_alone(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=1, sessions_count=1)
    asleep = home.phone(1)
    home.world.move(seconds=301)
    awake = home.phone(2)
    assert home.alive(asleep, awake) == [True, True]


def test_of_several_tariffs_the_largest_limit_counts(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=1, sessions_count=3)
    home.world.give_tariff(home.account, home.world.tariff(home.operator, basic_sessions_count=2, sessions_count=0))
    home.box(1)
    home.box(2)
    keys = [home.phone(number) for number in (1, 2, 3)]
    assert home.alive(*keys) == [True, True, True]
    with pytest.raises(LoginRefused):
        home.box(3)


def test_a_tariff_may_forbid_one_kind_of_device(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=0, sessions_count=1)
    with pytest.raises(LoginRefused) as caught:
        home.box(1)
    assert caught.value.refusal is LoginRefusal.NO_BASIC_DEVICES
    other = home.world.operator("two")
    home.world.subscriber(other, tariffs=[home.world.tariff(other, basic_sessions_count=1)])
    with pytest.raises(LoginRefused) as caught:
        home.world.log_in(other, device="android")
    assert caught.value.refusal is LoginRefusal.NO_ADDITIONAL_DEVICES


def test_a_tariff_that_names_no_limit_has_none(sqlite_database: Database) -> None:
    home = Limits(sqlite_database)
    keys = [home.box(number) for number in range(5)] + [home.phone(number) for number in range(5)]
    assert all(home.alive(*keys))


def test_another_address_logs_out_additional_devices_of_the_former_one(database: Database) -> None:
    home = Limits(database, basic_sessions_count=2, sessions_count=5, ip_restriction=True)
    box, at_home = home.box(1), home.phone(1)
    elsewhere = home.phone(2, ip="198.51.100.7")
    assert home.alive(box, at_home, elsewhere) == [True, False, True]


def test_a_group_of_devices_may_have_a_limit_of_its_own(sqlite_database: Database) -> None:
    home = Limits(sqlite_database)
    home.world.settings = home.world.settings.for_tests(LOGIN_SESSIONS_PER_DEVICE_GROUP={"2": 1})
    home.world.join()
    first = home.phone(1)
    with pytest.raises(LoginRefused) as caught:
        home.world.log_in(home.operator, device="ios", device_uid="phone-2")
    assert caught.value.refusal is LoginRefusal.GROUP_SESSIONS
    assert home.phone(1) != first
    home.box(1)


def test_multi_login_has_no_limits_unless_the_server_forbids_it(sqlite_database: Database) -> None:
    home = Limits(sqlite_database, basic_sessions_count=1, sessions_count=1, ip_restriction=True)
    with home.world.database.write() as session:
        session.get_one(Account, home.account.id).allow_multiple_login = True
    keys = [home.box(number, ip=f"198.51.100.{number}") for number in range(4)]
    assert all(home.alive(*keys))
    assert {event.login_type for event in home.world.hooks.of("login_success")} == {"multi-login"}
    home.world.settings = home.world.settings.for_tests(TVMIDDLEWARE_MULTILOGIN_ENABLED=False)
    home.world.join()
    with pytest.raises(LoginRefused) as caught:
        home.box(9)
    assert caught.value.refusal is LoginRefusal.BASIC_DEVICES


def test_a_box_that_comes_back_does_not_fill_the_table(sqlite_database: Database) -> None:
    home = Limits(sqlite_database)
    with home.world.database.write() as session:
        session.get_one(Account, home.account.id).allow_multiple_login = True
    for _ in range(5):
        home.box(1)
    assert home.count() == 1


def test_concurrent_basic_devices_never_exceed_the_limit(database: Database) -> None:
    home = Limits(database, basic_sessions_count=3, sessions_count=1)

    def come(number: int) -> int:
        try:
            home.box(number)
        except LoginRefused as exc:
            return exc.refusal.code
        return 0

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(come, range(12)))
    assert codes == [0] * 3 + [5] * 9
    assert home.count() == 3
    assert home.count(Device) == 3


def test_concurrent_additional_devices_leave_exactly_the_limit(database: Database) -> None:
    home = Limits(database, basic_sessions_count=1, sessions_count=2)
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(home.phone, range(10)))
    assert sum(home.alive(*keys)) == 2
    assert home.count() == 2


def test_one_device_at_two_accounts_at_once_ends_at_one(database: Database) -> None:
    home = Limits(database)
    for abonement in range(2000, 2008):
        home.world.subscriber(home.operator, str(abonement), tariffs=[home.tariff])

    def come(abonement: int) -> int:
        try:
            home.world.log_in(home.operator, abonement=str(abonement), password="4711", device_uid="the box")
        except LoginRefused as exc:
            return exc.refusal.code
        return 0

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(come, range(2000, 2008)))
    assert codes == [0] + [6] * 7
    assert home.count() == 1


def test_the_first_login_activates_once_however_many_come(database: Database) -> None:
    home = Limits(database)
    account = home.world.subscriber(
        home.operator, "1002", tariffs=[home.tariff], active=False, auto_activation_period=7
    )
    with ThreadPoolExecutor(6) as pool:
        list(
            pool.map(
                lambda number: home.world.log_in(
                    home.operator, abonement="1002", password="4711", device_uid=f"box-{number}"
                ),
                range(6),
            )
        )
    assert [event.account_id for event in home.world.hooks.of("account_activated")] == [account.id]
