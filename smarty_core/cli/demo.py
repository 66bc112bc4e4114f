"""`smarty_manage demo` (`make run`): an empty folder becomes a server that says how to try it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from smarty_core.app import build_system
from smarty_core.cli.demo_summary import demo_lines
from smarty_core.cli.epg_import import import_guide
from smarty_core.cli.migrate import migrate_database
from smarty_core.cli.serve import run_server
from smarty_core.cli.setup_initial_data import set_up
from smarty_core.config import Settings, load_settings
from smarty_core.config.logs import configure_logging
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.setup.sample import SampleLogin

SETTINGS: Final = "settings.demo"
PORT: Final = 8180

TEMPLATE: Final = '''\
"""Settings of the sample installation. Every name is explained in docs/reference/settings.md."""

import os

from settings.base import *

HOST = "127.0.0.1"
PORT = int(os.environ.get("SMARTY_PORT", "{port}"))
SMARTY_URL = f"http://{{HOST}}:{{PORT}}"
TVMIDDLEWARE_API_URL = f"{{SMARTY_URL}}/tvmiddleware/api"
MEDIA_BASE_URL = f"{{SMARTY_URL}}/media"

SMARTY_DEFAULT_LANGUAGE = "ru"
SMARTY_ADDITIONAL_LANGUAGES = ["en"]
SMARTY_DEFAULT_ICON_SIZES = [(120, 91), (40, 40)]

# HealthCheck compares with these: load average and used memory in percent.
MAX_LA = 4.0 * (os.cpu_count() or 1)
MAX_USED_MEM = 95.0
'''


def demo(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = PORT,
    scheduler: Annotated[
        bool, typer.Option("--scheduler/--no-scheduler", help="Run periodic jobs in this process.")
    ] = True,
) -> None:
    """Set up a sample operator in this folder (`settings/`, `var/`) unless it is there, and serve it."""
    if port != PORT:
        os.environ["SMARTY_PORT"] = str(port)
    _write_settings(Path("settings"))
    known = load_settings(SETTINGS)
    configure_logging(known, stream=False)
    if not _is_free(known.HOST, known.PORT):
        print(f"port {known.PORT} is taken; try another one, e.g. make run PORT={known.PORT + 1}", file=sys.stderr)
        raise typer.Exit(1)
    login = _prepare(known)
    raise typer.Exit(run_server(known, known.HOST, known.PORT, scheduler=scheduler, ready=lambda: _tell(known, login)))


def _write_settings(folder: Path) -> None:
    path = folder / "demo.py"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        path.write_text(TEMPLATE.format(port=PORT), encoding="utf-8")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _prepare(known: Settings) -> SampleLogin | None:
    print("Preparing the database, the sample operator and his guide ...", flush=True)
    if code := migrate_database(known):
        raise typer.Exit(code)
    system = build_system(known, role="command")
    try:
        if code := set_up(system, sample=True) or import_guide(system, ImportOptions()):
            raise typer.Exit(code)
        return system.setup.sample_login()
    finally:
        system.stop()


def _tell(known: Settings, login: SampleLogin | None) -> None:
    if login is None:
        return
    lines = demo_lines(login, base_url=known.SMARTY_URL, api_url=known.TVMIDDLEWARE_API_URL)
    width = max(map(len, lines))
    print("\nSmarty is running. Ctrl-C ends it; your data stays in var/.\n")
    for title, text in lines.items():
        print(f"  {title.ljust(width)}  {text}")
    print(flush=True)
