"""What an operator can set, in GEO_LOCATOR_SETTINGS or in an instance of his own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import SecretStr, StringConstraints, field_validator

from smarty_core.api.host import Host
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import FileField, setting

NAME: Final = "maxmind"
NOWHERE: Final = Path()
Language = Annotated[str, StringConstraints(pattern=r"\A[a-z]{2,3}(-[A-Za-z]{2,4})?\z")]


class MaxMindSettings(DriverSettings):
    """Where the base lies and where it comes from. An empty path is a file in the folder `geo` of VAR_FOLDER."""

    file: FileField = setting(
        NOWHERE, en="Base", ru="База", help_en="mmdb base of cities or countries; empty = geo/maxmind.mmdb",
        help_ru="База mmdb городов или стран; пусто = geo/maxmind.mmdb",
    )  # fmt: skip
    languages: tuple[Language, ...] = setting(
        ("ru", "en"), en="Languages of names", ru="Языки названий", help_en="The first that a place has is taken",
        help_ru="Берётся первый, который есть у места",
    )  # fmt: skip
    mapped: bool = setting(
        False, en="Map the base", ru="Отображать базу в память", help_en="Saves memory with large bases; the file must "
        "then never be written over in place", help_ru="Экономит память; файл тогда нельзя перезаписывать на месте",
    )  # fmt: skip
    account_id: str = setting(
        "", en="Account", ru="Учётная запись", pattern=r"\A[0-9]{0,20}\z",
        help_en="Number of the account; empty = the older download with the key alone",
        help_ru="Номер учётной записи; пусто = прежняя загрузка по одному ключу",
    )  # fmt: skip
    license_key: SecretStr = setting(SecretStr(""), en="Licence key", ru="Лицензионный ключ")
    edition: str = setting("GeoLite2-City", en="Edition", ru="Издание", pattern=r"\A[A-Za-z0-9-]{3,60}\z")
    url: str = setting(
        "https://download.maxmind.com", en="Download service", ru="Сервис загрузки", pattern=r"\Ahttps?://\S+\z"
    )
    max_megabytes: int = setting(2048, en="Largest base, MB", ru="Наибольшая база, МБ", ge=1, le=65_536)
    timeout: float = setting(1800.0, en="Longest download, seconds", ru="Предел загрузки, секунд", gt=0, le=86_400)

    @field_validator("license_key")
    @classmethod
    def _one_word(cls, key: SecretStr) -> SecretStr:
        if any(not sign.isprintable() or sign.isspace() for sign in key.get_secret_value()):
            raise ValueError("a key is one word")
        return key


def base_file(host: Host, settings: MaxMindSettings) -> Path:
    """The base."""
    if settings.file != NOWHERE:
        return settings.file
    return Path(str(host.settings.get("VAR_FOLDER", "var"))) / "geo" / "maxmind.mmdb"
