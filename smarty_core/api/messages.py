"""Messages to subscribers, as plugins send them: `host.messages`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from smarty_core.contracts.sms_backend import Receipt


class Messages(Protocol):
    """Messages on the screen and on the phone."""

    def send(self, client_id: int, account_id: int, *, subject: str, text: str, until: datetime | None = None) -> int:
        """Leave a message for the account's devices; returns its id. Raises `NotFound`, `InvalidValue`."""

    def send_sms(self, client_id: int, phone: str, text: str) -> Receipt:
        """Send an SMS through the operator's backend. Raises `InvalidValue`, `Refused`, `NotSupported` (none
        set), another `DriverError` (it does not work), `ProviderError`. Never repeat it by yourself: each one costs."""
