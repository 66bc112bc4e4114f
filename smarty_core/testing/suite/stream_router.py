"""Compliance suite of `smarty.stream_router`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from smarty_core.contracts.stream_router import (
    PlayRequest,
    RecordTask,
    ServiceHealth,
    StreamRouter,
    StreamUrl,
    TokenFacts,
)
from smarty_core.errors import NotSupported
from smarty_core.testing.suite.driver import DriverSuite

HOSTILE = "a b&c=d#e?f%2f\"'<>\r\nX: y$ж"


class StreamRouterSuite(DriverSuite):
    """Override `driver`, and `request_` or `task` when the driver needs other facts."""

    @pytest.fixture
    def request_(self) -> PlayRequest:
        """A live request the driver serves."""
        return PlayRequest(
            content_type="channel",
            content_id="7",
            prefix="news1",
            token="t0ken",
            account_id=1001,
            abonement="1001",
            device="mag_250",
            device_uid="00:1A:79:00:00:01",
            ip="203.0.113.7",
            multicast_uri="udp://@239.1.1.1:1234",
            now=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        )

    @pytest.fixture
    def archive_request(self, request_: PlayRequest) -> PlayRequest:
        begin = datetime(2023, 11, 14, 20, 0, tzinfo=UTC)
        return replace(request_, start=begin, stop=begin + timedelta(hours=1))

    @pytest.fixture
    def task(self) -> RecordTask:
        """A task the server takes: an hour of tomorrow."""
        begin = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        return RecordTask(
            id="51", content_id="7", prefix="news1", start=begin, stop=begin + timedelta(hours=1),
            name="Evening news", source="udp://239.1.1.1:1234",
        )  # fmt: skip

    def test_live_address_is_complete(self, driver: StreamRouter[Any], request_: PlayRequest) -> None:
        issued = driver.issue(request_)
        assert isinstance(issued, StreamUrl)
        parts = urlsplit(issued.uri)
        assert parts.scheme
        assert parts.netloc

    def test_asking_twice_is_harmless(self, driver: StreamRouter[Any], request_: PlayRequest) -> None:
        assert urlsplit(driver.issue(request_).uri).path == urlsplit(driver.issue(request_).uri).path

    def test_values_cannot_break_out_of_the_address(self, driver: StreamRouter[Any], request_: PlayRequest) -> None:
        hostile = replace(
            request_, prefix=HOSTILE, token=HOSTILE, abonement=HOSTILE, device=HOSTILE, device_uid=HOSTILE,
            content_id=HOSTILE, user_agent=HOSTILE,
        )  # fmt: skip
        try:
            uri = driver.issue(hostile).uri
        except NotSupported:
            return  # refusing such a name is fine too
        assert uri.isascii()
        for sign in " \"'<>\r\n":
            assert sign not in uri
        plain = driver.issue(request_).uri
        assert uri.count("#") == plain.count("#")
        assert uri.count("?") == plain.count("?")
        assert uri.count("&") == plain.count("&")
        assert urlsplit(uri).netloc == urlsplit(plain).netloc

    def test_a_name_cannot_climb_out_of_its_folder(self, driver: StreamRouter[Any], request_: PlayRequest) -> None:
        try:
            uri = driver.issue(replace(request_, prefix="../../secret")).uri
        except NotSupported:
            return
        assert ".." not in urlsplit(uri).path.split("/")

    @pytest.mark.requires_capability("token")
    def test_token_is_in_the_address(self, driver: StreamRouter[Any], request_: PlayRequest) -> None:
        assert request_.token in driver.issue(request_).uri

    def test_without_the_ability_no_archive(
        self, driver: StreamRouter[Any], request_: PlayRequest, archive_request: PlayRequest
    ) -> None:
        if "archive" in driver.supports:
            assert driver.issue(archive_request).uri != driver.issue(request_).uri
            return
        with pytest.raises(NotSupported):
            driver.issue(archive_request)

    @pytest.mark.requires_capability("archive")
    def test_archive_windows_have_addresses_of_their_own(
        self, driver: StreamRouter[Any], archive_request: PlayRequest
    ) -> None:
        assert archive_request.start is not None
        later = replace(archive_request, start=archive_request.start + timedelta(minutes=10))
        assert driver.issue(archive_request).uri != driver.issue(later).uri

    @pytest.mark.requires_capability("archive")
    def test_a_show_still_on_air_can_be_started_over(
        self, driver: StreamRouter[Any], archive_request: PlayRequest
    ) -> None:
        assert urlsplit(driver.issue(replace(archive_request, stop=None)).uri).netloc

    def test_token_check_headers_are_plain_text(self, driver: StreamRouter[Any]) -> None:
        headers = driver.check_headers(TokenFacts(account_id=1001, auth_duration=180, max_sessions=2, unique=True))
        for name, value in headers.items():
            assert isinstance(value, str)
            assert "\n" not in name + value

    @pytest.mark.requires_capability("health")
    def test_health_is_told_in_numbers_that_can_be_compared(self, driver: StreamRouter[Any]) -> None:
        health = driver.is_alive(5.0)
        if health is None:
            return  # nothing to ask at
        assert isinstance(health, ServiceHealth)
        assert health.load is None or health.load >= 0
        assert health.session_count is None or health.session_count >= 0
        assert health.alive or health.detail, "say why it is not alive"

    @pytest.mark.requires_capability("record")
    def test_a_task_sent_twice_is_recorded_once(self, driver: StreamRouter[Any], task: RecordTask) -> None:
        name = driver.record(task)
        assert 0 < len(name) <= 64
        assert driver.record(task) == name
        assert [found.external_id for found in driver.recordings()].count(name) == 1

    @pytest.mark.requires_capability("record")
    def test_two_tasks_of_one_channel_are_apart(self, driver: StreamRouter[Any], task: RecordTask) -> None:
        assert driver.record(task) != driver.record(replace(task, id=f"{task.id}2", urgent=True))

    @pytest.mark.requires_capability("record")
    def test_cancelling_is_idempotent(self, driver: StreamRouter[Any], task: RecordTask) -> None:
        driver.cancel_record(task)  # never sent
        sent = replace(task, external_id=driver.record(task))
        driver.cancel_record(sent)
        driver.cancel_record(sent)
        assert sent.external_id not in [found.external_id for found in driver.recordings()]
