"""Wheels hold everything that is needed and nothing else, and work outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))


def build(folder: Path, into: Path, kind: str = "wheel") -> Path:
    """Build without network, as `pip wheel --no-build-isolation` does."""
    before = set(into.glob("*"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = set(into.glob("*")) - before
    return made


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel by folder name; the core's is under ""."""
    into = tmp_path_factory.mktemp("wheels")
    return {"": build(ROOT, into), **{plugin.name: build(plugin, into) for plugin in PLUGINS}}


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all wheels installed, far from the repository."""
    target = tmp_path_factory.mktemp("installed")
    for wheel in wheels.values():
        with zipfile.ZipFile(wheel) as archive:  # pure wheels are installed by unpacking
            archive.extractall(target)
    return target


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def files(folder: Path, base: Path) -> set[str]:
    return {
        path.relative_to(base).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_core_is_complete(wheels: dict[str, Path]) -> None:
    found = names(wheels[""])
    own = {name for name in found if name.startswith("smarty_core/")}
    assert own == files(ROOT / "smarty_core", ROOT)
    for needed in (
        "smarty_core/py.typed",
        "smarty_core/web/static/swagger/swagger-ui-bundle.js",
        "smarty_core/web/watch/static/vendor/hls.light.min.js",
        "smarty_core/storage/migrations/env.py",
    ):
        assert needed in own, needed
    assert any(name.startswith("smarty_core/storage/migrations/versions/") for name in own)
    rest = {name.partition("/")[0] for name in found - own}
    assert len(rest) == 1, rest
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in found)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_is_complete(wheels: dict[str, Path], plugin: Path) -> None:
    found = names(wheels[plugin.name])
    own = {name for name in found if ".dist-info/" not in name}
    assert own == files(plugin / "src", plugin / "src")
    (package,) = {name.partition("/")[0] for name in own}
    assert f"{package}/py.typed" in own
    assert f"{package}/__init__.py" in own


def test_a_source_archive_holds_only_what_is_listed(tmp_path: Path) -> None:
    import tarfile

    archive = build(ROOT, tmp_path, "sdist")
    with tarfile.open(archive) as content:
        top = {name.split("/")[1] for name in content.getnames() if "/" in name}
    assert top <= {"smarty_core", "README.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert {"smarty_core", "README.md", "LICENSE", "pyproject.toml"} <= top


def run(installed: Path, folder: Path, *arguments: str, **environment: str) -> str:
    """Run Python on the installed wheels from an empty folder; what it printed."""
    environ: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SMARTY_")},
        "PYTHONPATH": str(installed),
        "XDG_CACHE_HOME": str(folder / "cache"),
        **environment,
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_imported_is_what_was_installed(installed: Path, tmp_path: Path) -> None:
    packages = [
        "smarty_core",
        *(path.name for path in sorted(installed.glob("smarty_*")) if (path / "py.typed").exists()),
    ]
    assert len(packages) > len(PLUGINS)
    code = f"import importlib; [print(importlib.import_module(name).__file__) for name in {packages!r}]"
    for line in run(installed, tmp_path, "-c", code).splitlines():
        assert Path(line).is_relative_to(installed), line


def test_the_inventory_finds_all_drivers_and_none_is_broken(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(run(installed, tmp_path, "-m", "smarty_core", "plugins", "--json"))
    assert {"mask", "static", "console", "xmltv_common", "flussonic"} <= {item["name"] for item in listed}
    assert {item["distribution"] for item in listed} >= {"smarty-core", "smarty-epg-xmltv", "smarty-flussonic"}
    assert [item for item in listed if item["status"] not in ("ok", "unused")] == []


def test_a_database_is_made_from_the_installed_migrations(installed: Path, tmp_path: Path) -> None:
    database = tmp_path / "tv.sqlite"
    run(installed, tmp_path, "-m", "smarty_core", "migrate", SMARTY_DATABASE_URL=f"sqlite:///{database}")
    run(installed, tmp_path, "-m", "smarty_core", "setup_initial_data", "--no-sample-data",
        SMARTY_DATABASE_URL=f"sqlite:///{database}")  # fmt: skip
    assert database.stat().st_size > 0


def test_static_files_are_served_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.resources import files\n"
        "for name in ('web/static/swagger/swagger-ui.css', 'web/watch/static/vendor/hls.light.min.js'):\n"
        "    assert files('smarty_core').joinpath(name).read_bytes(), name\n"
    )
    run(installed, tmp_path, "-c", code)
