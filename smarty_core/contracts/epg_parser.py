"""Contract `smarty.epg_parser`: turns a source's documents into channels and programmes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, ClassVar

from smarty_core.contracts.driver import Driver, SettingsT


@dataclass(frozen=True, slots=True)
class EpgDocument:
    """One document to fetch. `channel` limits it to one channel of the source.

    `location` is an http(s) address, a local path, or a `data:` address (RFC 2397, at most 64 kB) when there is nothing
    to fetch.
    """

    location: str
    channel: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpgRequest:
    """What the import wants: the source's mask, the days that matter, and the channels somebody uses (empty = all)."""

    url_mask: str
    begin: datetime
    end: datetime
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawChannel:
    """A channel as the source tells it. `names` by language ("" = not said)."""

    id: str
    names: Mapping[str, str]
    icons: tuple[str, ...] = ()


@dataclass(slots=True)
class RawProgramme:
    """A programme as the source tells it, nothing repaired yet.

    `start` and `stop` are the source's own words (XMLTV form `YYYYMMDDhhmmss +hhmm`, or ISO 8601), or aware times;
    the import reads offset-less ones in the source's zone. `stop` may be empty. Texts by language ("" = not said).
    """

    channel: str
    start: str | datetime
    stop: str | datetime = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    subtitles: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    age: int = 0
    icon: str = ""
    event_id: str = ""
    year: str = ""
    countries: tuple[str, ...] = ()
    participants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role (actor, director, composer, producer, ...) -> names."""
    season: int = 0
    episode: int = 0
    """One-based; 0 = not said."""
    live: bool = False
    ratings: Mapping[str, str] = field(default_factory=dict)
    """Critics' marks by system (imdb, kinopoisk), e.g. "7.5"."""
    mark: bytes = b""
    """With the ability `marks`: 8 bytes that stand for the whole programme, else empty."""


@dataclass(frozen=True, slots=True)
class UnreadProgramme:
    """With the ability `marks`: a programme that the import knows already, so only its frame was read.

    `told` is what the source says about it, for `EpgParser.read` when the programme is needed after all.
    """

    channel: str
    start: str | datetime
    stop: str | datetime
    mark: bytes
    told: bytes


Complaint = Callable[[str, str], None]
"""`complain(kind, detail)`: something was skipped or repaired; `kind` is a stable word, counted by the import."""

Known = Callable[[str, bytes], bool]
"""`known(channel, mark)`: whether the import has a programme of that channel with that mark."""


class EpgParser(Driver[SettingsT]):
    """Parses guides. One object serves one EPG source.

    The import does the fetching (size and time limits, compression, caching); the parser names the documents and
    reads them. Memory must stay flat whatever the size of a document: yield, do not gather.
    """

    capability: ClassVar[str] = "epg_parser"
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {"marks": ("parse_new", "read")}

    @abstractmethod
    def documents(self, request: EpgRequest) -> Iterator[EpgDocument]:
        """The documents that hold the wanted channels and days, in the order they should be read.

        Raises `ConfigError` when the mask cannot be understood. No network here.
        """

    @abstractmethod
    def parse(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint
    ) -> Iterator[RawChannel | RawProgramme]:
        """Yield channels and programmes as they are met in `stream` (already decompressed, binary).

        Damaged parts are skipped with `complain`; what was read before a fatal damage is still yielded, then
        `ProviderProtocolError` is raised. Never resolves entities or loads a DTD.
        """

    def parse_new(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint, known: Known
    ) -> Iterator[RawChannel | RawProgramme | UnreadProgramme]:
        """Ability `marks`: what `parse` yields, but each programme has a mark, and known ones come unread.

        A guide that comes again is nearly the guide that came before: a parser that tells cheaply what has not changed
        saves most of the work. Equal marks mean equal programmes, channel aside; a mark therefore also stands for the
        driver's settings and for the way its release reads. Marks are stored. `known` may be called from any thread.
        """
        return self._unsupported("marks")  # type: ignore[no-any-return]

    def read(self, told: bytes) -> RawProgramme:
        """Ability `marks`: the programme of which an `UnreadProgramme` was made; its channel may be empty.

        Pure and quick: it is called wherever the import happens to be.
        """
        return self._unsupported("marks")  # type: ignore[no-any-return]
