"""Laying down the directory of countries and cities from a geo base, once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smarty_core.api.places import Filled, NamedPlace
from smarty_core.errors import Conflict
from smarty_core.services.geo import TAG
from smarty_core.services.setup.initial import COUNTRIES, names
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import City, Country

if TYPE_CHECKING:
    from smarty_core.config import Settings

LONGEST_NAME: Final = 255
BATCH: Final = 1_000
_CODE: Final = re.compile(r"[A-Z]{2}")
_OF_THE_SETUP: Final = frozenset(code for code, *_ in COUNTRIES)


@dataclass(slots=True)
class _Gathered:
    """A country of the base: its names, and its cities, each once (see `_alike`)."""

    names: dict[str, str] = field(default_factory=dict)
    cities: dict[str, dict[str, Any]] = field(default_factory=dict)


class PlaceDirectory:
    """`host.places`."""

    def __init__(self, *, database: Database, settings: Settings) -> None:
        self._database = database
        self._languages = [settings.SMARTY_DEFAULT_LANGUAGE, *settings.SMARTY_ADDITIONAL_LANGUAGES]

    def fill(self, places: Iterable[NamedPlace]) -> Filled:
        """See `api.places.Places.fill`."""
        with self._database.read() as session:
            _demand_untouched(session)
        gathered = self._gather(places)  # may take minutes; nobody's transaction waits for it
        try:
            return self._store(gathered)
        except IntegrityError as exc:
            raise Conflict("somebody else has laid down countries and cities at this moment") from exc

    def _store(self, gathered: Mapping[str, _Gathered]) -> Filled:
        with self._database.write() as session:
            _demand_untouched(session)
            known = set(session.scalars(select(Country.code)))
            new = [
                {"code": code, "phone_code": "", **self._named(found.names or {"": code})}
                for code, found in sorted(gathered.items())
                if code not in known
            ]
            _insert(session, Country, new)
            ids = {row.code: row.id for row in session.execute(select(Country.code, Country.id))}
            cities = [
                {"country_id": ids[code], **city} for code, found in gathered.items() for city in found.cities.values()
            ]
            _insert(session, City, cities)
            bump(session, TAG)
        return Filled(len(new), len(cities))

    def _gather(self, places: Iterable[NamedPlace]) -> dict[str, _Gathered]:
        gathered: dict[str, _Gathered] = {}
        for place in places:
            code = place.country_code.upper()
            if not _CODE.fullmatch(code):
                continue
            country = gathered.setdefault(code, _Gathered())
            for language, name in place.country_names.items():
                country.names.setdefault(language, name)
            if any(name.strip() for name in place.city_names.values()):
                city = self._named(place.city_names)
                country.cities.setdefault(_alike(str(city["name"])), city)
        return gathered

    def _named(self, texts: Mapping[str, str]) -> dict[str, str | None]:
        """The columns of a name, every one of them: rows that are inserted together have the same columns."""
        usable = {language: text.strip()[:LONGEST_NAME] for language, text in texts.items() if text.strip()}
        columns = dict.fromkeys((f"name_lang{place}" for place in range(1, len(self._languages))), None)
        return {**columns, **names(usable, self._languages)}


def _alike(name: str) -> str:
    """The same for names that some database takes for equal: without case and accents, but й stays apart from и."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name.casefold()).replace("й", "\0"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _demand_untouched(session: Session) -> None:
    """Raise `Conflict` when there is more than the initial data."""
    cities = session.scalar(select(func.count()).select_from(City)) or 0
    added = sorted(set(session.scalars(select(Country.code))) - _OF_THE_SETUP)
    if cities or added:
        what = [f"{cities} cities"] if cities else []
        what += [f"countries besides those of the initial data ({', '.join(added[:5])})"] if added else []
        raise Conflict(f"the directory is in use: there are {' and '.join(what)}")


def _insert(session: Session, model: type[Country | City], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        session.execute(insert(model), rows[start : start + BATCH])
