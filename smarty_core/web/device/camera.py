"""Cameras: the list of those a viewer has, what can be done with one, and its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smarty_core.errors import NotFound, Refused
from smarty_core.services.cameras import Camera, ListedCamera
from smarty_core.services.languages import pick, texts
from smarty_core.services.line_up import NOTHING
from smarty_core.web.device.play import ADDRESS, answer, excluded_services, refusal
from smarty_core.web.device.shown import Addresses, entitlement_of, icon_size, operator_of, viewer_of
from smarty_core.web.method import Answer, ApiError, Call, Method

BAD: Final = 1
NO_SUBSCRIPTIONS: Final = 1

WATCH: Final = "get_camera_url"
SUBSCRIBE: Final = "subscribe"

_NO_GUIDE: Final[Mapping[str, Any]] = {
    "program_id": 0,
    "program_name": "",
    "program_begin_time": 0,
    "program_end_time": 0,
    "program_category_id": 0,
    "program_category": "",
    "program_description": "",
    "program_meta": NOTHING,
}


def camera_list(call: Call) -> Answer:
    sent = call.params
    listed: list[ListedCamera] = []
    if not sent["category_id"] and not sent["favorited_only"]:  # cameras have no categories, nobody favourites yet
        listed = call.system.cameras.listed(
            viewer_of(call),
            entitlement_of(call, multicast=not sent["reject_multicast"]),
            search=sent["search"] or "",
            city_id=sent["city_id"] or 0,
        )
    addresses = Addresses(call, authkey=call.authkey)
    return {"count": len(listed), "cameras": [_row(call, item, addresses) for item in listed]}


def _row(call: Call, item: ListedCamera, addresses: Addresses) -> dict[str, Any]:
    camera, row, icons = item.camera, item.camera.row, call.system.catalogue.icons
    return {
        "id": row.id,
        "name": pick(camera.names, call.lang),
        "icon": icons.address(row.icon_url, icon_size(call)),
        "url": addresses.camera(row.id),
        "category_id": 0,
        "timeshift_offset": 0,
        "city_id": row.city_id,
        "city_name": pick(camera.city_names, call.lang),
        "channel_sort": camera.place,
        "camera_sort": camera.place,
        "has_record": int(item.archive_days > 0),
        "max_archive_duration": item.archive_days,
        "has_subscription": 1,
        "is_favorited": 0,
        "preview_url": icons.address(row.preview_url),
        "option1": "",
        "option2": "",
        "option3": "",
        "additional_categories": [],
        **_NO_GUIDE,
    }


def camera_detail(call: Call) -> Answer:
    if not operator_of(call).subscription_model:
        raise ApiError(NO_SUBSCRIPTIONS, "the operator sells no subscriptions")
    camera = call.system.cameras.find(operator_of(call).id, call.params["cid"])
    if camera is None:
        raise NotFound("there is no such camera")
    return {"id": camera.row.id, "name": pick(camera.names, call.lang), "actions": _actions(call, camera)}


def _actions(call: Call, camera: Camera) -> list[dict[str, Any]]:
    """Watching, for whoever may; otherwise the tariffs that open it."""
    mine = call.system.cameras.listed(viewer_of(call), entitlement_of(call))
    if any(item.camera.row.id == camera.row.id for item in mine):
        return [_action(WATCH)]
    return [
        _action(
            SUBSCRIBE,
            tariff_id=offer.tariff_id,
            caption=pick(texts(*offer.names), call.lang),
            price=offer.price,
            periodical=offer.periodical,
            activation_price=offer.activation_price,
        )
        for offer in call.system.cameras.offers(camera)
    ]


def _action(action: str, **fields: Any) -> dict[str, Any]:
    known = {"tariff_id": 0, "caption": "", "price": 0, "periodical": False, "activation_price": 0}
    return {"action": action, **known, **fields}


def camera_url(call: Call) -> Answer:
    try:
        played = call.system.playback.content_url(
            viewer_of(call),
            operator_of(call),
            "camera",
            call.params["cid"],
            ip=call.ip,
            device=call.device,
            now=call.now,
            exclude=excluded_services(call),
            user_agent=call.headers.get("user-agent", ""),
        )
    except Refused as exc:
        raise refusal(exc, BAD) from exc
    return answer(call, played, dict)


METHODS = (
    Method(
        "CameraList",
        "/camera/list/",
        camera_list,
        group="Camera",
        bad_parameter=BAD,
        params='search? S=""; account_sort? F=1; city_id? N; category_id? N; favorited_only? F=0;'
        " reject_multicast? F=0; icon_width? N; icon_height? N",
        answer="count:N, cameras[]{id:N, name:S, icon:S, url:S, category_id:N, timeshift_offset:N, city_id:N,"
        " city_name:S, channel_sort:N, camera_sort:N, has_record:F, max_archive_duration:N, has_subscription:F,"
        " is_favorited:F, preview_url:S, option1:S, option2:S, option3:S, additional_categories[]{id:N, name:S},"
        " program_id:N, program_name:S, program_begin_time:N, program_end_time:N, program_category_id:N,"
        " program_category:S, program_description:S, program_meta:PM}",
        codes={BAD: "bad parameter"},
        doc="Cameras the viewer may watch, by his tariffs or as his own, in the operator's order. `search` is a part of"
        " the name. Cameras have no guide and no categories: such fields are empty.",
    ),
    Method(
        "CameraDetail",
        "/camera/detail/",
        camera_detail,
        group="Camera",
        bad_parameter=BAD,
        params="cid N",
        answer="id:N, name:S, actions[]{action:S<get_camera_url,subscribe>, tariff_id:N, caption:S, price:N,"
        " periodical:B, activation_price:N}",
        codes={NO_SUBSCRIPTIONS: "method works only with the subscription billing model"},
        doc="What can be done with a camera where the operator sells subscriptions: watch it, or buy one of the tariffs"
        " that open it.",
    ),
    Method(
        "CameraUrl",
        "/camera/url/",
        camera_url,
        group="Camera",
        bad_parameter=BAD,
        params="cid N; redirect? F=1; exclude_service_id? N[]",
        answer=ADDRESS,
        codes={BAD: "bad parameter"},
        statuses={302: "the stream"},
        content_request=True,
        doc="The address of a camera's picture: a redirect to it, or with redirect=0 the address itself. Its archive is"
        " played by ProgramUrl with is_camera=1.",
    ),
)
