"""The archive as devices see it: what the guide offers of it, on channels whose picture comes later too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Channel, StreamService, Tariff
from smarty_core.testing.installation import ARCHIVE_MASK, LIVE_MASK
from smarty_core.testing.subscribers import START

from .world import World

NOW = int(START.timestamp())
HOUR = 3600


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    """Alpha's news are broadcast a second time two hours later, and that is recorded for one day; account 1002 watches
    two hours later."""
    made = World(sqlite_database)
    client = made.alpha.operator.id
    with made.world.database.write() as session:
        later = [
            StreamService(client_id=client, name="Alpha later", type="live", mask=f"{LIVE_MASK}&later", shift_hours=2),
            StreamService(client_id=client, name="Alpha later records", type="pvr", mask=f"{ARCHIVE_MASK}&later",
                          shift_hours=2, recording_days=1),
        ]  # fmt: skip
        session.get_one(Channel, made.alpha.channels[0]).services += later
        session.get_one(Tariff, made.alpha.tariff.id).services += later
        account = session.query(Account).filter_by(client_id=client, abonement="1002").one()
        account.use_timeshift, account.timeshift_offset = True, 2
        bump(session, f"client:{client}:channels", f"client:{client}:tariffs", f"account:{account.id}")
    yield made
    made.close()


def listed(world: World, session: dict[str, Any], **period: Any) -> dict[int, dict[str, Any]]:
    answer = world.get("/program/list/", **session, cid=world.alpha.channels[0], **period)
    assert answer["error"] == 0, answer
    return {row["id"]: row for row in answer["programs"]}


def test_the_guide_of_a_later_picture_is_later_everywhere(world: World) -> None:
    session, (news, *_), guide = world.login(world.alpha, "1002"), world.alpha.channels, world.alpha.programmes[0]
    on_air = guide[46]
    row = next(row for row in world.get("/channel/list/", **session)["channels"] if row["id"] == news)
    assert (row["timeshift_offset"], row["program_id"], row["program_begin_time"]) == (2, on_air, NOW)
    assert [(one["id"], one["begin_time"], one["end_time"]) for one in listed(
        world, session, time_from=NOW, time_to=NOW + 2 * HOUR).values()
    ] == [(on_air, NOW, NOW + HOUR), (guide[47], NOW + HOUR, NOW + 2 * HOUR)]  # fmt: skip
    assert min(one["begin_time"] for one in listed(world, session, pid_from=on_air).values()) == NOW
    detail = world.get("/program/detail/", **session, pid=on_air)
    assert (detail["begin_time"], detail["end_time"]) == (NOW, NOW + HOUR)
    bounds = {"programs_from_ts": NOW + 1, "programs_to_ts": NOW + 1, "channel_ids": [news, world.alpha.channels[1]]}
    first, second = world.post("/channel/list/programs/", bounds, **session)["channels"]
    assert [(one["id"], one["begin_time"]) for one in first["programs"]] == [(on_air, NOW)]
    assert first["current_program_id"] == on_air
    assert [(one["id"], one["begin_time"]) for one in second["programs"]] == [(world.alpha.programmes[1][48], NOW)]
    hit = world.get("/program/list/search/", **session, search="передача 0/-2")["results"][-1]
    assert (hit["program_id"], hit["program_begin_time"]) == (on_air, NOW)


def test_a_day_of_a_later_picture_is_a_day_of_the_viewer(world: World) -> None:
    guide = world.alpha.programmes[0]
    assert list(listed(world, world.login(world.alpha, "1002"), date="10.03.2026")) == guide[34:58]
    assert list(listed(world, world.login(world.alpha), date="10.03.2026")) == guide[36:60]


def test_nobody_is_offered_what_he_has_not_been_shown_yet(world: World) -> None:
    guide = world.alpha.programmes[0]
    session = world.login(world.alpha, "1002")
    rows = listed(world, session, date="10.03.2026")
    assert [rows[guide[at]]["has_record"] for at in (45, 46, 47, 48)] == [1, 1, 0, 0]
    world.move(hours=1)
    assert listed(world, session, date="10.03.2026")[guide[47]]["has_record"] == 1


def test_a_record_is_offered_as_long_as_the_deepest_archive_has_it(world: World) -> None:
    guide = world.alpha.programmes[0]
    session = world.login(world.alpha)  # two days, the last two hours hidden
    for hour, offered in ((-46, 0), (-45, 1)):
        assert listed(world, session, pid_from=guide[48 + hour])[guide[48 + hour]]["has_record"] == offered
