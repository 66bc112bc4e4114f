"""`/openapi.json` and `/api-docs/`, a browsable page drawn by a local copy of Swagger UI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from smarty_core.web.openapi import openapi
from smarty_core.web.surface import Routes

STATIC: Final = Path(__file__).parent / "static"

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "frame-ancestors 'none'"
)

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Smarty API</title>
<link rel="stylesheet" href="/static/swagger/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/static/swagger/swagger-ui-bundle.js"></script>
<script src="/static/api-docs.js"></script>
</body>
</html>
"""


def api_docs_routes(routes: Routes) -> list[BaseRoute]:
    """Routes of the description and of the page."""
    document = json.dumps(openapi(routes), ensure_ascii=False).encode()

    def description(request: Request) -> Response:
        return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})

    def page(request: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})

    def to_page(request: Request) -> Response:
        return RedirectResponse("/api-docs/")

    return [
        Route("/openapi.json", description),
        Route("/api-docs", to_page),
        Route("/api-docs/", page),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
