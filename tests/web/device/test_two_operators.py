"""Every method of every surface, asked by one operator's viewer with the other operator's ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
from sqlalchemy import select

from smarty_core.storage.base import Base
from smarty_core.storage.models import Client, Device
from smarty_core.testing.subscribers import API_KEY, PASSWORD, START
from smarty_core.web.surface import Endpoint
from smarty_core.web.surfaces import api_routes

from .world import House, World

NOW: Final = int(START.timestamp())
PLAIN: Final[Mapping[str, Any]] = {
    "redirect": 0, "icon_width": 10, "icon_height": 10, "content_type": "program",
    "position": 5, "programs_from_ts": NOW, "programs_to_ts": NOW, "limit": 10, "page": 1, "with_tariffs": 1,
    "password": PASSWORD, "abonement": "1001", "template_system_name": "classic", "parent_code": "7777",
}  # fmt: skip
"""Values that belong to nobody."""

HARMLESS: Final = frozenset({
    "account_sort", "api_key", "app_build_version", "audio_pid", "brand", "brand_name", "category_id",
    "check_db_conn", "client_id", "compact", "consider_epg_channel_category", "consider_program_category", "date",
    "device_model", "device_serial", "duration", "get_drm_info", "ip", "is_camera", "is_viewed", "model", "next",
    "name", "only_archive", "only_records_categories", "only_records_genres", "phone_number",
    "preferred_timeshift_offset", "profile_id", "reject_multicast", "reset_block_status_reason", "skip_unavailable",
    "template_id", "text_pid", "time", "time_from", "time_to", "token", "try_login_by_phone", "tv_pause",
    "timeshift_offset", "use_timeshift", "validation_code", "video_pid", "wrt_compact", "asset_id",
})  # fmt: skip
"""Parameters that name nothing of an operator's."""


class Walk:
    """What each operator has, as parameters."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.endpoints = list(api_routes())
        self.logins = 0
        for house in (world.alpha, world.beta):
            world.login(house)  # now there is a device to take away
        self.ids = {house.name: self._ids(house) for house in (world.alpha, world.beta)}

    def _ids(self, house: House) -> dict[str, Any]:
        news, films, _ = house.channels
        with self.world.system.database.read() as session:
            device = session.scalars(select(Device).where(Device.client_id == house.operator.id)).first()
        assert device is not None
        message = self.world.system.messages.create(
            house.operator.id, house.account.id, f"{house.name} subject", f"{house.name} text"
        )
        programme = house.programmes[0][47]
        return {
            "cid": news,
            "channel_id": news,
            "channel_ids": [films, news],
            "favorite_channel": news,
            "unfavorite_channel": news,
            "parent_lock_channel": films,
            "parent_unlock_channel": films,
            "channels_sort": [{"id": films, "is_favorited": 1}],
            "account_channels": [{"channel_id": films, "is_favorited": 1}],
            "pid": programme,
            "pid_from": programme,
            "content_id": programme,
            "channel_sort_id": house.sort,
            "tariff_id": house.tariff.id,
            "exclude_tariff_id": [house.tariff.id],
            "data_center_id": house.data_center,
            "exclude_service_id": [house.service],
            "device_id_for_unbinding": device.id,
            "device_uid": device.device_uid,
            "uuid": message,
            "search": house.name,
        }

    def proof(self, endpoint: Endpoint, house: House) -> dict[str, Any]:
        """What proves a viewer of `house`; a new session each time, because some methods end it."""
        if endpoint.method.auth in ("session", "status", "any"):
            self.logins += 1
            return self.world.login(house, device_uid=f"walk-{self.logins}")
        return {"client_id": house.operator.id, "api_key": API_KEY}

    def ask(self, endpoint: Endpoint, proof: Mapping[str, Any], ids: Mapping[str, Any]) -> httpx.Response:
        known = {**PLAIN, **ids}
        sent = {param.name: known[param.name] for param in endpoint.params if param.name in known}
        if endpoint.method.verb == "POST" or any(param.in_body for param in endpoint.params):
            return self.world.request("POST", endpoint.path, params=dict(proof), json=sent)
        return self.world.request("GET", endpoint.path, params={**sent, **proof})

    def mixtures(self, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
        """Alpha's ids with one of Beta's among them, then all of Beta's, and nothing but one of Beta's."""
        own, foreign = self.ids["Alpha"], self.ids["Beta"]
        names = [param.name for param in endpoint.params if param.name in foreign]
        for name in names:
            yield {**own, name: foreign[name]}
            yield {name: foreign[name]}
        if names:
            yield dict(foreign)

    def stored(self, house: House) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of an operator."""
        self.world.system.positions.notes.flush()
        found = {}
        with self.world.system.database.read() as session:
            for table in Base.metadata.sorted_tables:
                column = table.c.get("client_id")
                if table.name == "client":
                    column = table.c.id
                if column is not None:
                    query = select(table).where(column == house.operator.id).order_by(*table.primary_key)
                    found[table.name] = [tuple(row) for row in session.execute(query)]
        return found


