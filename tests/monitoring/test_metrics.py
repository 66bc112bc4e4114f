"""`/metrics`: what it tells, that a standard reader understands it, and whom it is told."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from smarty_core.services.monitoring import survey
from smarty_core.services.monitoring.exposition import exposition
from smarty_core.services.monitoring.families import FAMILIES, value
from smarty_core.services.monitoring.shared import SharedFigures
from smarty_core.storage.models import EpgChannel, Programme
from smarty_core.testing.servers import free_port
from smarty_core.testing.subscribers import START
from smarty_core.web.measured import Sent
from tests.cli.processes import Running, answers, running
from tests.web.device.world import API, HOUR, World

Read = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Read:
    """Every sample of the page by name and labels; each appears once."""
    found: Read = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"told twice: {key}"
            found[key] = sample.value
    return found


def total(page: Read, name: str, **labels: str) -> float:
    """The sum of all samples of a metric that have these labels among theirs."""
    return sum(number for (known, has), number in page.items() if known == name and set(labels.items()) <= has)


def scrape(world: World) -> Read:
    answer = world.request("GET", "/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(answer.text)


@pytest.fixture
def world(watched: Callable[..., World]) -> World:
    return watched(METRICS=True)


def test_answers_are_counted_by_method_and_code(world: World) -> None:
    who = world.login(world.alpha)
    for _ in range(3):
        assert world.get("/channel/list/", **who)["error"] == 0
    assert world.get("/channel/list/", client_id=1, authkey="wrong")["error"] == 403
    world.xml("/channel/list/", **who)
    assert world.request("GET", f"{API}/channel/list/", params={"device": "mag"}).text.count("<error>403<") == 1
    packed = world.request("GET", f"{API}/program/list/", params={**who, "cid": 1}, headers={"accept-encoding": "gzip"})
    assert packed.json()["error"] == 0
    world.request("GET", "/no/such/page")
    page = scrape(world)
    assert total(page, "smarty_api_requests_total", method="ChannelList", code="0") == 4
    assert total(page, "smarty_api_requests_total", method="ChannelList", code="403") == 2
    assert total(page, "smarty_api_requests_total", method="Login", code="0") == 1
    assert total(page, "smarty_api_requests_total", method="ProgramList") == 1
    assert total(page, "smarty_api_requests_total", method="page", code="404") == 1
    assert total(page, "smarty_api_request_seconds_count", method="ChannelList", code="0") == 4
    assert total(page, "smarty_api_request_seconds_bucket", method="ChannelList", code="0", le="+Inf") == 4
    assert 0 < total(page, "smarty_api_request_seconds_sum", method="Login") < 60
    assert total(page, "smarty_prepared_answers_total", method="ChannelList", result="hit") == 2
    assert total(page, "smarty_prepared_answers_total", method="ChannelList", result="miss") == 4


def test_a_histogram_never_falls(world: World) -> None:
    world.get("/account/status/", client_id=world.alpha.operator.id)
    page = scrape(world)
    ends = {dict(has)["le"]: number for (name, has), number in page.items()
            if name == "smarty_api_request_seconds_bucket" and ("method", "AccountStatus") in has}  # fmt: skip
    numbers = [ends[end] for end in sorted(ends, key=float)]
    assert len(numbers) == 15
    assert numbers == sorted(numbers)
    assert numbers[-1] == 1


def test_sql_is_counted_in_all_and_for_each_method(world: World) -> None:
    world.login(world.alpha)
    scrape(world)  # its survey asks the database as well
    page = scrape(world)
    mine = total(page, "smarty_api_sql_queries_total", method="Login")
    assert 3 < mine < total(page, "smarty_sql_queries_total")
    assert 0 < total(page, "smarty_api_sql_seconds_total", method="Login") < total(page, "smarty_sql_seconds_total")
    assert total(page, "smarty_sql_errors_total") == 0


def test_what_a_process_is_like(world: World) -> None:
    world.get("/channel/list/", **world.login(world.alpha))
    page = scrape(world)
    me = str(os.getpid())
    assert total(page, "smarty_build_info", process=me) == 1
    assert total(page, "smarty_process_resident_bytes", process=me) > 10_000_000
    assert total(page, "smarty_requests_in_flight", process=me) == 1, "the scrape itself"
    assert total(page, "smarty_pool_size", pool="api") == 32
    assert total(page, "smarty_pool_in_use", pool="api") == total(page, "smarty_pool_waiting", pool="api") == 0
    assert total(page, "smarty_pool_size", pool="master") > 0
    assert total(page, "smarty_cache_misses_total") > 0
    assert total(page, "smarty_cache_entries") > 0
    assert 0 < total(page, "smarty_cache_bytes") < total(page, "smarty_cache_limit_bytes")
    assert total(page, "smarty_cache_tags_trusted") == 1
    assert not [key for key in page if key[0].startswith("smarty_redis")], "there is none"


def test_redis_that_does_not_work_is_told(watched: Callable[..., World]) -> None:
    world = watched(METRICS=True, CACHE_URL=f"redis://127.0.0.1:{free_port()}/0")
    world.get("/channel/list/", **world.login(world.alpha))
    page = scrape(world)
    assert total(page, "smarty_redis_trouble") == 1
    assert total(page, "smarty_redis_failures") > 0


def test_a_connection_somebody_waits_for_is_seen(world: World) -> None:
    engine = world.system.database.engine
    pool = engine.pool
    world.app  # noqa: B018 - the watching begins when the application is made
    taken = [engine.connect() for _ in range(pool.size() + pool._max_overflow)]  # type: ignore[attr-defined]

    async def go() -> Read:
        transport = httpx.ASGITransport(app=world.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://tv.example.com") as client:
            asking = asyncio.create_task(client.get(f"{API}/account/status/", params={"client_id": 1, "authkey": "x"}))
            deadline = time.monotonic() + 4
            while True:
                page = read((await client.get("/metrics")).text)
                if total(page, "smarty_pool_waiting", pool="master") or time.monotonic() > deadline:
                    taken.pop().close()
                    await asking
                    return page
                await asyncio.sleep(0.02)

    page = asyncio.run(go())
    assert total(page, "smarty_pool_waiting", pool="master") >= 1
    assert total(page, "smarty_pool_in_use", pool="master") >= len(taken)
    for connection in taken:
        connection.close()


def test_the_guide_and_who_is_online_are_told_for_each_operator(world: World) -> None:
    with world.world.database.write() as session:  # the guide of one channel of alpha ends now
        gone = session.get_one(EpgChannel, world.alpha.guide[1])
        session.query(Programme).where(Programme.epg_channel_id == gone.id, Programme.stop > START).delete()
    for house, abonements in ((world.alpha, ("1001", "1002")), (world.beta, ("1001",))):
        for abonement in abonements:
            world.login(house, abonement)
    page = scrape(world)
    alpha, beta = (str(house.operator.id) for house in (world.alpha, world.beta))
    assert total(page, "smarty_guide_horizon_seconds", client_id=alpha, which="shortest") == (48 * HOUR).total_seconds()
    assert total(page, "smarty_guide_channels", client_id=alpha, guide="yes") == 1
    assert total(page, "smarty_guide_channels", client_id=alpha, guide="no") == 3
    assert total(page, "smarty_guide_channels", client_id=beta, guide="yes") == 2
    assert total(page, "smarty_online_sessions", client_id=alpha) == 2
    assert total(page, "smarty_online_sessions", client_id=beta) == 1
    world.move(seconds=600)
    page = scrape(world)
    assert total(page, "smarty_online_sessions", client_id=alpha) == 0, "the survey is older than its time"
    assert total(page, "smarty_guide_horizon_seconds", client_id=beta, which="longest") == 48 * 3600 - 600


def test_jobs_are_told_with_their_age(world: World) -> None:
    page = scrape(world)
    assert total(page, "smarty_job_ok", job="clean_old_messages") == 1
    assert not [key for key in page if key[0].startswith("smarty_job_last")], "none has run"
    assert world.system.jobs.run("clean_old_messages").ok
    begun = world.world.now.timestamp()
    world.move(seconds=120)
    page = scrape(world)
    assert total(page, "smarty_job_last_success_timestamp_seconds", job="clean_old_messages") == begun
    assert total(page, "smarty_job_success_age_seconds", job="clean_old_messages") == 120
    world.move(seconds=30)
    page = scrape(world)
    assert total(page, "smarty_job_success_age_seconds", job="clean_old_messages") == 150, "though the survey is older"


def test_the_database_is_not_asked_at_every_scrape(world: World) -> None:
    scrape(world)
    first = total(scrape(world), "smarty_sql_queries_total")
    assert total(scrape(world), "smarty_sql_queries_total") == first
    world.move(seconds=61)
    scrape(world)
    assert total(scrape(world), "smarty_sql_queries_total") > first


def test_a_slow_database_holds_no_scrape_up_and_the_last_survey_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "WAIT_SECONDS", 0.2)
    deadline = time.monotonic() + 20
    while not (at := total(scrape(world), "smarty_survey_timestamp_seconds")):
        assert time.monotonic() < deadline
    slow = world.system.jobs
    monkeypatch.setattr(slow, "status", lambda now: time.sleep(3) or [])  # type: ignore[func-returns-value]
    world.move(seconds=61)
    begun = time.monotonic()
    page = scrape(world)
    assert time.monotonic() - begun < 2.5
    assert total(page, "smarty_survey_timestamp_seconds") == at
    assert total(page, "smarty_online_sessions") == 0


def test_without_a_place_for_files_a_process_tells_at_least_its_own(
    watched: Callable[..., World], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = watched(METRICS=True)
    world.app  # noqa: B018
    (tmp_path / "var" / "metrics").write_text("not a folder")
    world.get("/account/status/", client_id=1)
    page = scrape(world)
    assert total(page, "smarty_api_requests_total", method="AccountStatus", code="0") == 1
    assert total(page, "smarty_survey_failed") == 1
    assert "cannot be written" in caplog.text
    scrape(world)
    assert caplog.text.count("cannot be written") == 1, "said once"


def ask(world: World, peer: str, **headers: str | bytes) -> int:
    async def go() -> int:
        transport = httpx.ASGITransport(app=world.app, client=(peer, 40_000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://tv.example.com") as client:
            answer = await client.get("/metrics", headers=headers)
            assert answer.status_code == 200 or "smarty_" not in answer.text
            return answer.status_code

    return asyncio.run(go())


def test_only_loopback_may_read_it_and_nothing_that_came_through_somebody(watched: Callable[..., World]) -> None:
    world = watched(METRICS=True)
    assert ask(world, "127.0.0.1") == ask(world, "::1") == ask(world, "::ffff:127.0.0.1") == 200
    assert ask(world, "192.0.2.1") == ask(world, "10.0.0.1") == ask(world, "") == 403
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        assert ask(world, "127.0.0.1", **{header: "127.0.0.1"}) == 403, header


def test_behind_a_known_proxy_the_reader_counts(watched: Callable[..., World]) -> None:
    world = watched(METRICS=True, METRICS_ALLOWED=["10.1.0.0/16"], TRUSTED_PROXIES=["127.0.0.1"])
    assert ask(world, "127.0.0.1", **{"X-Forwarded-For": "10.1.2.3"}) == 200
    assert ask(world, "127.0.0.1", **{"X-Forwarded-For": "10.1.2.3, 192.0.2.9"}) == 403
    assert ask(world, "127.0.0.1", **{"X-Forwarded-For": "10.2.0.1"}) == ask(world, "127.0.0.1") == 403
    assert ask(world, "10.1.0.7") == 200


def test_a_token_opens_it_from_anywhere_and_nothing_else_does(watched: Callable[..., World]) -> None:
    world = watched(METRICS=True, METRICS_TOKEN="schlüssel")
    assert ask(world, "192.0.2.1", Authorization="Bearer schlüssel".encode()) == 200
    for wrong in ("Bearer schlüsse", "Bearer ", "Basic schlüssel", "schlüssel"):
        assert ask(world, "127.0.0.1", Authorization=wrong.encode()) == 403, wrong
    assert ask(world, "127.0.0.1") == 403


def test_labels_with_anything_in_them_are_read_back_as_they_were() -> None:
    name = 'a "b" \\ c\nd{e}=,\\n'
    assert read(exposition([value("smarty_outbox_events", 2, plugin=name)])) == {
        ("smarty_outbox_events", frozenset({("plugin", name)})): 2.0
    }


def test_every_metric_that_is_told_is_described(world: World) -> None:
    page = scrape(world)
    names = {name for name, _ in page}
    ends = ("_bucket", "_sum", "_count")
    for name in names:
        assert name in FAMILIES or any(name.removesuffix(end) in FAMILIES for end in ends), name
    howto = (Path(__file__).parents[2] / "docs" / "howto" / "monitoring.md").read_text("utf-8")
    for name in FAMILIES:
        assert f"`{name}" in howto, name


def test_figures_of_servers_that_are_gone_are_removed_and_others_stay(tmp_path: Path) -> None:
    mine = SharedFigures(tmp_path)
    host, pid, begun = mine.folder.name.rpartition("-")[0].rpartition("-")[0], os.getpid(), mine.folder.name[-1:]
    gone = [tmp_path / f"{host}-{2**22 + 1}-77", tmp_path / f"{host}-{pid}-{begun}99"]
    kept = [tmp_path / "elsewhere-1-1", tmp_path / "notes"]
    for folder in (*gone, *kept):
        folder.mkdir()
    mine.prepare()
    assert [folder.exists() for folder in (*gone, *kept)] == [False, False, True, True]


def pages(port: int) -> Iterator[Read]:
    """A scrape each, over connections of their own, so that any worker may answer."""
    while True:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=30)
        assert answer.status_code == 200
        yield read(answer.text)


def test_every_scrape_covers_all_workers_and_no_sum_falls_when_one_dies(home: Callable[..., Path]) -> None:
    port = free_port()
    folder = home(METRICS=True)
    asked = 40
    host = re.sub("[^A-Za-z0-9.]", "_", socket.gethostname())
    left_behind = folder / "var" / "prod" / "metrics" / f"{host}-4194305-1"
    left_behind.mkdir(parents=True)

    def until(server: Running, enough: Callable[[Read], Any]) -> Read:
        found: list[Read] = []

        def look() -> bool:
            found.append(next(pages(port)))
            return bool(enough(found[-1]))

        server.until(look)
        return found[-1]

    def told(page: Read) -> float:
        return total(page, "smarty_api_requests_total", method="AccountStatus", code="0")

    def processes(page: Read) -> set[str]:
        return {dict(has)["process"] for name, has in page if name == "smarty_build_info"}

    with running(folder, "serve", "--workers", "2", "--port", str(port), "--settings=settings.prod") as server:
        server.until(lambda: answers(f"http://127.0.0.1:{port}/openapi.json"))
        until(server, lambda page: len(processes(page)) == 2)
        for _ in range(asked):
            url = f"http://127.0.0.1:{port}/tvmiddleware/api/account/status/?client_id=1"
            assert httpx.get(url, trust_env=False, timeout=30).json()["error"] == 0
        page = until(server, lambda page: told(page) == asked)
        assert not left_behind.exists(), "that of a server that is gone"
        workers = processes(page)
        sums = [told(page) for page, _ in zip(pages(port), range(10), strict=False)]
        assert sums == [asked] * 10, "whoever is asked"
        os.kill(int(min(workers)), signal.SIGKILL)
        page = until(server, lambda page: len(processes(page)) == 2 and processes(page) != workers)
        assert told(page) == asked, "what the dead one had counted is not lost"
        assert total(page, "smarty_pool_size", pool="api") == 64, "but its pools are gone"
        assert server.end(signal.SIGTERM) == 0
    assert "Traceback" not in server.printed
    (left,) = (folder / "var" / "prod" / "metrics").iterdir()
    assert left.is_dir()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"error":7,"error_message":"%s"}' % (b"long " * 400), 200, "7"),
        (b'<?xml version="1.0" encoding="utf-8"?><rss><error>12</error><error_message/></rss>', 200, "12"),
        (b'{"error":0,"list":[]}', 200, "0"), (b"", 302, "0"), (b"", 304, "0"), (b"broken", 502, "502"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_the_code_of_an_answer_is_found_however_it_is_sent(body: bytes, status: int, code: str, packed: bool) -> None:
    sent = Sent(lambda message: asyncio.sleep(0))
    headers = [(b"content-encoding", b"gzip")] if packed else []
    content = gzip.compress(body) if packed else body
    for message in (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": content},
    ):
        asyncio.run(sent(message))  # type: ignore[arg-type]
    assert sent.code() == code
