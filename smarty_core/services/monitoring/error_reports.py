"""Unhandled errors, reported to Sentry: of requests, of jobs and commands, of plugins.

Every one of them is logged with its exception, so a handler on the root logger sees them all and nobody else has to
know of Sentry. The library is imported only when RAVEN_CONFIG has a DSN; it is used through a client of our own, which
changes nothing in other libraries, sends from a thread of its own and drops what it cannot send.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import smarty_core
from smarty_core.config.log_line import locals_of
from smarty_core.errors import ConfigError
from smarty_core.events import Event, mask
from smarty_core.services.monitoring.masking import without_secrets

if TYPE_CHECKING:
    from sentry_sdk import Client

    from smarty_core.config import Settings

INSTALL: Final = "pip install 'smarty-core[sentry]'"
CLOSE_SECONDS: Final = 2.0
"""How long the end of the process waits for reports on their way."""

MOST_PER_MINUTE: Final = 200
"""A report takes milliseconds to make; when every request fails, the first ones say all there is to say."""

STACKS: Final = frozenset({"MANAGEMENT_COMMAND_ERROR", "CONTENT_REQUEST_FAIL"})
"""Events that carry the stack as text; the exception itself is being handled while they are written."""

MECHANISM: Final = {"type": "logging", "handled": False}

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class ErrorReports(logging.Handler):
    """Reports log records of level ERROR that come with an exception, each exception once."""

    def __init__(self, client: Client, read: Callable[..., Any]) -> None:
        super().__init__(logging.ERROR)
        self._client = client
        self._read = read
        self._since = time.monotonic()
        self._number = 0

    def emit(self, record: logging.LogRecord) -> None:
        found = _exception(record)
        if found is None or record.name.startswith(("sentry_sdk", "urllib3")):
            return
        _, failure, trace = found
        if getattr(failure, "_smarty_reported", False) or not self._may_report():
            return
        with contextlib.suppress(AttributeError):  # a class with slots is perhaps reported twice
            failure._smarty_reported = True  # type: ignore[attr-defined]
        try:
            event, hint = self._read(found, client_options=self._client.options, mechanism=MECHANISM)
            event["tags"] = {"logger": record.name}
            context: Mapping[str, Any] = {"message": record.getMessage()}
            if isinstance(record.msg, Event):
                event["tags"]["event"] = record.msg.name
                context = {name: mask(item, name) for name, item in record.msg.context.items() if name != "stacktrace"}
            event["contexts"] = {"event": _texts(context), "locals": _texts(locals_of(trace))}
            self._client.capture_event(event, hint=hint)
        except Exception:  # noqa: BLE001 - a report must never do harm
            self.handleError(record)

    def _may_report(self) -> bool:
        """Called under the lock of the handler."""
        now = time.monotonic()
        if now - self._since >= 60.0:
            self._since, self._number = now, 0
        self._number += 1
        return self._number <= MOST_PER_MINUTE

    def start(self) -> None:
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Send what waits, for a moment, and report nothing more. A second call does nothing."""
        root = logging.getLogger()
        if self in root.handlers:
            root.removeHandler(self)
            self._client.close(timeout=CLOSE_SECONDS)


def error_reports(settings: Settings) -> ErrorReports | None:
    """Reports as RAVEN_CONFIG wants them, not started yet; None without a DSN.

    Raises `ConfigError` when the library is not installed or does not take the DSN.
    """
    config = settings.RAVEN_CONFIG
    dsn = config.get("dsn")
    if not dsn:
        return None
    try:
        import sentry_sdk
        from sentry_sdk.utils import BadDsn, event_from_exception
    except ImportError as failure:
        raise ConfigError(f"RAVEN_CONFIG: the library sentry-sdk is not installed: {INSTALL}") from failure
    try:
        client = sentry_sdk.Client(
            dsn=dsn,
            release=str(config.get("release") or smarty_core.__version__),
            environment=str(config.get("environment") or settings.INSTANCE),
            before_send=without_secrets,
            include_local_variables=False,  # those of the failing function are added, without secrets
            default_integrations=False,
            auto_enabling_integrations=False,
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            shutdown_timeout=CLOSE_SECONDS,
        )
    except BadDsn as failure:
        raise ConfigError("RAVEN_CONFIG: 'dsn' is not the address of a Sentry project") from failure
    return ErrorReports(client, event_from_exception)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _exception(record: logging.LogRecord) -> ExcInfo | None:
    found: Any = record.exc_info
    if not found and isinstance(record.msg, Event) and record.msg.name in STACKS:
        found = sys.exc_info()
    if not found or found[1] is None:
        return None
    return found[0], found[1], found[2]
