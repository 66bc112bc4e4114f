"""Hooks around subscribers: accounts, customers, their devices, logins and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import (
    AccountActivated,
    AccountChanged,
    AccountCreated,
    AccountDeviceAdded,
    AccountDeviceError,
    AccountDeviceRemoved,
    AccountTariffsAssigned,
    AccountTariffsRemoved,
    CustomerChanged,
    CustomerCreated,
    CustomerTariffsAssigned,
    CustomerTariffsRemoved,
    LoginError,
    LoginSuccess,
    SessionClosed,
    SessionOpened,
)
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def account_created(host: Host, event: AccountCreated) -> None:
    """An account exists now, made by the panel, an API or a registration.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_changed(host: Host, event: AccountChanged) -> None:
    """Stored fields of an account have new values; `changed` names them.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_activated(host: Host, event: AccountActivated) -> None:
    """An account went from inactive to active.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_tariffs_assigned(host: Host, event: AccountTariffsAssigned) -> None:
    """An account got tariffs it did not have.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_tariffs_removed(host: Host, event: AccountTariffsRemoved) -> None:
    """An account lost tariffs.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_device_added(host: Host, event: AccountDeviceAdded) -> None:
    """A device was bound to an account.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def account_device_removed(host: Host, event: AccountDeviceRemoved) -> None:
    """A device was taken from an account.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify()
def account_device_error(host: Host, event: AccountDeviceError) -> None:
    """Binding a device to an account failed.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify(durable=True)
def customer_created(host: Host, event: CustomerCreated) -> None:
    """A customer exists now.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def customer_changed(host: Host, event: CustomerChanged) -> None:
    """Stored fields of a customer have new values; `changed` names them.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def customer_tariffs_assigned(host: Host, event: CustomerTariffsAssigned) -> None:
    """A customer got tariffs he did not have.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify(durable=True)
def customer_tariffs_removed(host: Host, event: CustomerTariffsRemoved) -> None:
    """A customer lost tariffs.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per customer, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify()
def login_success(host: Host, event: LoginSuccess) -> None:
    """A device logged in.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify()
def login_error(host: Host, event: LoginError) -> None:
    """A login was refused; nothing was stored.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify()
def session_opened(host: Host, event: SessionOpened) -> None:
    """A session began.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify()
def session_closed(host: Host, event: SessionClosed) -> None:
    """A session ended, by logout, age, a newer device or the operator.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """
