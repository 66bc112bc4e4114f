"""Mounts the server under `/ext/sample_video/`."""

from __future__ import annotations

from smarty_core.api.host import Host
from smarty_core.contracts.routes import Route
from smarty_core.hookspecs import hookimpl
from smarty_sample_video.gate import Gate
from smarty_sample_video.server import SampleVideo


@hookimpl
def register_routes(host: Host) -> list[Route]:
    api = str(host.settings.get("TVMIDDLEWARE_API_URL", "")).rstrip("/")
    return [Route("/", SampleVideo(Gate(f"{api}/streamservice/token/check/" if api else "")))]
