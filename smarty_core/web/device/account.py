"""The poll of a device, and what a subscriber chooses about his account and channels."""

from __future__ import annotations

from typing import Any

from smarty_core.errors import NotFound
from smarty_core.services.account_settings import ChannelChange
from smarty_core.services.device_commands import CommandFacts
from smarty_core.services.messages import MessageFacts
from smarty_core.services.sessions import Viewer
from smarty_core.web.method import NOW_SLOT, Answer, ApiError, Call, Method, Reply, Steady


def account_status(call: Call) -> Answer:
    service, viewer = call.system.account_status, call.viewer
    status = service.of(viewer, call.now, model=call.params["device_model"], note=False)
    answer = {
        "status": status.status,
        "status_reason": status.status_reason,
        "utc_time": int(call.now.timestamp()),
        "has_new_messages": int(status.has_new_messages),
        "is_active": int(status.active),
        "message": _message(status.message),
        "command": _command(status.command),
        "channel_list_changed": int(status.channel_list_changed),
    }
    if call.params["with_tariffs"]:
        answer["tariff_ids"] = list(status.tariff_ids)
    if viewer is not None and (message := status.message) is not None:
        return Reply(answer, sent=lambda: service.note_told(viewer, message))
    if status.steady_until is None or viewer is None:
        return answer
    return Steady({**answer, "utc_time": NOW_SLOT}, (), status.steady_until)


def account_settings_list(call: Call) -> Answer:
    return {
        "account_settings": [
            {"name": profile.name, "profile_id": profile.profile_id, "profile_name": profile.profile_name}
            for profile in call.system.account_settings.profiles(_viewer(call))
        ]
    }


def account_settings_modify(call: Call) -> Answer:
    try:
        call.system.account_settings.choose_template(
            _viewer(call),
            template_id=call.params["template_id"],
            system_name=call.params["template_system_name"],
        )
    except NotFound as exc:
        raise ApiError(1) from exc
    return {}


def account_channels_sort(call: Call) -> Answer:
    call.system.account_settings.sort(_viewer(call), call.params["channel_ids"])
    return {}


def account_channels_update(call: Call) -> Answer:
    changes = [
        ChannelChange(
            item["channel_id"],
            favourite=bool(item["is_favorited"]),
            hidden=bool(item["is_hidden"]),
            locked=None if item["is_parent_control"] is None else bool(item["is_parent_control"]),
        )
        for item in call.params["account_channels"]
    ]
    call.system.account_settings.update_channels(_viewer(call), changes)
    return {}


def account_settings_channel_info(call: Call) -> Answer:
    flags = call.system.account_settings.channel_flags(_viewer(call))
    return {
        "is_favorited": list(flags.favourite),
        "is_hidden": list(flags.hidden),
        "is_parent_control": list(flags.locked),
    }


def _viewer(call: Call) -> Viewer:
    assert call.viewer is not None
    return call.viewer


def _message(message: MessageFacts | None) -> dict[str, Any]:
    if message is None:
        return {}
    return {"subject": message.subject, "text": message.text, "no_confirmation": int(message.no_confirmation)}


def _command(command: CommandFacts | None) -> dict[str, Any]:
    if command is None:
        return {}
    return {
        "type": command.type,
        "user_confirmation": int(command.user_confirmation),
        "deep_link": command.deep_link,
        "accompanying_text_to_command": command.accompanying_text,
        "image_for_command": command.image_url,
    }


_CHANNEL_CODES = {400: "a parameter is missing or malformed", 404: "there is no such channel", 500: "internal error"}

METHODS = (
    Method(
        "AccountStatus",
        "/account/status/",
        account_status,
        auth="status",
        group="Account",
        params='device_model? S=""; with_tariffs? F=0',
        answer="status:N, status_reason:S, utc_time:N, has_new_messages:F, tariff_ids?:N[], is_active:F,"
        " message{subject?:S, text?:S, no_confirmation?:F}, command{type?:N, user_confirmation?:F, deep_link?:S,"
        " accompanying_text_to_command?:S, image_for_command?:S}, channel_list_changed:F",
        doc="The poll of a device. `status`: 0 the session is alive, 1 there is no session, 2 the account is"
        " deactivated. `message` is an urgent message to show now, `command` something to do now; empty if none.",
    ),
    Method(
        "AccountSettingsList",
        "/account/settings/list/",
        account_settings_list,
        group="Account",
        answer="account_settings[]{name:S, profile_id:N, profile_name:S}",
        doc="The profiles of the account.",
    ),
    Method(
        "AccountSettingsModify",
        "/account/settings/modify/",
        account_settings_modify,
        group="Account",
        writes=True,
        bad_parameter=1,
        params='template_system_name? S{..64}=""; template_id? N',
        codes={1: "there is no such template"},
        doc="Chooses the interface template; `template_id` wins over `template_system_name`.",
    ),
    Method(
        "AccountChannelsSort",
        "/v2/account/channels/sort/",
        account_channels_sort,
        verb="POST",
        group="Account",
        writes=True,
        params="body channel_ids N[]{1..}",
        codes=_CHANNEL_CODES,
        doc="Keeps the channels in this order; channels that are not named stand behind them.",
    ),
    Method(
        "AccountChannelsUpdate",
        "/v2/account/channels/update/",
        account_channels_update,
        verb="POST",
        group="Account",
        writes=True,
        params="body account_channels O[]; account_channels.channel_id N{1..}; account_channels.is_favorited? F=0;"
        " account_channels.is_hidden? F=0; account_channels.is_parent_control? F",
        codes=_CHANNEL_CODES,
        doc="Sets the flags of channels.",
    ),
    Method(
        "AccountSettingsChannelInfo",
        "/v2/account/channels/accountsettingsinfo/",
        account_settings_channel_info,
        group="Account",
        answer="is_favorited:N[], is_hidden:N[], is_parent_control:N[]",
        doc="Ids of the channels the account has marked.",
    ),
)
