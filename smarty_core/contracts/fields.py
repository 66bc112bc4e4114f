"""Kinds of settings that the panel shows as more than a text box, and words for labels.

class Settings(DriverSettings):
    tariff_id: TariffField = setting(0, en="Tariff for the catalogue", ru="Тариф каталога")
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

PickerKind = Literal["tariff", "channel", "genre_map", "file"]


class Picker:
    """Tells the panel to offer existing objects of one kind."""

    __slots__ = ("kind",)

    def __init__(self, kind: PickerKind) -> None:
        self.kind: Final = kind


TariffField = Annotated[int, Picker("tariff")]
ChannelField = Annotated[int, Picker("channel")]
GenreMapField = Annotated[dict[str, int], Picker("genre_map")]
"""The provider's genre -> our genre id."""
FileField = Annotated[Path, Picker("file")]


def setting(default: Any = ..., *, en: str, ru: str = "", help_en: str = "", help_ru: str = "", **rules: Any) -> Any:
    """A field of a driver's settings with its label and help in both languages; `rules` go to pydantic (`ge=1`)."""
    extra: dict[str, Any] = {"label": {"en": en, "ru": ru or en}, "help": {"en": help_en, "ru": help_ru or help_en}}
    return Field(default, title=en, description=help_en or en, json_schema_extra=extra, **rules)
