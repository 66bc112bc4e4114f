"""Where the server is mounted, and whom it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from smarty_sample_video.hooks import register_routes

from smarty_core.testing.fake_host import FakeHost

Serve = Callable[[Any], httpx.Client]
PLACE = "/ext/sample_video"


def test_it_takes_everything_below_its_own_place(host: FakeHost) -> None:
    (route,) = register_routes(host)
    assert route.mounted("sample_video") == f"{PLACE}/"


@pytest.mark.parametrize("ending", ["", "/"])
def test_it_asks_the_token_check_of_the_installation(host: FakeHost, serve: Serve, backend: Any, ending: str) -> None:
    api = backend.url.replace("/check/", "/tvmiddleware/api")
    host.settings.values["TVMIDDLEWARE_API_URL"] = api + ending
    (route,) = register_routes(host)
    client = serve(route.handler)
    assert client.get(f"{PLACE}/news/index.m3u8?token=T").status_code == 200
    backend.status = 403
    assert client.get(f"{PLACE}/news/index.m3u8?token=U").status_code == 403
    assert [(asked["name"], asked["token"]) for asked in backend.asked] == [("news", "T"), ("news", "U")]
    assert set(backend.paths) == {"/tvmiddleware/api/streamservice/token/check/"}


@pytest.mark.parametrize("name", ["index.m3u8", "video.m3u8"])
def test_lists_lead_on_by_relative_addresses(host: FakeHost, serve: Serve, name: str) -> None:
    (route,) = register_routes(host)
    client = serve(route.handler)
    last = client.get(f"{PLACE}/news/{name}").text.splitlines()[-1]
    assert httpx.URL(last).is_relative_url
    assert client.get(f"{PLACE}/news/{last}").status_code == 200
