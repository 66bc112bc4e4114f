"""What a plugin adds to the server, as plain data: routes, jobs, commands, panel pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from smarty_core.errors import InvalidValue

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
"""An ASGI application, e.g. a Starlette one. It is given the whole path in `scope["path"]`."""

_PATH: Final = re.compile(r"(/[A-Za-z0-9._~{}:-]*)+")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Route:
    """One path served by a plugin.

    A relative path (`absolute=False`) is mounted under `/ext/<plugin>/`: `Route("/status", app)` of plugin `demo` is
    `/ext/demo/status`. An absolute one is taken as it is, for addresses that outside programs expect
    (`/player_api.php`); two plugins, or a plugin and the core, claiming one path stop the start. A path that ends with
    `/` takes everything below it.
    """

    path: str
    handler: AsgiApp
    methods: tuple[str, ...] = ("GET",)
    absolute: bool = False

    def __post_init__(self) -> None:
        parts = self.path.split("/")
        if not _PATH.fullmatch(self.path) or ".." in parts or "." in parts or "//" in self.path:
            raise InvalidValue(f"not a route path: {self.path[:200]!r}")
        if not self.methods or any(not method.isalpha() or not method.isupper() for method in self.methods):
            raise InvalidValue(f"{self.path}: methods are upper-case words such as GET")

    def mounted(self, plugin: str) -> str:
        """The full path in the server."""
        return self.path if self.absolute else f"/ext/{plugin}{self.path}"


@dataclass(frozen=True, slots=True)
class JobSpec:
    """Periodic work. One process of all hosts runs it at a time unless `lock` is off.

    `run` is a plain function without arguments; an exception is logged, shown by `smarty_manage jobs`, and the next
    run happens at its time. A run that exceeds `deadline` (seconds) is reported as late; it is not killed.
    """

    name: str
    period_seconds: float
    run: Callable[[], object]
    deadline: float = 300.0
    lock: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidValue(f"not a job name: {self.name[:100]!r}")
        if self.period_seconds < 1 or self.deadline <= 0:
            raise InvalidValue(f"job {self.name}: the period is at least 1 s and the deadline more than 0 s")


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command of `smarty_manage`: its options are the annotated parameters of `run`, its help is the docstring."""

    name: str
    run: Callable[..., object]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidValue(f"not a command name: {self.name[:100]!r}")


@dataclass(frozen=True, slots=True)
class PanelPage:
    """A page of the administration panel, declared as data and drawn by the core.

    `rows` is called with the operator's id for a list; `columns` are its keys in order. `right` names the permission a
    user needs. `place` is where the link appears.
    """

    name: str
    title: dict[Literal["en", "ru"], str]
    columns: tuple[str, ...]
    rows: Callable[[int], list[dict[str, Any]]]
    place: Literal["menu", "subscriber_card"] = "menu"
    right: str = ""
