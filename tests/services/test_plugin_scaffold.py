"""`plugin_new`: every kind of package it writes is installed, found by the core, clean, and passes its own tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import smarty_core
from smarty_core.cli.plugin_new import plugin_new
from smarty_core.contracts import CONTRACTS
from smarty_core.errors import Conflict, InvalidValue
from smarty_core.services.plugin_scaffold import KINDS, PluginName, PluginScaffold
from smarty_core.services.plugin_scaffold.names import MAX_NAME

pytestmark = pytest.mark.long

ROOT = Path(smarty_core.__file__).parents[1]
INVENTORY = """
import dataclasses, json
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.inventory import inventory
from smarty_core.plugins.registry import DriverRegistry
discovery = Discovery()
rows = inventory(DriverRegistry.for_listing(discovery), Hooks(discovery))
print(json.dumps([dataclasses.asdict(row) for row in rows]))
"""


class Made:
    """One package of each kind in `folder`, all of them installed into `site`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        for capability in KINDS:
            PluginScaffold().write(capability, f"made_{capability}", folder)
        packages = [str(folder / f"made_{capability}") for capability in KINDS]
        self.run(
            "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps",
            "--no-index", "--target", str(self.site), *packages,
        )  # fmt: skip

    def run(self, *command: str, at: Path | None = None) -> str:
        """Run Python where the packages are installed; its output. A failure fails the test with what was said."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV_"))}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=at or self.folder,
            env={**environment, "PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


def test_there_is_a_kind_for_every_capability_and_for_hooks() -> None:
    assert set(KINDS) == {*CONTRACTS, "hooks"}


@pytest.fixture(scope="module")
def outcomes(made: Made) -> list[tuple[str, str]]:
    """(outcome, test) of everything the packages' own tests say, run by one process to save time."""
    said = made.run(
        "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-c", "made_hooks/pyproject.toml", "--rootdir", ".",
        *(f"made_{capability}/tests" for capability in KINDS),
    )  # fmt: skip
    words = [line.partition(" ") for line in said.splitlines()]
    return [(word, test) for word, _, test in words if word in ("PASSED", "FAILED", "ERROR")]


@pytest.mark.parametrize("capability", KINDS)
def test_a_written_plugin_passes_its_own_tests(outcomes: list[tuple[str, str]], capability: str) -> None:
    own = {test: word for word, test in outcomes if test.startswith(f"made_{capability}/tests/")}
    assert set(own.values()) == {"PASSED"}
    if noun := KINDS[capability].noun:
        suite = f"made_{capability}/tests/test_compliance.py::Test{PluginName(f'made_{capability}').with_ending(noun)}"
        assert f"{suite}::test_capability_has_a_contract_the_core_serves" in own


def test_the_core_finds_all_of_them_and_none_is_broken(made: Made) -> None:
    rows = {row["name"]: row for row in json.loads(made.run("-c", INVENTORY)) if row["name"].startswith("made_")}
    assert {name: row["capability"] for name, row in rows.items()} == {f"made_{kind}": kind for kind in KINDS}
    assert {row["status"] for row in rows.values()} <= {"ok", "unused"}
    assert rows["made_hooks"]["hooks"] == ["account_created", "register_jobs", "register_routes"]


def test_what_is_written_is_clean_and_formatted(made: Made) -> None:
    packages = [f"made_{capability}" for capability in KINDS]
    made.run("-m", "ruff", "check", "--no-cache", *packages)
    made.run("-m", "ruff", "format", "--check", "--no-cache", *packages)


def test_what_is_written_is_typed_strictly(made: Made) -> None:
    sources = [f"made_{capability}/src" for capability in KINDS]
    made.run("-m", "mypy", "--strict", "--cache-dir", str(made.folder / "mypy"), *sources)


def test_the_longest_name_still_gives_clean_lines(made: Made) -> None:
    long = made.folder / "long"
    for number, capability in enumerate(KINDS):
        PluginScaffold().write(capability, f"{'x' * (MAX_NAME - 2)}{number:02}", long)
    made.run("-m", "ruff", "check", "--no-cache", str(long))


def test_readme_lists_exactly_the_settings(made: Made) -> None:
    for capability, kind in KINDS.items():
        if not kind.noun:
            continue
        name = PluginName(f"made_{capability}")
        fields = made.run(
            "-c",
            f"from {name.package}.settings import {name.with_ending('Settings')} as model;"
            "print(*model.model_fields, sep='\\n')",
        ).split()
        readme = (made.folder / name.word / "README.md").read_text()
        listed = [line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")]
        assert listed == fields, capability


@pytest.mark.parametrize(
    "name",
    ["", "Payture", "3ds", "_x", "x_", "a__b", "a-b", "a.b", "../x", "x/y", "ж", "a b", "x" * (MAX_NAME + 1), "core",
     "smarty_x", "manage", "x\n"],
)  # fmt: skip
def test_bad_names_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValue, match="is no name for a plugin"):
        PluginScaffold().write("cas", name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "mine.txt").write_text("mine")
    with pytest.raises(Conflict, match="exists already"):
        PluginScaffold().write("cas", "acme", tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["acme", "mine.txt"]


def test_a_driver_name_that_is_installed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match=r"smarty\.stream_router mask is installed already, by smarty-core"):
        PluginScaffold().write("stream_router", "mask", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_of_all_sorts_are_derived_from_one_word() -> None:
    name = PluginName("sms_acme")
    assert (name.package, name.distribution) == ("smarty_sms_acme", "smarty-sms-acme")
    assert name.with_ending("Backend") == "SmsAcmeBackend"
    assert PluginName("acme_gateway").with_ending("Gateway") == "AcmeGateway"


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(plugin_new)
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output


def test_the_command_writes_into_the_folder_of_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("cas", "one")[0] == 0
    (tmp_path / "plugins").mkdir()
    code, said = run("cas", "two")
    assert code == 0
    assert "pip install -e plugins/two" in said
    assert run("cas", "three", "--into", "elsewhere")[0] == 0
    for place in ("one", "plugins/two", "elsewhere/three"):
        assert (tmp_path / place / "pyproject.toml").is_file()


def test_the_command_names_the_capability_that_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run("sms_backed", "acme")
    assert code == 1
    assert "did you mean 'sms_backend'?" in said
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_of_the_core_holds_the_templates(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-build-isolation",
         "--no-deps", "--no-index", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".tmpl")}
    written = (ROOT / "smarty_core").rglob("*.tmpl")
    assert held == {path.relative_to(ROOT).as_posix() for path in written}
    assert "smarty_core/services/plugin_scaffold/templates/any/package/py.typed.tmpl" in held
