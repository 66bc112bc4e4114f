"""Where the logs go: one logger and one file per log, levels out of LOGGING, one form of lines for all."""

from __future__ import annotations

import logging
import logging.config
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from smarty_core.config.derived import LOG_NAMES
from smarty_core.config.log_files import LogFile, LogStream, Owner, owner_named
from smarty_core.config.log_flood import FewWarnings
from smarty_core.config.log_line import LogLine
from smarty_core.config.names import nearest
from smarty_core.config.settings import Settings
from smarty_core.errors import ConfigError

LOGS: Final = tuple(f"smarty_{name}" for name in LOG_NAMES)
MAIN: Final = "smarty_main"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
OTHERS_LEVEL: Final = "WARNING"
"""What other libraries say is written from this level on."""

_lock = threading.Lock()
_attached: list[tuple[logging.Logger, logging.Handler]] = []


class _OthersOnly(logging.Filter):
    """Lets through what belongs to no log of ours; our own records reach the root logger as well."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name.partition(".")[0] not in LOGS


def configure_logging(settings: Settings, *, stream: bool) -> None:
    """Send the logs to their files; those without a file go to standard output, or with `stream` off to LOG_FOLDER.

    Repeating it replaces what was there. Raises `ConfigError` with every level and file that cannot be used.
    """
    problems: list[str] = []
    plan = _Plan(settings, stream=stream, problems=problems)
    handlers = {log: plan.handlers(log) for log in LOGS}
    thresholds = {log: plan.threshold(log) for log in LOGS}
    if problems:
        for handler in {handler for made in handlers.values() for handler in made}:
            handler.close()
        raise ConfigError(*problems)
    with _lock:
        _detach()
        for log, made in handlers.items():
            logger = logging.getLogger(log)
            logger.setLevel(max(thresholds[log], min((handler.level for handler in made), default=logging.CRITICAL)))
            for handler in made:
                _attach(logger, handler)
        for main in plan.handlers(MAIN):
            main.addFilter(_OthersOnly())
            main.setLevel(max(main.level, logging.getLevelName(OTHERS_LEVEL)))
            _attach(logging.getLogger(), main)
    for notice in settings.notices:
        logging.getLogger(MAIN).warning("%s", notice)


def reset_logging() -> None:
    """Take every handler away again and close its file."""
    with _lock:
        _detach()
        for log in LOGS:
            logging.getLogger(log).setLevel(logging.NOTSET)


def _attach(logger: logging.Logger, handler: logging.Handler) -> None:
    logger.addHandler(handler)
    _attached.append((logger, handler))


def _detach() -> None:
    for logger, handler in _attached:
        logger.removeHandler(handler)
        handler.close()
    _attached.clear()


class _Plan:
    """What the settings say about each log."""

    def __init__(self, settings: Settings, *, stream: bool, problems: list[str]) -> None:
        self._settings = settings
        self._stream = stream
        self._problems = problems
        self._line = LogLine(ZoneInfo(settings.TIME_ZONE))
        self._given: Mapping[str, Any] = _mapping(settings.LOGGING.get("handlers"))
        self._owner = Owner()
        try:
            self._owner = owner_named(settings.LOG_FILE_OWNER_USER, settings.LOG_FILE_OWNER_GROUP)
        except ConfigError as failure:
            problems += failure.problems
        own = {f"{log}_handler" for log in LOGS}
        for name in self._given:
            if name not in own and (close := nearest(str(name), own, likeness=0.85)):
                problems.append(f"LOGGING['handlers'][{name!r}]: there is no such log; did you mean {close!r}?")

    def handlers(self, log: str) -> list[logging.Handler]:
        """New handlers of one log: its own, and those the operator made and named for it."""
        given = _mapping(self._given.get(f"{log}_handler"))
        kind = str(given.get("class", "")).rpartition(".")[2]
        made: list[logging.Handler] = []
        if kind != "NullHandler":
            made.append(self._own(log, given, to_stream=kind == "StreamHandler"))
        named = self._logger(log).get("handlers") or ()
        made += [handler for name in named if name != f"{log}_handler" for handler in self._foreign(log, str(name))]
        for handler in made:
            handler.setFormatter(self._line)
        return made

    def threshold(self, log: str) -> int:
        """The level LOGGING['loggers'] sets for one log, below which none of its handlers is asked."""
        given = self._logger(log).get("level")
        return logging.NOTSET if given is None else self._level(f"LOGGING['loggers'][{log!r}]['level']", given)

    def _logger(self, log: str) -> Mapping[str, Any]:
        return _mapping(_mapping(self._settings.LOGGING.get("loggers")).get(log))

    def _own(self, log: str, given: Mapping[str, Any], *, to_stream: bool) -> logging.Handler:
        setting = f"{log.upper()}_LOG_FILE"
        path = str(given.get("filename") or getattr(self._settings, setting) or "")
        if not path and not self._stream and not to_stream:
            setting, path = "LOG_FOLDER", str(Path(self._settings.LOG_FOLDER) / f"{log}.log")
        handler: logging.Handler
        if path and not to_stream:
            handler = LogFile(Path(path), self._owner)
            try:
                handler.demand_writable()
            except OSError as exc:
                self._problems.append(f"{setting}: {path} cannot be written: {exc.strerror}")
        else:
            handler = LogStream(sys.stdout)
        handler.setLevel(self._level(f"LOGGING['handlers']['{log}_handler']['level']", given.get("level", "INFO")))
        if log == MAIN:
            handler.addFilter(FewWarnings(handler))
        return handler

    def _foreign(self, log: str, name: str) -> list[logging.Handler]:
        """A handler of another class, such as SysLogHandler, in the standard form of Python's logging."""
        where = f"LOGGING['handlers'][{name!r}]"
        if not isinstance(self._given.get(name), Mapping):
            self._problems.append(f"LOGGING['loggers'][{log!r}]['handlers']: there is no handler {name!r}")
            return []
        given = {key: value for key, value in self._given[name].items() if key not in ("formatter", "filters", "level")}
        try:
            configurator = logging.config.DictConfigurator({"version": 1})
            made = configurator.configure_handler(given)
        except Exception as exc:  # noqa: BLE001 - a class of the operator's choice may raise anything
            cause = exc.__cause__ or exc
            self._problems.append(f"{where}: it cannot be made: {type(cause).__name__}: {cause}")
            return []
        made.setLevel(self._level(f"{where}['level']", self._given[name].get("level", "INFO")))
        return [made] if isinstance(made, logging.Handler) else []

    def _level(self, where: str, given: Any) -> int:
        if isinstance(given, int) and not isinstance(given, bool):
            return given
        if isinstance(given, str) and given.upper() in LEVELS:
            return int(logging.getLevelName(given.upper()))
        close = nearest(given, LEVELS) if isinstance(given, str) else ""
        hint = f"; did you mean {close!r}?" if close else f"; levels are {', '.join(LEVELS)}"
        self._problems.append(f"{where}: no such level{hint}")
        return logging.INFO


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
