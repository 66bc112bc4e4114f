"""The driver keeps the contract of stream routers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from smarty_script_router.router import ScriptRouter

from smarty_core.testing.suite.stream_router import StreamRouterSuite

SCRIPT = """
uri = 'https://video.example/%s/' % prefix
if start:
    uri += 'archive-%d-%s.m3u8' % (start, duration if stop else 'now')
else:
    uri += 'index.m3u8'
uri += '?token=' + token + '&uid=' + device_uid
"""


class TestScriptRouter(StreamRouterSuite):
    @pytest.fixture
    def driver(self, router: Callable[..., ScriptRouter]) -> Any:
        return router(SCRIPT)
