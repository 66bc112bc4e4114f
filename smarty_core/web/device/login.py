"""Login and Logout."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.login import LoggedIn, LoginAttempt
from smarty_core.services.login_refusal import BoundDevice, LoginRefusal, LoginRefused
from smarty_core.services.operators import Operator
from smarty_core.values import MAX_ID, parse_id
from smarty_core.web.method import Answer, ApiError, Call, Method, Reply


def login(call: Call) -> Answer:
    attempt = _attempt(call)
    operator = _operator(call, attempt)
    try:
        done = call.system.login.login(operator, attempt, call.now)
    except LoginRefused as exc:
        fields: dict[str, Any] = {}
        if exc.refusal is LoginRefusal.BASIC_DEVICES:
            fields["devices"] = [_device(device, operator, call) for device in exc.devices]
        raise ApiError(exc.refusal.code, **fields) from exc
    return Reply(_answer(call, operator, done), cookies={"device_uid": done.device_uid})


def logout(call: Call) -> Answer:
    assert call.viewer is not None
    call.system.sessions.delete(call.authkey, call.viewer.client_id)
    had_cookie = "authkey=" in call.headers.get("cookie", "")
    return Reply(cookies={"authkey": ""} if had_cookie else {})


def _operator(call: Call, attempt: LoginAttempt) -> Operator:
    try:
        client_id = parse_id(call.params["client_id"], "client_id")
        return call.system.operators.authenticate(client_id, call.params["api_key"])
    except (InvalidValue, NotFound) as exc:
        call.system.login.refused(0, LoginRefusal.WRONG_KEY, attempt)
        raise ApiError(LoginRefusal.WRONG_KEY.code) from exc


def _attempt(call: Call) -> LoginAttempt:
    sent = call.params
    shown = {name: value for name, value in sent.items() if value not in (None, "")}
    shown.update(device=call.device, device_uid=call.device_uid, ip=call.ip)
    return LoginAttempt(
        ip=call.ip,
        abonement=sent["abonement"],
        phone_number=sent["phone_number"],
        password=sent["password"],
        device=call.device,
        device_uid=call.device_uid,
        device_serial=sent["device_serial"],
        device_model=sent["device_model"],
        brand_name=sent["brand_name"],
        app_build_version=sent["app_build_version"],
        profile_id=_profile(sent["profile_id"]),
        reset_block_status_reason=bool(sent["reset_block_status_reason"]),
        try_login_by_phone=bool(sent["try_login_by_phone"]),
        device_id_for_unbinding=sent["device_id_for_unbinding"],
        params=shown,
    )


def _profile(number: int | None) -> int | None:
    """A profile's number; clients send -1 when they have none."""
    return number if number is not None and 0 < number < 2**31 else None


def _answer(call: Call, operator: Operator, done: LoggedIn) -> dict[str, Any]:
    settings = call.system.account_settings
    template = settings.template(template_id=done.template_id) if done.template_id is not None else None
    return {
        "authkey": done.authkey,
        "utc_time": int(call.now.timestamp()),
        "firstname": done.firstname,
        "lastname": done.lastname,
        "abonement": _number(done.abonement),
        "account_id": done.account_id,
        "customer_id": done.customer_id,
        "meta": json.dumps(done.meta, ensure_ascii=False),
        "customer_ext_id": done.customer_ext_id,
        "currency": done.currency,
        "ip_address": call.ip,
        "activation_days_left": done.activation_days_left,
        "parent_code": done.parent_code,
        "last_channel": -1 if done.last_channel_id is None else done.last_channel_id,
        "device_uid": done.device_uid,
        "template": template.path if template else done.template,
        "use_timeshift": int(done.use_timeshift),
        "contract_number": done.contract_number,
        "status_reason": done.status_reason,
        "data_center_id": -1 if done.data_center_id is None else done.data_center_id,
        "data_centers": [
            {"id": center.id, "name": center.name, "location": center.location}
            for center in settings.data_centers(operator.id)
        ],
        "reset_settings": False,
    }


def _number(abonement: str) -> int | str:
    """A number where it is one; with leading zeros or letters it stays the text the device must send again."""
    if abonement.isascii() and abonement.isdigit() and not abonement.startswith("0") and int(abonement) <= MAX_ID:
        return int(abonement)
    return abonement


def _device(device: BoundDevice, operator: Operator, call: Call) -> dict[str, Any]:
    return {
        "id": device.id,
        "system_name": device.system_name,
        "device_uid": device.device_uid,
        "brand_name": device.brand_name,
        "device_model": device.device_model,
        "status": True,
        "has_active_sessions": device.has_active_sessions,
        "created_at": _local(device.created_at, operator, call),
    }


def _local(moment: datetime, operator: Operator, call: Call) -> str:
    return moment.astimezone(operator.zone(call.system.settings.TIME_ZONE)).strftime("%Y-%m-%d %H:%M:%S")


METHODS = (
    Method(
        "Login",
        "/login/",
        login,
        auth="none",
        group="Authorization",
        writes=True,
        bad_parameter=1,
        params='client_id? S{..19}=""; api_key? S{..255}=""; abonement? S{..32}=""; phone_number? S{..32}="";'
        ' password? S{..128}=""; device_uid? S{..128}=""; device_serial? S=""; device_model? S=""; brand_name? S="";'
        " reset_block_status_reason? F=0; try_login_by_phone? F=0; profile_id? N;"
        ' validation_code? S=""; device_id_for_unbinding? S=""; app_build_version? S=""',
        answer="authkey?:S, utc_time?:N, firstname?:S, lastname?:S, abonement?:N, account_id?:N, customer_id?:N,"
        " meta?:S, customer_ext_id?:S, currency?:S, ip_address?:S, activation_days_left?:N, parent_code?:S,"
        " last_channel?:N, device_uid?:S, template?:S, use_timeshift?:F, contract_number?:S, status_reason?:S,"
        " data_center_id?:N, data_centers?[]{id:N, name:S, location:S}, devices?[]{id:N, system_name:S, device_uid:S,"
        " brand_name:S, device_model:S, status:B, has_active_sessions:B, created_at:S}, reset_settings?:B",
        codes={
            1: "no account matches the given credentials",
            2: "the account is inactive",
            3: "the session could not be created",
            4: "client_id or api_key is wrong",
            5: "too many basic devices have a session; `devices` lists them",
            6: "the device is bound to another account",
            8: "the customer has no tariff",
            9: "login from this network is forbidden",
            10: "the tariffs forbid basic devices",
            11: "the tariffs forbid additional devices",
            12: "several accounts may log in from this address",
            15: "the account may not use devices of this group",
            16: "too many sessions on devices of this group",
            26: "phone_number is malformed",
            27: "device_id_for_unbinding is no device of this account",
            28: "too many failed attempts",
        },
        doc="Opens a session. Send `abonement` and `password`; or, where the account allows it, `abonement` alone,"
        " `device_uid` alone, or nothing at all from one of the account's networks; or `phone_number` and `password`."
        " After error 5 repeat with `device_id_for_unbinding`. The answer sets `device_uid` as a cookie; a device that"
        " sends none is given one.",
    ),
    Method(
        "Logout",
        "/logout/",
        logout,
        group="Authorization",
        writes=True,
        doc="Ends the session.",
    ),
)
