"""Drivers that the settings file names must be installed, or the server does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.errors import ConfigError, DriverBroken, DriverNotFound
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


def demand_configured_drivers(settings: Settings, registry: DriverRegistry) -> None:
    """Raise `ConfigError` with all of `missing_drivers`."""
    if problems := missing_drivers(settings, registry):
        raise ConfigError(*problems)
