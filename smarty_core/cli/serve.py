"""`smarty_manage serve`: the web server with its scheduler and outbox, in one process or several."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import typer
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from smarty_core.app import System, build_system, create_app
from smarty_core.cli.draining import announce_end
from smarty_core.cli.guide_process import import_apart
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.ready_http import ReadyHttp
from smarty_core.cli.workers import CANNOT_START, Workers, end_with_the_first
from smarty_core.config import Settings, load_settings
from smarty_core.config.logs import configure_logging
from smarty_core.errors import ConfigError, SmartyError
from smarty_core.web.dispatch import Dispatcher

SETTINGS_VARIABLE: Final = "SMARTY_SERVE_SETTINGS"
SCHEDULER_VARIABLE: Final = "SMARTY_SERVE_SCHEDULER"
"""How the settings module and `--no-scheduler` reach worker processes."""

DRAIN_SECONDS: Final = 20
"""How long requests that are being answered may take after SIGTERM."""

SILENT_SECONDS: Final = 30
"""A worker that does not show a sign of life for so long is replaced. Under more load than the machine can bear one may
well be silent for several seconds; killing it then would make the others fall as well."""

KEEP_ALIVE_SECONDS: Final = 65
BACKLOG: Final = 4096

log = logging.getLogger("smarty_management")


class Serving:
    """The application together with the life of its process: what runs besides requests starts and ends with it."""

    def __init__(self, app: Dispatcher, system: System, *, scheduler: bool) -> None:
        self._app = app
        self.ready = app.ready
        self._system = system
        self._scheduler = scheduler

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._live(receive, send) if scope["type"] == "lifespan" else self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await asyncio.to_thread(self._start)
        except Exception as failure:
            log.exception("the server cannot start")
            await send({"type": "lifespan.startup.failed", "message": str(failure)})
            return
        announce_end(self._system.draining.set, self._system.settings.DRAIN_NOTICE_SECONDS)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self._stop)
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        self._system.start(scheduler=self._scheduler)
        self._system.hooks.notify("server_started")

    def _stop(self) -> None:
        self._system.hooks.notify("server_stopping")
        self._system.stop()


def application() -> ASGIApp:
    """Makes the application of one worker process, from what `serve` left in the environment."""
    end_with_the_first()
    settings = load_settings(os.environ.get(SETTINGS_VARIABLE) or None)
    configure_logging(settings, stream=True)
    try:
        system = build_system(settings, role="server")
    except SmartyError as failure:
        log.error("a worker process cannot start: %s", failure)
        raise SystemExit(CANNOT_START) from failure
    import_apart(system)
    return Serving(create_app(system), system, scheduler=os.environ.get(SCHEDULER_VARIABLE) != "0")


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; default is the setting HOST.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; default is the setting PORT.", min=0, max=65535)] = 0,
    workers: Annotated[int, typer.Option(help="Number of processes.", min=1, max=256)] = 1,
    scheduler: Annotated[
        bool, typer.Option("--scheduler/--no-scheduler", help="Run periodic jobs here (else use cron).")
    ] = True,
    settings: SettingsOption = "",
) -> None:
    """Answer devices, video servers and browsers until SIGTERM or Ctrl-C."""
    known = load_settings(settings or None)
    configure_logging(known, stream=True)
    address, number = host or str(known.HOST), port or int(known.PORT)
    if workers == 1:
        raise typer.Exit(run_server(known, address, number, scheduler=scheduler))
    system = build_system(known, role="command")  # only made to find mistakes before any process is started
    create_app(system)
    system.stop()
    os.environ[SETTINGS_VARIABLE] = settings
    os.environ[SCHEDULER_VARIABLE] = "1" if scheduler else "0"
    configuration = _configuration("smarty_core.cli.serve:application", address, number, workers=workers)
    opened = _listen(address, number)
    _end_quietly()
    processes = Workers(configuration, sockets=[opened])
    processes.run()
    raise typer.Exit(1 if processes.failed else 0)


def run_server(
    known: Settings, host: str, port: int, *, scheduler: bool, ready: Callable[[], None] | None = None
) -> int:
    """Serve in this process until it is told to end; the exit code. `ready` is called once requests are accepted."""
    system = build_system(known, role="server")
    try:
        opened = _listen(host, port)
        import_apart(system)
        app = Serving(create_app(system), system, scheduler=scheduler)
    except BaseException:
        system.stop()
        raise
    server = _Server(_configuration(app, host, port), ready)
    _end_quietly()
    server.run(sockets=[opened])
    return 0 if server.was_ready else 1


def _listen(host: str, port: int) -> socket.socket:
    """The open port. Raises `ConfigError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as failure:
        opened.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {failure.strerror or failure}") from failure
    opened.set_inheritable(True)
    return opened


def _end_quietly() -> None:
    """uvicorn raises the signal that ended it once more after the shutdown; having drained is no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


class _Server(uvicorn.Server):
    """Tells when it accepts requests."""

    def __init__(self, configuration: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(configuration)
        self._ready = ready
        self.was_ready = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.was_ready = self.started and not self.should_exit
        if self.was_ready and self._ready is not None:
            self._ready()


def _configuration(app: ASGIApp | str, host: str, port: int, *, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=host,
        port=port,
        workers=workers,
        http=ReadyHttp,
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,  # it would hold authkeys
        server_header=False,
        proxy_headers=False,  # TRUSTED_PROXIES decides, in the application
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=SILENT_SECONDS,
        backlog=BACKLOG,
    )
