"""Why a login is refused: the documented code and the word in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from smarty_core.errors import Refused


class LoginRefusal(Enum):
    """Code of the answer and `reason` of the LOGIN_ERROR event, spelt as operators' log parsers know it."""

    NO_ACCOUNT = (1, "account_does_not_exist")
    INACTIVE = (2, "account_is_not_active")
    NO_SESSION = (3, "unknown_error")
    WRONG_KEY = (4, "client_does_not_exist")
    BASIC_DEVICES = (5, "basic_device_sessions_limit")
    DEVICE_OF_ANOTHER = (6, "account_deivce_invalid")
    NO_TARIFF = (8, "customer_has_no_tariff")
    SUBNET = (9, "subnet_is_forbidden")
    NO_BASIC_DEVICES = (10, "basic_devices_are_forbidden")
    NO_ADDITIONAL_DEVICES = (11, "additional_devices_are_forbidden")
    AMBIGUOUS_IP = (12, "several_accounts_for_ip")
    DEVICE_GROUP = (15, "device_group_is_forbidden")
    GROUP_SESSIONS = (16, "device_group_sessions_limit")
    BAD_PHONE = (26, "phone_number_is_invalid")
    BAD_UNBINDING = (27, "device_for_unbinding_is_invalid")
    TOO_OFTEN = (28, "too_many_attempts")

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def reason(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class BoundDevice:
    """A device that takes part in the limit, as the subscriber chooses which one to drop."""

    id: int
    system_name: str
    device_uid: str
    brand_name: str
    device_model: str
    has_active_sessions: bool
    created_at: datetime


class LoginRefused(Refused):
    """A login was refused. `devices` only with `BASIC_DEVICES`."""

    def __init__(self, refusal: LoginRefusal, devices: Sequence[BoundDevice] = ()) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.devices = tuple(devices)
