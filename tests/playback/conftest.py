"""A running server of ours, and the simulators of video servers out of the plugins' own tests."""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn

from smarty_core.app import create_app
from smarty_core.testing.installation import Installation


def _simulator(plugin: str) -> ModuleType:
    path = Path(__file__).parents[2] / "plugins" / plugin / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location(f"{plugin}_simulator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_flussonic = _simulator("flussonic")
serve = _flussonic.serve
flussonic = _flussonic.flussonic
astra = _simulator("astra").astra
pvr = _simulator("microimpuls").pvr


@pytest.fixture
def publish() -> Iterator[Callable[[Installation], str]]:
    """Serve an installation on a real port; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def begin(installation: Installation) -> str:
        app = create_app(installation.system)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield begin
    for server, thread in running:
        server.should_exit = True
        thread.join()
