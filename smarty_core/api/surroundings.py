"""Small things every plugin needs: `host.log`, `host.clock`, `host.i18n`, `host.settings`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, TypeVar

from smarty_core.contracts.driver import DriverSettings

BoundT = TypeVar("BoundT", bound=DriverSettings)


class Log(Protocol):
    """The plugin's log. Events have upper-case names and context; secrets among it are masked by name and type."""

    def debug(self, event: str, **context: Any) -> None: ...

    def info(self, event: str, **context: Any) -> None: ...

    def warning(self, event: str, **context: Any) -> None: ...

    def error(self, event: str, **context: Any) -> None: ...

    def exception(self, event: str, **context: Any) -> None:
        """An error with the traceback of the exception being handled."""

    def of(self, log: str) -> Log:
        """A log of the product by its name, `smarty_videoservices`, for the documented events that belong there.

        Raises `InvalidValue` for a name that is not in the reference of log events.
        """


class Clock(Protocol):
    """The time. Tests put another clock here, so ask no other."""

    def now(self) -> datetime:
        """Now, aware UTC."""


class I18n(Protocol):
    """Texts in the operator's languages."""

    def text(self, key: str, *, language: str = "", **values: Any) -> str:
        """The text of `key` with `{placeholders}` filled; falls back to English, then to the key itself."""


class SettingsView(Protocol):
    """The documented settings of the server, read only. Secrets of the core are not among them."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a setting by its documented name."""

    def of_locator(self, name: str, model: type[BoundT]) -> BoundT:
        """What GEO_LOCATOR_SETTINGS says to the geo locator `name`, for commands that care for its base.

        Raises `ConfigError` with every mistake.
        """
