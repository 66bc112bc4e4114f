"""Technical works, announced by the systems that watch over an operator's streams."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from smarty_core.errors import NotFound
from smarty_core.services.maintenance import Announcement, NoSuchChannels
from smarty_core.services.operators import Operator
from smarty_core.web.method import Answer, ApiError, Call, Method
from smarty_core.web.moments import iso_moment

NO_CHANNELS: Final = 1
NO_WORKS: Final = 1
NO_CHANNELS_TO_EDIT: Final = 2
BAD_PARAMETER: Final = 20


def maintenance_create(call: Call) -> Answer:
    try:
        number = call.system.maintenance.create(_operator(call).id, _announcement(call))
    except NoSuchChannels as exc:
        raise ApiError(NO_CHANNELS, str(exc)) from exc
    return {"id": number}


def maintenance_edit(call: Call) -> Answer:
    try:
        call.system.maintenance.edit(_operator(call).id, call.params["id"], _announcement(call))
    except NoSuchChannels as exc:
        raise ApiError(NO_CHANNELS_TO_EDIT, str(exc)) from exc
    except NotFound as exc:
        raise ApiError(NO_WORKS, str(exc)) from exc
    return {}


def _operator(call: Call) -> Operator:
    assert call.operator is not None
    return call.operator


def _announcement(call: Call) -> Announcement:
    sent = call.params
    if sent["channel_prefix"] == []:
        raise NoSuchChannels("there is no prefix")
    return Announcement(
        prefixes=sent["channel_prefix"],
        service_ids=sent["services"],
        begin=_moment(call, "datetime_begin"),
        end=_moment(call, "datetime_end"),
        description=sent["description"],
        unavailable=None if sent["unavailable"] is None else bool(sent["unavailable"]),
        finished=None if sent["finished"] is None else bool(sent["finished"]),
    )


def _moment(call: Call, name: str) -> datetime | None:
    text = call.params[name]
    if text is None:
        return None
    return iso_moment(name, text, _operator(call).zone(call.system.settings.TIME_ZONE))


_TIMES: Final = "<YYYY-MM-DDThh:mm:ss.sTZD>"
_OWN: Final = "services? N[]; unavailable? F; finished? F"
_OWN_DOC: Final = (
    " Ours are `services` (numbers of stream services that are under works, separated by commas), `unavailable` (1: the"
    " channels are not played and the services not chosen from begin to end; else the works are only announced) and"
    " `finished` (1: over, whatever the times)."
)

METHODS = (
    Method(
        "MaintenanceCreate",
        "/maintenance/create/",
        maintenance_create,
        verb="POST",
        auth="signature",
        params=f"channel_prefix S[]; datetime_begin D{_TIMES}; datetime_end? D{_TIMES}; description? S; {_OWN}",
        answer="id:N",
        codes={NO_CHANNELS: "no channels with this prefix", BAD_PARAMETER: "a parameter was passed wrongly"},
        bad_parameter=BAD_PARAMETER,
        writes=True,
        group="Maintenance",
        doc="Announces technical works on the channels with these names on video servers, separated by commas. Without"
        " `datetime_end` they last until they are finished. A time without a zone is one of the operator's zone."
        + _OWN_DOC,
    ),
    Method(
        "MaintenanceEdit",
        "/maintenance/edit/",
        maintenance_edit,
        verb="POST",
        auth="signature",
        params=f"id N; channel_prefix? S[]; datetime_begin? D{_TIMES}; datetime_end? D{_TIMES}; description? S; {_OWN}",
        codes={
            NO_WORKS: "no maintenance with this id",
            NO_CHANNELS_TO_EDIT: "no channels with this prefix",
            BAD_PARAMETER: "a parameter was passed wrongly",
        },
        bad_parameter=BAD_PARAMETER,
        writes=True,
        group="Maintenance",
        doc="Changes what is sent and leaves the rest." + _OWN_DOC,
    ),
)
