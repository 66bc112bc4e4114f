"""`/watch`: a page that plays the operator's channels in a browser, through the device API and nothing else.

It is what an application of a subscriber does, small enough to be read: log in, list, guide, addresses, picture.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from smarty_core.web.watch.prefill import prefilled_login

if TYPE_CHECKING:
    from smarty_core.app import System

STATIC: Final = Path(__file__).parent / "static"

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Icons and streams come from wherever the operator keeps them; an address of either is no script.
        "img-src 'self' data: http: https:",
        "media-src 'self' blob: http: https:",
        "connect-src 'self' http: https:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A stream's address would tell the video server of the page; an icon's server need not know either.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(system: System) -> list[BaseRoute]:
    """The page, its files, and what its login form may be filled with."""
    document = (STATIC / "index.html").read_bytes()

    def page(request: Request) -> Response:
        return Response(document, media_type="text/html", headers=HEADERS)

    def config(request: Request) -> Response:
        return JSONResponse(prefilled_login(system, request), headers={**HEADERS, "Cache-Control": "no-store"})

    return [
        Route("/watch", page),
        Route("/watch/", page),
        Route("/watch/config.json", config),
        Mount("/watch/static", _Files(directory=STATIC)),
    ]


class _Files(StaticFiles):
    """Scripts and styles; a browser asks whether they have changed, so that a new release is seen at once."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        return response