def test_every_parameter_is_known_to_this_walk(world: World) -> None:
    walk = Walk(world)
    declared = {param.name for endpoint in walk.endpoints for param in endpoint.params}
    assert declared - set(walk.ids["Alpha"]) - set(PLAIN) - HARMLESS == set()


def test_with_own_ids_the_methods_answer_own_data(world: World) -> None:
    """Without this the next test might walk past everything."""
    walk = Walk(world)
    answering = set()
    for endpoint in walk.endpoints:
        for house in (world.alpha, world.beta):
            not_own = ("exclude_service_id", "exclude_tariff_id")  # would leave nothing over
            ids = {name: value for name, value in walk.ids[house.name].items() if name not in not_own}
            text = walk.ask(endpoint, walk.proof(endpoint, house), ids).text
            if house.name in text:
                answering.add(endpoint.method.name)
    assert answering >= {
        "Login", "CategoryList", "NoAuthCategoryList", "ChannelList", "ChannelListV2", "NoAuthChannelInfoV2",
        "ChannelInfoV2", "ChannelIconList", "ChannelPrograms", "ChannelListPrograms", "ChannelSortList",
        "ProgramCategoryChannelList", "NoAuthProgramCategoryChannelList", "ProgramList", "NoAuthProgramList",
        "ProgramDetail", "NoAuthProgramDetail", "ChannelUrl", "ProgramUrl", "MessageDetail", "AccountSettingsList",
        "ChannelListSearch", "ProgramListSearch",
    }  # fmt: skip


def test_the_other_operators_ids_show_nothing_and_change_nothing(world: World) -> None:
    walk = Walk(world)
    before = walk.stored(world.beta)
    assert len(before["channel"]) == 4
    assert before["message"]
    assert before["session"]
    asked = 0
    for endpoint in walk.endpoints:
        for ids in [*walk.mixtures(endpoint), walk.ids["Alpha"]]:
            response = walk.ask(endpoint, walk.proof(endpoint, world.alpha), ids)
            assert "Beta" not in response.text, (endpoint.method.name, ids)
            assert "Beta" not in response.headers.get("location", "")
            assert response.status_code < 500
            asked += 1
    assert asked > 100
    assert walk.stored(world.beta) == before


def test_a_proof_of_one_operator_is_none_at_the_other(world: World) -> None:
    walk = Walk(world)
    before = walk.stored(world.beta)
    for endpoint in walk.endpoints:
        if endpoint.method.auth == "none":
            continue
        proof = walk.proof(endpoint, world.alpha)
        if "authkey" not in proof:
            continue  # both operators have the same key in these tests
        response = walk.ask(endpoint, {**proof, "client_id": world.beta.operator.id}, walk.ids["Beta"])
        body = world.read(response)
        assert body["error"] == 403 or body["status"] == 1, endpoint.method.name
        assert "Beta" not in response.text
    assert walk.stored(world.beta) == before


def test_one_operators_key_opens_nothing_of_another(world: World) -> None:
    with world.system.database.write() as session:
        session.get_one(Client, world.beta.operator.id).api_key = world.world.vault.encrypt("another key")
    for endpoint in api_routes():
        if endpoint.method.auth == "api_key":
            params = {"client_id": world.beta.operator.id, "api_key": API_KEY, "device": "web_app"}
            assert world.read(world.request("GET", endpoint.path, params=params))["error"] == 403
