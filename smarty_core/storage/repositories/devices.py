"""Devices of subscribers and the device types operators allow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.storage.models import Client, ClientPlayDevice, PlayDeviceTemplate, Session


def client_devices(session: SqlSession, client_id: int) -> list[dict[str, Any]]:
    """The enabled device types of an operator, by the names of `DeviceSetting`."""
    of = ClientPlayDevice
    query = (
        select(
            of.play_device_id, of.basic, of.available_for_uid, PlayDeviceTemplate.path.label("template"), of.auth_mode,
            of.visible_menus, of.login_text, of.logo_url, of.logo_login_url, of.logo_loading_url, of.css_url,
            of.api_url, of.data_autorefresh, of.reports_enabled, of.standby_timer, of.pvr_standby_timer,
            of.portal_config, Client.portal_config.label("client_portal_config"),
        )
        .join(Client, Client.id == of.client_id)
        .outerjoin(PlayDeviceTemplate, PlayDeviceTemplate.id == of.template_id)
        .where(of.client_id == client_id, of.enabled)
        .order_by(of.priority.desc(), of.id.desc())
    )  # fmt: skip
    return [dict(row) for row in session.execute(query).mappings()]


def sessions_of(session: SqlSession, account_id: int) -> list[Session]:
    """All sessions of an account, the oldest first."""
    query = select(Session).where(Session.account_id == account_id).order_by(Session.created_at, Session.id)
    return list(session.scalars(query))
