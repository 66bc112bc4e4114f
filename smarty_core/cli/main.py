"""`smarty_manage` (also `manage.py` and `python -m smarty_core`): one command per module, with the documented names.

Exit codes: 0 done, 1 something is wrong (said on standard error), 2 the command line is wrong, 130 interrupted.

Only the command that is asked for is imported: most of the time of a short command is the import of the others' parts.
"""

from __future__ import annotations

import ast
import gc
import importlib
import sys
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

import smarty_core
from smarty_core.errors import SmartyError

COMMANDS: Final[dict[str, str]] = {
    "serve": "serve",
    "check": "check",
    "migrate": "migrate",
    "setup_initial_data": "setup_initial_data",
    "createsuperuser": "users",
    "create_user": "users",
    "create_client": "clients",
    "api_key": "api_key",
    "flushall": "flushall",
    "cache_channel_list": "cache_channel_list",
    "epg_import": "epg_import",
    "make_vodpvr": "make_vodpvr",
    "npvr": "npvr",
    "stream_service": "stream_service",
    "check_stream_services": "check_stream_services",
    "maintenance": "maintenance",
    "check_streams": "check_streams",
    "stream_monitoring": "stream_monitoring",
    "drill": "drill",
    "clean_old_messages": "clean_old_messages",
    "delete_authkeys": "delete_authkeys",
    "jobs": "jobs",
    "performance_test": "performance_test",
    "plugins": "plugins",
    "plugin_new": "plugin_new",
    "plugin_purge": "plugin_purge",
    "why": "why",
    "demo": "demo",
}
"""Functions of this package, after which the commands are called, and their modules, in the order of `--help`."""


def load_command(name: str) -> Any:
    """A command of the core with its options."""
    alone = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    function = getattr(importlib.import_module(f"smarty_core.cli.{COMMANDS[name]}"), name)
    alone.command(name=name)(function)
    return typer.main.get_command(alone)


def _described(name: str) -> TyperCommand:
    """What `--help` tells of a command, read from its module without importing that."""
    source = Path(__file__).with_name(f"{COMMANDS[name]}.py").read_text("utf-8")
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    text = next((ast.get_docstring(node) for node in functions if node.name == name), None)
    return TyperCommand(name, help=text)


class _Commands(TyperGroup):
    """The core's commands, each loaded when it is run, and after them the plugins' commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {**{name: TyperCommand(name) for name in COMMANDS}, **self.commands}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _described(cmd_name) if cmd_name in COMMANDS else super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        command = load_command(name) if name in COMMANDS else command
        gc.freeze()
        gc.enable()
        return name, command, rest


def make_app() -> typer.Typer:
    """The command line with the core's commands only."""
    app = typer.Typer(
        name="smarty_manage",
        cls=_Commands,
        help="Runs and manages a Smarty installation.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    return app


def _version(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        print(smarty_core.__version__)
        raise typer.Exit


def main() -> None:
    """Entry point of `smarty_manage`."""
    # Until the command begins, hardly anything is made that does not stay: to look for garbage in it takes a quarter
    # of the time of starting.
    gc.disable()
    app = make_app()
    try:
        if sys.argv[1:] != ["--version"]:
            from smarty_core.cli.plugin_commands import add_plugin_commands  # the plugins with it

            add_plugin_commands(app, taken=COMMANDS)
        app()
    except SmartyError as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
