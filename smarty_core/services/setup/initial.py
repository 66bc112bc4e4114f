"""System objects every installation needs: device types, templates, countries, guide categories and genres.

Running it again adds what is missing and leaves what operators have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Country, EpgCategory, EpgGenre, PlayDevice, PlayDeviceTemplate

STB, SMART_TV, MOBILE, OTHER = range(4)

TEMPLATES: Final = ("classic", "impuls", "iridium", "focus", "futuristic", "infinitely")

# system name, name, answer format, group, has a portal. Formats as in the table of the API's wire rules.
PLAY_DEVICES: Final = (
    ("android", "Android", "json", MOBILE, False),
    ("android_stb", "Android STB", "xml", STB, False),
    ("dune", "Dune HD", "xml", STB, True),
    ("eltex", "Eltex", "xml", STB, True),
    ("tvip", "TVIP", "xml", STB, True),
    ("lg_netcast", "LG NetCast", "xml", SMART_TV, True),
    ("lg_webos", "LG webOS", "xml", SMART_TV, True),
    ("mag", "MAG", "xml", STB, True),
    ("pc", "PC", "json", OTHER, True),
    ("sagemcom", "Sagemcom", "xml", STB, True),
    ("samsung_smart_tv", "Samsung Smart TV (Orsay)", "xml", SMART_TV, True),
    ("tizen_tv", "Samsung Tizen TV", "xml", SMART_TV, True),
    ("ios", "iOS", "json", MOBILE, False),
    ("wrt", "WRT", "xml", STB, True),
    ("amino", "Amino", "xml", STB, True),
    ("imaqliq", "imaqliq", "xml", STB, True),
    ("kodi", "Kodi", "json", OTHER, False),
    ("vewd", "Vewd", "xml", SMART_TV, True),
    ("tbrowser", "TBrowser", "xml", SMART_TV, True),
    ("web_app", "Web application", "json", OTHER, True),
    ("browser", "Browser", "json", OTHER, True),
    ("appleTV", "Apple TV", "json", STB, False),
)

# ISO 3166-1 alpha-2 code, Russian name, English name, telephone prefix
COUNTRIES: Final = (
    ("AM", "Армения", "Armenia", "374"), ("AT", "Австрия", "Austria", "43"), ("AZ", "Азербайджан", "Azerbaijan", "994"),
    ("BE", "Бельгия", "Belgium", "32"), ("BG", "Болгария", "Bulgaria", "359"), ("BY", "Беларусь", "Belarus", "375"),
    ("CA", "Канада", "Canada", "1"), ("CH", "Швейцария", "Switzerland", "41"), ("CN", "Китай", "China", "86"),
    ("CY", "Кипр", "Cyprus", "357"), ("CZ", "Чехия", "Czechia", "420"), ("DE", "Германия", "Germany", "49"),
    ("DK", "Дания", "Denmark", "45"), ("EE", "Эстония", "Estonia", "372"), ("ES", "Испания", "Spain", "34"),
    ("FI", "Финляндия", "Finland", "358"), ("FR", "Франция", "France", "33"),
    ("GB", "Великобритания", "United Kingdom", "44"), ("GE", "Грузия", "Georgia", "995"),
    ("GR", "Греция", "Greece", "30"), ("HR", "Хорватия", "Croatia", "385"), ("HU", "Венгрия", "Hungary", "36"),
    ("IE", "Ирландия", "Ireland", "353"), ("IL", "Израиль", "Israel", "972"), ("IN", "Индия", "India", "91"),
    ("IT", "Италия", "Italy", "39"), ("JP", "Япония", "Japan", "81"), ("KG", "Киргизия", "Kyrgyzstan", "996"),
    ("KZ", "Казахстан", "Kazakhstan", "7"), ("LT", "Литва", "Lithuania", "370"), ("LV", "Латвия", "Latvia", "371"),
    ("MD", "Молдова", "Moldova", "373"), ("MN", "Монголия", "Mongolia", "976"),
    ("NL", "Нидерланды", "Netherlands", "31"), ("NO", "Норвегия", "Norway", "47"), ("PL", "Польша", "Poland", "48"),
    ("PT", "Португалия", "Portugal", "351"), ("RO", "Румыния", "Romania", "40"), ("RS", "Сербия", "Serbia", "381"),
    ("RU", "Россия", "Russia", "7"), ("SE", "Швеция", "Sweden", "46"), ("SI", "Словения", "Slovenia", "386"),
    ("SK", "Словакия", "Slovakia", "421"), ("TJ", "Таджикистан", "Tajikistan", "992"),
    ("TM", "Туркменистан", "Turkmenistan", "993"), ("TR", "Турция", "Turkey", "90"),
    ("UA", "Украина", "Ukraine", "380"), ("US", "США", "United States", "1"), ("UZ", "Узбекистан", "Uzbekistan", "998"),
)  # fmt: skip

CATEGORIES: Final = (
    ("news", "Новости", "News"), ("films", "Фильмы", "Films"), ("series", "Сериалы", "Series"),
    ("kids", "Детям", "Kids"), ("sport", "Спорт", "Sport"), ("music", "Музыка", "Music"),
    ("education", "Познавательное", "Education"), ("entertainment", "Развлечения", "Entertainment"),
    ("adult", "Взрослым", "Adults"),
)  # fmt: skip

GENRES: Final = (
    ("comedy", "Комедия", "Comedy"), ("drama", "Драма", "Drama"), ("action", "Боевик", "Action"),
    ("thriller", "Триллер", "Thriller"), ("fantasy", "Фантастика", "Science fiction"),
    ("animation", "Мультфильм", "Animation"), ("documentary", "Документальное", "Documentary"),
    ("show", "Шоу", "Show"), ("football", "Футбол", "Football"), ("hockey", "Хоккей", "Ice hockey"),
)  # fmt: skip


def names(texts: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    """Column values of a localised name: the first of `languages` is the default one, the rest are extra."""
    first, *more = languages
    values = {"name": texts.get(first) or next(iter(texts.values()))}
    values.update({f"name_lang{place}": texts[lang] for place, lang in enumerate(more, 1) if lang in texts})
    return values


def setup_system_objects(database: Database, languages: list[str]) -> dict[str, int]:
    """Add the system objects that are missing; how many of each were added."""
    with database.write() as session:
        added = {
            "templates": _add(session, PlayDeviceTemplate, "path", (
                {"path": path, "name": path.capitalize()} for path in TEMPLATES)),
            "play devices": _add(session, PlayDevice, "system_name", (
                {"system_name": system, "name": name, "answer_format": form, "group": group, "has_portal": portal}
                for system, name, form, group, portal in PLAY_DEVICES)),
            "countries": _add(session, Country, "code", (
                {"code": code, "phone_code": phone, **names({"ru": ru, "en": en}, languages)}
                for code, ru, en, phone in COUNTRIES)),
            "guide categories": _add(session, EpgCategory, "system_name", (
                {"system_name": system, "sort": place, **names({"ru": ru, "en": en}, languages)}
                for place, (system, ru, en) in enumerate(CATEGORIES))),
            "guide genres": _add(session, EpgGenre, "system_name", (
                {"system_name": system, "sort": place, **names({"ru": ru, "en": en}, languages)}
                for place, (system, ru, en) in enumerate(GENRES))),
        }  # fmt: skip
        bump(session, "playdevices", "places", "epg:categories")
    return added


def _add(session: Session, model: Any, key: str, rows: Iterable[dict[str, Any]]) -> int:
    known = set(session.scalars(select(getattr(model, key))))
    missing = [model(**row) for row in rows if row[key] not in known]
    session.add_all(missing)
    return len(missing)
