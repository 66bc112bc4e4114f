"""What an operator may set for one stream service on a content delivery network."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

Algorithm = Literal["md5", "sha1", "sha256", "sha512", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"]


class LinkSettings(DriverSettings):
    """What both drivers share. The mask of the stream service is the one its type means; `secret` is a field of it."""

    live_mask: str = setting("", en="Mask of live addresses", ru="Маска адреса прямого эфира", max_length=2000)
    archive_mask: str = setting("", en="Mask of archive addresses", ru="Маска адреса архива", max_length=2000)
    timeshift_mask: str = setting("", en="Mask of paused live", ru="Маска адреса тайм-шифта", max_length=2000)
    secret: SecretStr = setting(en="Secret", ru="Секрет", min_length=1)
    lifetime: int = setting(10_800, en="Life of a link, seconds", ru="Время жизни ссылки, секунд", ge=60, le=2_592_000)


class CdnSettings(LinkSettings):
    """Settings of `cdn_token`."""

    expression: str = setting(
        "$secret$uri$ip$expires",
        en="Signed text",
        ru="Подписываемый текст",
        help_en="Variables: $expires, $starts, $uri, $raw_uri, $folder, $ip, $host, $secret",
        help_ru="Переменные: $expires, $starts, $uri, $raw_uri, $folder, $ip, $host, $secret",
        max_length=500,
    )
    algorithm: Algorithm = setting("md5", en="Hash", ru="Хеш")
    secret_form: Literal["text", "hex", "base64"] = setting(
        "text", en="How the secret is written", ru="Как записан секрет", help_en="For hmac", help_ru="Для hmac"
    )
    encoding: Literal["hex", "base64", "base64url"] = setting("base64url", en="Encoding", ru="Кодировка")
    padding: bool = setting(False, en="Keep the = of base64", ru="Сохранять = в base64")
    placement: Literal["query", "path"] = setting("query", en="Where the signature stands", ru="Где стоит подпись")
    template: str = setting(
        "",
        en="How it stands there",
        ru="Как она там стоит",
        help_en="Variables: $hash, $expires, $starts, $ip and, in the path, $uri; "
        "empty = md5=$hash&e=$expires, or /$hash/$expires$uri",
        help_ru="Переменные: $hash, $expires, $starts, $ip и, в пути, $uri; "
        "пусто = md5=$hash&e=$expires или /$hash/$expires$uri",
        max_length=500,
    )


class AkamaiSettings(LinkSettings):
    """Settings of `akamai_token`."""

    parameter: str = setting("hdnea", en="Name of the parameter", ru="Имя параметра", pattern=r"^[A-Za-z0-9_-]{1,50}$")
    algorithm: Literal["md5", "sha1", "sha256"] = setting("sha256", en="Hash of the HMAC", ru="Хеш HMAC")
    bind_ip: bool = setting(False, en="Only for the viewer's address", ru="Только для адреса зрителя")
    sign_account: bool = setting(False, en="The account is signed as id", ru="Аккаунт подписывается как id")
