"""The settings of one installation as the code reads them: `settings.TIME_ZONE`, typed and checked."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ConfigDict, PrivateAttr, ValidationError

from smarty_core.config.caches import CacheAddress, cache_address
from smarty_core.config.databases import DatabaseAddresses, addresses
from smarty_core.config.declared import (
    DeviceSettings,
    GuideSettings,
    InstallationSettings,
    LogSettings,
    MailSettings,
    MonitoringSettings,
    ServerSettings,
    StreamCheckSettings,
)
from smarty_core.config.derived import derive
from smarty_core.config.documented import DocumentedSettings, ImageSettings, LicenceSettings, SmsProviderSettings
from smarty_core.errors import ConfigError
from smarty_core.values import Secret

SECTIONS: Final = (
    InstallationSettings, ServerSettings, DeviceSettings, GuideSettings, MonitoringSettings, StreamCheckSettings,
    MailSettings, LogSettings, SmsProviderSettings, DocumentedSettings, ImageSettings, LicenceSettings,
)  # fmt: skip
"""In the order of the reference."""


class Settings(
    InstallationSettings,
    ServerSettings,
    DeviceSettings,
    GuideSettings,
    MonitoringSettings,
    StreamCheckSettings,
    MailSettings,
    LogSettings,
    SmsProviderSettings,
    DocumentedSettings,
    ImageSettings,
    LicenceSettings,
):
    """All settings, by their documented names. Immutable; values of plugins are kept as they were written."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    _databases: DatabaseAddresses = PrivateAttr(default_factory=lambda: DatabaseAddresses(""))
    _cache: CacheAddress = PrivateAttr(default_factory=CacheAddress)
    _notices: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def of(cls, values: Mapping[str, Any], *, problems: list[str] | None = None, notices: tuple[str, ...] = ()) -> Self:
        """Settings with these values. Raises `ConfigError` with `problems` and every further mistake."""
        found, told = list(problems or ()), list(notices)
        known = derive({**_plain_defaults(), **values})
        try:
            made = cls.model_validate(known)
        except ValidationError as failure:
            found += _wordings(failure)
            wrong = {error["loc"][0] for error in failure.errors(include_url=False, include_input=False)}
            made = cls.model_validate({name: value for name, value in known.items() if name not in wrong})
        made._databases = addresses(
            made.DATABASES, made.DATABASE_URL.reveal(), made.REPLICATED_DATABASE_SLAVES,
            made.REPLICATED_DATABASE_DOWNTIME, found, told,
        )  # fmt: skip
        made._cache = cache_address(made.CACHES, made.CACHE_URL.reveal(), found)
        made._notices = tuple(told)
        if found:
            raise ConfigError(*found)
        return made

    @classmethod
    def for_tests(cls, **overrides: Any) -> Self:
        """Settings of a throw-away installation: a database that goes with its engine, a cache in the process."""
        quiet = {"SECRET_KEY": "a key for tests only", "VAR_FOLDER": str(_test_folder())}
        if "DATABASES" not in overrides:
            quiet["DATABASE_URL"] = "sqlite://"
        return cls.of({**quiet, **overrides})

    @property
    def databases(self) -> DatabaseAddresses:
        """The master database and its replicas."""
        return self._databases

    @property
    def cache(self) -> CacheAddress:
        """The cache."""
        return self._cache

    @property
    def notices(self) -> tuple[str, ...]:
        """What the operator should know and nothing is wrong with, one line each."""
        return self._notices

    def get(self, name: str, default: Any = None) -> Any:
        """The setting `name`, also one only a plugin knows; `default` when it is not there."""
        return getattr(self, name, default) if name.isupper() else default

    def with_prefix(self, prefix: str) -> dict[str, Any]:
        """Settings of one driver, for its settings model: `SMSC_` gives `login` and `password`, secrets in clear.

        What is left at an empty default is left out, so that the model's own default counts.
        """
        found = {}
        for name, value in self._items():
            if name.startswith(prefix) and name != prefix and value not in ("", None, (), {}) and value != Secret(""):
                found[name[len(prefix) :].lower()] = value.reveal() if isinstance(value, Secret) else value
        return found

    def _items(self) -> Iterator[tuple[str, Any]]:
        for name in type(self).model_fields:
            yield name, getattr(self, name)
        yield from (self.model_extra or {}).items()

    def __repr__(self) -> str:
        return f"<Settings of {self.INSTANCE!r}>"

    __str__ = __repr__


def defaults() -> dict[str, Any]:
    """Every declared setting with its default, secrets as text; a fresh copy each time."""
    return derive(_plain_defaults())


def _plain_defaults() -> dict[str, Any]:
    return {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}


def _wordings(failure: ValidationError) -> Iterator[str]:
    for error in failure.errors(include_url=False, include_input=False, include_context=False):
        name, *inside = error["loc"]
        path = str(name) + "".join(f"[{step!r}]" for step in inside if not isinstance(step, str) or step.isupper())
        yield f"{path}: {error['msg'].removeprefix('Value error, ')}"


@functools.cache
def _test_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"smarty-tests-{os.getpid()}"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
