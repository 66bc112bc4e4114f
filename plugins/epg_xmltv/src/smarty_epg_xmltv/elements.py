"""Reads one `channel` or `programme` element into the contract's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from smarty_core.contracts.epg_parser import RawChannel, RawProgramme
from smarty_epg_xmltv.settings import XmltvSettings

_SHORT: Final = {"rus": "ru", "eng": "en", "ger": "de", "deu": "de", "fra": "fr", "fre": "fr", "ukr": "uk", "kaz": "kk",
                 "heb": "he", "hye": "hy", "arm": "hy", "spa": "es", "ita": "it", "lav": "lv", "lit": "lt",
                 "est": "et", "pol": "pl", "tur": "tr", "uzb": "uz", "bel": "be", "kir": "ky", "geo": "ka",
                 "kat": "ka"}  # fmt: skip
_AGES: Final = {"G": 0, "TV-G": 0, "TV-Y": 0, "PG": 6, "TV-PG": 6, "TV-Y7": 6, "PG-13": 13, "TV-14": 14, "R": 17,
                "TV-MA": 17, "NC-17": 18, "X": 18}  # fmt: skip
_ONSCREEN: Final = re.compile(r"(?:S\s*([0-9]{1,4}))?\s*\.?\s*(?:E[Pp]?\.?\s*([0-9]{1,5}))?", re.I)
_DIGITS: Final = re.compile(r"[0-9]{1,5}")
_NUMBER: Final = re.compile(r"\s*([0-9]{1,6}(?:[.,][0-9]{1,6})?)\s*(?:/\s*([0-9]{1,6}(?:[.,][0-9]{1,6})?))?")
_ROLES: Final = frozenset(
    ("director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter", "commentator", "guest")
)


def text_of(element: Any) -> str:
    """The leading text of an element; people carry pictures inside their name's element."""
    return (element.text or "").strip()


def language_of(element: Any) -> str:
    """`ru` of `lang="ru"`, `ru-RU` or `rus`; empty when it is not said."""
    told = element.get("lang")
    return _language(told) if told else ""


@lru_cache(1024)
def _language(told: str) -> str:
    word = re.split(r"[-_]", told.strip().lower(), maxsplit=1)[0][:8]
    return _SHORT.get(word, word)


def channel(element: Any, settings: XmltvSettings) -> RawChannel | None:
    """The channel, or None when it has no id."""
    identity = (element.get("id") or "").strip()
    if not identity:
        return None
    names: dict[str, str] = {}
    icons: list[str] = []
    for child in element:
        if child.tag == "display-name":
            text = text_of(child)
            if text:
                names.setdefault(language_of(child), text)
        elif child.tag == "icon":
            address = address_of(child.get("src") or "", settings)
            if address:
                icons.append(address)
    return RawChannel(identity, names, tuple(icons))


def programme(element: Any, settings: XmltvSettings, channel_id: str) -> RawProgramme:
    """The programme as it is told; whether its times make sense is for the import to judge."""
    get = element.get
    texts: dict[str, dict[str, str]] = {"title": {}, "sub-title": {}, "desc": {}}
    categories: list[tuple[str, str]] = []
    start, stop = get("start", ""), get("stop", "")
    made = RawProgramme(channel_id, start, stop, texts["title"], texts["sub-title"], texts["desc"])
    for child in element:
        tag = child.tag
        if tag in texts:
            text = text_of(child)
            if text:
                texts[tag].setdefault(language_of(child), text)
        elif tag == "category":
            categories.append((language_of(child), text_of(child)))
        elif tag == "icon":
            if not made.icon:
                made.icon = address_of(child.get("src") or text_of(child), settings)
        elif tag in _FURTHER:
            _FURTHER[tag](made, child, settings)
    if categories:
        made.categories = _categories(tuple(categories), settings)
    made.event_id = (get("event_id") or get("external_id") or "").strip()
    return made


def address_of(told: str, settings: XmltvSettings) -> str:
    """A picture's address with a scheme; empty when it cannot be one."""
    told = told.strip()
    if not told or told.startswith(("http://", "https://")):
        return told
    if told.startswith("//"):
        return f"{settings.icon_scheme}:{told}"
    host = told.split("/", 1)[0]
    if ":" in host.rsplit(":", 1)[0] or "." not in host or told.lower().startswith(("data:", "file:", "javascript:")):
        return ""
    return f"{settings.icon_scheme}://{told}"


