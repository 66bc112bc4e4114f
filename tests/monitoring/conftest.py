"""The application with two operators and parts of monitoring switched on; an installation for real server processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smarty_core.storage.database import Database
from tests.web.device.world import World


@pytest.fixture
def watched(sqlite_database: Database, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes the one `World` of a test, with these settings."""
    made: list[World] = []

    def make(**settings: Any) -> World:
        made.append(World(sqlite_database, VAR_FOLDER=str(tmp_path / "var"), **settings))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def home(tmp_path: Path, _sqlite_template: Path) -> Callable[..., Path]:
    """Makes a migrated installation without an operator: `settings.prod` with these settings."""

    def make(**settings: Any) -> Path:
        (tmp_path / "settings").mkdir()
        lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
        (tmp_path / "settings" / "prod.py").write_text(f"from settings.base import *\n{''.join(lines)}")
        (tmp_path / "var" / "prod").mkdir(parents=True)
        (tmp_path / "var" / "prod" / "smarty.sqlite").write_bytes(_sqlite_template.read_bytes())
        return tmp_path

    return make
