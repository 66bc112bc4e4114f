"""Where drivers are configured: in the settings file, on EPG sources, on stream services, as plugin instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgSource, PluginInstance, StreamService
from smarty_core.storage.repositories.geo_locators import chosen_by_name

if TYPE_CHECKING:
    from smarty_core.config import Settings

CONFIGURED: tuple[tuple[str, str], ...] = (("geo_locator", "GEO_LOCATORS"), ("sms_backend", "SMS_BACKEND"))
"""Capabilities that the settings file chooses, and the setting that names the driver or drivers."""


def uses_in_settings(settings: Settings) -> dict[tuple[str, str], list[str]]:
    """(capability, driver name as written) -> settings that name it."""
    found: dict[tuple[str, str], list[str]] = {}
    for capability, setting in CONFIGURED:
        value = getattr(settings, setting, None)
        names = [value] if isinstance(value, str) else list(value or ())
        for name in names:
            if isinstance(name, str) and name:
                found.setdefault((capability, name), []).append(setting)
    return found


def uses_in_database(database: Database) -> dict[tuple[str, str], list[str]]:
    """(capability, driver name as stored) -> EPG sources, stream services, instances and operators.

    Raises `StorageError`.
    """
    found: dict[tuple[str, str], list[str]] = {}

    def note(capability: str, driver: str, place: str) -> None:
        if driver:
            found.setdefault((capability, driver), []).append(place)

    with database.read() as session:
        for number, name, parser in session.execute(select(EpgSource.id, EpgSource.name, EpgSource.parser)):
            note("epg_parser", parser, f"EPG source {number} {name}")
        for number, name, router in session.execute(select(StreamService.id, StreamService.name, StreamService.router)):
            note("stream_router", router, f"stream service {number} {name}")
        rows = select(PluginInstance.id, PluginInstance.name, PluginInstance.capability, PluginInstance.driver)
        for number, name, capability, driver in session.execute(rows):
            note(capability, driver, f"instance {number} {name}")
        for chosen in chosen_by_name(session):
            note("geo_locator", chosen.driver, f"operator {chosen.client_id} {chosen.client_name}")
    return found


def merged(
    *parts: Mapping[tuple[str, str], list[str]] | Callable[[], Mapping[tuple[str, str], list[str]]],
) -> dict[tuple[str, str], list[str]]:
    """All uses together."""
    found: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        for key, places in (part() if callable(part) else part).items():
            found.setdefault(key, []).extend(places)
    return found
