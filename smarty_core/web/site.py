"""Everything that is no API method: pages, media files, plugin routes, the answer to an unknown path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from smarty_core.web import watch
from smarty_core.web.api_docs import api_docs_routes
from smarty_core.web.surface import Routes

if TYPE_CHECKING:
    from smarty_core.app import System

MEDIA_PATHS = ("/tvmiddleware/media", "/media")


def pages(system: System, routes: Routes) -> list[BaseRoute]:
    """The core's own pages and files."""
    return [
        Route("/", home),
        *api_docs_routes(routes),
        *watch.routes(system),
        *media_routes(Path(system.settings.MEDIA_ROOT)),
    ]


def taken_paths(own: Iterable[BaseRoute], routes: Routes) -> list[str]:
    """Every path of the core, for the search for collisions with plugins."""
    paths = [f"{prefix}{endpoint.path}" for endpoint in routes for prefix in ("", "/api")]
    for route in own:
        if isinstance(route, Mount):
            paths.append(f"{route.path}/{{rest:path}}")
        elif isinstance(route, Route):
            paths.append(route.path)
    return paths


def site(routes: Iterable[BaseRoute]) -> Starlette:
    """The Starlette application behind the dispatcher."""
    return Starlette(routes=list(routes), exception_handlers={404: not_found, 405: not_allowed})


def home(request: Request) -> Response:
    """Until the operator's panel stands here, the page where a picture can be seen."""
    return RedirectResponse("/watch")


def media_routes(folder: Path) -> Sequence[BaseRoute]:
    """Icons and posters; in a large installation nginx serves the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = StaticFiles(directory=folder)
    return [Mount(path, files) for path in MEDIA_PATHS]


def not_found(request: Request, exc: Exception) -> Response:
    return JSONResponse({"error": 404, "error_message": "there is nothing at this address"}, status_code=404)


def not_allowed(request: Request, exc: Exception) -> Response:
    headers = exc.headers if isinstance(exc, HTTPException) else None
    return JSONResponse({"error": 405, "error_message": "method not allowed"}, status_code=405, headers=headers)
