"""What an operator may set for one stream service on an Astra or Alta server."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

Format = Literal["hls", "mpegts", "play"]
Signed = Literal["channel", "path"]
ChannelId = Literal["prefix", "cid"]


class AstraSettings(DriverSettings):
    """Where the server is and in which form it plays; `mask`, `host` and `port` are fields of the stream service."""

    mask: str = setting(
        "",
        en="Address of the server, or a mask",
        ru="Адрес сервера или маска",
        help_en="http://video.example:8100, with the folder of the channels if there is one; "
        "with $ variables it is taken as it is",
        help_ru="http://video.example:8100, при необходимости с папкой каналов; с переменными $ берётся как есть",
        max_length=2000,
    )
    host: str = setting(
        "",
        en="Host; the check believes what this address says of a viewer",
        ru="Хост; проверка верит тому, что этот адрес сообщает о зрителе",
        max_length=255,
    )
    port: int = setting(0, en="Port, 0 = the usual one", ru="Порт, 0 = обычный", ge=0, le=65_535)
    format: Format = setting(
        "hls",
        en="Form of the stream",
        ru="Вид потока",
        help_en="hls: prefix/index.m3u8; mpegts: prefix; play: play/prefix/index.m3u8, the prefix being the channel id",
        help_ru="hls: префикс/index.m3u8; mpegts: префикс; play: play/префикс/index.m3u8, где префикс — id канала",
    )
    control_url: str = setting(
        "",
        en="Address of the control API",
        ru="Адрес управляющего API",
        help_en="http://10.0.0.5:8000; empty = the server is not asked how it is",
        help_ru="http://10.0.0.5:8000; пусто = состояние сервера не запрашивается",
        max_length=2000,
    )
    control_login: str = setting("", en="Login of the control API", ru="Логин управляющего API", max_length=255)
    control_password: SecretStr = setting(
        SecretStr(""), en="Password of the control API", ru="Пароль управляющего API"
    )  # fmt: skip


class SecuretokenSettings(AstraSettings):
    """Settings of `astra_securetoken`; `secret` is a field of the stream service."""

    secret: SecretStr = setting(en="Key of securetoken", ru="Ключ securetoken", min_length=1)
    signed: Signed = setting(
        "channel",
        en="What is signed",
        ru="Что подписывается",
        help_en="channel: the id of the channel, as Astra wants it; path: the path of the address, as Alta wants it",
        help_ru="channel: id канала, как нужно Astra; path: путь адреса, как нужно Alta",
    )
    channel_id: ChannelId = setting(
        "prefix",
        en="Where the id of the channel stands",
        ru="Где указан id канала",
        help_en="prefix: in the channel's prefix; cid: in the channel's id for video servers",
        help_ru="prefix: в префиксе канала; cid: в id канала для видеосерверов",
    )
    lifetime: int = setting(10_800, en="Life of a link, seconds", ru="Время жизни ссылки, секунд", ge=60, le=2_592_000)
