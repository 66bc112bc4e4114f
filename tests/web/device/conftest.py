"""The application with two operators, for tests of the device API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smarty_core.storage.database import Database

from .world import World


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    made = World(sqlite_database)
    yield made
    made.close()
