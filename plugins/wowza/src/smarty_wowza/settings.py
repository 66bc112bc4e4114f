"""What an operator may set for one stream service on a Wowza server."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting


class WowzaSettings(DriverSettings):
    """`mask` and `secret` are fields of the stream service."""

    mask: str = setting(
        en="Address of the application",
        ru="Адрес приложения",
        help_en="https://video.example/live; with the instance if addresses have one: …/live/_definst_",
        help_ru="https://video.example/live; с экземпляром, если он есть в адресах: …/live/_definst_",
        max_length=2000,
    )
    format: Literal["hls", "dash"] = setting("hls", en="Form of the stream", ru="Вид потока")
    secret: SecretStr = setting(
        SecretStr(""), en="Shared secret of SecureToken", ru="Общий секрет SecureToken",
        help_en="Empty: addresses are not signed", help_ru="Пусто: адреса не подписываются",
    )  # fmt: skip
    hash: Literal["sha256", "sha384", "sha512"] = setting("sha256", en="Hash algorithm", ru="Алгоритм хеша")
    prefix: str = setting(
        "wowzatoken", en="Prefix of the parameters", ru="Префикс параметров", pattern=r"^[A-Za-z0-9_-]{1,50}$"
    )
    bind_ip: bool = setting(
        True, en="Only for the viewer's address", ru="Только для адреса зрителя",
        help_en="As “include client IP” on the server", help_ru="Как «include client IP» на сервере",
    )  # fmt: skip
    lifetime: int = setting(10_800, en="Life of a link, seconds", ru="Время жизни ссылки, секунд", ge=60, le=2_592_000)
