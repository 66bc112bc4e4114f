"""A real nginx for tests: `nginx(server_block)` starts one on a free port and gives its address.

The binary is looked for on the PATH and in /usr/sbin; without it the test is skipped, or fails when
`SMARTY_REQUIRE_SERVICES=1`, as with every other server (see `services`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smarty_core.testing.private_server import PrivateServer, Unavailable, free_port
from smarty_core.testing.services import _unavailable

_CONFIGURATION = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        {server}
    }}
}}
"""


def nginx_binary() -> str:
    """The machine's nginx. Raises `Unavailable`."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    if found := shutil.which("nginx", path=path):
        return found
    raise Unavailable("nginx is not installed")


@contextlib.contextmanager
def private_nginx(folder: Path, server: str, http: str = "") -> Iterator[PrivateServer]:
    """An nginx with what stands in `server` in its only server block and `http` before that; its files in `folder`.

    Raises `Unavailable` with its own words when it does not take the configuration.
    """
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    text = _CONFIGURATION.format(folder=folder, user=user, port=port, server=server, http=http)
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [nginx_binary(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"),
               "-g", "daemon off;"]  # fmt: skip
    running = PrivateServer(command, folder, port)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts an nginx with a server block, and lines of the http block; gives its address."""
    with contextlib.ExitStack() as stack:

        def start(server: str, http: str = "") -> str:
            folder = tmp_path / f"nginx{len(list(tmp_path.glob('nginx*')))}"
            folder.mkdir()
            try:
                running = stack.enter_context(private_nginx(folder, server, http))
            except Unavailable as exc:
                raise _unavailable("nginx", exc) from exc
            return f"http://127.0.0.1:{running.port}"

        yield start
