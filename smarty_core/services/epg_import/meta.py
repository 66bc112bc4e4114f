"""ProgramMeta: further facts of a programme as the JSON text that devices get."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from smarty_core.contracts.epg_parser import RawProgramme

LIMIT: Final = 16_000
"""Characters; what does not fit is left out, people first."""

_ROLES: Final = ("actor", "composer", "director", "producer")
_MOST_PEOPLE: Final = 40
_MOST_WORDS: Final = 20

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def program_meta(raw: RawProgramme, *, extra_name: str, genres: tuple[str, ...]) -> str:
    """The text, empty when there is nothing to tell."""
    facts: dict[str, Any] = {}
    if extra_name:
        facts["extra_name"] = extra_name
    if genres:
        facts["genres"] = list(genres)
    if raw.participants:
        people = {role: names for role in _ROLES if (names := _words(raw.participants.get(role, ()), _MOST_PEOPLE))}
        if people:
            facts["participants"] = people
    if raw.countries:
        countries = _words(raw.countries, _MOST_WORDS)
        if countries:
            facts["countries"] = countries
    if raw.year:
        facts["year"] = raw.year[:9]
    if raw.live:
        facts["live"] = True
    for system in ("kinopoisk", "imdb"):
        mark = raw.ratings.get(system)
        if mark:
            facts[system] = mark[:16]
    if not facts:
        return ""
    text = _encode(facts)
    if len(text) > LIMIT:
        facts.pop("participants", None)
        text = _encode(facts)
    return text


def _words(told: Iterable[str], most: int) -> list[str]:
    return [word[:100] for word in list(told)[:most] if word]
