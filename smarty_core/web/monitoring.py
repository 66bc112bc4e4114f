"""`/healthz`, `/readyz` and `/metrics`, as far as they are switched on."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from smarty_core.services.monitoring.exposition import CONTENT_TYPE
from smarty_core.services.monitoring.metrics import Metrics
from smarty_core.services.monitoring.process import ProcessFigures
from smarty_core.services.monitoring.readiness import Readiness
from smarty_core.services.monitoring.requests import Listener, RequestFigures
from smarty_core.services.monitoring.shared import SharedFigures
from smarty_core.services.monitoring.sql import SqlWatch
from smarty_core.services.monitoring.statsd import Statsd
from smarty_core.services.monitoring.survey import Survey
from smarty_core.web.answer import Answerer
from smarty_core.web.client_address import ClientAddress, joined
from smarty_core.web.dispatch import WORKER_THREADS, App, Dispatcher
from smarty_core.web.measured import MeasuredAnswerer, MeasuredDispatcher
from smarty_core.web.response import Cors
from smarty_core.web.surface import Routes

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.config import Settings

STATS_MIDDLEWARE: Final = "core.middleware.StatsMiddleware"
LOCAL: Final = "127.0.0.1"

NOT_STORED: Final = {"Cache-Control": "no-store"}
VIA: Final = ("x-forwarded-for", "x-real-ip", "forwarded", "via")
"""Headers of a request that came through somebody else."""


class Monitoring:
    """What is switched on of it, for one system. Nothing is measured, opened or sent by what is not."""

    def __init__(self, system: System) -> None:
        settings = system.settings
        self._system = system
        self._readiness: Readiness | None = None
        self._metrics: Metrics | None = None
        self._statsd: Statsd | None = None
        self._sql: SqlWatch | None = None
        self._figures = RequestFigures()
        if settings.HEALTH_PROBES:
            self._readiness = Readiness(
                database=system.database,
                hooks=system.hooks,
                tag_versions=system.cache.tag_versions,
                draining=system.draining,
                seconds=settings.READY_SECONDS,
            )
        if host := settings.STATSD_HOST or (LOCAL if STATS_MIDDLEWARE in settings.MIDDLEWARE_CLASSES else ""):
            self._statsd = Statsd(host, settings.STATSD_PORT, settings.STATSD_PREFIX)
        if settings.METRICS or self._statsd is not None:
            self._sql = SqlWatch(system.database)
        if settings.METRICS and self._sql is not None:
            self._metrics = _metrics(system, self._figures, self._sql)

    def routes(self) -> list[Route]:
        """The pages of what is switched on."""
        found = [*probe_routes(self._readiness)] if self._readiness is not None else []
        return found if self._metrics is None else [*found, metrics_route(self._metrics, self._system.settings)]

    def dispatcher(self, routes: Routes, fallback: App, *, max_bytes: int, cors: Cors) -> Dispatcher:
        """The dispatcher of the application: a measuring one if there is anybody to tell."""
        if self._sql is None:
            return Dispatcher(routes, Answerer(self._system), fallback, max_bytes=max_bytes, cors=cors)
        listeners: list[Listener] = [self._figures] if self._metrics is not None else []
        if self._statsd is not None:
            listeners.append(self._statsd)
        answerer = MeasuredAnswerer(self._system, sql=self._sql, figures=self._figures, listeners=listeners)
        return MeasuredDispatcher(routes, answerer, fallback, max_bytes=max_bytes, cors=cors)

    def start(self) -> None:
        """Begin to publish and to send; for the processes of a server."""
        for part in (self._metrics, self._statsd):
            if part is not None:
                part.start()

    def stop(self) -> None:
        """Tell what is left and let go. A second call does nothing more."""
        for part in (self._metrics, self._statsd, self._sql):
            if part is not None:
                part.stop()


def _metrics(system: System, figures: RequestFigures, sql: SqlWatch) -> Metrics:
    settings = system.settings
    shared = SharedFigures(Path(settings.VAR_FOLDER) / "metrics")
    process = ProcessFigures(
        requests=figures, sql=sql, cache=system.cache, hooks=system.hooks, api_threads=2 * WORKER_THREADS
    )
    survey = Survey(
        database=system.database,
        jobs=system.jobs,
        outbox=system.outbox,
        shared=shared,
        clock=system.clock,
        online_seconds=settings.ONLINE_SECONDS,
        every=settings.METRICS_SURVEY_SECONDS,
    )
    return Metrics(process, survey, shared)


def probe_routes(readiness: Readiness) -> Iterator[Route]:
    """What load balancers ask. The first is answered in the event loop, so it says that this still turns."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=NOT_STORED)

    async def readyz(_request: Request) -> Response:
        problems = await run_in_threadpool(readiness.problems)
        body = {"status": "not ready" if problems else "ok", "problems": problems}
        return JSONResponse(body, status_code=503 if problems else 200, headers=NOT_STORED)

    yield Route("/healthz", healthz)
    yield Route("/readyz", readyz)


def metrics_route(metrics: Metrics, settings: Settings) -> Route:
    """The page of metrics, for those who may read it."""
    may_read = _reader_check(settings)

    async def page(request: Request) -> Response:
        if not may_read(request):
            return JSONResponse({"error": 403, "error_message": "not allowed"}, status_code=403, headers=NOT_STORED)
        text = await run_in_threadpool(metrics.page)
        return PlainTextResponse(text, headers=NOT_STORED, media_type=CONTENT_TYPE)

    return Route("/metrics", page)


def _reader_check(settings: Settings) -> Callable[[Request], bool]:
    """With METRICS_TOKEN the token decides, without it the address.

    A request that came through a proxy we do not know has the proxy's address, which says nothing: on many hosts that
    is loopback. It is refused, whatever METRICS_ALLOWED holds.
    """
    token = settings.METRICS_TOKEN.reveal()
    if token:
        wanted = f"Bearer {token}".encode()
        return lambda request: hmac.compare_digest(request.headers.get("authorization", "").encode("latin-1"), wanted)
    allowed = [ip_network(item, strict=False) for item in settings.METRICS_ALLOWED]
    known = ClientAddress(settings.TRUSTED_PROXIES)

    def check(request: Request) -> bool:
        headers = joined(request.headers.raw)
        headers.pop("authorization", None)
        peer = request.client.host if request.client else ""
        found = known.find(peer, headers)
        if not found or (found == known.find(peer, {}) and any(name in headers for name in VIA)):
            return False
        address = ip_address(found)
        return any(address in network for network in allowed)

    return check
