"""The exception tree. Every error this project raises on purpose derives from `SmartyError`.

The type tells the caller what to do: mend the configuration, try again later, do not try again, or report a bug.
Messages say what was attempted, for which instance, what came back and what to do; never a secret, never a whole body.
"""

from __future__ import annotations


class SmartyError(Exception):
    """Base of all errors raised on purpose."""


class ConfigError(SmartyError):
    """The configuration is wrong. `problems` holds every mistake found, one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class InvalidValue(SmartyError, ValueError):
    """A value from outside is malformed or out of its documented range."""


class NotFound(SmartyError, LookupError):
    """The named object does not exist, or belongs to another operator."""


class Refused(SmartyError):
    """A business rule forbids the action. `reason` is a stable machine-readable word."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class Conflict(SmartyError):
    """The action collides with what is stored already (a duplicate key, a lock held elsewhere)."""


class LockTaken(Conflict):
    """Another process or host is doing this work right now."""


class StorageError(SmartyError):
    """A database, cache or disk did not do its work; trying again later may help."""


class DriverError(SmartyError):
    """A driver cannot be used."""


class DriverNotFound(DriverError):
    """The configuration names a driver that no installed package provides."""


class DriverBroken(DriverError):
    """The driver is installed but failed to import, or its settings are wrong; see `smarty_manage plugins`."""


class NotSupported(DriverError):
    """The driver does not declare the ability that was asked of it."""


class ProviderError(SmartyError):
    """A service outside failed us. Services catch exactly this type around driver calls."""

    status: int = 0
    """The HTTP status that says so; 0 where there is none."""


class ProviderUnavailable(ProviderError):
    """The provider did not answer in time or is down; a repetition may succeed."""


class ProviderRefused(ProviderError):
    """The provider understood and said no; repeating does not help."""


class ProviderProtocolError(ProviderError):
    """The provider's answer breaks its own protocol, or we misread it."""
