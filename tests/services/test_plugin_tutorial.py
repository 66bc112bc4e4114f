"""The tutorial for plugin authors does what it says: what it shows is written, and its changes lead where it tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import smarty_core
from smarty_core.services.plugin_scaffold import PluginScaffold

pytestmark = pytest.mark.long

TUTORIAL = (Path(smarty_core.__file__).parents[1] / "docs" / "tutorial" / "first-plugin.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder the tutorial works in, after its `plugin_new` lines."""
    commands = re.findall(r"^smarty_manage plugin_new (\w+) (\w+)$", TUTORIAL, re.MULTILINE)
    assert len(commands) == 2
    for capability, name in commands:
        PluginScaffold().write(capability, name, tmp_path / "plugins")
    return tmp_path


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)


def apply(diff: str, folder: Path) -> None:
    """Make the change a block shows; what it takes away has to be there."""
    head, *lines = diff.splitlines()
    path = folder / head.removeprefix("--- ")
    before = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
    after = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
    text = path.read_text("utf-8")
    assert text.count(before) == 1, f"{head}: the change does not fit"
    path.write_text(text.replace(before, after), "utf-8")


def passes(plugin: str, folder: Path) -> bool:
    """Whether the plugin's own tests pass."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    environment |= {"PYTHONPATH": str(folder / "plugins" / plugin / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"plugins/{plugin}"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0


def test_what_the_tutorial_shows_is_what_is_written(folder: Path) -> None:
    written = "".join(path.read_text("utf-8") for path in (folder / "plugins").rglob("*.*") if path.is_file())
    shown = [block for language in ("python", "toml") for block in blocks(language) if "# settings/" not in block]
    assert len(shown) >= 3
    for block in shown:
        assert block in written


def test_the_changes_of_the_tutorial_lead_where_it_says(folder: Path) -> None:
    answer, stricter, mended, tested = blocks("diff")
    apply(answer, folder)
    assert b"hello to you too" in (folder / "plugins/hello/src/smarty_hello/hooks.py").read_bytes()
    assert passes("hello", folder)
    apply(stricter, folder)
    assert not passes("acme", folder)
    apply(mended, folder)
    apply(tested, folder)
    assert passes("acme", folder)
