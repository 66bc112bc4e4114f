"""What an operator may set for one stream service on a Nimble Streamer."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting


class NimbleSettings(DriverSettings):
    """`mask` and `secret` are fields of the stream service."""

    mask: str = setting(
        en="Address of the application", ru="Адрес приложения", help_en="https://video.example:8081/live",
        help_ru="https://video.example:8081/live", max_length=2000,
    )  # fmt: skip
    format: Literal["hls", "dash"] = setting(
        "hls", en="Form of the stream", ru="Вид потока", help_en="The archive is HLS", help_ru="Архив только HLS"
    )
    live_dvr: bool = setting(
        False,
        en="Live may be rewound through the whole record",
        ru="Эфир можно перематывать по всей записи",
        help_en="playlist_dvr.m3u8; HLS only",
        help_ru="playlist_dvr.m3u8; только HLS",
    )
    secret: SecretStr = setting(
        SecretStr(""), en="Password of WMSAuth", ru="Пароль WMSAuth",
        help_en="Empty: addresses are not signed", help_ru="Пусто: адреса не подписываются",
    )  # fmt: skip
    signed: Literal["stream", "application", "nothing"] = setting(
        "stream",
        en="What a link is good for",
        ru="На что действует ссылка",
        help_en="stream: this one; application: all of it; nothing: every stream of the server",
        help_ru="stream: этот поток; application: всё приложение; nothing: все потоки сервера",
    )
    bind_ip: bool = setting(True, en="Only for the viewer's address", ru="Только для адреса зрителя")
    pay_per_view: bool = setting(
        False, en="Pay-per-view: the account is signed as id", ru="Pay-per-view: аккаунт подписывается как id"
    )
    valid_minutes: int = setting(180, en="Life of a link, minutes", ru="Время жизни ссылки, минут", ge=1, le=43_200)
