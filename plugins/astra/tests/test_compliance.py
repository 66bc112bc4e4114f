"""Both drivers keep the contract of stream routers."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_astra.router import Astra, AstraSecuretoken

from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestAstra(StreamRouterSuite):
    @pytest.fixture
    def driver(self, astra: Any, make: Any) -> Any:
        settings = {"control_url": astra.url, "control_login": astra.login, "control_password": astra.password}
        return make(Astra, mask="http://video.example:8100/tv", **settings)


class TestAstraSecuretoken(StreamRouterSuite):
    @pytest.fixture
    def driver(self, make: Any) -> Any:
        return make(AstraSecuretoken, mask="http://video.example:8100", secret="k3yForTests", signed="path")
