"""Every way a plugin can be bad, really installed beside a good one: the server runs on as specified."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
EVERYBODY = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "pyproject.toml").exists())
QUIET = [name for name in EVERYBODY if name != "collides"]
START_SECONDS = 60


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All test plugins, built and installed by pip into one folder."""
    target = tmp_path_factory.mktemp("site")
    sources = tmp_path_factory.mktemp("sources")
    for name in EVERYBODY:
        shutil.copytree(FIXTURES / name, sources / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    folders = [str(sources / name) for name in EVERYBODY]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(target), *folders], check=True, timeout=170)
    return target


def site(installed: Path, tmp_path: Path, names: list[str]) -> Path:
    """A folder with only the named plugins, as if the others had been uninstalled."""
    folder = tmp_path / f"site_{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    for name in names:
        shutil.copytree(installed / f"smarty_{name}", folder / f"smarty_{name}")
        (info,) = installed.glob(f"smarty_{name}-*.dist-info")
        shutil.copytree(info, folder / info.name)
    return folder


class Server:
    def __init__(self, folder: Path, database: Path, environ: dict[str, str] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, str(FIXTURES / "server.py"), str(database), str(self.port)],
            env={**os.environ, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder), **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                pytest.fail(f"the server ended: {self.process.communicate()[0]}")
            with contextlib.suppress(OSError):
                self.get("/ping")
                return
            time.sleep(0.05)
        pytest.fail("the server did not start")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as failure:
            with failure:
                return failure.code, failure.read().decode()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])

    def until(self, path: str, happened: Callable[[Any], object]) -> Any:
        until = time.monotonic() + 60
        while not happened(found := self.json(path)):
            assert time.monotonic() < until, found
            time.sleep(0.05)
        return found

    def stop(self) -> tuple[int, str]:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            output = self.process.communicate(timeout=40)[0]
        finally:
            self.process.kill()
        return self.process.returncode, output


