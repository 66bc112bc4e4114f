"""SMS backend `console`: writes messages to the plugin's log instead of sending them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting
from smarty_core.contracts.sms_backend import Receipt, Sms, SmsBackend


class ConsoleSettings(DriverSettings):
    """Nothing but a name to show."""

    sender: str = setting("Smarty", en="Sender", ru="Отправитель")


class ConsoleSms(SmsBackend[ConsoleSettings]):
    """For development and for operators without a provider: the text is readable in the log."""

    Settings: ClassVar[type[DriverSettings]] = ConsoleSettings
    legacy_names: ClassVar[tuple[str, ...]] = ("sms.backends.console.ConsoleBackend", "sms.backends.console")

    def send(self, sms: Sms) -> Receipt:
        receipt = Receipt(id=sms.id or uuid.uuid4().hex, parts=-(-len(sms.text) // 70))
        self.host.log.info(
            "SMS_PRINTED", phone=sms.phone, sender=sms.sender or self.settings.sender, text=sms.text, id=receipt.id
        )
        return receipt
