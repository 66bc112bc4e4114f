"""Drivers by capability and name: their classes, and one object per configured instance.

Reasons are kept: whatever turned out broken stays listed, with why, for `smarty_manage plugins` and `check`.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from smarty_core.config.names import nearest
from smarty_core.contracts import CONTRACTS, Contract
from smarty_core.contracts.driver import Driver
from smarty_core.errors import ConfigError, DriverBroken, DriverError, DriverNotFound
from smarty_core.plugins.binding import bind
from smarty_core.plugins.discovery import CORE, Discovery, describe, namespace_of, plugin_of
from smarty_core.plugins.isolation import GuardedDriver, plugin_log, threads_of
from smarty_core.plugins.known import distribution_for
from smarty_core.plugins.threads import KeyedLocks, Overdue, Stuck

if TYPE_CHECKING:
    from smarty_core.api.host import Host
    from smarty_core.config import Settings

CLOSE_SECONDS: Final = 5.0
"""How long a shutdown waits for all drivers together to close."""

log = logging.getLogger("smarty_plugins")

HostFactory: TypeAlias = "Callable[[str], Host]"
"""Makes, or finds, the host of the plugin with this name."""


@dataclass(frozen=True, slots=True)
class InstanceState:
    """One configured instance as this process knows it. `problem` is empty when it works."""

    capability: str
    driver: str
    key: str
    problem: str


@dataclass(frozen=True, slots=True)
class _Instance:
    raw: Mapping[str, Any]
    guarded: GuardedDriver | None
    problem: str


class DriverRegistry:
    """All drivers of this process. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings | None,
        host_factory: HostFactory,
        *,
        discovery: Discovery | None = None,
        contracts: Mapping[str, Contract] = CONTRACTS,
    ) -> None:
        self.settings = settings
        self.discovery: Final = discovery or Discovery()
        self._host_factory = host_factory
        self._contracts: Final = contracts
        self._classes: dict[tuple[str, str], type[Driver[Any]] | DriverBroken] = {}
        self._instances: dict[tuple[str, str, str], _Instance] = {}
        self._lock = threading.Lock()
        self._working = KeyedLocks()

    @classmethod
    def for_listing(cls, discovery: Discovery) -> DriverRegistry:
        """A registry that can name and load drivers but make none, for when the settings cannot be read."""

        def no_host(plugin: str) -> Host:
            raise DriverBroken(f"drivers of {plugin} cannot be made without settings")

        return cls(None, no_host, discovery=discovery)

    def capabilities(self) -> tuple[str, ...]:
        """The capabilities the core knows, in the order of the contract table."""
        return tuple(self._contracts)

    def names(self, capability: str) -> tuple[str, ...]:
        """Names of the installed drivers that are not disabled; nothing is imported, some may turn out broken."""
        self._contract(capability)
        found = self.discovery.providers(namespace_of(capability))
        return tuple(dict.fromkeys(p.name for p in found if not self.discovery.is_disabled(p)))

    def canonical(self, capability: str, name: str) -> str:
        """The entry-point name behind `name`, which may be one the original product used.

        Raises `DriverNotFound` with the command that installs it.
        """
        names = self.names(capability)
        if name in names:
            return name
        for candidate in names:
            try:
                if name in self.driver_class(capability, candidate).legacy_names:
                    return candidate
            except DriverError:
                continue
        raise self._not_found(capability, name, names)

    def driver_class(self, capability: str, name: str) -> type[Driver[Any]]:
        """The class of a driver. Raises `DriverNotFound` (what to install) or `DriverBroken` (why)."""
        if name not in self.names(capability):
            name = self.canonical(capability, name)
        with self._working.of((capability, name)):
            known = self._classes.get((capability, name))
            if known is None:
                try:
                    known = self._load(capability, name)
                except DriverBroken as broken:
                    log.error("%s", broken)
                    known = broken
                self._classes[capability, name] = known
        if isinstance(known, DriverBroken):
            raise DriverBroken(str(known)) from known.__cause__
        return known

    def chain(self, capability: str, names: Iterable[str]) -> list[tuple[str, type[Driver[Any]]]]:
        """The named drivers in the given order; a broken one is left out and logged, a missing one raises."""
        found = []
        for name in names:
            try:
                found.append((name, self.driver_class(capability, name)))
            except DriverBroken as broken:
                log.error("the chain of %s goes on without %r: %s", capability, name, broken)
        return found

    def make(
        self, capability: str, name: str, instance: str, raw_settings: Mapping[str, Any], where: str
    ) -> Driver[Any]:
        """A new driver object with its settings bound.

        `where` is the place the settings come from, for messages (see `binding.bind`). Raises `ConfigError` with
        every mistake, `DriverNotFound`, `DriverBroken`.
        """
        driver_class = self.driver_class(capability, name)
        bound = bind(driver_class.Settings, raw_settings, where)
        plugin = self.plugin_of_driver(capability, name)
        host = self._host_factory(plugin)

        def build() -> Driver[Any]:
            return driver_class(instance, bound, host)

        try:
            if "inline" in driver_class.supports:
                return build()
            return threads_of(f"{plugin}.{driver_class.__name__}").call(build, driver_class.deadline)
        except ConfigError as refused:
            raise ConfigError(*(f"{where.rstrip('_.')}: {problem}" for problem in refused.problems)) from refused
        except (Overdue, Stuck):
            raise DriverBroken(f"{capability} {name!r} ({where}): making the driver took too long") from None
        except Exception as failure:
            plugin_log(plugin).error("%s %r (%s) cannot be made", capability, name, where, exc_info=failure)
            raise DriverBroken(f"{capability} {name!r} ({where}) cannot be made: {describe(failure)}") from failure

    def instance(self, capability: str, name: str, instance_key: str, raw_settings: Mapping[str, Any]) -> GuardedDriver:
        """The object that serves the instance `instance_key` with exactly these settings.

        The same object is given as long as the content of the settings stays the same; when it changes a new one is
        made and the old one closed after its last call. Raises `DriverBroken` with the reason (wrong settings
        included) without trying again until the settings change, `DriverNotFound` when the driver is not installed.
        """
        known = self._instances.get((capability, name, instance_key))  # under its entry-point name, so it is one
        if known is None or known.raw != raw_settings:
            canonical = name if name in self.names(capability) else self.canonical(capability, name)
            key = (capability, canonical, instance_key)
            known = self._instances.get(key)
            if known is None or known.raw != raw_settings:
                known = self._renew(key, raw_settings)
        if known.guarded is None:
            raise DriverBroken(known.problem)
        return known.guarded

    def discard(self, capability: str, instance_key: str) -> None:
        """Forget an instance that was deleted or got another driver; its object is closed after its last call."""
        with self._lock:
            gone = [key for key in self._instances if (key[0], key[2]) == (capability, instance_key)]
            dropped = [self._instances.pop(key) for key in gone]
        for instance in dropped:
            if instance.guarded is not None:
                instance.guarded.retire()

    def instances(self) -> list[InstanceState]:
        """Every instance asked for so far, the broken ones with the reason."""
        with self._lock:
            return [InstanceState(*key, problem=known.problem) for key, known in sorted(self._instances.items())]

    def plugin_of_driver(self, capability: str, name: str) -> str:
        """Short name of the plugin that provides the driver."""
        provider = self.discovery.provider(namespace_of(capability), name)
        if provider is None:
            provider = self.discovery.provider(namespace_of(capability), self.canonical(capability, name))
        return plugin_of(provider.distribution) if provider else CORE

    def close(self) -> None:
        """Close every driver. Waits a few seconds at most, whatever they do."""
        with self._lock:
            instances = list(self._instances.values())
            self._instances.clear()
        closing = [known.guarded.retire() for known in instances if known.guarded is not None]
        deadline = time.monotonic() + CLOSE_SECONDS
        for thread in closing:
            if thread is not None:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _contract(self, capability: str) -> Contract:
        try:
            return self._contracts[capability]
        except KeyError:
            close = nearest(capability, self._contracts)
            hint = f"; did you mean {close!r}?" if close else ""
            raise DriverNotFound(f"unknown capability {capability!r}{hint}") from None

    def _load(self, capability: str, name: str) -> type[Driver[Any]]:
        contract = self._contract(capability)
        loaded = self.discovery.load(namespace_of(capability), name)
        what = f"{capability} {name!r}"
        if not (isinstance(loaded, type) and issubclass(loaded, contract.base)):
            raise DriverBroken(f"{what}: its entry point is not a subclass of {contract.base.__name__}")
        if missing := sorted(getattr(loaded, "__abstractmethods__", ())):
            raise DriverBroken(f"{what}: it does not implement {', '.join(missing)}")
        if not contract.serves(loaded.contract):
            raise DriverBroken(
                f"{what} is written for contract {loaded.contract} of {capability}; "
                f"this core serves {contract.number} and {contract.number - 1}"
            )
        if loaded.contract < contract.number:
            log.warning(
                "%s is written for contract %d of %s; the core serves it, but the next release may not: update %s",
                what, loaded.contract, capability, self.plugin_of_driver(capability, name),
            )  # fmt: skip
        return loaded

    def _renew(self, key: tuple[str, str, str], raw_settings: Mapping[str, Any]) -> _Instance:
        capability, name, instance_key = key
        with self._working.of((capability, instance_key)):
            known = self._instances.get(key)
            if known is not None and known.raw == raw_settings:
                return known
            raw = copy.deepcopy(dict(raw_settings))
            guarded, problem = None, ""
            try:
                driver = self.make(capability, name, instance_key, raw, f"{capability} {instance_key!r}")
                guarded = GuardedDriver(driver, plugin=self.plugin_of_driver(capability, name))
            except (ConfigError, DriverBroken) as failure:
                problem = str(failure)
                log.error("%s %r (%s) is broken: %s", capability, instance_key, name, "; ".join(problem.splitlines()))
            self.discard(capability, instance_key)
            fresh = _Instance(raw, guarded, problem)
            with self._lock:
                self._instances[key] = fresh
            return fresh

    def _not_found(self, capability: str, name: str, names: tuple[str, ...]) -> DriverNotFound:
        provider = self.discovery.provider(namespace_of(capability), name)
        if provider is not None:
            return DriverNotFound(
                f"{capability} {name!r} is installed ({provider.distribution}) but disabled by SMARTY_DISABLE_PLUGINS"
            )
        close = nearest(name, names)
        hint = f" (did you mean {close!r}?)" if close else ""
        return DriverNotFound(
            f"no installed package provides the {capability} {name!r}{hint}: "
            f"pip install {distribution_for(capability, name)}"
        )
