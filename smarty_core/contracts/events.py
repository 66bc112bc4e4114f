"""What happened, as hooks are told: one frozen dataclass per business event.

Ids are ours; texts are as stored. No event holds a password, a PIN or an authkey. Each can be written to the outbox
with `to_payload` and read back with `from_payload`, also by the next release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from smarty_core.contracts.payload import from_json, to_json
from smarty_core.values import Money


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. `client_id` is the operator; 0 when the event belongs to the whole server."""

    client_id: int

    def to_payload(self) -> dict[str, Any]:
        """The event as a JSON object."""
        payload: dict[str, Any] = to_json(self)
        return payload

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The event again. Raises `InvalidValue` when the payload does not fit."""
        return from_json(cls, payload)


@dataclass(frozen=True, slots=True)
class AccountCreated(Event):
    account_id: int
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    account_id: int
    changed: tuple[str, ...] = ()
    """Names of the fields that have new values."""


@dataclass(frozen=True, slots=True)
class AccountActivated(Event):
    account_id: int
    activation_result: str = ""
    """What the external system answered."""


@dataclass(frozen=True, slots=True)
class AccountTariffsAssigned(Event):
    account_id: int
    tariffs_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountTariffsRemoved(Event):
    account_id: int
    tariffs_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountDeviceAdded(Event):
    account_id: int
    device: str
    """Type of the device as it names itself, e.g. `mag_250`."""
    device_uid: str


@dataclass(frozen=True, slots=True)
class AccountDeviceRemoved(Event):
    account_id: int
    device_uid: str


@dataclass(frozen=True, slots=True)
class AccountDeviceError(Event):
    account_id: int
    device: str
    device_uid: str


@dataclass(frozen=True, slots=True)
class CustomerCreated(Event):
    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerChanged(Event):
    customer_id: int
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerTariffsAssigned(Event):
    customer_id: int
    tariffs_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerTariffsRemoved(Event):
    customer_id: int
    tariffs_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LoginSuccess(Event):
    account_id: int
    login_type: str = ""
    """multi-login, basic device or additional device."""
    login_method: str = ""
    """abonement and password, abonement only, or device UID only."""
    device: str = ""
    device_uid: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class LoginError(Event):
    reason: str
    """A reason of the LOGIN_ERROR log event, e.g. `account_does_not_exist`."""
    abonement: str = ""
    device: str = ""
    device_uid: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class SessionOpened(Event):
    account_id: int
    session_id: int
    device_uid: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class SessionClosed(Event):
    account_id: int
    session_id: int
    reason: Literal["logout", "expired", "pushed_out", "removed"] = "logout"


@dataclass(frozen=True, slots=True)
class MessageCreated(Event):
    account_id: int
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class MessageSend(Event):
    account_id: int
    subject: str = ""
    text: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class MessageDeleted(Event):
    account_id: int
    subject: str = ""
    text: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class SmsSent(Event):
    phone: str
    backend: str
    """Driver name of the SMS backend."""
    receipt_id: str = ""


@dataclass(frozen=True, slots=True)
class EpgChannelImported(Event):
    epg_channel_id: int
    epg_channel: str
    source: str
    programs_imported: int = 0


@dataclass(frozen=True, slots=True)
class EpgChannelImportError(Event):
    epg_channel_id: int
    epg_channel: str
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EpgRemoved(Event):
    epg_channel_id: int
    epg_channel: str
    source: str
    removed_objects: int = 0


@dataclass(frozen=True, slots=True)
class EpgImportFinished(Event):
    channels_processed: int
    programms_imported: int
    failed_sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamServiceDown(Event):
    stream_service_id: int
    stream_service: str
    failed_checks: tuple[str, ...] = ()
    """Of `ping`, `tcp`, `http`, `is_alive`."""


@dataclass(frozen=True, slots=True)
class StreamServiceUp(Event):
    stream_service_id: int
    stream_service: str


@dataclass(frozen=True, slots=True)
class StreamIssued(Event):
    account_id: int
    content_type: str
    content_id: int
    stream_service_id: int | None = None
    device_uid: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class PortalEvent(Event):
    event_description: str
    ip: str = ""
    device_uid: str = ""
    screen_name: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueUpdated(Event):
    source: str
    """Driver name of the online cinema."""
    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class EntitlementGranted(Event):
    account_id: int
    card: str
    product: str


@dataclass(frozen=True, slots=True)
class EntitlementRevoked(Event):
    account_id: int
    card: str
    product: str


@dataclass(frozen=True, slots=True)
class TransactionCreated(Event):
    transaction_id: int
    customer_id: int
    amount: Money
    """Positive for a credit, negative for a charge."""
    source: int = 0
    """The documented source number: 3 Billing API, 4 manual, 5 internal, 10 Payture ..."""


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    transaction_id: int
    customer_id: int
    amount: Money
    gateway: str
    settled_at: datetime
    key: str = ""
    """The gateway's own number of the payment."""


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    transaction_id: int
    customer_id: int
    gateway: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    transaction_id: int
    customer_id: int
    amount: Money
    gateway: str


@dataclass(frozen=True, slots=True)
class ManagementCommandSuccess(Event):
    command: str
    execution_time: str = ""
    """Seconds, as text with a decimal point."""


@dataclass(frozen=True, slots=True)
class ManagementCommandError(Event):
    command: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlaybackWish:
    """What `authorize_playback` decides about: a viewer who passed every check of the core wants this."""

    client_id: int
    account_id: int
    content_type: str
    content_id: int
    device: str = ""
    device_uid: str = ""
    ip: str = ""
    country_code: str = ""
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A veto. `reason` is a stable word for logs and support, `message` may be shown to the viewer."""

    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class RegionWish:
    """What `choose_region` decides about: an address and where the locators put it (empty = unknown)."""

    client_id: int
    ip: str
    country_code: str = ""
    city_name: str = ""


@dataclass(frozen=True, slots=True)
class SmsWish:
    """What `authorize_sms` decides about, before anything is sent."""

    client_id: int
    phone: str
    text: str
    purpose: str = field(default="message")
    """`message`, `registration_code`, `password`."""
