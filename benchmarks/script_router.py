"""A routing script, warm: what one address costs a request, `python -m benchmarks.script_router`.

The whole way is measured: guard of the driver, the plugin's thread, the operator's process and back. The floor is the
same script compiled and run in this process without any of it. The goal is for the median: the slowest of a hundred
is the machine's, when others use it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from typing import Final

from smarty_script_router.router import ScriptRouter
from smarty_script_router.settings import ScriptSettings

from benchmarks.result import Result, tell
from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.testing.fake_host import FakeHost
from smarty_core.values import utc_now

SCRIPT: Final = """
def edge_for(dc):
    edges = {7: [{'host': '198.51.100.10', 'port': 8080, 'secret': 'aa11'},
                 {'host': '198.51.100.11', 'port': 8080, 'secret': 'aa11'}]}
    if dc not in edges:
        return 0
    return random.choice(edges[dc])

uri = 'http://198.51.100.1:8000/%s/index.m3u8' % prefix
edge = edge_for(adid)
if edge:
    uri = 'http://%s:%d/%s/%s' % (edge['host'], edge['port'], edge['secret'], uri.replace('http://', ''))
"""
GOAL_SECONDS: Final = 0.001
REQUEST: Final = PlayRequest(
    content_type="channel", content_id="7", prefix="news1", data_center_id=7, ip="203.0.113.7", now=utc_now()
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5_000)
    options = parser.parse_args()
    settings = ScriptSettings.model_validate({"script": SCRIPT, "deadline_ms": 2000})
    router = GuardedDriver(ScriptRouter("benchmark", settings, FakeHost.make("script_router")), plugin="script_router")
    try:
        assert router.call("issue", REQUEST).uri.startswith("http://198.51.100.1")
        spans = times(lambda: router.call("issue", REQUEST), options.calls)
    finally:
        router.driver.close()
    floor = statistics.median(times(plain(), options.calls))
    median, slow = statistics.median(spans), sorted(spans)[len(spans) * 99 // 100]
    floor_text = f"{floor * 1e6:.0f} us"
    tell(
        Result(
            "routing script, warm, median", floor_text, f"{median * 1e6:.0f} us", "", "< 1 ms", median < GOAL_SECONDS
        )
    )
    tell(Result("routing script, warm, 99 of 100 within", "", f"{slow * 1e6:.0f} us", "", "", met=True))


def plain() -> Callable[[], object]:
    """The script as ordinary Python."""
    code = compile(SCRIPT, "<script>", "exec")
    return lambda: exec(code, {"random": random, "prefix": "news1", "adid": 7})


def times(call: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of `count` calls, after a hundred that do not count."""
    for _ in range(100):
        call()
    spans = []
    for _ in range(count):
        begin = time.perf_counter()
        call()
        spans.append(time.perf_counter() - begin)
    return spans


if __name__ == "__main__":
    main()
