"""The driver keeps the contract of stream routers, signed and open."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_nimble.router import Nimble

from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestNimble(StreamRouterSuite):
    @pytest.fixture(params=["", "k3yForTests"])
    def driver(self, request: pytest.FixtureRequest, host: Any) -> Any:
        settings = {"mask": "https://video.example:8081/live", "secret": request.param}
        return Nimble("main", Nimble.Settings.model_validate(settings), host)
