"""Every method of every surface, asked by one operator's viewer with the other operator's ids."""

from __future__ import annotations

from typing import Final

from smarty_core.storage.models import Client
from smarty_core.testing.subscribers import API_KEY
from smarty_core.web.surfaces import api_routes

from .walk import PLAIN, Walk
from .world import World

HARMLESS: Final = frozenset({
    "account_sort", "api_key", "app_build_version", "asset_id", "audio_pid", "begin_time", "brand", "brand_name",
    "category_id", "check_db_conn", "client_id", "compact", "consider_epg_channel_category",
    "consider_program_category", "date", "device_model", "device_serial", "duration", "end_time", "favorited_only",
    "get_drm_info", "ip", "is_camera", "is_viewed", "model", "name", "next", "only_archive",
    "only_records_categories", "only_records_genres", "phone_number", "preferred_timeshift_offset", "profile_id",
    "reject_multicast", "request_type", "reset_block_status_reason", "skip_unavailable", "status", "template_id",
    "text_pid", "time", "time_from", "time_to", "timeshift_offset", "token", "try_login_by_phone", "tv_pause",
    "use_timeshift", "validation_code", "video_pid", "wrt_compact",
})  # fmt: skip
"""Parameters that name nothing of an operator's."""


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
        "ChannelListSearch", "ProgramListSearch", "VideoUrl", "NoAuthVideoUrl",
        "CameraList", "CameraDetail", "CameraUrl", "RadioList", "NpvrList", "NpvrCreate", "NpvrUrl",
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
        if not {"authkey", "key"} & proof.keys():
            continue  # both operators have the same key in these tests
        response = walk.ask(endpoint, {**proof, "client_id": world.beta.operator.id}, walk.ids["Beta"])
        body = world.read(response)
        refused = body["error"] == (-2 if endpoint.method.auth == "signature" else 403)
        assert refused or body["status"] == 1, endpoint.method.name
        assert "Beta" not in response.text
    assert walk.stored(world.beta) == before


def test_one_operators_key_opens_nothing_of_another(world: World) -> None:
    with world.system.database.write() as session:
        session.get_one(Client, world.beta.operator.id).api_key = world.world.vault.encrypt("another key")
    for endpoint in api_routes():
        if endpoint.method.auth == "api_key":
            params = {"client_id": world.beta.operator.id, "api_key": API_KEY, "device": "web_app"}
            assert world.read(world.request("GET", endpoint.path, params=params))["error"] == 403
