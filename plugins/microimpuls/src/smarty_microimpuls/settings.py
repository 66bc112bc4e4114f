"""What an operator may set for one stream service on a MicroPVR or Micromanager."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

PlaylistType = Literal["", "HLS4", "RMPD"]


class MicroimpulsSettings(DriverSettings):
    """`mask`, `host`, `port` and `secret` are fields of the stream service."""

    mask: str = setting(
        "",
        en="Mask of archive addresses",
        ru="Маска адреса архива",
        help_en="http://pvr.example/$file?offset=$file_offset, or with $playlist; besides, the variables of every mask",
        help_ru="http://pvr.example/$file?offset=$file_offset или с $playlist; а также переменные любой маски",
        max_length=2000,
    )
    timeshift_mask: str = setting(
        "",
        en="Mask of paused live, when it is another one",
        ru="Маска тайм-шифта, если она другая",
        max_length=2000,
    )
    host: str = setting(en="Host of the JSON-RPC API", ru="Хост JSON-RPC API", min_length=1, max_length=255)
    port: int = setting(4089, en="Port of the JSON-RPC API", ru="Порт JSON-RPC API", ge=1, le=65_535)
    secret: SecretStr = setting(
        SecretStr(""),
        en="Key of the JSON-RPC API",
        ru="Ключ JSON-RPC API",
        help_en="Sent with every call; empty = none is sent",
        help_ru="Передаётся с каждым вызовом; пусто = не передаётся",
    )
    key_parameter: str = setting(
        "key", en="Name of the parameter with the key", ru="Имя параметра с ключом", pattern=r"^[a-z_]{1,32}$"
    )  # fmt: skip
    timeout: float = setting(3.0, en="Seconds to wait for an address", ru="Секунд ждать адрес", ge=0.1, le=9.0)
    playlist_type: PlaylistType = setting(
        "", en="Type of playlists, empty = the server's own", ru="Тип плейлистов, пусто = как на сервере"
    )
    tell_account: bool = setting(
        False,
        en="Tell the server the account (aid)",
        ru="Сообщать серверу аккаунт (aid)",
    )
    record_directory: str = setting(
        "", en="Folder of personal records on the server", ru="Папка личных записей на сервере", max_length=200
    )
    record_priority: int = setting(
        50, en="Priority of personal records", ru="Приоритет личных записей", ge=0, le=100
    )  # fmt: skip
