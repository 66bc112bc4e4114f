"""What an operator may set for one stream service on a Flussonic server."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

Format = Literal["hls", "hls_mono", "hls_video", "mpegts", "dash"]


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
