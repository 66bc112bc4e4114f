"""What all drivers have in common.

A driver is a class found by its entry-point name in the namespace of its capability. The core makes one object per
configured instance: `Driver(instance_name, settings, host)`; it must not do any work there (no network, no files).
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from smarty_core.errors import NotSupported

if TYPE_CHECKING:
    from smarty_core.api.host import Host


class DriverSettings(BaseModel):
    """Base of every driver's settings model. Unknown keys are errors; secrets are `pydantic.SecretStr`."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    settings_version: ClassVar[int] = 1
    """Raised by the author when stored attribute rows need `migrate` to fit again."""

    @classmethod
    def migrate(cls, raw: dict[str, Any], version: int) -> dict[str, Any]:
        """Stored values of an older `version` as this version wants them; the default changes nothing."""
        return raw


SettingsT = TypeVar("SettingsT", bound=DriverSettings)


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of asking an outside service whether it can be used with our settings."""

    ok: bool
    reason: str = ""
    """`cannot_connect`, `refused_credentials` or `other` when not ok."""
    detail: str = ""


class Driver(ABC, Generic[SettingsT]):
    """Base class of all drivers.

    Class attributes:
        capability: word of the namespace `smarty.<capability>`; set by the contract, not by the driver.
        contract: number of the contract this class was written for; the core serves N and, with a warning, N-1.
        supports: names of optional abilities. Calling an ability that is not declared raises `NotSupported`.
            `inline` promises that every method is pure and instant, so it is called inside the event loop.
        Settings: the typed settings model, bound from the settings file or from attribute rows.
        legacy_names: dotted paths or module names of the original product that mean this driver.
        deadline: seconds any one call may take before it is given up.
        abilities: set by the contract: each optional ability and the methods it opens.
        background: set by the contract: methods that ask an outside service while nobody waits for a picture. They
            have threads of their own, also in an `inline` driver, and their failures do not stop the other methods.
    """

    capability: ClassVar[str]
    contract: ClassVar[int] = 1
    supports: ClassVar[frozenset[str]] = frozenset()
    Settings: ClassVar[type[DriverSettings]] = DriverSettings
    legacy_names: ClassVar[tuple[str, ...]] = ()
    deadline: ClassVar[float] = 10.0
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    background: ClassVar[frozenset[str]] = frozenset({"probe"})

    def __init__(self, name: str, settings: SettingsT, host: Host) -> None:
        self.name = name
        self.settings = settings
        self.host = host

    def probe(self) -> Probe:
        """Ask the outside service, without side effects, whether it is reachable and accepts our settings.

        Called by `smarty_manage check --live`. The default says yes: nothing outside is needed.
        """
        return Probe(ok=True)

    def close(self) -> None:
        """Let go of connections; called once, at shutdown. Must not raise."""

    def _unsupported(self, ability: str) -> Any:
        raise NotSupported(f"{type(self).__name__} ({self.name}) does not support {ability}")
