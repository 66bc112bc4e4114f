"""The subscriber as drivers of outside services see him."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An account and its customer. Ids are ours; `ext_id` is what the outside billing calls him, when it told us."""

    client_id: int
    account_id: int
    customer_id: int | None = None
    abonement: str = ""
    ext_id: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    ip: str = ""
    device: str = ""
    """Type of the device he is on; empty when no device is involved."""
    device_uid: str = ""
