"""The line-up of the sample operator: invented channels, none of them exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SampleChannel:
    """An invented channel. `id` is its name in the sample guide and on the sample video server."""

    id: str
    ru: str
    en: str
    category: str
    kind: str
    """Which programmes it shows; also its category in the guide."""


CATEGORIES: Final = (
    ("general", "Общие", "General", "#2f6fb3"),
    ("cinema", "Кино и сериалы", "Films and series", "#8a3ab9"),
    ("family", "Семья и досуг", "Family and leisure", "#2d9d5c"),
)

CHANNELS: Final = (
    SampleChannel("pervyy-gorodskoy", "Первый городской", "City One", "general", "news"),
    SampleChannel("novosti-24", "Новости 24", "News 24", "general", "news"),
    SampleChannel("sever-tv", "Север ТВ", "North TV", "general", "entertainment"),
    SampleChannel("delovoy", "Деловой", "Business", "general", "news"),
    SampleChannel("mir-segodnya", "Мир сегодня", "World Today", "general", "news"),
    SampleChannel("arena-1", "Арена 1", "Arena 1", "general", "sport"),
    SampleChannel("arena-2", "Арена 2", "Arena 2", "general", "sport"),
    SampleChannel("gorizont", "Горизонт", "Horizon", "general", "education"),
    SampleChannel("kinozal", "Кинозал", "Screening Room", "cinema", "films"),
    SampleChannel("premyera", "Премьера", "Premiere", "cinema", "films"),
    SampleChannel("klassika-kino", "Классика кино", "Cinema Classics", "cinema", "films"),
    SampleChannel("serial-plus", "Сериал плюс", "Series Plus", "cinema", "series"),
    SampleChannel("detektiv", "Детектив", "Detective", "cinema", "series"),
    SampleChannel("komediya", "Комедия", "Comedy", "cinema", "series"),
    SampleChannel("nochnoy-seans", "Ночной сеанс", "Late Show", "cinema", "films"),
    SampleChannel("dokument", "Документ", "Documentary", "cinema", "education"),
    SampleChannel("karusel-skazok", "Карусель сказок", "Story Carousel", "family", "kids"),
    SampleChannel("multik", "Мультик", "Cartoon", "family", "kids"),
    SampleChannel("shkola-znaniy", "Школа знаний", "Knowledge School", "family", "education"),
    SampleChannel("kukhnya", "Кухня", "Kitchen", "family", "entertainment"),
    SampleChannel("usadba", "Усадьба", "Garden", "family", "entertainment"),
    SampleChannel("muzyka-zvuk", "Музыка и звук", "Music and Sound", "family", "music"),
    SampleChannel("retro-hit", "Ретро хит", "Retro Hit", "family", "music"),
    SampleChannel("puteshestviya", "Путешествия", "Travel", "family", "education"),
)
