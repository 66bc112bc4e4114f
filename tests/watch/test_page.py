"""What the server sends for `/watch`: a strict policy, local files only, and a key for nobody but this machine."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from smarty_core.app import System
from smarty_core.services.setup.sample import SampleLogin
from smarty_core.web import watch

KEY = "k" * 64


class Sample:
    """Stands for the parts of a system the page looks at."""

    def __init__(self) -> None:
        self.login: SampleLogin | None = SampleLogin(7, KEY, "1001", "4711")
        self.settings = SimpleNamespace(SMARTY_URL="http://127.0.0.1:8180", TRUSTED_PROXIES=["127.0.0.1"])
        self.setup = SimpleNamespace(sample_login=lambda: self.login)


@pytest.fixture
def sample() -> Sample:
    return Sample()


@pytest.fixture
def client(sample: Sample) -> Iterator[httpx.Client]:
    app = Starlette(routes=watch.routes(cast(System, sample)))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", trust_env=False) as made:
        yield made
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("path", ["/watch", "/watch/", "/watch/static/js/main.js", "/watch/static/css/tv.css"])
def test_everything_comes_with_a_policy_that_allows_no_foreign_and_no_inline_code(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_all_the_page_needs_is_on_this_server(client: httpx.Client) -> None:
    page = client.get("/watch").text
    assert not re.search(r"<style|<script(?![^>]+src=)|\son\w+=|\sstyle=", page)
    wanted = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert len(wanted) >= 5
    for address in wanted:
        assert address.startswith("/watch/static/")
        assert client.get(address).status_code == 200, address


def test_every_module_a_module_needs_is_there(client: httpx.Client) -> None:
    seen, waiting = set(), ["main.js"]
    while waiting:
        name = waiting.pop()
        answer = client.get(f"/watch/static/js/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/javascript"), name
        seen.add(name)
        waiting += [other for other in re.findall(r'from "\./([\w.]+)"', answer.text) if other not in seen]
    assert seen == {path.name for path in (Path(watch.__file__).parent / "static/js").iterdir()}


def test_both_languages_say_the_same_things() -> None:
    source = (Path(watch.__file__).parent / "static/js/texts.js").read_text(encoding="utf-8")
    russian, english = re.search(r"ru: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},", source, re.DOTALL).groups()  # type: ignore[union-attr]
    keys = re.findall(r"^    (\w+):", russian, re.MULTILINE)
    assert keys == re.findall(r"^    (\w+):", english, re.MULTILINE)
    page = (Path(watch.__file__).parent / "static/index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-(?:text|label)="(\w+)"', page)) <= set(keys)


def test_the_sample_login_is_filled_in_on_the_machine_itself(client: httpx.Client) -> None:
    answer = client.get("/watch/config.json")
    assert answer.json() == {"client_id": "7", "api_key": KEY, "abonement": "1001", "password": "4711"}
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "tv.example.com"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": ""},
        {"Host": "[::bad"},
        {"Host": "192.0.2.1"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Real-IP": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"Via": "1.1 proxy"},
    ],
    ids=str,
)
def test_nobody_else_is_given_a_key(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.get("/watch/config.json", headers=headers)
    assert KEY not in answer.text
    if answer.status_code == 200:
        assert answer.json() == {}
    else:
        assert answer.status_code == 400, "the server itself refuses a host that is none"


@pytest.mark.parametrize("url", ["https://tv.example.com", "http://192.0.2.1:8180", "", "http://[bad"])
def test_an_installation_with_a_public_name_gives_no_key_to_anybody(
    client: httpx.Client, sample: Sample, url: str
) -> None:
    sample.settings.SMARTY_URL = url
    assert client.get("/watch/config.json").json() == {}


def test_without_a_sample_operator_nothing_is_filled_in(client: httpx.Client, sample: Sample) -> None:
    sample.login = None
    assert client.get("/watch/config.json").json() == {}


@pytest.mark.parametrize("path", ["/watch/static/../__init__.py", "/watch/static/%2e%2e/prefill.py", "/watch/static/"])
def test_only_the_files_of_the_page_are_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
