"""What is installed: entry points, who provides them, and the one safe way to import them.

Every import of plugin code goes through `Discovery.load`. stevedore does the loading, one entry point at a time,
because its managers over whole namespaces let an `AssertionError` or `SystemExit` raised by one plugin's import stop
everybody. Names and versions of distributions come from `importlib.metadata`: entry points out of stevedore's cache
do not know them.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stevedore.driver import DriverManager
from stevedore.extension import Extension, ExtensionManager, error_on_conflict

from smarty_core.errors import DriverBroken, DriverNotFound
from smarty_core.plugins.threads import KeyedLocks

HOOKS_NAMESPACE: Final = "smarty.hooks"
CORE: Final = "core"
CORE_DISTRIBUTION: Final = "smarty-core"
IMPORT_DEADLINE: Final = 60.0
"""Seconds an import may take before the plugin counts as broken."""

log = logging.getLogger("smarty_plugins")


def namespace_of(capability: str) -> str:
    """The entry-point namespace of a capability."""
    return f"smarty.{capability}"


def plugin_of(distribution: str) -> str:
    """The plugin's short name: `smarty-epg-xmltv` is `epg_xmltv`, the core's own distribution is `core`."""
    name = re.sub(r"[-_.]+", "_", distribution).lower()
    return name.removeprefix("smarty_")


def same_distribution(left: str, right: str) -> bool:
    return plugin_of(left) == plugin_of(right)


@dataclass(frozen=True, slots=True)
class Provider:
    """One entry point of one distribution."""

    namespace: str
    name: str
    distribution: str
    version: str
    target: str

    @property
    def plugin(self) -> str:
        """Short name of the plugin; a hook module is named by its entry point."""
        if self.namespace == HOOKS_NAMESPACE:
            return self.name
        return plugin_of(self.distribution)


@dataclass(frozen=True, slots=True)
class Injected:
    """An extension handed in instead of being found, for tests and embedding. Imported only if `plugin` is None."""

    extension: Extension[Any]
    distribution: str = "smarty-injected"
    version: str = "0"

    @classmethod
    def of(cls, namespace: str, name: str, plugin: object) -> Injected:
        """`plugin` (a driver class or a hook module) under `name`, from the distribution `smarty-<name>`."""
        point = importlib.metadata.EntryPoint(name, f"{__name__}:{name}", namespace)
        found: Extension[Any] = Extension(name, point, plugin, None)  # type: ignore[arg-type]
        return cls(found, f"smarty-{name.replace('_', '-')}")


@dataclass(frozen=True, slots=True)
class _Outcome:
    loaded: object = None
    problem: str = ""
    cause: BaseException | None = None


class Discovery:
    """The installed plugins of this process, looked up once. Safe to share between threads."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str] = os.environ,
        injected: Mapping[str, Sequence[Injected]] | None = None,
        import_deadline: float = IMPORT_DEADLINE,
    ) -> None:
        names = environ.get("SMARTY_DISABLE_PLUGINS", "").split(",")
        self.disabled: Final = frozenset(name.strip() for name in names if name.strip())
        self.trace_hooks: Final = environ.get("SMARTY_TRACE_HOOKS", "") not in ("", "0")
        self._injected = injected
        self._import_deadline = import_deadline
        self._providers: dict[str, tuple[Provider, ...]] = {}
        self._outcomes: dict[tuple[str, str], _Outcome] = {}
        self._lock = threading.Lock()
        self._importing = KeyedLocks()

    def providers(self, namespace: str) -> tuple[Provider, ...]:
        """All entry points of `namespace`, the core's first, then by name; nothing is imported."""
        with self._lock:
            if namespace not in self._providers:
                found = self._find(namespace)
                self._providers[namespace] = tuple(
                    sorted(found, key=lambda p: (plugin_of(p.distribution) != CORE, p.name, p.distribution))
                )
            return self._providers[namespace]

    def provider(self, namespace: str, name: str) -> Provider | None:
        """The entry point called `name`, the first one if several distributions claim the name."""
        return next((p for p in self.providers(namespace) if p.name == name), None)

    def is_disabled(self, provider: Provider) -> bool:
        """Whether SMARTY_DISABLE_PLUGINS names the entry point, its plugin or its distribution."""
        return not self.disabled.isdisjoint({provider.name, provider.plugin, provider.distribution})

    def conflict(self, namespace: str, name: str) -> str:
        """Why `name` cannot be used although it is installed: two distributions claim it. Empty = no conflict."""
        claims = sorted(
            {p.distribution for p in self.providers(namespace) if p.name == name and not self.is_disabled(p)}
        )
        if len(claims) < 2:
            return ""
        return f"{namespace} {name!r} is provided by {' and '.join(claims)}; uninstall or disable all but one"

    def load(self, namespace: str, name: str) -> Any:
        """Import what the entry point names; the result, good or bad, is kept for the life of the process.

        Raises `DriverNotFound` when nothing of that name is installed (or it is disabled) and `DriverBroken` with the
        reason when two distributions claim the name or the import fails or hangs.
        """
        known = [p for p in self.providers(namespace) if p.name == name]
        usable = [p for p in known if not self.is_disabled(p)]
        if not usable:
            disabled = " (it is installed but disabled by SMARTY_DISABLE_PLUGINS)" if known else ""
            raise DriverNotFound(f"no installed package provides {name!r} in {namespace}{disabled}")
        if problem := self.conflict(namespace, name):
            raise DriverBroken(problem)
        with self._importing.of((namespace, name)):
            outcome = self._outcomes.get((namespace, name))
            if outcome is None:
                outcome = self._outcomes[namespace, name] = self._import(usable[0])
        if outcome.problem:
            raise DriverBroken(outcome.problem) from outcome.cause
        return outcome.loaded

    def _find(self, namespace: str) -> list[Provider]:
        if self._injected is not None:
            return [
                Provider(namespace, i.extension.name, i.distribution, i.version, i.extension.entry_point_target)
                for i in self._injected.get(namespace, ())
            ]
        found = {}
        for point in importlib.metadata.entry_points(group=namespace):
            name = point.dist.name if point.dist else "unknown"
            version = point.dist.version if point.dist else ""
            found[point.name, plugin_of(name)] = Provider(namespace, point.name, name, version, point.value)
        return list(found.values())

    def _import(self, provider: Provider) -> _Outcome:
        outcome = _in_time(lambda: self._extension(provider).plugin, self._import_deadline)
        if outcome.problem:
            log.error(
                "plugin %s: %s %r of %s %s cannot be loaded: %s",
                provider.plugin, provider.namespace, provider.name, provider.distribution, provider.version,
                outcome.problem, exc_info=outcome.cause,
            )  # fmt: skip
        return outcome

    def _extension(self, provider: Provider) -> Extension[Any]:
        if self._injected is not None:
            known = next(
                i.extension
                for i in self._injected[provider.namespace]
                if i.extension.name == provider.name and i.distribution == provider.distribution
            )
            if known.plugin is None:
                known = Extension(known.name, known.entry_point, known.entry_point.load(), None)
            manager = ExtensionManager.make_test_instance([known], namespace=provider.namespace)
            return manager.extensions[0]
        failures: list[BaseException] = []

        def keep(_manager: object, _point: object, failure: BaseException) -> None:
            failures.append(failure)

        try:
            manager = DriverManager(
                provider.namespace,
                provider.name,
                invoke_on_load=False,
                on_load_failure_callback=keep,
                conflict_resolver=error_on_conflict,
            )
        except Exception:
            if failures:
                raise failures[0] from None
            raise
        # Not `manager.driver`: it answers with the class when the object built from it happens to be falsy.
        return manager.extensions[0]


def _in_time(importing: Callable[[], object], deadline: float) -> _Outcome:
    """Run an import in a daemon thread, so that one that hangs does not hang the start."""
    outcomes: list[_Outcome] = []

    def work() -> None:
        try:
            outcomes.append(_Outcome(loaded=importing()))
        except BaseException as failure:  # noqa: BLE001  an import may raise anything, SystemExit included
            outcomes.append(_Outcome(problem=f"import failed: {describe(failure)}", cause=failure))

    thread = threading.Thread(target=work, name="plugin-import", daemon=True)
    thread.start()
    thread.join(deadline)
    return outcomes[0] if outcomes else _Outcome(problem=f"import did not finish within {deadline:g} s")


def describe(failure: BaseException) -> str:
    """One line for an exception of foreign code: its type and the first line of what it says."""
    lines = str(failure).strip().splitlines()
    return f"{type(failure).__name__}: {lines[0][:300]}" if lines else type(failure).__name__
