"""Hook specifications: what the core tells or asks all plugins. One module per area."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smarty_core.hookspecs import (
    accounts,
    cas,
    catalogue,
    guide,
    lifecycle,
    messaging,
    payments,
    playback,
    registration,
    streams,
)
from smarty_core.hookspecs.markers import PROJECT, HookInfo, hookimpl, hooks_of, hookspec

__all__ = ["AREAS", "HOOKS", "PROJECT", "HookInfo", "hookimpl", "hookspec"]

AREAS: Final = (
    lifecycle,
    accounts,
    messaging,
    guide,
    playback,
    streams,
    catalogue,
    cas,
    payments,
    registration,
)
"""The modules that hold specifications; each is given to `PluginManager.add_hookspecs`."""

HOOKS: Final[Mapping[str, HookInfo]] = MappingProxyType(hooks_of(AREAS))
"""Every hook by name."""
