"""The drivers keep the contract of stream routers."""

from __future__ import annotations

from typing import Any

import pytest
from smarty_cdn_token.akamai import AkamaiToken
from smarty_cdn_token.router import CdnToken

from smarty_core.testing.suite.stream_router import StreamRouterSuite

MASKS = {
    "live_mask": "https://cdn.example/hls/$prefix/index.m3u8?device=$device",
    "archive_mask": "https://cdn.example/hls/$prefix/$flpbt-$flpdur.m3u8",
}


class TestCdnToken(StreamRouterSuite):
    @pytest.fixture(params=["query", "path"])
    def driver(self, request: pytest.FixtureRequest, host: Any) -> Any:
        settings = {**MASKS, "secret": "k3yForTests", "placement": request.param}
        return CdnToken("main", CdnToken.Settings.model_validate(settings), host)


class TestAkamaiToken(StreamRouterSuite):
    @pytest.fixture
    def driver(self, host: Any) -> Any:
        return AkamaiToken("main", AkamaiToken.Settings.model_validate({**MASKS, "secret": "00aa11bb"}), host)
