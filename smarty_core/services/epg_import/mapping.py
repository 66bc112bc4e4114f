"""From a source's category and genre names to our categories and genres."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final, NamedTuple

from smarty_core.storage.database import Database
from smarty_core.storage.repositories import epg_categories as stored

MOST_NEW: Final = 300
"""Categories and genres one import may create; a source that has more is describing programmes, not categories."""

MOST_PER_PROGRAMME: Final = 20
_NAME_LIMIT: Final = 200
_REMEMBERED: Final = 20_000


class Kinds(NamedTuple):
    """Categories and genres of a programme as its row holds them."""

    category_id: int | None
    category_ids: str | None
    genre_ids: str | None
    genres: tuple[str, ...]


class Classifier:
    """Maps names for one source. Names nobody has mapped are matched with what exists, else created.

    A category name that is mapped, or matches, only as a genre counts as a genre: XMLTV has no place for genres.
    """

    def __init__(
        self,
        database: Database,
        source: int,
        *,
        several: bool,
        create: bool,
        complain: Callable[[str, str], None],
    ) -> None:
        self._database = database
        self._source = source
        self._several = several
        self._create = create
        self._complain = complain
        self._made = 0
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], Kinds] = {}
        with database.read() as session:
            self._categories = stored.categories_for(session, source)
            self._genres = stored.genres_for(session, source)
        self.fingerprint: Final = self._fingerprint()
        """Changes when an operator maps names differently, not when the import maps a name to its like."""

    def kinds(self, categories: tuple[str, ...], genres: tuple[str, ...]) -> Kinds:
        """What a programme with these names is."""
        key = (categories, genres)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._resolve(categories, genres)
        return found

    def _resolve(self, categories: tuple[str, ...], genres: tuple[str, ...]) -> Kinds:
        category_ids: list[int] = []
        genre_ids: list[int] = []
        for name in (_clean(name) for name in categories[:MOST_PER_PROGRAMME]):
            if name:
                self._category(name, category_ids, genre_ids)
        for name in (_clean(name) for name in genres[:MOST_PER_PROGRAMME]):
            genre = self._genre(name) if name else None
            if genre is not None and genre not in genre_ids:
                genre_ids.append(genre)
        if not self._several:
            category_ids = category_ids[:1]
        return Kinds(
            category_ids[0] if category_ids else None,
            _json(category_ids),
            _json(genre_ids),
            tuple(self._genres.names[genre] for genre in genre_ids),
        )

    def _category(self, name: str, category_ids: list[int], genre_ids: list[int]) -> None:
        category = self._categories.mapped.get(name)
        genre = self._genres.mapped.get(name) if category is None else None
        if category is None and genre is None:
            category = self._categories.known.get(name.casefold())
            genre = self._genres.known.get(name.casefold()) if category is None else None
            if category is not None:
                self._remember_category(name, category)
            elif genre is not None:
                self._remember_genre(name, genre)
        if category is None and genre is None:
            category = self._new_category(name)
        if category is not None and category not in category_ids:
            category_ids.append(category)
        if genre is not None and genre not in genre_ids:
            genre_ids.append(genre)

    def _genre(self, name: str) -> int | None:
        genre = self._genres.mapped.get(name)
        if genre is not None:
            return genre
        genre = self._genres.known.get(name.casefold())
        if genre is not None:
            self._remember_genre(name, genre)
            return genre
        if not self._may_create(name):
            return None
        with self._database.write() as session:
            genre = stored.add_genre(session, self._source, name)
        self._genres.mapped[name] = self._genres.known[name.casefold()] = genre
        self._genres.names[genre] = name
        return genre

    def _new_category(self, name: str) -> int | None:
        if not self._may_create(name):
            return None
        with self._database.write() as session:
            category = stored.add_category(session, self._source, name)
        self._categories.mapped[name] = self._categories.known[name.casefold()] = category
        self._categories.names[category] = name
        return category

    def _may_create(self, name: str) -> bool:
        if self._create and self._made < MOST_NEW:
            self._made += 1
            return True
        self._complain("unmapped_category", name)
        return False

    def _remember_category(self, name: str, category: int) -> None:
        with self._database.write() as session:
            stored.map_category(session, self._source, name, category)
        self._categories.mapped[name] = category

    def _remember_genre(self, name: str, genre: int) -> None:
        with self._database.write() as session:
            stored.map_genre(session, self._source, name, genre)
        self._genres.mapped[name] = genre

    def _fingerprint(self) -> bytes:
        told = [
            (kind, name, id)
            for kind, words in (("c", self._categories), ("g", self._genres))
            for name, id in sorted(words.mapped.items())
            if words.known.get(name.casefold()) != id
        ]
        return hashlib.blake2b(repr((told, self._several, self._create)).encode(), digest_size=16).digest()


def _clean(name: str) -> str:
    return " ".join(name.replace("\0", " ").split())[:_NAME_LIMIT].strip()


def _json(ids: list[int]) -> str | None:
    return json.dumps(ids, separators=(",", ":")) if ids else None
