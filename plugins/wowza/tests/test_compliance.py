"""The driver keeps the contract of stream routers, signed and open."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_wowza.router import Wowza

from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestWowza(StreamRouterSuite):
    @pytest.fixture(params=["", "k3yForTests"])
    def driver(self, request: pytest.FixtureRequest, host: Any) -> Any:
        settings = {"mask": "https://video.example:1935/live", "secret": request.param}
        return Wowza("main", Wowza.Settings.model_validate(settings), host)
