"""The driver keeps the contract of stream routers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from smarty_microimpuls.router import Microimpuls

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.testing.suite.stream_router import StreamRouterSuite


class TestMicroimpuls(StreamRouterSuite):
    @pytest.fixture
    def driver(self, make: Any) -> Microimpuls:
        mask = "http://pvr.example/$file?offset=$file_offset&c=$prefix&token=$token"
        made: Microimpuls = make(mask=mask, secret="k3y4tests")
        return made

    @pytest.fixture
    def request_(self) -> PlayRequest:
        """There is nothing live here."""
        begin = datetime(2023, 11, 14, 12, 0, tzinfo=UTC)
        return PlayRequest(
            content_type="program", content_id="7", prefix="news1", token="t0ken", start=begin,
            stop=begin.replace(hour=13), now=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        )  # fmt: skip

    @pytest.fixture(autouse=True)
    def _server(self, pvr: Any) -> None:
        pvr.key = "k3y4tests"
