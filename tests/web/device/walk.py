"""Asks every method of every surface with the ids of one operator or another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
from sqlalchemy import select

from smarty_core.storage.base import Base
from smarty_core.storage.models import Device, NpvrTask
from smarty_core.testing.subscribers import API_KEY, PASSWORD, START
from smarty_core.web.signature import sign
from smarty_core.web.surface import Endpoint
from smarty_core.web.surfaces import api_routes

from .world import House, World

NOW: Final = int(START.timestamp())
PLAIN: Final[Mapping[str, Any]] = {
    "redirect": 0, "icon_width": 10, "icon_height": 10, "content_type": "program",
    "position": 5, "programs_from_ts": NOW, "programs_to_ts": NOW, "limit": 10, "page": 1, "with_tariffs": 1,
    "password": PASSWORD, "abonement": "1001", "template_system_name": "classic", "parent_code": "7777",
    "datetime_begin": "2026-03-10T12:00:00Z", "datetime_end": "2026-03-10T13:00:00Z", "unavailable": 0, "finished": 0,
    "description": "works",
}  # fmt: skip
"""Values that belong to nobody."""


class Walk:
    """What each operator has, as parameters."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.endpoints = list(api_routes())
        self.logins = self.records = 0
        self.cameras = {house.channels[0]: house.camera for house in (world.alpha, world.beta)}
        self.on_air = {house.programmes[0][47]: house.programmes[0][48] for house in (world.alpha, world.beta)}
        self.trailers = {house.file: house.trailer for house in (world.alpha, world.beta)}
        for house in (world.alpha, world.beta):
            world.login(house)  # now there is a device to take away
        self.ids = {house.name: self.fresh(house) for house in (world.alpha, world.beta)}

    def fresh(self, house: House) -> dict[str, Any]:
        """Ids of what the operator has, among them a message nobody has seen yet."""
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
            "vid": house.film,
            "vfid": house.file,
            "city_id": house.city,
            "rid": self.record(house),
            "search": house.name,
            "id": house.works,
            "channel_prefix": f"{house.name}-news",
            "services": house.service,
        }

    def record(self, house: House) -> int:
        """A record of the first account that nobody has taken back."""
        self.records += 1
        begin = START - timedelta(minutes=10 * self.records)
        task = NpvrTask(
            client_id=house.operator.id, account_id=house.account.id, channel_id=house.channels[0], name=house.name,
            stream_service_id=house.archive, begin=begin, end=begin + timedelta(minutes=5), status="done",
        )  # fmt: skip
        self.world.world.add(task)
        return task.id

    def proof(self, endpoint: Endpoint, house: House) -> dict[str, Any]:
        """What proves a viewer of `house`; a new session each time, because some methods end it."""
        if endpoint.method.auth in ("session", "status", "any"):
            self.logins += 1
            return self.world.login(house, device_uid=f"walk-{self.logins}")
        if endpoint.method.auth == "signature":
            return {"client_id": house.operator.id, "key": f"{house.name} streaming key"}
        return {"client_id": house.operator.id, "api_key": API_KEY, "device": "web_app"}

    def ask(self, endpoint: Endpoint, proof: Mapping[str, Any], ids: Mapping[str, Any]) -> httpx.Response:
        known = {**PLAIN, **ids}
        sent = {param.name: known[param.name] for param in endpoint.params if param.name in known}
        if endpoint.method.group == "Camera" and "cid" in sent:
            sent["cid"] = self.cameras.get(sent["cid"], sent["cid"])
        if endpoint.method.name == "NpvrCreate" and "pid" in sent:
            sent["pid"] = self.on_air.get(sent["pid"], sent["pid"])
        if endpoint.method.name == "NoAuthVideoUrl" and "vfid" in sent:
            sent["vfid"] = self.trailers.get(sent["vfid"], sent["vfid"])
        if endpoint.method.auth == "signature":
            return self.world.request("POST", endpoint.path, data=signed(proof, sent))
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


def signed(proof: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, str]:
    """The form of a signed call; `key` of the proof signs it."""
    fields = {name: str(value) for name, value in {**proof, **sent}.items() if name != "key"}
    return {**fields, "signature": sign(list(fields.items()), proof["key"])}
