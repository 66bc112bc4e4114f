"""What an operator can set, in GEO_LOCATOR_SETTINGS or in an instance of his own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import StringConstraints

from smarty_core.api.host import Host
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import FileField, setting

NAME: Final = "ipgeobase"
NOWHERE: Final = Path()
Country = Annotated[str, StringConstraints(pattern=r"\A[A-Z]{2}\z")]


class IpGeoBaseSettings(DriverSettings):
    """Where the base lies and where it comes from. An empty path is a file in the folder `geo` of VAR_FOLDER."""

    file: FileField = setting(
        NOWHERE, en="Base", ru="База", help_en="The archive as published; empty = geo/ipgeobase.zip",
        help_ru="Архив в опубликованном виде; пусто = geo/ipgeobase.zip",
    )  # fmt: skip
    countries: tuple[Country, ...] = setting(
        (), en="Countries", ru="Страны", help_en="Only these are read; empty = all",
        help_ru="Читаются только эти; пусто = все",
    )  # fmt: skip
    url: str = setting(
        "http://ipgeobase.ru/files/db/Main/geo_files.zip", en="Address of the archive", ru="Адрес архива",
        pattern=r"\Ahttps?://\S+\z",
    )  # fmt: skip
    max_megabytes: int = setting(256, en="Largest archive, MB", ru="Наибольший архив, МБ", ge=1, le=4_096)
    timeout: float = setting(600.0, en="Longest download, seconds", ru="Предел загрузки, секунд", gt=0, le=86_400)


def base_file(host: Host, settings: IpGeoBaseSettings) -> Path:
    """The archive."""
    if settings.file != NOWHERE:
        return settings.file
    return Path(str(host.settings.get("VAR_FOLDER", "var"))) / "geo" / "ipgeobase.zip"