def _credits(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    people: dict[str, list[str]] = {}
    for person in element:
        if person.tag in _ROLES:
            name = text_of(person)
            if name:
                people.setdefault(person.tag, []).append(name)
    made.participants = {role: tuple(names) for role, names in people.items()}


def _year(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    told = text_of(element)[:4]
    if told.isascii() and told.isdigit() and len(told) == 4 and not made.year:
        made.year = told


def _country(made: RawProgramme, element: Any, settings: XmltvSettings) -> None:
    made.countries = (*made.countries, *_split(text_of(element), settings.category_separator))


def _genre(made: RawProgramme, element: Any, settings: XmltvSettings) -> None:
    made.genres = (*made.genres, *_split(text_of(element), settings.category_separator))


def _rating(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    made.age = max(made.age, _age(text_of(_inner(element, "value"))))


def _star_rating(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    mark = _mark(text_of(_inner(element, "value")))
    if mark:
        made.ratings = {**made.ratings, (element.get("system") or "").strip().lower(): mark}


def _episode(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    season, episode = _numbers((element.get("system") or "onscreen").strip().lower(), text_of(element))
    made.season, made.episode = season or made.season, episode or made.episode


def _season(made: RawProgramme, element: Any, _settings: XmltvSettings) -> None:
    made.season = made.season or _first_number(text_of(element))


def _live(made: RawProgramme, _element: Any, _settings: XmltvSettings) -> None:
    made.live = True


def _image(made: RawProgramme, element: Any, settings: XmltvSettings) -> None:
    made.icon = made.icon or address_of(text_of(element), settings)


_FURTHER: Final[Mapping[str, Callable[[RawProgramme, Any, XmltvSettings], None]]] = {
    "credits": _credits, "date": _year, "year": _year, "country": _country, "genre": _genre, "rating": _rating,
    "star-rating": _star_rating, "episode-num": _episode, "season-num": _season, "live": _live, "image": _image,
}  # fmt: skip


def _inner(element: Any, tag: str) -> Any:
    for child in element:
        if child.tag == tag:
            return child
    return element


@lru_cache(4096)
def _categories(told: tuple[tuple[str, str], ...], settings: XmltvSettings) -> tuple[str, ...]:
    languages = {language for language, text in told if text}
    if len(languages) > 1:
        wanted = settings.category_language
        if wanted not in languages:
            wanted = "" if "" in languages else next(language for language, text in told if text)
        told = tuple(pair for pair in told if pair[0] == wanted)
    return tuple(dict.fromkeys(name for _, text in told for name in _split(text, settings.category_separator)))


@lru_cache(4096)
def _split(text: str, separator: str) -> tuple[str, ...]:
    parts = text.split(separator) if separator else [text]
    return tuple(part.strip() for part in parts if part.strip())


@lru_cache(1024)
def _age(text: str) -> int:
    known = _AGES.get(text.upper())
    if known is not None:
        return known
    found = re.fullmatch(r"\+?([0-9]{1,2})\s*\+?", text)
    return int(found[1]) if found and int(found[1]) <= 21 else 0


@lru_cache(4096)
def _mark(text: str) -> str:
    found = _NUMBER.match(text)
    if not found:
        return ""
    value = float(found[1].replace(",", "."))
    scale = float(found[2].replace(",", ".")) if found[2] else 10.0
    if not 0 < scale <= 1000 or value > scale:
        return ""
    return f"{value * 10 / scale:.2f}".rstrip("0").rstrip(".")


@lru_cache(4096)
def _numbers(system: str, text: str) -> tuple[int, int]:
    """Season and episode, one-based; 0 = not said."""
    if system == "xmltv_ns":
        season, episode = (_first_number(part, default=-1) + 1 for part in (*text.split("."), "", "")[:2])
        return season, episode
    if system == "onscreen":
        found = _ONSCREEN.match(text)
        if found and (found[1] or found[2]):
            return int(found[1] or 0), int(found[2] or 0)
        if text.isascii() and text.isdigit() and len(text) < 6:
            return 0, int(text)
    return 0, 0


def _first_number(text: str, *, default: int = 0) -> int:
    found = _DIGITS.match(text.strip())
    return int(found[0]) if found else default
