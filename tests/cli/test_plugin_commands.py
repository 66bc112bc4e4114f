"""Commands that plugins add: declared before anything is connected, run with a host that then opens it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from smarty_core.api.host import Host
from smarty_core.cli.plugin_commands import add_plugin_commands
from smarty_core.contracts.routes import CommandSpec
from smarty_core.errors import ConfigError
from smarty_core.hookspecs import hookimpl
from smarty_core.plugins.discovery import Discovery, Injected


def app_with(**modules: ModuleType) -> typer.Typer:
    injected = {"smarty.hooks": [Injected.of("smarty.hooks", name, module) for name, module in modules.items()]}
    app = typer.Typer()

    @app.command()
    def migrate() -> None:
        """One of the core."""

    add_plugin_commands(app, taken=["migrate"], discovery=Discovery(environ={}, injected=injected))
    return app


def plugin(commands: Callable[[Host], object]) -> ModuleType:
    module = ModuleType("demo_hooks")

    @hookimpl
    def register_commands(host: Host) -> object:
        return commands(host)

    module.register_commands = register_commands  # type: ignore[attr-defined]
    return module


def counting(host: Host) -> list[CommandSpec]:
    def demo_count(*, upto: Annotated[int, typer.Option("--upto", help="How far.")] = 2) -> None:
        """Count aloud and in the installation."""
        host.cache.set("counted", upto, timeout=60)
        print(f"counted to {host.cache.get('counted')} in {host.settings.get('TIME_ZONE')}")

    return [CommandSpec("demo_count", demo_count)]


@pytest.fixture
def settings(tmp_path: Path, _sqlite_template: Path) -> Path:
    shutil.copy(_sqlite_template, tmp_path / "smarty.sqlite")
    path = tmp_path / "prod.py"
    path.write_text(f"from settings.base import *\nVAR_FOLDER = {str(tmp_path)!r}\nTIME_ZONE = 'Europe/Moscow'\n")
    return path


def test_a_command_of_a_plugin_runs_in_the_installation_of_its_settings(settings: Path) -> None:
    app = app_with(demo=plugin(counting))
    said = CliRunner().invoke(app, ["demo_count", "--upto", "5", "--settings", str(settings)])
    assert (said.exit_code, said.output) == (0, "counted to 5 in Europe/Moscow\n")


def test_declaring_a_command_opens_nothing(tmp_path: Path) -> None:
    app = app_with(demo=plugin(counting))
    said = CliRunner().invoke(app, ["demo_count", "--help"])
    assert said.exit_code == 0
    assert "--upto" in said.output
    assert "--settings" in said.output
    missing = CliRunner().invoke(app, ["demo_count", "--settings", str(tmp_path / "none.py")])
    assert isinstance(missing.exception, ConfigError)


def test_a_name_that_is_taken_stops_with_both_sides_named() -> None:
    def claim(name: str) -> ModuleType:
        return plugin(lambda _host: [CommandSpec(name, lambda: None)])

    with pytest.raises(ConfigError, match="the command migrate of plugin demo is already brought by the core"):
        app_with(demo=claim("migrate"))
    with pytest.raises(ConfigError, match="the command again of plugin two is already brought by plugin one"):
        app_with(one=claim("again"), two=claim("again"))


def test_a_plugin_that_answers_with_nonsense_or_fails_costs_nobody_else_his_commands() -> None:
    def fail(_host: Host) -> object:
        raise RuntimeError("broken")

    app = app_with(broken=plugin(fail), demo=plugin(counting), strange=plugin(lambda _host: ["demo"]))
    names = [command.name for command in app.registered_commands]
    assert names == [None, "demo_count"]
