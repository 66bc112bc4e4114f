"""How many devices of an account may be logged in at once, and who has to go when one more comes.

Everything here runs while the account's row is locked, so two logins never both take the last place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from smarty_core.services.entitlements import DeviceLimits
from smarty_core.services.login_refusal import BoundDevice, LoginRefusal, LoginRefused
from smarty_core.storage.models import Device, Session


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The device that logs in."""

    device_id: int | None
    device_uid: str
    basic: bool
    group: int
    ip: str
    unbind_id: int | None = None
    """The device its owner gives up for it (`device_id_for_unbinding`)."""


@dataclass(frozen=True, slots=True)
class Room:
    """What makes room for the newcomer: sessions to end, and a device to unbind."""

    replaced: tuple[Session, ...]
    """Former sessions of the same device."""
    pushed_out: tuple[Session, ...]
    unbound: Device | None = None


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """Online sessions per device group (LOGIN_SESSIONS_PER_DEVICE_GROUP); a group that is not named has no limit."""

    largest: Mapping[int, int]
    group_of: Callable[[str], int]


def make_room(
    newcomer: Newcomer,
    *,
    sessions: Sequence[Session],
    devices: Sequence[Device],
    limits: DeviceLimits,
    groups: GroupLimits,
    online_since: datetime,
) -> Room:
    """Decide who leaves. `sessions` of the account, the oldest first. Raises `LoginRefused` when nobody can."""
    others = [row for row in sessions if not _same_device(row, newcomer)]
    replaced = tuple(row for row in sessions if _same_device(row, newcomer))
    unbound: Device | None = None
    given_up = next((device for device in devices if device.id == newcomer.unbind_id), None)
    if newcomer.unbind_id is not None and given_up is None:
        raise LoginRefused(LoginRefusal.BAD_UNBINDING)
    if newcomer.basic:
        taken = {row.device_id for row in others if row.basic and row.device_id is not None}
        if limits.basic == 0:
            raise LoginRefused(LoginRefusal.NO_BASIC_DEVICES)
        if limits.basic is not None and len(taken) >= limits.basic:
            unbound = given_up if given_up is not None and given_up.id in taken else None
            if unbound is None or len(taken) - 1 >= limits.basic:
                raise LoginRefused(LoginRefusal.BASIC_DEVICES, _listed(devices, sessions, taken, online_since))
            others = [row for row in others if row.device_id != unbound.id]
    pushed_out: list[Session] = []
    if limits.ip_restriction:
        pushed_out.extend(row for row in others if not row.basic and row.ip != newcomer.ip)
    if not newcomer.basic:
        if limits.additional == 0:
            raise LoginRefused(LoginRefusal.NO_ADDITIONAL_DEVICES)
        if limits.additional is not None:
            online = [
                row for row in others if not row.basic and row.last_seen_at >= online_since and row not in pushed_out
            ]
            pushed_out.extend(online[: max(0, len(online) - limits.additional + 1)])
    largest = groups.largest.get(newcomer.group)
    if largest is not None:
        staying = [row for row in others if row not in pushed_out and row.last_seen_at >= online_since]
        if sum(groups.group_of(row.device) == newcomer.group for row in staying) >= largest:
            raise LoginRefused(LoginRefusal.GROUP_SESSIONS)
    return Room(replaced, tuple(pushed_out), unbound)


def _same_device(row: Session, newcomer: Newcomer) -> bool:
    if newcomer.device_id is not None and row.device_id is not None:
        return row.device_id == newcomer.device_id
    return row.device_uid == newcomer.device_uid


def _listed(
    devices: Sequence[Device], sessions: Sequence[Session], taken: set[int], online_since: datetime
) -> list[BoundDevice]:
    online = {row.device_id for row in sessions if row.last_seen_at >= online_since}
    return [
        BoundDevice(
            id=device.id,
            system_name=device.play_device.system_name,
            device_uid=device.device_uid,
            brand_name=device.brand,
            device_model=device.model,
            has_active_sessions=device.id in online,
            created_at=device.created_at,
        )
        for device in devices
        if device.id in taken
    ]
