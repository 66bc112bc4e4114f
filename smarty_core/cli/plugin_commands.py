"""The commands that plugins add to `smarty_manage`.

Plugins declare them before anything is connected. The host they are given then opens the installation when a command
first uses it, with the `--settings` of that command line, and closes it when the command ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import typer

from smarty_core.api.host import Host
from smarty_core.cli.options import SettingsOption
from smarty_core.contracts.routes import CommandSpec
from smarty_core.errors import ConfigError
from smarty_core.plugins.discovery import HOOKS_NAMESPACE, Discovery
from smarty_core.plugins.hooks import Hooks

if TYPE_CHECKING:
    from smarty_core.app import System

HOOK: Final = "register_commands"


def add_plugin_commands(app: typer.Typer, *, taken: Iterable[str], discovery: Discovery | None = None) -> None:
    """Add every plugin's commands. Raises `ConfigError` naming both sides when a name is claimed twice."""
    discovery = discovery or Discovery()
    if not discovery.providers(HOOKS_NAMESPACE):
        return
    surroundings = _Surroundings()
    hooks = Hooks(discovery, host_factory=surroundings.host)
    owners = dict.fromkeys(taken, "the core")
    for plugin, answer in hooks.collect(HOOK):
        specs = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if strangers := [spec for spec in specs if not isinstance(spec, CommandSpec)]:
            hooks.disable(plugin, f"{HOOK} answered with {type(strangers[0]).__name__} instead of CommandSpec")
            continue
        for spec in specs:
            owner = owners.setdefault(spec.name, f"plugin {plugin}")
            if owner != f"plugin {plugin}":
                raise ConfigError(f"the command {spec.name} of plugin {plugin} is already brought by {owner}")
            app.command(name=spec.name)(surroundings.command(spec.run))


class _Surroundings:
    """The installation behind the hosts of one command line."""

    def __init__(self) -> None:
        self._settings = ""
        self._system: System | None = None
        self._stack = contextlib.ExitStack()

    def host(self, plugin: str) -> Host:
        """A host whose parts are looked up when they are used."""
        parts: dict[str, Any] = {
            part.name: _LatePart(self, plugin, part.name) for part in dataclasses.fields(Host) if part.name != "plugin"
        }
        return Host(plugin=plugin, **parts)

    def command(self, run: Callable[..., object]) -> Callable[..., None]:
        """`run` with an additional option `--settings`."""

        @functools.wraps(run)
        def command(*args: Any, settings: str = "", **options: Any) -> None:
            self._settings = settings
            try:
                with self._stack:
                    run(*args, **options)
            finally:
                self._system = None

        signature = inspect.signature(run)
        option = inspect.Parameter("settings", inspect.Parameter.KEYWORD_ONLY, default="", annotation=SettingsOption)
        command.__signature__ = signature.replace(parameters=[*signature.parameters.values(), option])  # type: ignore[attr-defined]
        command.__annotations__ = {**run.__annotations__, "settings": SettingsOption}
        return command

    def part(self, plugin: str, name: str) -> Any:
        if self._system is None:
            from smarty_core.cli.system import open_system  # all of the system, which declaring a command is not worth

            self._system = self._stack.enter_context(open_system(self._settings))
        return getattr(self._system.hosts.host(plugin), name)


class _LatePart:
    def __init__(self, surroundings: _Surroundings, plugin: str, name: str) -> None:
        self._found = (surroundings, plugin, name)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        surroundings, plugin, name = self._found
        return getattr(surroundings.part(plugin, name), attribute)
