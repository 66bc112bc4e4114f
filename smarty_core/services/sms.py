"""Short messages, through the backend that SMS_BACKEND names."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from smarty_core.contracts.events import Refusal, SmsSent, SmsWish
from smarty_core.contracts.sms_backend import Receipt, Sms
from smarty_core.errors import InvalidValue, NotSupported, ProviderError, Refused
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.operators import Operators

if TYPE_CHECKING:
    from smarty_core.config import Settings

CAPABILITY: Final = "sms_backend"
MAX_TEXT: Final = 1600
"""Ten parts of Latin text; more is a mistake, and every part costs money."""

_log = logging.getLogger("smarty_sms")


class SmsSender:
    """Sends SMS of all operators. A message is handed over once and never repeated: each one costs money."""

    def __init__(self, *, settings: Settings, registry: DriverRegistry, operators: Operators, hooks: Hooks) -> None:
        self._settings = settings
        self._registry = registry
        self._operators = operators
        self._hooks = hooks

    def send(self, client_id: int, phone: str, text: str, *, purpose: str = "message") -> Receipt:
        """Send `text` to `phone`; a leading + is dropped.

        Raises `NotFound` (no such operator), `InvalidValue`, `Refused` (a plugin's veto), `NotSupported` (no backend
        is set), another `DriverError` (it does not work) and `ProviderError` (it did not send).
        """
        operator = self._operators.by_id(client_id)
        if len(text) > MAX_TEXT:
            raise InvalidValue(f"text: at most {MAX_TEXT} characters")
        sms = Sms(phone.removeprefix("+"), text, uuid4().hex)
        if not self._settings.SMS_BACKEND:
            raise NotSupported("no SMS can be sent: SMS_BACKEND is not set")
        name = self._registry.canonical(CAPABILITY, self._settings.SMS_BACKEND)
        raw = self._settings.with_prefix(f"{name.upper()}_")
        backend = self._registry.instance(CAPABILITY, name, "SMS_BACKEND", raw)
        wish = SmsWish(operator.id, sms.phone, text, purpose)
        refusal = self._hooks.decide("authorize_sms", wish=wish)
        if isinstance(refusal, Refusal):
            raise Refused(refusal.reason, refusal.message)
        shown = f"***{sms.phone[-4:]}"
        try:
            receipt: Receipt = backend.call("send", sms)
        except ProviderError as exc:
            log_event(_log, logging.WARNING, "SMS_NOT_SENT", phone=shown, backend=name, id=sms.id, error=str(exc))
            raise
        log_event(_log, logging.INFO, "SMS_SENT", phone=shown, backend=name, id=sms.id, receipt_id=receipt.id)
        self._hooks.notify("sms_sent", event=SmsSent(operator.id, sms.phone, name, receipt.id))
        return receipt
