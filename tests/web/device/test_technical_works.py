"""Technical works in the guide: no record is offered while they last, and answers that lie ready follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from smarty_core.services.maintenance import Announcement
from smarty_core.storage.database import Database
from smarty_core.storage.models import StreamService
from smarty_core.testing.subscribers import START

from .world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    made = World(sqlite_database)
    yield made
    made.close()


def records(world: World, session: dict[str, Any]) -> tuple[int, int, int, bool]:
    """Of the channel News in the grid of its guide, in lists of channels, of one programme; and whether that plays."""
    news, programme = world.alpha.channels[0], world.alpha.programmes[0][47]
    begin = int((START - HOUR).timestamp())
    shown = {"cid": news, "programs_from_ts": begin, "programs_to_ts": begin + 1800}
    grid = world.get("/program/list/", **session, **shown)["programs"]
    (channel,) = [row for row in world.get("/channel/list/", **session)["channels"] if row["id"] == news]
    detail = world.get("/program/detail/", **session, pid=programme)
    played = world.get("/program/url/", **session, cid=news, pid=programme, redirect=0)
    return max(row["has_record"] for row in grid), channel["has_record"], detail["has_record"], played["error"] == 0


@pytest.mark.parametrize("what", ["channel", "service"])
def test_the_guide_offers_no_record_while_works_last(world: World, what: str) -> None:
    client, session = world.alpha.operator.id, world.login(world.alpha)
    other = world.login(world.beta)
    with world.system.database.read() as opened:
        archive = opened.query(StreamService).filter_by(client_id=client, type="pvr").one().id
    subject: dict[str, Any] = {"prefixes": ["Alpha-news"]} if what == "channel" else {"service_ids": [archive]}
    said = Announcement(begin=START + HOUR, end=START + 2 * HOUR, unavailable=True, **subject)
    for _ in range(2):
        assert records(world, session) == (1, 1, 1, True)
    world.system.maintenance.create(client, said)
    found = []
    for _ in range(3):
        found.append([records(world, session) for _ in range(2)])
        world.move(hours=1)
    yes, no = (1, 1, 1, True), (0, 0, 0, False)
    assert found == [[yes, yes], [no, no], [yes, yes]]
    live = world.get("/channel/url/", **session, cid=world.alpha.channels[0], redirect=0)
    assert live["error"] == 0
    assert world.get("/channel/url/", **other, cid=world.beta.channels[0], redirect=0)["error"] == 0
