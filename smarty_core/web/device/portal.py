"""PortalSettingsList: what a portal or application asks before anyone logs in."""

from __future__ import annotations

import smarty_core
from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.portal import PortalSettings
from smarty_core.web.device.shown import LIFE
from smarty_core.web.method import UUID_SLOT, Answer, ApiError, Call, Method, Steady


def portal_settings_list(call: Call) -> Answer:
    assert call.operator is not None
    try:
        settings: PortalSettings = call.system.portal.settings_for(call.operator, call.device, call.lang)
    except InvalidValue as exc:
        raise ApiError(1) from exc
    except NotFound as exc:
        raise ApiError(2) from exc
    body = {
        "random_uuid4": UUID_SLOT,
        **{f"show_{name}": int(shown) for name, shown in settings.menus.items()},
        "template": settings.template,
        "custom_api_url": settings.api_url,
        "custom_css_url": settings.css_url,
        "client_logo_url": settings.logo_url,
        "client_logo_login_url": settings.logo_login_url,
        "client_logo_loading_url": settings.logo_loading_url,
        "login_text": settings.login_text,
        "reports_enabled": int(settings.reports_enabled),
        "data_autorefresh_enabled": int(settings.data_autorefresh),
        "standby_timer": settings.standby_timer,
        "pvr_standby_timer": settings.pvr_standby_timer,
        "has_child_clients": int(settings.has_child_clients),
        "redirect_to_portal_url": settings.redirect_url,
        "backend_version": smarty_core.__version__,
        "auth_mode": settings.auth_mode,
        # Outside audience meters and the promoted film have no settings of their own yet: off.
        "mediascope_enabled": 0,
        "start_stat_enabled": 0,
        "mvision_stat_enabled": 0,
        "mvision_server_url": "",
        "premier_stat_enabled": 0,
        "premier_stat_start_event_url": "",
        "premier_stat_heartbeat_event_url": "",
        "client_uid": settings.client_uid,
        "use_new_billing_logic": int(settings.subscription_model),
        "portal_config": settings.portal_config,
        "available_country_phone_codes": [
            {"country_name": code.country_name, "region_code": code.region_code, "country_code": code.country_code}
            for code in settings.phone_codes
        ],
        "banner_video": {
            "video_id": 0,
            "image_url": "",
            "video_id_for_child_mode": 0,
            "image_url_for_child_mode": "",
        },
    }
    return Steady(body, (), call.now + LIFE)


METHODS = (
    Method(
        "PortalSettingsList",
        "/portal/settings/list/",
        portal_settings_list,
        auth="api_key",
        group="Portal",
        params='brand? S=""; model? S=""',
        answer="random_uuid4:S, show_tvchannels:F, show_categorizedtv:F, show_archive:F, show_videocatalog:F,"
        " show_cctv:F, show_radio:F, show_games:F, show_balance:F, show_payment:F, show_info:F, show_settings:F,"
        " show_exit:F, template:S, custom_api_url:S, custom_css_url:S, client_logo_url:S, client_logo_login_url:S,"
        " client_logo_loading_url:S, login_text:S, reports_enabled:F, data_autorefresh_enabled:F, standby_timer:N,"
        " pvr_standby_timer:N, has_child_clients:F, redirect_to_portal_url:S, backend_version:S, auth_mode:S,"
        " mediascope_enabled:F, start_stat_enabled:F, mvision_stat_enabled:F, mvision_server_url:S,"
        " premier_stat_enabled:F, premier_stat_start_event_url:S, premier_stat_heartbeat_event_url:S, client_uid:S,"
        " use_new_billing_logic:F, portal_config:O, available_country_phone_codes[]{country_name:S, region_code:S,"
        " country_code:S}, banner_video{video_id:N, image_url:S, video_id_for_child_mode:N,"
        " image_url_for_child_mode:S}",
        codes={1: "device is missing", 2: "this device type is not enabled"},
        doc="Settings of the portal for the type in `device`: template, logos, style sheet, menu sections and more.",
    ),
)
