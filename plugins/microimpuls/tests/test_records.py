"""Personal records: tasks the server takes, gives back and tells the state of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smarty_core.contracts.stream_router import RecordTask
from smarty_core.errors import ProviderRefused

NOW = datetime.fromtimestamp(1_700_000_000, UTC)
TASK = RecordTask(
    id="51", content_id="7", prefix="news1", start=NOW + timedelta(hours=1), stop=NOW + timedelta(hours=2),
    name="Evening news", source="udp://239.1.1.1:1234", directory="/rec/npvr/", keep_seconds=86_400,
)  # fmt: skip


@pytest.fixture
def service(make: Any, host: Any) -> Any:
    host.clock.move(seconds=(NOW - host.clock.now()).total_seconds())
    return make()


def test_a_task_has_everything_the_server_wants(service: Any, pvr: Any) -> None:
    assert service.record(TASK) == "smarty-51"
    assert pvr.asked[-1]["params"] == {
        "channel_id": 7, "channel_name": "news1", "start_timestamp": 1_700_003_600, "duration": 3600,
        "lifetime": 86_400, "record_location": "/rec/npvr/smarty-51", "priority": 50,
        "stream_source": "udp://239.1.1.1:1234",
    }  # fmt: skip


def test_the_folder_and_the_priority_may_be_those_of_the_service(make: Any, pvr: Any) -> None:
    make(record_directory="/disk2", record_priority=70).record(replace(TASK, directory="", urgent=True))
    sent = pvr.asked[-1]["params"]
    assert (sent["record_location"], sent["priority"], sent["urgent"]) == ("/disk2/smarty-51", 70, True)


def test_a_short_programme_is_recorded_as_long_as_the_server_wants(service: Any, pvr: Any) -> None:
    service.record(replace(TASK, stop=TASK.start + timedelta(seconds=30)))
    assert pvr.tasks[0]["expected-duration"] == 120


@pytest.mark.parametrize(
    "task",
    [
        replace(TASK, start=NOW - timedelta(hours=2), stop=NOW - timedelta(hours=1)),
        replace(TASK, source=""),
    ],
)
def test_what_the_server_will_not_take_is_refused(service: Any, pvr: Any, task: RecordTask) -> None:
    with pytest.raises(ProviderRefused):
        service.record(task)
    assert pvr.tasks == []


def test_a_task_is_sent_once_and_can_be_taken_back(service: Any, pvr: Any) -> None:
    for _ in range(2):
        service.record(TASK)
    assert [call["method"] for call in pvr.asked].count("create_new_task") == 1
    service.cancel_record(replace(TASK, directory="/moved/since"))
    assert pvr.tasks == []
    service.cancel_record(TASK)
    assert [call["method"] for call in pvr.asked].count("cancel_task") == 1


def test_a_long_id_has_a_short_name(service: Any, pvr: Any) -> None:
    task, other = (replace(TASK, id=f"{'installation-' * 10}{number}") for number in (1, 2))
    names = [service.record(one) for one in (task, task, other)]
    assert len(pvr.tasks) == 2
    assert names[0] == names[1] != names[2]
    assert [found.external_id for found in service.recordings()] == names[1:]


def test_a_server_that_keeps_a_task_says_so(service: Any, pvr: Any) -> None:
    service.record(TASK)
    pvr.cancel_task = lambda **_: "failed"
    with pytest.raises(ProviderRefused, match="did not take the task away"):
        service.cancel_record(TASK)
    pvr.tasks, pvr.create_new_task = [], lambda **_: "failed"
    with pytest.raises(ProviderRefused, match="did not take the task"):
        service.record(TASK)


STATES = [
    (-1, {}, "planned"),
    (3600, {}, "recording"),
    (7200, {"number-of-records": 1}, "done"),
    (7200, {"number-of-records": "2"}, "done"),
    (7200, {}, "failed"),
    (-1, {"status": "FAILED"}, "failed"),
    (3700, {"status": "finished"}, "done"),
    (0, {"start-time": "2023-11-14", "stop-time": None}, "recording"),
]


@pytest.mark.parametrize(("later", "said", "state"), STATES)
def test_the_state_is_the_servers_word_or_follows_from_the_times(
    service: Any, pvr: Any, host: Any, later: int, said: dict[str, Any], state: str
) -> None:
    name = service.record(TASK)
    pvr.tasks[0] |= said
    host.clock.move(seconds=later)
    (found,) = service.recordings()
    assert (found.external_id, found.state) == (name, state)


def test_tasks_of_others_and_damaged_ones_are_left_alone(service: Any, pvr: Any) -> None:
    pvr.tasks = [{"path": "/rec/7"}, "nonsense", {"path": None}, {"path": "/x/smarty-" + "9" * 100}]
    assert service.recordings() == []