@pytest.fixture(scope="module")
def crowd(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with every bad plugin and the good one."""
    tmp_path = tmp_path_factory.mktemp("crowd")
    server = Server(site(installed, tmp_path, QUIET), tmp_path / "crowd.db")
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def status(server: Server) -> dict[tuple[str, str], tuple[str, str]]:
    rows = server.json("/state")["plugins"]
    return {(row["capability"], row["name"]): (row["status"], row["reason"]) for row in rows}


def test_the_good_plugin_works_beside_all_the_bad_ones(crowd: Server) -> None:
    assert crowd.get("/ext/good/hello") == (200, "hello")
    assert crowd.get("/player_api.php") == (200, "hello")
    assert crowd.get("/ext/good/files/a/b") == (200, "/ext/good/files/a/b")
    assert crowd.get("/ext/good/nothing")[0] == 404
    assert crowd.json("/locate?driver=good") == {"place": "RU"}
    assert crowd.json("/state")["jobs"] == ["good.count"]
    assert status(crowd)["hooks", "good"] == ("ok", "")


def test_everybody_who_can_hear_hears_although_others_raise_and_hang(crowd: Server) -> None:
    for number in (11, 12, 13):
        began = time.monotonic()
        assert crowd.json(f"/login?account={number}") == {"error": 0}
        assert time.monotonic() - began < 5
    wanted = {f"{what} {number}" for what in ("login", "account") for number in (11, 12, 13)}
    crowd.until("/state", lambda found: wanted <= set(found["heard"]))


def test_events_a_bad_plugin_did_not_take_stay_visible(crowd: Server) -> None:
    crowd.json("/login?account=21")
    found = crowd.until("/state", lambda found: ["raises", "retrying"] in found["outbox"])
    assert "good" not in {plugin for plugin, _ in found["outbox"]} or crowd.until(
        "/state", lambda found: "good" not in {plugin for plugin, _ in found["outbox"]}
    )


def test_a_driver_that_raises_is_broken_for_its_caller_only(crowd: Server) -> None:
    failure = crowd.json("/locate?driver=raises")
    assert failure["failure"] == "DriverBroken"
    assert "RuntimeError: a bug in locate" in failure["text"]
    assert crowd.get("/ext/raises/fails") == (500, "Internal Server Error")
    assert crowd.get("/ping")[0] == 200


def test_a_driver_that_hangs_is_given_up_and_then_refused_at_once(crowd: Server) -> None:
    answers = [crowd.json("/locate?driver=hangs") for _ in range(6)]
    assert {answer["failure"] for answer in answers} == {"ProviderUnavailable"}
    assert "deadline" in answers[0]["text"]
    assert "not tried for a while" in answers[-1]["text"]
    assert crowd.json("/locate?driver=good") == {"place": "RU"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("hooks", "broken_import"), "ModuleNotFoundError: No module named 'a_library_nobody_installed'"),
        (("geo_locator", "broken_import"), "AssertionError: not on this platform"),
        (("hooks", "misspelt"), "did you mean 'login_success'?"),
        (("hooks", "twin"), "smarty-twin-one and smarty-twin-two"),
        (("geo_locator", "twin"), "smarty-twin-one and smarty-twin-two"),
        (("geo_locator", "wrong_base"), "not a subclass of GeoLocator"),
        (("hooks", "raises_early"), "register_routes failed"),
    ],
)
def test_what_cannot_be_used_is_listed_with_the_reason(crowd: Server, row: tuple[str, str], said: str) -> None:
    state, reason = status(crowd)[row]
    assert state == "broken"
    assert said in reason


@pytest.mark.parametrize("name", ["broken_import", "twin", "wrong_base"])
def test_calling_a_broken_driver_says_why(crowd: Server, name: str) -> None:
    assert crowd.json(f"/locate?driver={name}")["failure"] == "DriverBroken"


def test_wrong_settings_break_the_instance_until_they_are_right(crowd: Server) -> None:
    wrong = urllib.parse.quote(json.dumps({"contry": "DE"}))
    failure = crowd.json(f"/locate?driver=good&settings={wrong}")
    assert failure["failure"] == "DriverBroken"
    assert "did you mean" in failure["text"]
    assert status(crowd)["geo_locator", "good"][0] == "broken"
    right = urllib.parse.quote(json.dumps({"country": "DE"}))
    assert crowd.json(f"/locate?driver=good&settings={right}") == {"place": "DE"}
    assert crowd.json("/locate?driver=good") == {"place": "RU"}
    assert status(crowd)["geo_locator", "good"][0] == "unused"


def test_the_server_ends_in_time_although_a_plugin_hangs(installed: Path, tmp_path: Path) -> None:
    server = Server(site(installed, tmp_path, ["good", "hangs"]), tmp_path / "a.db")
    server.wait()
    server.json("/login?account=1")
    server.json("/locate?driver=hangs")
    began = time.monotonic()
    code, output = server.stop()
    assert code == 0, output
    assert time.monotonic() - began < 30


def test_a_route_collision_stops_the_start_naming_both(installed: Path, tmp_path: Path) -> None:
    server = Server(site(installed, tmp_path, ["good", "collides"]), tmp_path / "a.db")
    output = server.process.communicate(timeout=START_SECONDS)[0]
    assert server.process.returncode == 1
    assert "refused to start: the path /ping of plugin collides is already claimed by the core" in output


def test_disabling_the_colliding_plugin_lets_the_server_start(installed: Path, tmp_path: Path) -> None:
    folder = site(installed, tmp_path, ["good", "collides"])
    server = Server(folder, tmp_path / "a.db", {"SMARTY_DISABLE_PLUGINS": "collides"})
    server.wait()
    try:
        assert status(server)["hooks", "collides"] == ("disabled", "")
    finally:
        server.stop()


def test_after_uninstalling_everything_still_works_and_data_stays(installed: Path, tmp_path: Path) -> None:
    database = tmp_path / "kept.db"
    server = Server(site(installed, tmp_path, ["good", "raises"]), database)
    server.wait()
    server.json("/login?account=1")
    server.until("/state", lambda found: ["raises", "retrying"] in found["outbox"])
    server.stop()

    server = Server(site(installed, tmp_path, ["good"]), database)
    server.wait()
    try:
        assert server.json("/login?account=2") == {"error": 0}
        found = server.until("/state", lambda found: "account 2" in found["heard"])
        assert [plugin for plugin, _ in found["outbox"]] == ["raises"]
        assert server.get("/ext/raises/fails")[0] == 404
        gone = server.json("/locate?driver=raises")
        assert gone["failure"] == "DriverNotFound"
        assert "pip install smarty-geo-raises" in gone["text"]
    finally:
        server.stop()
