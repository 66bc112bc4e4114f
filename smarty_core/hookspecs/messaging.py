"""Hooks around messages on the screen and on the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import MessageCreated, MessageDeleted, MessageSend, Refusal, SmsSent, SmsWish
from smarty_core.hookspecs.markers import decide, notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify(durable=True)
def message_created(host: Host, event: MessageCreated) -> None:
    """A message for an account was stored.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per account, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """


@notify()
def message_send(host: Host, event: MessageSend) -> None:
    """A device has taken a message.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify()
def message_deleted(host: Host, event: MessageDeleted) -> None:
    """A message was deleted by the viewer, the operator or its age.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@notify()
def sms_sent(host: Host, event: SmsSent) -> None:
    """An SMS backend took a message.

    Told after the commit in the process that serves the request, by a thread of the plugin's own and in order; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others
    are still told.
    """


@decide(fails="closed")
def authorize_sms(host: Host, wish: SmsWish) -> Refusal | None:
    """Whether an SMS may be sent: limits, black lists, quiet hours.

    Called before anything is sent, by a thread of the plugin's own and outside any transaction. None lets the next
    plugin decide; if all return None the message is sent. A `Refusal` stops it. An exception denies.
    """
