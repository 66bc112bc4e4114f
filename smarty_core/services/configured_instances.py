"""Every configured instance of a driver with the settings it is made from, wherever it is configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.stream_routers import StreamRouters
from smarty_core.storage.database import Database
from smarty_core.storage.models import PluginInstance, StreamService
from smarty_core.storage.repositories.epg_sources import sources_to_import
from smarty_core.storage.repositories.geo_locators import chosen_by_name
from smarty_core.storage.repositories.streams import ServiceFacts, service_facts
from smarty_core.storage.vault import PREFIX, Vault

if TYPE_CHECKING:
    from smarty_core.config import Settings


@dataclass(frozen=True, slots=True)
class Configured:
    """One instance: where it is configured, in words, and how the registry is asked for it.

    `service` stands for the settings of a stream service, which are put together from its row.
    """

    place: str
    capability: str
    driver: str
    key: str = ""
    raw: Mapping[str, Any] | None = None
    service: ServiceFacts | None = None


class ConfiguredInstances:
    """Finds them all, and makes one after the other."""

    def __init__(self, *, settings: Settings, database: Database, registry: DriverRegistry, vault: Vault) -> None:
        self._settings = settings
        self._database = database
        self._registry = registry
        self._vault = vault
        self._router_for = StreamRouters(registry=registry, vault=vault)

    def make(self, instance: Configured) -> GuardedDriver:
        """The driver object. Raises `DriverError` or `StorageError` with what is wrong with it."""
        if instance.service is not None:
            return self._router_for(instance.service)
        raw = {name: self._clear(value) for name, value in (instance.raw or {}).items()}
        return self._registry.instance(instance.capability, instance.driver, instance.key, raw)

    def of_settings(self) -> Iterator[Configured]:
        """Those the settings file chooses. Raises `DriverNotFound`."""
        for name in self._settings.GEO_LOCATORS:
            attributes = self._settings.GEO_LOCATOR_SETTINGS.get(name, {})
            yield Configured(f"GEO_LOCATORS: {name}", "geo_locator", name, f"geo:{name}", attributes)
        if name := self._settings.SMS_BACKEND:
            yield Configured("SMS_BACKEND", "sms_backend", name, "SMS_BACKEND", self._sms_settings(name))

    def _sms_settings(self, name: str) -> Mapping[str, Any]:
        """The driver `smsc`, by whatever name it is chosen, reads SMSC_LOGIN and so on."""
        driver = name if "." not in name else self._registry.canonical("sms_backend", name)
        return self._settings.with_prefix(f"{driver.upper()}_")

    def of_database(self) -> Iterator[Configured]:
        """Those of sources, stream services and operators that are enabled. Raises `StorageError`."""
        with self._database.read() as session:
            for source in sources_to_import(session):
                place = f"EPG source {source.id} {source.name}"
                yield Configured(place, "epg_parser", source.parser, f"epg:{source.id}", source.attributes)
            for row in session.scalars(select(StreamService).where(StreamService.enabled).order_by(StreamService.id)):
                if row.router:
                    place = f"stream service {row.id} {row.name}"
                    yield Configured(place, "stream_router", row.router, service=service_facts(row))
            query = select(PluginInstance).where(PluginInstance.enabled).order_by(PluginInstance.id)
            for instance in session.scalars(query):
                attributes = {item.key: item.value for item in instance.attributes}
                place = f"instance {instance.id} {instance.name}"
                yield Configured(place, instance.capability, instance.driver, f"check:{instance.id}", attributes)
            for chosen in chosen_by_name(session):
                place = f"geo locator of operator {chosen.client_id} {chosen.client_name}"
                attributes = self._settings.GEO_LOCATOR_SETTINGS.get(chosen.driver, {})
                yield Configured(place, "geo_locator", chosen.driver, f"geo:{chosen.driver}", attributes)

    def _clear(self, value: Any) -> Any:
        return self._vault.decrypt(value) if isinstance(value, str) and value.startswith(PREFIX) else value
