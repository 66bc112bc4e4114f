"""What a portal or application is told about itself before anyone logs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.geo import Places
from smarty_core.services.operators import Operator
from smarty_core.services.play_devices import PlayDevices

MENUS: Final[Mapping[str, str]] = {
    "tvchannels": "tv",
    "categorizedtv": "tv",
    "archive": "archive",
    "videocatalog": "vod",
    "cctv": "",
    "radio": "radio",
    "games": "games",
    "balance": "",
    "payment": "",
    "info": "",
    "settings": "",
    "exit": "",
}
"""Sections of the menu, and the section the operator must be allowed to use for each (empty = always)."""

AUTH_MODES: Final = ("", "password", "abonement", "device_uid", "device_uid_wo_fallback")


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """A country by its telephone prefix."""

    country_name: str
    region_code: str
    country_code: str


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Settings of one device type at one operator. `menus`: every section and whether it is shown."""

    menus: Mapping[str, bool]
    template: str
    api_url: str
    css_url: str
    logo_url: str
    logo_login_url: str
    logo_loading_url: str
    login_text: str
    reports_enabled: bool
    data_autorefresh: bool
    standby_timer: int
    pvr_standby_timer: int
    has_child_clients: bool
    redirect_url: str
    auth_mode: str
    client_uid: str
    subscription_model: bool
    portal_config: Mapping[str, Any]
    phone_codes: tuple[PhoneCode, ...]


class Portal:
    """Settings for portals and applications."""

    def __init__(self, *, play_devices: PlayDevices, device_settings: DeviceSettings, places: Places) -> None:
        self._play_devices = play_devices
        self._device_settings = device_settings
        self._places = places

    def settings_for(self, operator: Operator, device: str, lang: int) -> PortalSettings:
        """The settings for a device type. Raises `InvalidValue` without a device, `NotFound` when it is not enabled."""
        if not device:
            raise InvalidValue("device: missing")
        kind = self._play_devices.find(device)
        setting = self._device_settings.find(operator.id, kind.id) if kind else None
        if setting is None:
            raise NotFound("this device type is not enabled")
        shown = setting.visible_menus
        return PortalSettings(
            menus={
                name: (shown is None or name in shown) and (not section or operator.allows(section))
                for name, section in MENUS.items()
            },
            template=setting.template,
            api_url=setting.api_url,
            css_url=setting.css_url,
            logo_url=setting.logo_url or operator.logo_url,
            logo_login_url=setting.logo_login_url,
            logo_loading_url=setting.logo_loading_url,
            login_text=setting.login_text,
            reports_enabled=setting.reports_enabled,
            data_autorefresh=setting.data_autorefresh,
            standby_timer=setting.standby_timer,
            pvr_standby_timer=setting.pvr_standby_timer,
            has_child_clients=operator.has_children,
            redirect_url=operator.redirect_url,
            auth_mode=setting.auth_mode if setting.auth_mode in AUTH_MODES else "",
            client_uid=operator.uid,
            subscription_model=operator.subscription_model,
            portal_config=setting.portal_config,
            phone_codes=tuple(
                PhoneCode(country.name(lang), country.code, country.phone_code)
                for country in self._places.countries()
                if country.phone_code
            ),
        )
