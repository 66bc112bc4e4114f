"""The list of commands: every one is described and runs, without the others being imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import smarty_core
from smarty_core.cli.main import COMMANDS, load_command, make_app
from tests.cli.processes import environment


def words(text: str) -> str:
    """The words of a help page without the frames around them."""
    return " ".join("".join(letter if letter.isascii() else " " for letter in text).split())


def test_help_tells_of_every_command_what_its_own_help_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    listed = CliRunner().invoke(make_app(), ["-h"])
    assert listed.exit_code == 0
    page = words(listed.output)
    for name in COMMANDS:
        summary = (load_command(name).help or "").strip().split("\n\n")[0]
        assert summary
        assert words(f"{name} {summary}") in page, name
    assert page.index(" serve ") < page.index(" check ") < page.index(" demo ")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_tells_its_options(name: str) -> None:
    told = CliRunner().invoke(make_app(), [name, "-h"], prog_name="smarty_manage")
    assert told.exit_code == 0
    assert f"smarty_manage {name} [OPTIONS]" in told.output


def test_a_command_that_is_nearly_one_is_a_mistake_with_a_hint() -> None:
    wrong = CliRunner().invoke(make_app(), ["migrat"])
    assert wrong.exit_code == 2
    assert "Did you mean 'migrate'?" in words(wrong.output)


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(make_app(), ["--version"]).output == f"{smarty_core.__version__}\n"


def test_manage_py_of_old_crontabs_is_the_same() -> None:
    alias = Path(__file__).parents[2] / "manage.py"
    done = subprocess.run(
        [sys.executable, str(alias), "--version"],
        env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{smarty_core.__version__}\n", "")


def test_a_command_does_not_wait_for_the_import_of_the_others() -> None:
    asked = "import sys; sys.argv[1:] = ['-h']; from smarty_core.cli.main import main\n"
    script = f"{asked}try: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stderr.split())
    assert "smarty_core.cli.main" in loaded
    assert {"smarty_core.app", "smarty_core.cli.serve", "alembic", "uvicorn"} & loaded == set()
