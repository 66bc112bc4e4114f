"""An operator's radio stations with everything a list of them shows and what their addresses come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.storage.models import DataCenter, Radio, StreamService, Tariff, radio_stream_service, tariff_radio
from smarty_core.storage.repositories.channels import localised
from smarty_core.storage.repositories.streams import ContentFacts, ServiceFacts, service_facts


@dataclass(frozen=True, slots=True)
class StationRow:
    """A station that is switched on; texts are the default one and those of the additional languages."""

    names: tuple[str, Sequence[str | None]]
    description: str
    icon_url: str
    content: ContentFacts


def stations(session: Session, client_id: int) -> list[StationRow]:
    """The operator's stations in his order."""
    services: defaultdict[int, list[ServiceFacts]] = defaultdict(list)
    attached = (
        select(radio_stream_service.c.radio_id, StreamService, DataCenter.enabled)
        .join(StreamService, StreamService.id == radio_stream_service.c.stream_service_id)
        .outerjoin(DataCenter, DataCenter.id == StreamService.data_center_id)
        .where(StreamService.client_id == client_id)
        .order_by(StreamService.id)
    )
    for radio_id, service, center in session.execute(attached):
        services[radio_id].append(service_facts(service, center_enabled=center is not False))
    tariffs: defaultdict[int, set[int]] = defaultdict(set)
    sold = (
        select(tariff_radio.c.radio_id, Tariff.id)
        .join(Tariff, Tariff.id == tariff_radio.c.tariff_id)
        .where(Tariff.client_id == client_id, Tariff.enabled, Tariff.used_for_radio_list)
    )
    for radio_id, tariff_id in session.execute(sold):
        tariffs[radio_id].add(tariff_id)
    query = select(Radio).where(Radio.client_id == client_id, Radio.enabled).order_by(Radio.sort, Radio.id)
    return [
        StationRow(
            names=localised(row),
            description=row.description,
            icon_url=row.icon_url,
            content=ContentFacts(
                id=row.id,
                client_id=row.client_id,
                kind="radio",
                content_id=str(row.id),
                prefix=row.url_prefix,
                uri=row.uri,
                services=tuple(services[row.id]),
                tariff_ids=frozenset(tariffs[row.id]),
            ),
        )
        for row in session.scalars(query)
    ]
