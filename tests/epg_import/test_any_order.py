"""Whatever was imported before, an import leaves the guide that its document alone would give."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarty_core.storage.base import Base
from smarty_core.storage.database import Database

from .world import GuideWorld, xmltv

MINUTES = 5
_shows = st.lists(
    st.tuples(
        st.integers(0, 3 * 1440 // MINUTES),  # begin
        st.integers(1, 40),  # length
        st.sampled_from(["News", "Film", "Match", "Show"]),
    ),
    min_size=1,
    max_size=25,
)
_numbers = itertools.count()


def _document(shows: list[tuple[int, int, str]]) -> str:
    return xmltv(one=[(_time(begin), _time(begin + length), name) for begin, length, name in shows])


def _time(step: int) -> str:
    minute = step * MINUTES
    return f"{minute // 1440:+d}d {minute % 1440 // 60:02}:{minute % 60:02}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_shows, second=_shows)
def test_the_guide_after_two_imports_is_the_guide_of_the_second(
    folder: Path, first: list[Any], second: list[Any]
) -> None:
    both, alone = _world(folder), _world(folder)
    try:
        channel = both.channel(both.source(), "one")
        both.write(_document(first))
        both.run()
        before = {(one.name, one.start): one.id for one in both.programmes(channel)}
        both.write(_document(second))
        report = both.run(force=False)
        assert report.ok
        alone.write(_document(second))
        alone.channel(alone.source(), "one")
        alone.run()
        begin = min(one.start for one in alone.programmes(1))
        assert [one for one in _plain(both) if one[0] >= begin] == _plain(alone)
        after = _plain(both)
        assert all(end <= start for (_, end, _), (start, _, _) in itertools.pairwise(after)), "no two at a time"
        for one in both.programmes(channel):
            assert before.get((one.name, one.start), one.id) == one.id, "the same programme keeps its id"
        version = both.version(f"epgchannel:{channel}")
        both.write(_document(second) + "<!-- another document, the same guide -->")
        assert both.run().sources[0].written == 0
        assert both.version(f"epgchannel:{channel}") == version
    finally:
        for world in (both, alone):
            world.close()
            world.database.close()


def _world(folder: Path) -> GuideWorld:
    own = folder / str(next(_numbers))
    own.mkdir()
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    return GuideWorld(database, own, EPG_GUARD_LEAST=10_000)


def _plain(world: GuideWorld) -> list[tuple[Any, Any, str]]:
    return [(one.start, one.stop, one.name) for one in world.programmes(1)]
