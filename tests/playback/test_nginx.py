"""A real nginx that asks our real server who may watch, configured as the how-to says."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.installation import Installation
from smarty_core.testing.nginx import nginx as nginx
from smarty_core.testing.subscribers import API_KEY, PASSWORD

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "nginx.md"


class Home:
    """A subscriber with a channel whose files lie behind nginx."""

    def __init__(self, database: Database, publish: Callable[[Installation], str], nginx: Any, folder: Path) -> None:
        for name in ("news1/index.m3u8", "news1/1.ts", "news2/index.m3u8"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        self.installation = Installation(database, TRUSTED_PROXIES=["127.0.0.1"])
        world = self.installation.world
        self.operator = world.operator("one", devices={"android": True})
        self.tariff = world.tariff(self.operator)
        self.api = publish(self.installation)
        self.edge = self.begin(nginx, folder, urlsplit(self.api).netloc)
        mask = self.edge + "/t/$token/$prefix/index.m3u8"
        service = StreamService(client_id=self.operator.id, name="edge", type="live", mask=mask, check_ip=True)
        self.channel = self.installation.channel(self.tariff, "News", url_prefix="news1", services=[service])
        world.subscriber(self.operator, tariffs=[self.tariff])
        self.session = {"client_id": self.operator.id, "device": "android"}
        login = {"abonement": "1001", "password": PASSWORD, "api_key": API_KEY, "device_uid": "uid-1"}
        self.session["authkey"] = self.ask("/login/", **login)["authkey"]

    def begin(self, nginx: Any, folder: Path, smarty: str) -> str:
        """nginx with the blocks of the how-to; answers are forgotten at once, so that nothing has to be waited for."""
        blocks = re.findall(r"```nginx\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
        http, server = (
            next(block for block in blocks if word in block) for word in ("upstream smarty", "auth_request")
        )
        for old, new in (
            ("smarty.example.org:443", smarty), ("https://smarty/", "http://smarty/"), ("/srv/video", str(folder)),
            ("/var/cache/nginx/smarty", str(folder / "cache")), ("200 60s", "200 1s"), ("403 5s", "403 1s"),
        ):  # fmt: skip
            assert old in http + server
            http, server = http.replace(old, new), server.replace(old, new)
        began: str = nginx(server, http)
        return began

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        url, asked = f"{self.api}/tvmiddleware/api{path}", {**self.session, **params}
        found: dict[str, Any] = httpx.get(url, params=asked, timeout=30, trust_env=False).json()
        assert found["error"] == 0, found
        return found

    def live(self) -> str:
        uri: str = self.ask("/channel/url/", cid=self.channel.id, redirect=0)["uri"]
        return uri


@pytest.fixture
def home(sqlite_database: Database, publish: Any, nginx: Any, tmp_path: Path) -> Iterator[Home]:
    made = Home(sqlite_database, publish, nginx, tmp_path / "videos")
    yield made
    made.installation.close()


def play(uri: str) -> int:
    return httpx.get(uri, timeout=30, trust_env=False).status_code


def test_nginx_lets_in_whom_we_let_in(home: Home) -> None:
    uri = home.live()
    assert play(uri) == 200
    assert play(uri.replace("index.m3u8", "1.ts")) == 200, "segments are opened by the same path"
    assert play(uri.replace("index.m3u8", "2.ts")) == 404
    assert play(uri.replace("/news1/", "/news2/")) == 403, "the token is for another channel"
    at = uri.index("/t/") + 20
    assert play(uri[:at] + ("A" if uri[at] != "A" else "B") + uri[at + 1 :]) == 403
    assert play(f"{home.edge}/news1/index.m3u8") == 404
    assert play(uri.replace("/news1/", "/news1%0d%0aX-Real-IP:%201/")) == 404, "a name that would be another question"
    assert play(f"{home.edge}/smarty-check") == 404, "the question itself is for nginx only"


def test_a_logout_stops_the_picture_when_nginx_asks_next(home: Home) -> None:
    uri = home.live()
    other = home.live()
    assert play(uri) == 200
    home.ask("/logout/")
    assert play(other) == 403, "of this token nginx has no answer yet"


def test_while_we_are_away_who_comes_new_is_put_off(home: Home, nginx: Any, tmp_path: Path) -> None:
    uri = home.live()
    edge = home.begin(nginx, tmp_path / "videos", "127.0.0.1:1")
    assert play(uri.replace(home.edge, edge)) == 503


def test_while_we_are_away_who_watches_goes_on(home: Home, publish: Any, nginx: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        edge = home.begin(nginx, tmp_path / "videos", f"127.0.0.1:{listener.getsockname()[1]}")
        uri = home.live().replace(home.edge, edge)
        answering = threading.Thread(
            target=answer_once, args=(listener, httpx.get(checked(home, uri), trust_env=False))
        )
        answering.start()
        assert play(uri) == 200
        answering.join()
    log = tmp_path / "nginx1" / "error.log"
    deadline = time.monotonic() + 30
    while "refused" not in log.read_text():  # its answer grew old, and it asked again in vain
        assert play(uri) == 200
        assert time.monotonic() < deadline
    assert play(uri) == 200


def checked(home: Home, uri: str) -> str:
    """The question nginx asks about an address."""
    _, _, token, name, _ = urlsplit(uri).path.split("/")
    return f"{home.api}/tvmiddleware/api/streamservice/token/check/?token={token}&name={name}&ip=127.0.0.1"


def answer_once(listener: socket.socket, answer: httpx.Response) -> None:
    """Pass a real answer on to the first who asks, as a server that goes away afterwards."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        line = f"HTTP/1.1 {answer.status_code} OK\r\n"
        connection.sendall(f"{line}{head}connection: close\r\n\r\n".encode() + answer.content)
