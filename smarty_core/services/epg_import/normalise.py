"""From what a source says to the row that is stored: languages, limits, categories, meta."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

import msgpack

from smarty_core.contracts.epg_parser import RawProgramme
from smarty_core.services.epg_import.mapping import Classifier
from smarty_core.services.epg_import.meta import program_meta
from smarty_core.storage.repositories.epg_programmes import ProgrammeRow
from smarty_core.values import MAX_LANGUAGES

NAME_LIMIT: Final = 1000
TEXT_LIMIT: Final = 10_000
URL_LIMIT: Final = 2000
RECORD_LIMIT: Final = 262_144
"""Bytes of one programme as its source tells it; a longer one is not believed."""

_FIELDS: Final = ("titles", "subtitles", "descriptions", "categories", "genres", "age", "icon", "event_id", "year",
                  "countries", "participants", "season", "episode", "live", "ratings")  # fmt: skip
_facts: Final = attrgetter(*_FIELDS)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_Packer: Final = msgpack.Packer(use_bin_type=True)


def packed(raw: RawProgramme) -> bytes:
    """Everything but channel and times, as bytes that are equal when the content is.

    Raises `TypeError`, `ValueError` or `OverflowError` when the parser put something into the programme that does not
    belong there.
    """
    try:
        return bytes(_Packer.pack(_facts(raw)))
    except (TypeError, UnicodeEncodeError):
        return bytes(msgpack.packb(_facts(raw), default=_plain, use_bin_type=True, unicode_errors="replace"))


class Normaliser:
    """Makes rows. One per source and run."""

    def __init__(
        self,
        *,
        default_language: str,
        additional_languages: tuple[str, ...],
        classifier: Classifier,
        complain: Callable[[str, str], None],
    ) -> None:
        self._default = default_language
        self._additional = additional_languages[:MAX_LANGUAGES]
        self._padding = (None,) * (MAX_LANGUAGES - len(self._additional))
        self._nothing = (None,) * MAX_LANGUAGES
        self._classifier = classifier
        self._complain = complain

    def row(self, channel: int, start: int, stop: int, body: bytes) -> ProgrammeRow:
        """The row of one programme; `body` is what `packed` made."""
        raw = RawProgramme("", "", "", *msgpack.unpackb(body, use_list=False, strict_map_key=False))
        kinds = self._classifier.kinds(raw.categories, raw.genres)
        name = self._text(self._own(raw.titles), NAME_LIMIT, "name")
        extra = self._text(self._own(raw.subtitles), NAME_LIMIT, "name") if raw.subtitles else ""
        description = self._text(self._own(raw.descriptions), TEXT_LIMIT, "description") if raw.descriptions else ""
        serial = raw.season > 0 or raw.episode > 0 or bool(extra)
        return ProgrammeRow._make((
            channel, start, stop, name, name if serial else "", description,
            *self._others(raw.titles, NAME_LIMIT), *self._others(raw.descriptions, TEXT_LIMIT),
            kinds.category_id, kinds.category_ids, kinds.genre_ids, raw.age if 0 < raw.age <= 21 else 0,
            self._address(raw.icon), self._meta(raw, extra, kinds.genres), _clean(raw.event_id)[:255],
        ))  # fmt: skip

    def name(self, body: bytes) -> str:
        """Only the name, for messages about programmes that are not written."""
        titles = msgpack.unpackb(body, use_list=False, strict_map_key=False)[0]
        return _clean(self._own(titles))[:NAME_LIMIT]

    def _own(self, texts: Mapping[str, str]) -> str:
        """The text in the installation's language, or the one that is there."""
        found = texts.get(self._default) or texts.get("")
        return found or next((text for text in texts.values() if text), "")

    def _others(self, texts: Mapping[str, str], limit: int) -> tuple[str | None, ...]:
        if not texts:
            return self._nothing
        found = [self._text(texts[lang], limit, "text") or None if lang in texts else None
                 for lang in self._additional]  # fmt: skip
        return (*found, *self._padding)

    def _text(self, text: str, limit: int, what: str) -> str:
        text = _clean(text)
        if len(text) > limit:
            self._complain("text_cut", f"{what} of {len(text)} characters: {text[:60]}")
            text = text[: limit - 1].rstrip() + "…"
        return text

    def _address(self, address: str) -> str:
        address = _clean(address)
        if len(address) > URL_LIMIT:
            self._complain("address_too_long", address[:100])
            return ""
        return address

    def _meta(self, raw: RawProgramme, extra: str, genres: tuple[str, ...]) -> str:
        text = program_meta(raw, extra_name=extra, genres=genres)
        return text if "\\u00" not in text and "\\ud" not in text else _clean(text)


def _clean(text: str) -> str:
    text = text.strip()
    return text if text.isprintable() else _CONTROL.sub("", text).strip()


def _plain(value: Any) -> Any:
    """What msgpack does not know by itself but a parser may reasonably use."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not belong into a programme")
