"""An operator's cameras with everything a list of them shows, and those that single accounts have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.base import owned_by
from smarty_core.storage.models import (
    Camera,
    City,
    Tariff,
    account_camera,
    camera_stream_service,
    tariff_camera,
)
from smarty_core.storage.repositories.channels import ServiceRow, localised, working_services


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera that is switched on. Texts are the default one and those of the additional languages; `services` those
    that work; `tariffs` those that are switched on, by id."""

    id: int
    client_id: int
    names: tuple[str, Sequence[str | None]]
    icon_url: str
    uri: str
    multicast_uri: str
    preview_url: str
    recording_days: int
    city_id: int
    city_names: tuple[str, Sequence[str | None]]
    services: tuple[ServiceRow, ...]
    tariffs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A tariff that opens a camera. `periodical`: its price is due again and again."""

    tariff_id: int
    names: tuple[str, Sequence[str | None]]
    price: Decimal
    periodical: bool
    activation_price: Decimal


def cameras(session: Session, client_id: int) -> list[CameraRow]:
    """The operator's cameras in his order."""
    services = working_services(session, client_id, camera_stream_service.c.camera_id)
    tariffs: defaultdict[int, list[int]] = defaultdict(list)
    sold = (
        select(tariff_camera.c.camera_id, Tariff.id)
        .join(Tariff, Tariff.id == tariff_camera.c.tariff_id)
        .where(Tariff.client_id == client_id, Tariff.enabled)
        .order_by(Tariff.id)
    )
    for camera_id, tariff_id in session.execute(sold):
        tariffs[camera_id].append(tariff_id)
    query = (
        select(Camera, City)
        .outerjoin(City, City.id == Camera.city_id)
        .where(Camera.client_id == client_id, Camera.enabled)
        .order_by(Camera.sort, Camera.id)
    )
    return [
        CameraRow(
            id=row.id,
            client_id=row.client_id,
            names=localised(row),
            icon_url=row.icon_url,
            uri=row.uri,
            multicast_uri=row.multicast_uri,
            preview_url=row.preview_url,
            recording_days=row.recording_days,
            city_id=row.city_id or 0,
            city_names=localised(city) if city is not None else ("", ()),
            services=services.get(row.id, ()),
            tariffs=tuple(tariffs[row.id]),
        )
        for row, city in session.execute(query)
    ]


def offers(session: Session, client_id: int, tariff_ids: Sequence[int]) -> list[OfferRow]:
    """What is said of those of the tariffs that somebody may buy himself, by id."""
    query = select(Tariff).where(
        Tariff.id.in_(tariff_ids), Tariff.client_id == client_id, Tariff.enabled, ~Tariff.hidden, ~Tariff.archived
    )
    return [
        OfferRow(row.id, localised(row), row.price, row.period > 0, row.activation_price)
        for row in session.scalars(query.order_by(Tariff.id))
    ]


def own_cameras(session: Session, client_id: int, account_id: int) -> frozenset[int]:
    """Cameras that an account has without a tariff."""
    query = (
        select(Camera.id)
        .join(account_camera, account_camera.c.camera_id == Camera.id)
        .where(account_camera.c.account_id == account_id, owned_by(Camera.client_id, client_id))
    )
    return frozenset(session.scalars(query))
