"""Room for one more device: whatever the sequence of logins, no limit is ever exceeded and nobody leaves needlessly."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.services.entitlements import DeviceLimits
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.session_limits import GroupLimits, Newcomer, make_room
from smarty_core.storage.models import Device, PlayDevice, Session
from smarty_core.testing.subscribers import START

ONLINE = timedelta(minutes=5)
KINDS = {"mag": 0, "android": 2}
"""Device types of the test and their groups: boxes are basic, phones additional."""

logins = st.lists(
    st.tuples(st.sampled_from(["mag", "android"]), st.integers(1, 4), st.sampled_from(["a", "b"]), st.integers(0, 9)),
    max_size=14,
)
limits = st.builds(
    DeviceLimits,
    basic=st.none() | st.integers(0, 3),
    additional=st.none() | st.integers(0, 3),
    ip_restriction=st.booleans(),
)
group_limits = st.dictionaries(st.sampled_from([0, 2]), st.integers(1, 3), max_size=2)


class Account:
    """Sessions and devices of one account, as the login keeps them."""

    def __init__(self, rules: DeviceLimits, largest: dict[int, int]) -> None:
        self.rules, self.largest = rules, largest
        self.sessions: list[Session] = []
        self.devices: list[Device] = []
        self.now = START

    def log_in(self, kind: str, number: int, ip: str) -> tuple[list[Session], LoginRefusal | None]:
        """The sessions that had to go, or why nobody could."""
        device_id = number + (0 if kind == "mag" else 100)
        newcomer = Newcomer(device_id, f"uid-{device_id}", kind == "mag", KINDS[kind], ip)
        try:
            room = make_room(
                newcomer,
                sessions=self.sessions,
                devices=self.devices,
                limits=self.rules,
                groups=GroupLimits(self.largest, KINDS.__getitem__),
                online_since=self.now - ONLINE,
            )
        except LoginRefused as refused:
            return [], refused.refusal
        gone = [*room.replaced, *room.pushed_out]
        self.sessions = [row for row in self.sessions if not any(row is other for other in gone)]
        if all(device.id != device_id for device in self.devices):
            play_device = PlayDevice(name=kind, system_name=kind)
            self.devices.append(Device(id=device_id, device_uid=newcomer.device_uid, play_device=play_device))
        self.sessions.append(
            Session(device_id=device_id, device_uid=newcomer.device_uid, device=kind, basic=newcomer.basic, ip=ip,
                    last_seen_at=self.now)
        )  # fmt: skip
        return list(room.pushed_out), None

    def online(self, *, basic: bool) -> list[Session]:
        return [row for row in self.sessions if row.basic is basic and row.last_seen_at >= self.now - ONLINE]


@settings(max_examples=150)
@given(rules=limits, largest=group_limits, wishes=logins)
def test_no_limit_is_ever_exceeded(
    rules: DeviceLimits, largest: dict[int, int], wishes: list[tuple[str, int, str, int]]
) -> None:
    account = Account(rules, largest)
    for kind, number, ip, pause in wishes:
        account.now += timedelta(minutes=pause)
        before = list(account.sessions)
        pushed_out, refusal = account.log_in(kind, number, ip)
        if refusal is not None:
            assert account.sessions == before
            continue
        assert account.sessions[-1].device == kind
        boxes = {row.device_id for row in account.sessions if row.basic}
        assert rules.basic is None or len(boxes) <= rules.basic
        assert rules.additional is None or len(account.online(basic=False)) <= max(rules.additional, 0)
        for group, most in largest.items():
            online = account.online(basic=True) + account.online(basic=False)
            assert sum(KINDS[row.device] == group for row in online) <= most
        uids = [row.device_uid for row in account.sessions]
        assert len(set(uids)) == len(uids)
        if rules.ip_restriction:
            assert all(row.ip == ip for row in account.sessions if not row.basic)
        assert all(not row.basic for row in pushed_out)  # a box is never thrown out


@given(wishes=logins)
def test_without_limits_everybody_stays(wishes: list[tuple[str, int, str, int]]) -> None:
    account = Account(DeviceLimits(), {})
    for kind, number, ip, pause in wishes:
        account.now += timedelta(minutes=pause)
        assert account.log_in(kind, number, ip) == ([], None)
    assert {row.device_id for row in account.sessions} == {
        number + (0 if kind == "mag" else 100) for kind, number, _, _ in wishes
    }


def test_the_phone_that_logged_in_first_leaves_first() -> None:
    account = Account(DeviceLimits(basic=1, additional=2), {})
    for number in (1, 2):
        account.log_in("android", number, "a")
    pushed_out, _ = account.log_in("android", 3, "a")
    assert [row.device_uid for row in pushed_out] == ["uid-101"]


def test_a_phone_that_is_offline_keeps_its_session_and_takes_no_place() -> None:
    account = Account(DeviceLimits(basic=1, additional=1), {})
    account.log_in("android", 1, "a")
    account.now += ONLINE + timedelta(seconds=1)
    assert account.log_in("android", 2, "a") == ([], None)
    assert len(account.sessions) == 2


def test_a_kind_of_device_without_a_place_is_refused_by_name() -> None:
    assert Account(DeviceLimits(basic=0, additional=1), {}).log_in("mag", 1, "a")[1] is LoginRefusal.NO_BASIC_DEVICES
    nobody = Account(DeviceLimits(basic=1, additional=0), {})
    assert nobody.log_in("android", 1, "a")[1] is LoginRefusal.NO_ADDITIONAL_DEVICES
