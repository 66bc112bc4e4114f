"""Drivers that the settings file names must be installed and their settings right, or the server does not start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from smarty_core.errors import ConfigError, DriverBroken, DriverNotFound
from smarty_core.plugins.binding import bind
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.plugin_uses import uses_in_settings

if TYPE_CHECKING:
    from smarty_core.config import Settings


def missing_drivers(settings: Settings, registry: DriverRegistry) -> list[str]:
    """One line for every driver that a setting names and no installed package provides."""
    problems = []
    for (capability, name), places in uses_in_settings(settings).items():
        try:
            registry.driver_class(capability, name)
        except DriverNotFound as missing:
            problems.append(f"{', '.join(places)}: {missing}")
        except DriverBroken:
            continue  # installed but broken: the rest runs, `check` and `plugins` say why
    return problems


def wrong_settings(settings: Settings, registry: DriverRegistry) -> list[str]:
    """One line for every mistake in what the settings file says to drivers that work."""
    problems: list[str] = []
    for capability, name, where, raw in _written(settings, registry):
        try:
            bind(registry.driver_class(capability, name).Settings, raw, where)
        except (DriverNotFound, DriverBroken):
            continue
        except ConfigError as wrong:
            problems.extend(wrong.problems)
    return problems


def demand_configured_drivers(settings: Settings, registry: DriverRegistry) -> None:
    """Raise `ConfigError` with all of `missing_drivers` and `wrong_settings`."""
    if problems := missing_drivers(settings, registry) + wrong_settings(settings, registry):
        raise ConfigError(*problems)


def _written(settings: Settings, registry: DriverRegistry) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """(capability, driver, where its settings stand, settings)."""
    for name in settings.GEO_LOCATORS:
        yield "geo_locator", name, f"GEO_LOCATOR_SETTINGS.{name}", settings.GEO_LOCATOR_SETTINGS.get(name, {})
    if settings.SMS_BACKEND:
        try:
            name = registry.canonical("sms_backend", settings.SMS_BACKEND)
        except DriverNotFound:
            return
        prefix = f"{name.upper()}_"
        yield "sms_backend", name, prefix, settings.with_prefix(prefix)
