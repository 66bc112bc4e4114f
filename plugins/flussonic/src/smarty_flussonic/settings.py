"""What an operator may set for one stream service on a Flussonic server."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

Format = Literal["hls", "hls_mono", "hls_video", "mpegts", "dash"]
ArchiveFormat = Literal["", "hls", "hls_index", "hls_mono", "hls_video", "mpegts", "ts", "mp4", "dash"]


class FlussonicSettings(DriverSettings):
    """Where the server is and in which form it plays; `mask`, `host` and `port` are fields of the stream service."""

    mask: str = setting(
        "",
        en="Address of the server, or a mask",
        ru="Адрес сервера или маска",
        help_en="https://video.example, with the folder of the streams if there is one; "
        "with $ variables it is taken as it is",
        help_ru="https://video.example, при необходимости с папкой потоков; с переменными $ берётся как есть",
        max_length=2000,
    )
    host: str = setting("", en="Host, when there is no mask", ru="Хост, если маски нет", max_length=255)
    port: int = setting(0, en="Port, 0 = the usual one", ru="Порт, 0 = обычный", ge=0, le=65_535)
    format: Format = setting(
        "hls",
        en="Form of the stream",
        ru="Вид потока",
        help_en="hls: all qualities; hls_mono: all tracks in one; hls_video: the same on servers before 2019",
        help_ru="hls: все качества; hls_mono: все дорожки в одной; hls_video: то же для серверов до 2019 года",
    )
    archive_format: ArchiveFormat = setting(
        "",
        en="Form of the archive, empty = as live",
        ru="Вид архива, пусто = как у эфира",
        help_en="hls_index: index-S-D.m3u8; mpegts: archive/S/D/mpegts; ts and mp4: one file to download",
        help_ru="hls_index: index-S-D.m3u8; mpegts: archive/S/D/mpegts; ts и mp4: один файл для скачивания",
    )
    preview: bool = setting(
        True,
        en="Give players an address for pictures of the archive",
        ru="Давать плеерам адрес картинок архива",
    )
    rewind: int = setting(
        0, en="Rewindable live window, seconds", ru="Окно перемотки эфира, секунд", help_en="0 = none; HLS only",
        help_ru="0 = нет; только HLS", ge=0, le=604_800,
    )  # fmt: skip
    shift_on_server: bool = setting(
        False,
        en="The server makes the broadcast shift from its archive",
        ru="Сдвиг вещания делает сервер из архива",
        help_en="No: a service with a shift is a separate delayed stream",
        help_ru="Нет: сервис со сдвигом вещает отдельный задержанный поток",
    )
    api_url: str = setting(
        "",
        en="Address of the server's API",
        ru="Адрес API сервера",
        help_en="http://10.0.0.5:8080; empty = the server is not asked how it is",
        help_ru="http://10.0.0.5:8080; пусто = состояние сервера не запрашивается",
        max_length=2000,
    )
    api_login: str = setting("", en="Login of the API", ru="Логин API", max_length=255)
    api_password: SecretStr = setting(SecretStr(""), en="Password of the API", ru="Пароль API")


class BackendSettings(FlussonicSettings):
    """Settings of `flussonic`."""

    max_sessions: int = setting(
        0, en="Sessions of one account at once, 0 = no limit", ru="Сессий одного аккаунта сразу, 0 = без ограничения",
        ge=0, le=1000,
    )  # fmt: skip
    unique: bool = setting(
        False,
        en="One session per account: a new one ends the older",
        ru="Одна сессия на аккаунт: новая завершает старую",
    )


class SecuretokenSettings(FlussonicSettings):
    """Settings of `flussonic_securetoken`; `secret` is a field of the stream service."""

    secret: SecretStr = setting(en="Key of securetoken", ru="Ключ securetoken", min_length=1)
    lifetime: int = setting(10_800, en="Life of a link, seconds", ru="Время жизни ссылки, секунд", ge=60, le=2_592_000)
    bind_ip: bool = setting(
        True,
        en="Only for the viewer's address",
        ru="Только для адреса зрителя",
        help_en="No needs `no_check_ip=true` on the server",
        help_ru="Нет требует `no_check_ip=true` на сервере",
    )
    sign_user: bool = setting(
        False,
        en="Sign the account too (user_id)",
        ru="Подписывать и аккаунт (user_id)",
        help_en="Newer servers count sessions by it",
        help_ru="Новые серверы считают по нему сессии",
    )
