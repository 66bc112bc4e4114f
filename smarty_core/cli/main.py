"""`smarty_manage` (also `manage.py` and `python -m smarty_core`): one command per module, with the documented names.

Exit codes: 0 done, 1 something is wrong (said on standard error), 2 the command line is wrong, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import typer

import smarty_core
from smarty_core.cli.cache_channel_list import cache_channel_list
from smarty_core.cli.check import check
from smarty_core.cli.clean_old_messages import clean_old_messages
from smarty_core.cli.clients import create_client
from smarty_core.cli.delete_authkeys import delete_authkeys
from smarty_core.cli.demo import demo
from smarty_core.cli.epg_import import epg_import
from smarty_core.cli.flushall import flushall
from smarty_core.cli.jobs import jobs
from smarty_core.cli.make_vodpvr import make_vodpvr
from smarty_core.cli.migrate import migrate
from smarty_core.cli.performance_test import performance_test
from smarty_core.cli.plugin_commands import add_plugin_commands
from smarty_core.cli.plugin_new import plugin_new
from smarty_core.cli.plugin_purge import plugin_purge
from smarty_core.cli.plugins import plugins
from smarty_core.cli.serve import serve
from smarty_core.cli.setup_initial_data import setup_initial_data
from smarty_core.cli.users import create_user, createsuperuser
from smarty_core.cli.why import why
from smarty_core.errors import SmartyError

COMMANDS: Final[tuple[Callable[..., Any], ...]] = (
    serve, check, migrate, setup_initial_data, createsuperuser, create_user, create_client, flushall,
    cache_channel_list, epg_import, make_vodpvr, clean_old_messages, delete_authkeys, jobs, performance_test, plugins,
    plugin_new, plugin_purge, why, demo,
)  # fmt: skip
"""Commands by the names of their functions, in the order of `--help`."""


def make_app() -> typer.Typer:
    """The command line with the core's commands only."""
    app = typer.Typer(
        name="smarty_manage",
        help="Runs and manages a Smarty installation.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    for command in COMMANDS:
        app.command(name=command.__name__)(command)
    return app


def _version(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        print(smarty_core.__version__)
        raise typer.Exit


def main() -> None:
    """Entry point of `smarty_manage`."""
    app = make_app()
    try:
        add_plugin_commands(app, taken=[command.__name__ for command in COMMANDS])
        app()
    except SmartyError as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
