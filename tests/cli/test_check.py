"""`smarty_manage check`, as an operator runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.processes import manage

HEAD = "from settings.base import *\nSECRET_KEY = 'a key that is long enough'\n"


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and everything that was printed."""
    code, said, complained = manage(folder, "check", *arguments)
    return code, said + complained


def write(folder: Path, text: str) -> None:
    (folder / "settings").mkdir(exist_ok=True)
    (folder / "settings" / "prod.py").write_text(HEAD + text, encoding="utf-8")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    write(folder, "")
    code, said, complained = manage(folder, "migrate", "--settings=settings.prod")
    assert code == 0, said + complained
    return folder


@pytest.fixture
def home(migrated: Path, tmp_path: Path) -> Path:
    """A working installation."""
    return Path(shutil.copytree(migrated, tmp_path / "home"))


def test_a_working_installation_is_in_order(home: Path) -> None:
    code, said = check(home, "--live", "--settings=settings.prod")

    assert (code, said.splitlines()[-1]) == (0, "everything is in order")
    assert "sqlite:///var/prod/smarty.sqlite answers" in said
    assert "problem " not in said


def test_all_mistakes_of_the_settings_are_told_and_nothing_is_opened(tmp_path: Path) -> None:
    write(tmp_path, "SMSC_LOGN = 'x'\nTIME_ZONE = 'Mars/Olympus'\n")

    code, said = check(tmp_path, "--settings=settings.prod")

    assert code == 1
    assert "SMSC_LOGN: unknown setting; did you mean 'SMSC_LOGIN'?" in said
    assert "TIME_ZONE: not a time zone" in said
    assert said.splitlines()[-1] == "2 problems found"
    assert not (tmp_path / "var").exists()


def test_problems_of_every_part_are_told_together(home: Path) -> None:
    write(
        home,
        "GEO_LOCATORS = ['atlas']\nINSTALLED_APPS += ('megogo',)\nMAIN_MENU = {'client': []}\n"
        "CACHE_URL = 'redis://:geheim@127.0.0.1:1/0'\n"
        "DATABASES['replica'] = {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'n', 'HOST': '127.0.0.1',"
        " 'PORT': 1, 'PASSWORD': 'geheim'}\nREPLICATED_DATABASE_SLAVES = ['replica']\n",
    )

    code, said = check(home, "--settings=settings.prod")

    assert code == 1
    problems = [line for line in said.splitlines() if line.startswith("problem")]
    assert [line.split()[1] for line in problems] == ["database", "cache", "plugins"]
    assert "read replica" in problems[0]
    assert "Redis does not answer" in problems[1]
    assert "pip install smarty-geo-atlas" in problems[2]
    assert "notice  settings  INSTALLED_APPS: 'megogo' is not installed: pip install smarty-megogo" in said
    assert "settings without effect in this release: MAIN_MENU" in said
    assert "geheim" not in said


def test_a_database_without_tables_is_told(tmp_path: Path) -> None:
    write(tmp_path, "")

    code, said = check(tmp_path, "--settings=settings.prod")

    assert code == 1
    assert "problem database" in " ".join(said.split())
    assert "smarty_manage migrate" in said
