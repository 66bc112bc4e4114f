"""What the tests of the guide import share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smarty_core.storage.database import Database

from .server import GuideServer
from .world import GuideWorld, Heard


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., GuideWorld]]:
    made: list[GuideWorld] = []

    def make(database: Database, **settings: Any) -> GuideWorld:
        folder = tmp_path / f"guides{len(made)}"
        folder.mkdir()
        made.append(GuideWorld(database, folder, **settings))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(database: Database, make_world: Callable[..., GuideWorld]) -> GuideWorld:
    """On each kind of database."""
    return make_world(database)


@pytest.fixture
def guide(sqlite_database: Database, make_world: Callable[..., GuideWorld]) -> GuideWorld:
    """On SQLite, for what has nothing to do with the database."""
    return make_world(sqlite_database)


@pytest.fixture
def server() -> Iterator[GuideServer]:
    made = GuideServer()
    yield made
    made.close()


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    log = logging.getLogger("smarty_epg")
    before = log.level
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)
    log.setLevel(before)
