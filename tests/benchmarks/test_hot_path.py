"""The pieces of the benchmark of hot methods, with few devices: it measures what it says."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.asking import Answer, Load, ask
from benchmarks.bare import application
from benchmarks.hot_cases import CASES, IN_PROCESS, SETTINGS, Case, give_tokens
from benchmarks.hot_path import GUIDE_DAYS, SAMPLE, HotPath
from benchmarks.installation import PACKAGES, make_installation
from benchmarks.result import Result
from benchmarks.serving import served


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HotPath]:
    folder = tmp_path_factory.mktemp("bench")
    made = make_installation(folder, channels=PACKAGES + 2, sessions=SAMPLE, guide_days=GUIDE_DAYS, **SETTINGS)
    played = give_tokens(made, channels=2)
    with served("benchmarks.smarty_server", json.dumps(made.settings)) as smarty:
        yield HotPath(made, played, smarty, IN_PROCESS, folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_bare_application_sends_what_smarty_sends(bench: HotPath, case: Case, tmp_path: Path) -> None:
    targets = case.targets(bench._made, bench._played)
    marks = bench._warmed(case, targets)
    answer, size = bench._captured(case, targets, marks)
    assert answer.status == case.status
    path = tmp_path / "answer.json"
    path.write_text(answer.to_json())
    begin, rest = asyncio.run(_messages(application(path)))
    headers = tuple((name.decode(), value.decode()) for name, value in begin["headers"])
    assert (begin["status"], headers, rest["body"]) == (answer.status, answer.headers, answer.body)
    if case.status == 200:
        body = gzip.decompress(answer.body) if case.headers else answer.body
        assert json.loads(body)["error"] == 0
        assert abs(len(answer.body) - size) <= 0.3 * size
    else:
        assert not answer.body


async def _messages(app: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http"}, None, send)
    return sent


def test_the_server_of_the_floor_adds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    answer = Answer(200, (("etag", 'W/"a"'), ("content-length", "2")), b"{}")
    path.write_text(answer.to_json())
    with served("benchmarks.bare", str(path)) as bare:
        assert ask(bare.port, ["/"], lambda _, sent: sent) == [answer]


def test_every_address_of_a_channel_list_holds_the_key_of_who_asks(bench: HotPath) -> None:
    case = next(case for case in CASES if case.name == "channel_list")
    targets = case.targets(bench._made, bench._played)
    assert len(set(targets)) == SAMPLE
    for key, answer in zip(bench._made.authkeys, ask(bench._smarty.port, targets, lambda _, sent: sent), strict=True):
        channels = json.loads(answer.body)["channels"]
        assert all(f"authkey={key}" in channel["url"] for channel in channels)


def test_a_wrong_answer_stops_the_benchmark(bench: HotPath) -> None:
    stranger = Case("stranger", "/tvmiddleware/api/channel/list/?client_id={client}&authkey={authkey}x")
    with pytest.raises(SystemExit, match="403"):
        bench._warmed(stranger, stranger.targets(bench._made, bench._played))


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_measured_case_tells_a_ratio(bench: HotPath, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Result] = []
    monkeypatch.setattr("benchmarks.hot_path.tell", told.append)
    bench.measure(CASES[0], rounds=1, seconds=1)
    (result,) = told
    assert result.job.startswith("account_status")
    ours, floor = (float(rate.removesuffix("/s")) for rate in (result.ours, result.floor))
    assert ours > 0
    assert abs(ours / floor - float(result.ratio)) < 0.02
    assert result.met == (ours / floor >= 0.60)


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_answers_that_fail_or_are_too_small_are_not_counted(bench: HotPath, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    for status, least in ((500, 0), (200, 10_000)):
        path.write_text(Answer(status, (("content-length", "2"),), b"{}").to_json())
        load = Load(tmp_path, ["/"], headers={})
        with served("benchmarks.bare", str(path)) as bare, pytest.raises(SystemExit, match="failed answers"):
            load.run(bare.port, 1, least_bytes=least)
