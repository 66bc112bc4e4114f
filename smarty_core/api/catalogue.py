"""Channels and their guide, as plugins see them: `host.catalogue`, `host.guide`, `host.entitlements`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smarty_core.api.accounts import Session


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of one operator, in the asked language."""

    id: int
    number: int
    name: str
    category_id: int | None = None
    icon: str = ""
    """Full address, or empty."""
    has_archive: bool = False
    archive_hours: int = 0
    parent_control: bool = False
    epg_channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelCategory:
    id: int
    name: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme. Times are aware UTC."""

    id: int
    name: str
    begin: datetime
    end: datetime
    description: str = ""
    age: int = 0


class Catalogue(Protocol):
    """The operator's channels. `lang` is 0 for the default language, 1 to 5 for the additional ones."""

    def channels(self, client_id: int, *, lang: int = 0) -> Sequence[Channel]:
        """All enabled channels in the operator's order."""

    def categories(self, client_id: int, *, lang: int = 0) -> Sequence[ChannelCategory]:
        """All categories in the operator's order."""


class Guide(Protocol):
    """Programmes of the operator's channels."""

    def programmes(
        self, client_id: int, channel_id: int, *, begin: datetime, end: datetime, lang: int = 0
    ) -> Sequence[Programme]:
        """Programmes that touch the window, by time; at most 31 days. Raises `NotFound`, `InvalidValue`."""

    def now(self, client_id: int, channel_id: int, *, lang: int = 0) -> Programme | None:
        """What is on now, None for a hole."""


class Entitlements(Protocol):
    """What a viewer may watch."""

    def channel_ids(self, session: Session) -> frozenset[int]:
        """Channels the viewer may watch now: tariffs and places taken into account. Raises `Refused`
        (`session_ended`) when he is logged out."""
