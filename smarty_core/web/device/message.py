"""Messages of the account: list, open, delete."""

from __future__ import annotations

from datetime import datetime

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.messages import MessageFacts
from smarty_core.services.sessions import Viewer
from smarty_core.web.method import Answer, ApiError, Call, Method


def message_list(call: Call) -> Answer:
    return {
        "messages": [
            {
                "uuid": message.uuid,
                "subject": message.subject,
                "created_at": _local(call, message.created_at),
                "urgent": int(message.urgent),
                "was_read": int(message.was_read),
            }
            for message in call.system.messages.list_for(_viewer(call))
        ]
    }


def message_detail(call: Call) -> Answer:
    try:
        message: MessageFacts = call.system.messages.open(_viewer(call), call.params["uuid"])
    except (InvalidValue, NotFound) as exc:
        raise ApiError(1) from exc
    as_text = call.answer_format == "xml"
    return {
        "uuid": message.uuid,
        "subject": message.subject,
        "text": message.text,
        "no_confirmation": int(message.no_confirmation),
        "created_at": _local(call, message.created_at) if as_text else int(message.created_at.timestamp()),
        "urgent": int(message.urgent),
        "was_read": int(message.was_read),
    }


def message_delete(call: Call) -> Answer:
    try:
        call.system.messages.delete(_viewer(call), call.params["uuid"])
    except (InvalidValue, NotFound) as exc:
        raise ApiError(1) from exc
    return {}


def _viewer(call: Call) -> Viewer:
    assert call.viewer is not None
    return call.viewer


def _local(call: Call, moment: datetime) -> str:
    assert call.operator is not None
    return moment.astimezone(call.operator.zone(call.system.settings.TIME_ZONE)).strftime("%Y-%m-%d %H:%M")


_CODES = {1: "uuid is missing, malformed or names no message"}

METHODS = (
    Method(
        "MessageList",
        "/message/list/",
        message_list,
        group="Message",
        answer="messages[]{uuid:S, subject:S, created_at:D, urgent:F, was_read:F}",
        doc="The account's messages, the newest first; `created_at` as `yyyy-mm-dd hh:mm` in the operator's time zone.",
    ),
    Method(
        "MessageDetail",
        "/message/detail/",
        message_detail,
        group="Message",
        writes=True,
        bad_parameter=1,
        params="uuid S",
        answer="uuid:S, subject:S, text:S, no_confirmation:F, created_at:N, urgent:F, was_read:F",
        codes=_CODES,
        doc="Opens a message, which then counts as read. `created_at`: Unix time in JSON, `yyyy-mm-dd hh:mm` in XML.",
    ),
    Method(
        "MessageDelete",
        "/message/delete/",
        message_delete,
        group="Message",
        writes=True,
        bad_parameter=1,
        params="uuid S",
        codes=_CODES,
        doc="Deletes a message; `all` deletes all of them.",
    ),
)
