"""Cameras: which of them a viewer has, and what a list of them says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smarty_core.services.archive import kept_days
from smarty_core.services.entitlements import Entitlement
from smarty_core.services.languages import Texts, texts
from smarty_core.services.listing import live_shift
from smarty_core.services.remembered import Remembered
from smarty_core.services.viewer import Viewer
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import cameras as rows
from smarty_core.storage.repositories.cameras import CameraRow, OfferRow

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

OPERATORS_KEPT: Final = 2_000
ACCOUNTS_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera as lists show it. `place`: from 1 on, in the operator's order. `city_id` 0 = nowhere in particular."""

    row: CameraRow
    place: int
    names: Texts
    city_names: Texts


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """A camera that a viewer may watch, with the depth of its archive in days."""

    camera: Camera
    archive_days: int = 0


class Cameras:
    """The cameras of all operators. Safe between threads; without SQL until a tag moves."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        versions = cache.tag_versions.vector
        self._cameras: Remembered[tuple[Camera, ...]] = Remembered(versions, limit=OPERATORS_KEPT)
        self._own: Remembered[frozenset[int]] = Remembered(versions, limit=ACCOUNTS_KEPT)

    def listed(
        self,
        viewer: Viewer,
        entitlement: Entitlement,
        *,
        search: str = "",
        city_id: int = 0,
    ) -> list[ListedCamera]:
        """The cameras this viewer may watch and that have a picture for him, in the operator's order.

        `search` is a part of the name, letter case aside; `city_id` 0 = everywhere.
        """
        tariffs = frozenset(entitlement.tariff_ids)
        own = self._own_of(viewer) if viewer.active else frozenset()
        needle = search.strip().casefold()
        found = []
        for camera in self.of(viewer.client_id):
            row = camera.row
            if row.id not in own and not set(row.tariffs) & tariffs:
                continue
            if city_id and row.city_id != city_id:
                continue
            if needle and not any(needle in name.casefold() for name in camera.names):
                continue
            services = None if row.id in own else entitlement.service_ids
            shift = live_shift(row, services, wanted=entitlement.timeshift_offset, multicast=entitlement.multicast)
            if shift is not None:
                found.append(ListedCamera(camera, _archive_days(row, services, entitlement)))
        return found

    def of(self, client_id: int) -> tuple[Camera, ...]:
        """All cameras of an operator that are switched on, in his order."""

        def build() -> tuple[Camera, ...]:
            with self._database.read() as session:
                found = rows.cameras(session, client_id)
            return tuple(
                Camera(row, place, texts(*row.names), texts(*row.city_names)) for place, row in enumerate(found, 1)
            )

        client = f"client:{client_id}"
        tags = (f"{client}:cameras", f"{client}:channels", f"{client}:tariffs", "places")
        return self._cameras.get(client_id, tags=tags, build=build)

    def find(self, client_id: int, camera_id: int) -> Camera | None:
        """One camera of an operator."""
        return next((camera for camera in self.of(client_id) if camera.row.id == camera_id), None)

    def offers(self, camera: Camera) -> list[OfferRow]:
        """The tariffs that open a camera and that a subscriber may choose himself, by id."""
        with self._database.read() as session:
            return rows.offers(session, camera.row.client_id, camera.row.tariffs)

    def _own_of(self, viewer: Viewer) -> frozenset[int]:
        def build() -> frozenset[int]:
            with self._database.read() as session:
                return rows.own_cameras(session, viewer.client_id, viewer.account_id)

        tags = (f"client:{viewer.client_id}:cameras", f"account:{viewer.account_id}")
        return self._own.get((viewer.client_id, viewer.account_id), tags=tags, build=build)


def _archive_days(row: CameraRow, service_ids: frozenset[int] | None, entitlement: Entitlement) -> int:
    return max(
        (
            kept_days(row.recording_days, service.recording_days)
            for service in row.services
            if service.type == "pvr"
            and (service_ids is None or service.id in service_ids)
            and service.id not in entitlement.works.service_ids
        ),
        default=0,
    )
