"""Contract `smarty.metadata_source`: finds descriptions, people and pictures for films and programmes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT
from smarty_core.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class MetadataQuery:
    """What is looked for. `ids` are known ids by system (imdb, kinopoisk); they win over the title."""

    title: str = ""
    year: int = 0
    kind: Literal["film", "serial", "any"] = "any"
    language: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.title and not self.ids:
            raise InvalidValue("a query needs a title or an id")


@dataclass(frozen=True, slots=True)
class MetadataMatch:
    """A candidate. `likeness` is from 0 (surely not) to 1 (surely)."""

    id: str
    title: str
    likeness: float
    year: int = 0

    def __post_init__(self) -> None:
        if not self.id or not 0 <= self.likeness <= 1:
            raise InvalidValue("a match needs an id and a likeness from 0 to 1")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Everything the source knows. Texts by language ("" = not said)."""

    id: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    year: int = 0
    genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    age: int = 0
    duration: int = 0
    """Seconds."""
    poster: str = ""
    pictures: tuple[str, ...] = ()
    ratings: Mapping[str, str] = field(default_factory=dict)
    participants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class MetadataSource(Driver[SettingsT]):
    """A source of metadata. Both methods are idempotent and raise the three `ProviderError` kinds."""

    capability: ClassVar[str] = "metadata_source"

    @abstractmethod
    def find(self, query: MetadataQuery) -> tuple[MetadataMatch, ...]:
        """Candidates, the likeliest first, at most 20; empty when nothing fits."""

    @abstractmethod
    def details(self, id: str) -> Metadata:
        """All about one match. Raises `NotFound` for an id the source does not know."""
