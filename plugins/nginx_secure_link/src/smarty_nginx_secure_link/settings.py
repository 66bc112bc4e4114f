"""What an operator may set for one stream service behind nginx."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

ARGUMENT: Final = r"^[A-Za-z0-9_.-]{1,50}$"
"""Names of arguments that need no quoting."""


class NginxSettings(DriverSettings):
    """The masks are those of the core's `mask` router; the mask of the stream service is the one its type means.
    `secret` is a field of the stream service."""

    live_mask: str = setting("", en="Mask of live addresses", ru="Маска адреса прямого эфира", max_length=2000)
    archive_mask: str = setting("", en="Mask of archive addresses", ru="Маска адреса архива", max_length=2000)
    timeshift_mask: str = setting("", en="Mask of paused live", ru="Маска адреса тайм-шифта", max_length=2000)
    secret: SecretStr = setting(en="Secret of secure_link_md5", ru="Секрет secure_link_md5", min_length=1)
    form: Literal["query", "path"] = setting(
        "query",
        en="Where the signature stands",
        ru="Где стоит подпись",
        help_en="query: ?md5=…&expires=…; path: /s/md5/expires/…, which segments of a playlist inherit",
        help_ru="query: ?md5=…&expires=…; path: /s/md5/expires/…, наследуется сегментами плейлиста",
    )
    expression: str = setting(
        "",
        en="Signed text, as in secure_link_md5",
        ru="Подписываемый текст, как в secure_link_md5",
        help_en="Variables: $expires, $uri, $folder, $ip, $secret; empty = $expires$uri$ip $secret, "
        "or $expires$folder$ip $secret for the path form",
        help_ru="Переменные: $expires, $uri, $folder, $ip, $secret; пусто = $expires$uri$ip $secret, "
        "для формы path: $expires$folder$ip $secret",
        max_length=500,
    )
    lifetime: int = setting(86_400, en="Life of a link, seconds", ru="Время жизни ссылки, секунд", ge=60, le=2_592_000)
    path_prefix: str = setting(
        "s",
        en="First folder of the path form",
        ru="Первая папка формы path",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=100,
    )
    md5_argument: str = setting("md5", en="Argument of the signature", ru="Аргумент подписи", pattern=ARGUMENT)
    expires_argument: str = setting(
        "expires", en="Argument of the end of life", ru="Аргумент конца жизни", pattern=ARGUMENT
    )
