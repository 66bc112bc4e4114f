"""Devices become known at their first login and stay bound to one account."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session as SqlSession

from smarty_core.contracts.events import AccountDeviceAdded, AccountDeviceError, AccountDeviceRemoved
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.play_devices import DeviceType
from smarty_core.storage.database import after_commit, bump
from smarty_core.storage.models import Account, Device

_log = logging.getLogger("smarty_accounts")


@dataclass(frozen=True, slots=True)
class DeviceClaim:
    """What a device says about itself."""

    device: str
    device_uid: str
    serial: str = ""
    brand: str = ""
    model: str = ""


def new_device_uid() -> str:
    """A UID for a device that has none of its own."""
    return str(uuid4())


class Registration:
    """Binds devices to accounts and unbinds them, inside the caller's transaction."""

    def __init__(self, *, hooks: Hooks) -> None:
        self._hooks = hooks

    def own(self, found: Device | None, account: Account, claim: DeviceClaim) -> Device | None:
        """The device with the claimed UID, if there is one. Raises `LoginRefused` when it is another account's."""
        if found is None or found.account_id == account.id:
            return found
        log_event(
            _log,
            logging.WARNING,
            "ACCOUNT_DEVICE_ERROR",
            account=account.id,
            device=claim.device,
            device_uid=claim.device_uid,
            client=account.client_id,
        )
        event = AccountDeviceError(account.client_id, account.id, claim.device, claim.device_uid)
        self._hooks.notify("account_device_error", event=event)
        raise LoginRefused(LoginRefusal.DEVICE_OF_ANOTHER)

    def bind(
        self, session: SqlSession, account: Account, claim: DeviceClaim, kind: DeviceType | None, known: Device | None
    ) -> Device | None:
        """Store the device, or what is new about it. None for a device of a type nobody knows."""
        if known is not None:
            for column, value in (("serial", claim.serial), ("brand", claim.brand), ("model", claim.model)):
                if value and getattr(known, column) != value:
                    setattr(known, column, value)
            if kind is not None and known.play_device_id != kind.id:
                known.play_device_id = kind.id
            return known
        if kind is None:
            return None
        device = Device(
            client_id=account.client_id,
            account_id=account.id,
            play_device_id=kind.id,
            device_uid=claim.device_uid,
            serial=claim.serial,
            brand=claim.brand,
            model=claim.model,
        )
        session.add(device)
        session.flush()
        event = AccountDeviceAdded(account.client_id, account.id, claim.device, claim.device_uid)
        self._hooks.notify_durable(session, "account_device_added", event=event, order_key=f"account:{account.id}")
        return device

    def unbind(self, session: SqlSession, account: Account, device_id: int, device_uid: str) -> None:
        """Take a device from its account; its sessions end with it."""
        session.execute(delete(Device).where(Device.id == device_id, Device.account_id == account.id))
        bump(session, f"account:{account.id}")
        event = AccountDeviceRemoved(account.client_id, account.id, device_uid)
        self._hooks.notify_durable(session, "account_device_removed", event=event, order_key=f"account:{account.id}")
        account_id = account.id
        after_commit(
            session,
            lambda: log_event(
                _log, logging.INFO, "ACCOUNT_DEVICE_REMOVED", account_id=account_id, device_uid=device_uid
            ),
        )
