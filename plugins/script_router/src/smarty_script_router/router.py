"""The driver: gives the script its variables, and takes only an address from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderUnavailable
from smarty_script_router.settings import ScriptSettings
from smarty_script_router.variables import VARIABLES, variables
from smarty_script_router.workers import WORKERS, Overran, ScriptFailed

if TYPE_CHECKING:
    from smarty_core.api.host import Host

SCHEMES: Final = ("http", "https", "udp", "rtp", "rtsp")
"""Kinds of addresses a script may give."""
MAX_URI: Final = 2048
"""Characters of an address."""
SILENCE: Final = timedelta(minutes=1)
"""A service that keeps failing is told of this often."""


class ScriptRouter(StreamRouter[ScriptSettings]):
    """`script_router`: runs the service's Python script, which leaves an address in `uri`.

    Making an instance has the script compiled in the operator's process, so that a mistake in it is a `ConfigError`
    that `smarty_manage check` shows with its line. A script that fails raises `ProviderProtocolError`, one that does
    not end in time `ProviderUnavailable`; the message names the line.
    """

    Settings: ClassVar[type[DriverSettings]] = ScriptSettings
    supports: ClassVar[frozenset[str]] = frozenset({"token", "archive"})

    def __init__(self, name: str, settings: ScriptSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._told: datetime | None = None
        self._worker = WORKERS.take(settings.client_id)
        self._closed = False
        try:
            problems = self._worker.problems(settings.script, VARIABLES)
        except ProviderUnavailable as failure:
            # No fault of the script: it is compiled with its first run.
            host.log.warning("SCRIPT_NOT_CHECKED", service=name, error=str(failure))
            return
        if not self._worker.filtered:
            host.log.warning("SCRIPTS_NOT_FILTERED", service=name)
        if problems:
            self.close()
            raise ConfigError(*(f"{name}: script: {_at(line)}{text}" for line, text in problems))

    def issue(self, request: PlayRequest) -> StreamUrl:
        seconds = self.settings.deadline_ms / 1000
        try:
            uri = self._worker.run(self.settings.script, variables(request, self.settings.service_id), seconds)
            if problem := uri_problem(uri):
                raise ScriptFailed(0, problem)
        except ScriptFailed as failure:
            self._tell(failure)
            kind = ProviderUnavailable if isinstance(failure, Overran) else ProviderProtocolError
            raise kind(f"{self.name}: script: {_at(failure.line)}{failure.text}") from None
        return StreamUrl(uri)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            WORKERS.give_back(self.settings.client_id)

    def _tell(self, failure: ScriptFailed) -> None:
        now = self.host.clock.now()
        if self._told is None or now - self._told >= SILENCE:
            self._told = now
            self.host.log.error("SCRIPT_FAILED", service=self.name, line=failure.line, error=failure.text)


def uri_problem(uri: str) -> str:
    """Why `uri` is no address to give to a device; empty when it is one."""
    if len(uri) > MAX_URI:
        return f"uri has more than {MAX_URI} characters"
    if not uri.isascii() or not uri.isprintable() or set(uri) & set(" \"'<>\\^`{|}"):
        return "uri holds a character that must be written as %XX"
    try:
        parts = urlsplit(uri)
        sound = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    return "" if sound else f"uri is no complete address of {', '.join(SCHEMES)}"


def _at(line: int) -> str:
    return f"line {line}: " if line else ""
