"""The driver keeps the contract of stream routers, in both forms."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_nginx_secure_link.router import NginxSecureLink

from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestNginxSecureLink(StreamRouterSuite):
    @pytest.fixture(params=["query", "path"])
    def driver(self, request: pytest.FixtureRequest, host: Any) -> Any:
        settings = {
            "live_mask": "https://edge.example/hls/$prefix/index.m3u8?device=$device",
            "archive_mask": "https://edge.example/hls/$prefix/$flpbt-$flpdur.m3u8",
            "secret": "k3yForTests",
            "form": request.param,
        }
        return NginxSecureLink("main", NginxSecureLink.Settings.model_validate(settings), host)
