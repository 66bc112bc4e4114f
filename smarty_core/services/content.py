"""Content of every kind as playing needs it, and whether a viewer may have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from smarty_core.errors import NotFound
from smarty_core.services.entitlements import Entitlement, Entitlements
from smarty_core.services.remembered import Remembered
from smarty_core.services.viewer import Viewer
from smarty_core.services.works import NO_WORKS, Works
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import content as rows
from smarty_core.storage.repositories.streams import ContentFacts, ContentKind

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

KEPT: Final = 20_000
OPERATORS_KEPT: Final = 2_000

_TAGS: Final = {"channel": "channels", "video": "videos", "radio": "radio", "camera": "cameras"}


def content_tags(client_id: int, kind: ContentKind) -> tuple[str, ...]:
    """Tags of an operator's content of one kind: of itself, of stream services and of tariffs."""
    client = f"client:{client_id}"
    return tuple(dict.fromkeys((f"{client}:{_TAGS[kind]}", f"{client}:channels", f"{client}:tariffs")))


@dataclass(frozen=True, slots=True)
class Allowed:
    """Content that a viewer may have now. `service_ids`: the stream services that may play it to him."""

    content: ContentFacts
    service_ids: frozenset[int]
    until: datetime | None = None
    """The next instant at which that may change by itself; None: it was not worked out."""
    max_sessions: int = 0
    """How many of his account may watch at the same moment; 0 = no limit."""
    works: Works = NO_WORKS
    """What technical works block, until `until`."""


class Contents:
    """Safe between threads; without SQL until a tag moves."""

    def __init__(self, *, database: Database, cache: Cache, entitlements: Entitlements) -> None:
        self._database = database
        self._entitlements = entitlements
        self._kept: Remembered[ContentFacts | None] = Remembered(cache.tag_versions.vector, limit=KEPT)
        self._static: Remembered[dict[int, ContentFacts]] = Remembered(cache.tag_versions.vector, limit=OPERATORS_KEPT)

    def allowed(
        self, viewer: Viewer, kind: ContentKind, content_id: int | None, now: datetime, *, file_id: int | None = None
    ) -> Allowed:
        """The content, if this viewer may have it. `file_id`: a certain file of a film, whose film may be left out.

        Raises `NotFound` for content that does not exist, belongs to another operator, or is not his.
        """
        content = self.find(viewer.client_id, kind, content_id, file_id=file_id)
        entitlement = self._entitlements.for_viewer(viewer, lang=0, device_format="json", now=now)
        if content is None or not _is_open(content, viewer, entitlement, now):
            raise NotFound(f"{kind} not found")
        own = viewer.account_id in content.account_ids
        services = all_services(content) if own or content.trailer else entitlement.service_ids
        at_once = self._entitlements.streams_at_once(entitlement)
        return Allowed(content, services, entitlement.valid_until, at_once, entitlement.works)

    def trailer(self, client_id: int, video_id: int | None, file_id: int, now: datetime) -> Allowed:
        """A trailer of a film: it is open to everybody. Raises `NotFound` when the file is none."""
        content = self.find(client_id, "video", video_id, file_id=file_id)
        if content is None or not content.trailer:
            raise NotFound("trailer not found")
        return Allowed(content, all_services(content), works=self._entitlements.works.of(client_id, now).at(now))

    def static_channels(self, client_id: int) -> dict[int, ContentFacts]:
        """The operator's channels that have a stream service with static routing, by id."""

        def build() -> dict[int, ContentFacts]:
            with self._database.read() as session:
                return rows.static_channels(session, client_id)

        return self._static.get(client_id, tags=content_tags(client_id, "channel"), build=build)

    def find(
        self, client_id: int, kind: ContentKind, content_id: int | None, *, file_id: int | None = None
    ) -> ContentFacts | None:
        """The operator's content, whoever may have it; None when there is none that is switched on."""

        def build() -> ContentFacts | None:
            with self._database.read() as session:
                if kind == "video":
                    return rows.video_facts(session, client_id, content_id, file_id)
                return None if content_id is None else _READ[kind](session, client_id, content_id)

        key = (client_id, kind, content_id, file_id)
        return self._kept.get(key, tags=content_tags(client_id, kind), build=build)


_READ: Final[dict[str, Callable[[Session, int, int], ContentFacts | None]]] = {
    "channel": rows.channel_facts,
    "radio": rows.radio_facts,
    "camera": rows.camera_facts,
}


def all_services(content: ContentFacts) -> frozenset[int]:
    return frozenset(service.id for service in content.services)


def _is_open(content: ContentFacts, viewer: Viewer, entitlement: Entitlement, now: datetime) -> bool:
    if content.kind == "channel":
        return content.id in entitlement.channel_ids
    if content.trailer:
        return True
    if (content.opens is not None and now < content.opens) or (content.closes is not None and now >= content.closes):
        return False
    own = viewer.active and viewer.account_id in content.account_ids
    return own or not content.tariff_ids.isdisjoint(entitlement.tariff_ids)
