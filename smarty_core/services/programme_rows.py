"""Programmes as fields of answers. Text is text, numbers are numbers, nothing is ever null."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smarty_core.services.guide_categories import Kinds
from smarty_core.services.guide_tags import CATEGORIES_TAG, epg_tag
from smarty_core.services.icons import Icons
from smarty_core.services.languages import pick
from smarty_core.services.line_up import NOTHING
from smarty_core.storage.repositories.guide import ProgrammeRow

if TYPE_CHECKING:
    from smarty_core.services.guide import Guide

HOUR: Final = 3600
FRAGMENTS_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Fragment:
    fields: Mapping[str, Any]
    since: int
    until: int
    versions: tuple[int, ...]


class ProgrammeRows:
    """Makes fields out of programmes, and keeps those of what is on air until it ends. Safe between threads."""

    def __init__(self, *, guide: Guide, icons: Icons, versions: Callable[[Sequence[str]], tuple[int, ...]]) -> None:
        self._guide = guide
        self._icons = icons
        self._versions = versions
        self._fragments: OrderedDict[tuple[int, int, int, int], _Fragment] = OrderedDict()
        self._guard = threading.Lock()

    def on_air(
        self, epg_channel_id: int | None, *, now: int, shift_hours: int, lang: int, step: int = 0
    ) -> Mapping[str, Any]:
        """`program_*` and `next_program_*` of a channel whose picture comes `shift_hours` later than the guide says.

        `step` 1 begins with the next programme instead of the present one, and so on.
        """
        if epg_channel_id is None:
            return _EMPTY
        key = (epg_channel_id, shift_hours, lang, step)
        versions = self._versions((epg_tag(epg_channel_id), CATEGORIES_TAG))
        with self._guard:
            known = self._fragments.get(key)
            if known is not None and known.since <= now < known.until and known.versions == versions:
                return known.fields
        air = self._guide.now_next.on_air(epg_channel_id, now - shift_hours * HOUR, following=step + 1)
        kinds = self._guide.categories.all()
        fields = {
            **self._prefixed("program_", air.at(step), kinds, shift_hours, lang),
            **self._prefixed("next_program_", air.at(step + 1), kinds, shift_hours, lang),
        }
        with self._guard:
            until = air.changes_at + shift_hours * HOUR
            self._fragments[key] = _Fragment(fields, now, until, versions)
            self._fragments.move_to_end(key)
            while len(self._fragments) > FRAGMENTS_KEPT:
                self._fragments.popitem(last=False)
        return fields

    def _prefixed(
        self, prefix: str, row: ProgrammeRow | None, kinds: Kinds, shift_hours: int, lang: int
    ) -> dict[str, Any]:
        if row is None:
            return {prefix + name: value for name, value in NO_PROGRAMME.items()}
        category = row.category_ids[0] if row.category_ids else 0
        return {
            prefix + "id": row.id,
            prefix + "name": pick(row.names, lang),
            prefix + "begin_time": row.start + shift_hours * HOUR,
            prefix + "end_time": row.stop + shift_hours * HOUR,
            prefix + "category_id": category,
            prefix + "category": kinds.category_names[lang].get(category, ""),
            prefix + "description": pick(row.descriptions, lang),
            prefix + "preview_url": self._icons.address(row.preview_url),
            prefix + "rating": row.rating,
            prefix + "meta": row.meta or NOTHING,
            prefix + "genres": self._genres(row, kinds, lang),
        }

    def timetable(self, row: ProgrammeRow, *, shift_hours: int, lang: int) -> dict[str, Any]:
        """A programme of a picture that comes `shift_hours` later than the guide says, and the guide's times."""
        plain = self._plain(row, lang)
        return {
            "id": row.id,
            "program_name": plain["name"],
            "program_begin_time": row.start + shift_hours * HOUR,
            "program_end_time": row.stop + shift_hours * HOUR,
            "program_preview_url": self._icons.address(row.preview_url),
            "program_rating": row.rating,
            "program_category": plain["category"],
            "program_description": plain["description"],
            "datetime_begin": row.start,
            "datetime_end": row.stop,
        }

    def grid(self, row: ProgrammeRow, lang: int, *, shift_hours: int = 0) -> dict[str, Any]:
        """A programme of a guide grid, of a picture that comes `shift_hours` later than the guide says."""
        return {
            **self._plain(row, lang, shift_hours),
            "end_time": row.stop + shift_hours * HOUR,
            "category_id": row.category_ids[0] if row.category_ids else 0,
            "preview_url": self._icons.address(row.preview_url),
            "program_meta": row.meta or NOTHING,
            "program_genres": self._genres(row, self._guide.categories.all(), lang),
        }

    def detail(self, row: ProgrammeRow, lang: int, *, shift_hours: int = 0) -> dict[str, Any]:
        """A programme with everything that is the same for all viewers of a picture that comes `shift_hours` later."""
        return {
            **self._plain(row, lang, shift_hours),
            "end_time": row.stop + shift_hours * HOUR,
            "short_name": row.short_name,
            "preview": self._icons.address(row.preview_url),
            "meta": row.meta or NOTHING,
        }

    def _plain(self, row: ProgrammeRow, lang: int, shift_hours: int = 0) -> dict[str, Any]:
        category = row.category_ids[0] if row.category_ids else 0
        return {
            "id": row.id,
            "begin_time": row.start + shift_hours * HOUR,
            "name": pick(row.names, lang),
            "description": pick(row.descriptions, lang),
            "category": self._guide.categories.all().category_names[lang].get(category, ""),
            "rating": row.rating,
        }

    def _genres(self, row: ProgrammeRow, kinds: Kinds, lang: int) -> list[dict[str, Any]]:
        names = kinds.genre_names[lang]
        return [{"genre_id": genre, "genre_name": names[genre]} for genre in row.genre_ids if genre in names]


NO_PROGRAMME: Final[Mapping[str, Any]] = {
    "id": 0,
    "name": "",
    "begin_time": 0,
    "end_time": 0,
    "category_id": 0,
    "category": "",
    "description": "",
    "preview_url": "",
    "rating": 0,
    "meta": NOTHING,
    "genres": [],
}
_EMPTY: Final[Mapping[str, Any]] = {
    prefix + name: value for prefix in ("program_", "next_program_") for name, value in NO_PROGRAMME.items()
}
