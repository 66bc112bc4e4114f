"""Everything installed, what it can do, who uses it and whether it works. Works when plugins do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smarty_core.errors import DriverError
from smarty_core.plugins.discovery import HOOKS_NAMESPACE, Provider, namespace_of
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry

HOOKS_CAPABILITY: Final = "hooks"
"""Stands in the capability column for hook modules."""

Status = Literal["ok", "unused", "disabled", "broken"]
Uses = Mapping[tuple[str, str], Sequence[str]]
"""(capability, driver) -> where it is configured, in words."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One entry point. `reason` says why it is broken; `instances` where it is configured."""

    distribution: str
    version: str
    capability: str
    name: str
    supports: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    status: Status = "ok"
    reason: str = ""


def inventory(registry: DriverRegistry, hooks: Hooks, uses: Uses | None = None) -> list[PluginInfo]:
    """All entry points: drivers by capability, then hook modules; and drivers that are configured but not installed.

    `uses` None means that nobody could be asked who uses what; then a driver that works is `ok`. Imports everything,
    calls nothing.
    """
    rows = []
    for capability in registry.capabilities():
        rows += _drivers(registry, capability, uses)
    for provider in registry.discovery.providers(HOOKS_NAMESPACE):
        rows.append(_hook_module(registry, hooks, provider))
    return rows


def _drivers(registry: DriverRegistry, capability: str, uses: Uses | None) -> list[PluginInfo]:
    rows = []
    used = _canonical_uses(registry, capability, uses or {})
    for provider in registry.discovery.providers(namespace_of(capability)):
        instances = used.pop(provider.name, ())
        rows.append(_driver(registry, capability, provider, instances, known_uses=uses is not None))
    for name, instances in sorted(used.items()):
        try:
            registry.driver_class(capability, name)
        except DriverError as failure:
            rows.append(PluginInfo("", "", capability, name, instances=instances, status="broken", reason=str(failure)))
    return rows


def _driver(
    registry: DriverRegistry, capability: str, provider: Provider, instances: tuple[str, ...], *, known_uses: bool
) -> PluginInfo:
    status: Status = "unused" if known_uses and not instances else "ok"
    reason, supports = "", frozenset[str]()
    if registry.discovery.is_disabled(provider):
        status = "disabled"
    else:
        try:
            supports = registry.driver_class(capability, provider.name).supports
        except DriverError as failure:
            status, reason = "broken", str(failure)
    if status in ("ok", "unused"):
        states = [s for s in registry.instances() if (s.capability, s.driver) == (capability, provider.name)]
        if problems := [f"{state.key}: {state.problem}" for state in states if state.problem]:
            status, reason = "broken", "; ".join(problems)
    return PluginInfo(
        distribution=provider.distribution,
        version=provider.version,
        capability=capability,
        name=provider.name,
        supports=tuple(sorted(supports)),
        instances=instances,
        status=status,
        reason=reason,
    )


def _hook_module(registry: DriverRegistry, hooks: Hooks, provider: Provider) -> PluginInfo:
    status: Status = "ok"
    reason = hooks.problems.get(provider.name, "")
    implemented = () if reason else hooks.hooks_of(provider.name)
    if registry.discovery.is_disabled(provider):
        status, reason, implemented = "disabled", "", ()
    elif reason:
        status = "broken"
    elif not implemented:
        status = "unused"
    return PluginInfo(
        distribution=provider.distribution,
        version=provider.version,
        capability=HOOKS_CAPABILITY,
        name=provider.name,
        hooks=implemented,
        status=status,
        reason=reason,
    )


def _canonical_uses(registry: DriverRegistry, capability: str, uses: Uses) -> dict[str, tuple[str, ...]]:
    """Uses by entry-point name; settings and rows may hold names of the original product."""
    found: dict[str, tuple[str, ...]] = {}
    for (kind, name), places in uses.items():
        if kind != capability:
            continue
        try:
            canonical = registry.canonical(capability, name)
        except DriverError:
            canonical = name
        found[canonical] = (*found.get(canonical, ()), *places)
    return found
