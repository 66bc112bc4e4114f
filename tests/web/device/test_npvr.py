"""Personal records as devices order, list and play them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from smarty_core.storage.database import bump
from smarty_core.storage.models import NpvrTask, StreamService
from smarty_core.testing.subscribers import START

from .world import World

NOW = int(START.timestamp())
HOUR = 3600


def test_a_record_goes_from_an_order_to_a_stream(world: World) -> None:
    session, (news, *_), guide = world.login(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    ordered = world.get("/npvr/create/", **session, cid=news, pid=guide[49])
    about = {
        "cid": news, "channel_name": "Alpha Новости", "program_id": guide[49], "name": "Alpha передача 0/1",
        "begin_time": NOW + HOUR, "end_time": NOW + 2 * HOUR, "status": "planned", "status_reason": "", "url": "",
        "expires_at": NOW + HOUR + 2 * 24 * HOUR,
    }  # fmt: skip
    assert {name: ordered[name] for name in about} == about
    world.move(hours=1)
    world.system.jobs.run("npvr")
    answer = world.get("/npvr/list/", **session)
    assert answer["count"] == 1
    (row,) = answer["records"]
    assert (row["id"], row["status"]) == (ordered["id"], "recording")
    world.move(hours=1)
    world.system.jobs.run("npvr")
    (row,) = world.get("/npvr/list/", **session, status="done")["records"]
    there = world.request("GET", row["url"])
    assert there.status_code == 302
    assert there.headers["location"].startswith(f"http://video.test/Alpha-news/archive-{NOW + HOUR}-{HOUR}.m3u8?token=")
    assert world.get("/npvr/delete/", **session, rid=ordered["id"])["error"] == 0
    assert world.get("/npvr/list/", **session)["count"] == 0
    for path in ("/npvr/delete/", "/npvr/url/"):
        assert world.get(path, **session, rid=ordered["id"])["error"] == 404


def test_what_cannot_be_ordered_has_its_code(world: World) -> None:
    session, (news, films, _), guide = world.login(world.alpha), world.alpha.channels, world.alpha.programmes[0]
    wrongs: list[tuple[dict[str, Any], int]] = [
        ({}, 1),
        ({"pid": guide[47]}, 1),
        ({"begin_time": NOW + HOUR}, 1),
        ({"begin_time": NOW + HOUR, "end_time": NOW}, 1),
        ({"pid": guide[49], "name": "x" * 256}, 1),
        ({"cid": films, "pid": world.alpha.programmes[1][49]}, 3),
        ({"cid": world.beta.channels[0], "pid": world.beta.programmes[0][49]}, 404),
        ({"pid": world.alpha.programmes[1][49]}, 404),
        ({"cid": world.alpha.foreign_channel, "begin_time": NOW + HOUR, "end_time": NOW + 2 * HOUR}, 404),
    ]
    for wrong, code in wrongs:
        assert world.get("/npvr/create/", **{**session, "cid": news, **wrong})["error"] == code, wrong
    assert world.get("/npvr/list/", **session)["count"] == 0
    for wrong in ({"status": "cancelled"}, {"limit": 0}, {"limit": 101}, {"page": 0}, {"page": 10**9}):
        assert world.get("/npvr/list/", **session, **wrong)["error"] == 1


def test_an_account_with_too_many_records_is_told_so(world: World) -> None:
    session, news = world.login(world.alpha), world.alpha.channels[0]
    most = world.system.settings.NPVR_RECORDS_PER_ACCOUNT
    codes = {
        world.get("/npvr/create/", **session, cid=news, begin_time=begin, end_time=begin + 600)["error"]
        for begin in range(NOW + 60, NOW + 60 + most)
    }
    assert codes == {0}
    late = {"begin_time": NOW + HOUR, "end_time": NOW + 2 * HOUR}
    assert world.get("/npvr/create/", **session, cid=news, **late)["error"] == 2
    pages = [world.get("/npvr/list/", **session, limit=30, page=page) for page in (1, 2, 3)]
    assert [len(page["records"]) for page in pages] == [30, most - 30, 0]
    assert {page["count"] for page in pages} == {most}
    begins = [row["begin_time"] for page in pages for row in page["records"]]
    assert begins == sorted(begins, reverse=True)


def test_a_record_on_a_service_that_is_switched_off_is_not_played(world: World) -> None:
    session, news = world.login(world.alpha), world.alpha.channels[0]
    begin = START.replace(hour=9)
    task = NpvrTask(
        client_id=world.alpha.operator.id, account_id=world.alpha.account.id, channel_id=news, name="record",
        stream_service_id=world.alpha.archive, begin=begin, end=START.replace(hour=10), status="done",
    )  # fmt: skip
    world.world.add(task)
    asked = {**session, "rid": task.id, "redirect": 0}
    assert world.get("/npvr/url/", **asked)["stream_service_id"] == world.alpha.archive
    assert world.get("/npvr/url/", **asked, exclude_service_id=world.alpha.archive)["error"] == 404
    with world.system.database.write() as rows:
        rows.execute(update(StreamService).where(StreamService.id == world.alpha.archive).values(enabled=False))
        bump(rows, f"client:{world.alpha.operator.id}:channels")
    assert world.get("/npvr/url/", **asked)["error"] == 404
