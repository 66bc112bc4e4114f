"""The sample installation as `make run` starts it, and a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from smarty_core.testing.servers import free_port
from tests.watch.installation import Installation

START_SECONDS = 90.0
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio",
             "--autoplay-policy=no-user-gesture-required"]  # fmt: skip


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`smarty_manage demo` in an empty folder; ended as Ctrl-C does."""
    folder = tmp_path_factory.mktemp("installation")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SMARTY_")}
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "smarty_core", "demo", "--port", str(port), "--no-scheduler"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, f"{url}/watch", log)
        yield Installation(url, httpx.get(f"{url}/watch/config.json", trust_env=False).json())
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        words = log.read_text(errors="replace")[-3000:]
        assert process.poll() is None, f"the server ended: {words}"
        assert time.monotonic() < deadline, f"the server does not answer: {words}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no server for this test: Chromium is not installed"
        if os.environ.get("SMARTY_REQUIRE_SERVICES") == "1":
            pytest.fail(f"SMARTY_REQUIRE_SERVICES=1 but {reason}", pytrace=False)
        pytest.skip(reason)
    launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
    yield launched
    launched.close()
