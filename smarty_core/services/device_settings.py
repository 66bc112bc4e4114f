"""What an operator says about each device type: allowed or not, basic or additional, template, logos, menus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smarty_core.services.remembered import Remembered
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import devices as rows

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache


@dataclass(frozen=True, slots=True)
class DeviceSetting:
    """One device type as an operator set it. `visible_menus` None = all."""

    play_device_id: int
    basic: bool
    available_for_uid: bool
    template: str
    auth_mode: str
    visible_menus: frozenset[str] | None
    login_text: str
    logo_url: str
    logo_login_url: str
    logo_loading_url: str
    css_url: str
    api_url: str
    data_autorefresh: bool
    reports_enabled: bool
    standby_timer: int
    pvr_standby_timer: int
    portal_config: Mapping[str, Any]


class DeviceSettings:
    """The device types operators have enabled. Changes bump `client:<id>`."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self._kept: Remembered[dict[int, DeviceSetting]] = Remembered(cache.tag_versions.vector, limit=10_000)

    def find(self, client_id: int, play_device_id: int) -> DeviceSetting | None:
        """The operator's setting for a type; None when he has not enabled it."""

        def build() -> dict[int, DeviceSetting]:
            with self._database.read() as session:
                return {row["play_device_id"]: _setting(row) for row in rows.client_devices(session, client_id)}

        tags = (f"client:{client_id}", "playdevices")
        return self._kept.get(client_id, tags=tags, build=build).get(play_device_id)


def _setting(row: Mapping[str, Any]) -> DeviceSetting:
    values = dict(row)
    menus = values["visible_menus"]
    general = values.pop("client_portal_config") or {}
    values["template"] = values["template"] or ""
    values["visible_menus"] = None if menus is None else frozenset(menus)
    values["portal_config"] = {**general, **(values["portal_config"] or {})}
    return DeviceSetting(**values)
