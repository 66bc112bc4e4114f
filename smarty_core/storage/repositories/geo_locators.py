"""Geo locators that operators have chosen for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from smarty_core.storage.models import Client, PluginInstance


@dataclass(frozen=True, slots=True)
class Chosen:
    """An operator and the driver he chose by its name, without an instance of his own."""

    client_id: int
    client_name: str
    driver: str


def chosen_by_name(session: Session) -> list[Chosen]:
    """Operators, switched on, whose locator is a driver with the settings of the settings file."""
    instance = exists().where(
        PluginInstance.client_id == Client.id,
        PluginInstance.capability == "geo_locator",
        PluginInstance.name == Client.geo_locator,
        PluginInstance.enabled,
    )
    query = select(Client.id, Client.name, Client.geo_locator).where(
        Client.enabled, Client.geo_locator != "", ~instance
    )
    # Oracle stores an empty text as NULL, which is not in the answer either.
    return [Chosen(*row) for row in session.execute(query.order_by(Client.id)) if row.geo_locator]
