"""The driver behind each stream service, with its settings put together from the service's row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from smarty_core.contracts.stream_mask import static_problems
from smarty_core.errors import DriverBroken, StorageError
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.services.stream_addresses import wants_token
from smarty_core.storage.repositories.streams import ServiceFacts
from smarty_core.storage.vault import PREFIX, Vault

CAPABILITY: Final = "stream_router"
FACTS_KEPT: Final = 20_000


class StreamRouters:
    """Finds the router of a service; a call of the object is `router_for`."""

    def __init__(self, *, registry: DriverRegistry, vault: Vault) -> None:
        self._registry = registry
        self._vault = vault
        self._known: dict[int, tuple[ServiceFacts, GuardedDriver]] = {}
        self._same: dict[int, tuple[ServiceFacts, GuardedDriver]] = {}
        """By the identity of the facts: those of one service are read anew with each channel it plays."""

    def __call__(self, service: ServiceFacts) -> GuardedDriver:
        """The driver instance of `service`.

        Raises `DriverNotFound` or `DriverBroken` when there is none that works, with what to do.
        """
        same = self._same.get(id(service))
        if same is not None and same[0] is service and self._known[service.id][1] is same[1]:
            return same[1]
        known = self._known.get(service.id)
        if known is not None and known[0] == service:
            if len(self._same) >= FACTS_KEPT:
                self._same = {}
            self._same[id(service)] = (service, known[1])
            return known[1]
        driver = self._registry.driver_class(CAPABILITY, service.router)
        raw = raw_settings(service, driver.Settings.model_fields, self._vault)
        found = self._registry.instance(CAPABILITY, service.router, f"service {service.id} ({service.name})", raw)
        if service.static:
            _demand_static(service, driver.Settings.model_fields, found)
        self._known[service.id] = (service, found)
        return found

    def computes(self, service: ServiceFacts) -> bool:
        """Whether the service's router merely computes (`inline`), without making it. Raises `DriverNotFound`,
        `DriverBroken`."""
        known = self._known.get(service.id)
        if known is not None and known[0].router == service.router:
            return known[1].inline
        return "inline" in self._registry.driver_class(CAPABILITY, service.router).supports


def _demand_static(service: ServiceFacts, fields: Collection[str], router: GuardedDriver) -> None:
    """Raises `DriverBroken` when the addresses of a service cannot be made for a list."""
    problems = [] if router.inline else [f"the router {service.router!r} asks a server, which no list waits for"]
    if {"mask", "live_mask"} & set(fields) and "$" in service.mask:
        problems += static_problems(service.mask)
    elif wants_token(service, router):
        problems.append("its addresses carry a token of the viewer")
    if problems:
        raise DriverBroken(f"service {service.id} ({service.name}): static routing: {'; '.join(problems)}")


def raw_settings(service: ServiceFacts, fields: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """The settings of a service's driver: those columns of the service that the driver's model asks for by name, and
    all attributes of the service, which win. Secrets are decrypted.

    A driver with `mask` takes the service's mask as it is, one with `script` as a program; one with `live_mask` and
    `archive_mask` takes it as the one that the service's type means. `client_id` and `service_id` tell a driver that
    asks for them whose service it serves: attributes, which operators write, cannot say otherwise.
    """
    columns = {"mask": service.mask, "script": service.mask, "host": service.host, "port": service.port,
               "secret": service.secret, "live_mask": service.mask if service.type != "pvr" else "",
               "archive_mask": service.mask if service.type == "pvr" else ""}  # fmt: skip
    chosen = {name: value for name, value in columns.items() if value and name in fields}
    owner = {"client_id": service.client_id, "service_id": service.id}
    merged = {**chosen, **service.attributes, **{name: value for name, value in owner.items() if name in fields}}
    return {name: _clear(service, name, value, vault) for name, value in merged.items()}


def _clear(service: ServiceFacts, name: str, value: Any, vault: Vault) -> Any:
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return value
    try:
        return vault.decrypt(value)
    except StorageError as exc:
        raise StorageError(f"stream service {service.name!r}, {name}: {exc}") from exc
