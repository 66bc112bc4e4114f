"""What an operator can set, in GEO_LOCATOR_SETTINGS or in an instance of his own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import SecretStr, field_validator

from smarty_core.api.host import Host
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import FileField, setting

NAME: Final = "ip2location"
NOWHERE: Final = Path()


class Ip2LocationSettings(DriverSettings):
    """Where the bases lie and where they come from. An empty path is a file in the folder `geo` of VAR_FOLDER."""

    file: FileField = setting(
        NOWHERE, en="Base", ru="База", help_en="BIN (better) or CSV base for look-ups; empty = geo/ip2location.bin",
        help_ru="База BIN (лучше) или CSV для поиска; пусто = geo/ip2location.bin",
    )  # fmt: skip
    mapped: bool = setting(
        False, en="Map the base", ru="Отображать базу в память", help_en="Saves memory with large bases; the file must "
        "then never be written over in place", help_ru="Экономит память; файл тогда нельзя перезаписывать на месте",
    )  # fmt: skip
    directory_file: FileField = setting(
        NOWHERE, en="Base of names", ru="База названий", help_en="CSV base of countries and cities for the directory",
        help_ru="База CSV стран и городов для справочника",
    )  # fmt: skip
    token: SecretStr = setting(SecretStr(""), en="Download token", ru="Токен для загрузки")
    database: str = setting(
        "DB3LITEBINIPV6", en="Code of the base", ru="Код базы", pattern=r"\A[A-Za-z0-9]{3,40}\z",
        help_en="As the download page names it; with IPV6 it holds both kinds of addresses",
        help_ru="Как на странице загрузки; с IPV6 в ней оба вида адресов",
    )  # fmt: skip
    directory: str = setting(
        "DB3LITECSV", en="Code of the base of names", ru="Код базы названий", pattern=r"\A([A-Za-z0-9]{3,40})?\z",
        help_en="Empty = it is not downloaded", help_ru="Пусто = не загружается",
    )  # fmt: skip
    url: str = setting(
        "https://www.ip2location.com/download/",
        en="Download service",
        ru="Сервис загрузки",
        pattern=r"\Ahttps?://\S+\z",
    )
    max_megabytes: int = setting(4096, en="Largest base, MB", ru="Наибольшая база, МБ", ge=1, le=65_536)
    timeout: float = setting(1800.0, en="Longest download, seconds", ru="Предел загрузки, секунд", gt=0, le=86_400)

    @field_validator("token")
    @classmethod
    def _one_word(cls, token: SecretStr) -> SecretStr:
        if any(not sign.isprintable() or sign.isspace() for sign in token.get_secret_value()):
            raise ValueError("a token is one word")
        return token


def base_file(host: Host, settings: Ip2LocationSettings) -> Path:
    """The base for look-ups."""
    return settings.file if settings.file != NOWHERE else _folder(host) / "ip2location.bin"


def directory_file(host: Host, settings: Ip2LocationSettings) -> Path:
    """The base of names."""
    return settings.directory_file if settings.directory_file != NOWHERE else _folder(host) / "ip2location.csv"


def _folder(host: Host) -> Path:
    return Path(str(host.settings.get("VAR_FOLDER", "var"))) / "geo"
