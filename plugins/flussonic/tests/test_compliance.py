"""Both drivers keep the contract of stream routers."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_flussonic.router import Flussonic, FlussonicSecuretoken

from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestFlussonic(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return Flussonic("main", Flussonic.Settings(mask="https://video.example/live"), host)


class TestFlussonicSecuretoken(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        settings = {"mask": "https://video.example", "secret": "k3yForTests", "sign_user": True}
        return FlussonicSecuretoken("main", FlussonicSecuretoken.Settings.model_validate(settings), host)
