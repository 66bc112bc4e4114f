"""Drivers and hosts for the tests of the plugin machinery."""

from __future__ import annotations

import importlib.metadata
from typing import Any, ClassVar

from pydantic import SecretStr, field_validator
from stevedore.extension import Extension

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.contracts.sms_backend import SmsBackend
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.plugins.registry import DriverRegistry


class FolderSettings(DriverSettings):
    folder: str
    password: SecretStr = SecretStr("")
    languages: tuple[str, ...] = ()
    retries: int = 3

    @field_validator("password")
    @classmethod
    def long_enough(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < 4:
            raise ValueError(f"{value.get_secret_value()} is too short")
        return value


class Locator(GeoLocator[FolderSettings]):
    """Does what `behaviour` says; keeps what happened."""

    Settings: ClassVar[type[DriverSettings]] = FolderSettings
    legacy_names: ClassVar[tuple[str, ...]] = ("geo.backends.folder.FolderBackend",)
    deadline: ClassVar[float] = 5.0

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.closed = 0
        self.behaviour: Any = lambda _address: Place("RU")

    def locate(self, address: Any) -> Place | None:
        place: Place | None = self.behaviour(address)
        return place

    def close(self) -> None:
        self.closed += 1


class InlineLocator(Locator):
    supports = frozenset({"inline"})


class FalsyLocator(Locator):
    """Trap: an object that is false in a condition."""

    def __len__(self) -> int:
        return 0


class Abstract(SmsBackend[DriverSettings]):
    """Lacks every method of its contract."""


def extension(
    name: str, plugin: object, *, target: str = "tests:x", namespace: str = "smarty.geo_locator"
) -> Extension[Any]:
    return Extension(name, importlib.metadata.EntryPoint(name, target, namespace), plugin, None)  # type: ignore[arg-type]


def injected(namespace: str, **plugins: object) -> dict[str, list[Injected]]:
    """Extensions of one namespace; each from a distribution of its own."""
    return {
        namespace: [
            Injected(extension(name, plugin, namespace=namespace), f"smarty-{name.replace('_', '-')}", "1.2")
            for name, plugin in plugins.items()
        ]
    }


def registry(found: dict[str, list[Injected]], environ: dict[str, str] | None = None, **options: Any) -> DriverRegistry:
    discovery = Discovery(environ=environ or {}, injected=found)
    return DriverRegistry(None, lambda _plugin: None, discovery=discovery, **options)  # type: ignore[arg-type, return-value]
