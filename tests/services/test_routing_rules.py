"""The order of choice, rule by rule: a table of two or three services and the one that must win, with every tie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from smarty_core.services.routing import Around, Wish, choose, explain
from smarty_core.services.service_load import load_of
from smarty_core.services.works import NO_WORKS, Works
from smarty_core.storage.repositories.streams import ContentFacts, Recorded, ServiceFacts, ServiceReport

ARCHIVE: dict[str, Any] = {"archive": True, "archive_days": 1.5}
GROUP = "udp://239.0.0.1:1234"


def service(number: int, **columns: Any) -> ServiceFacts:
    return ServiceFacts(**{"id": number, "client_id": 1, "name": f"s{number}", "type": "live", "router": "mask",
                           **columns})  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`services`: columns of services 1, 2, ...; `order`: the ids of the candidates, best first."""

    rule: str
    services: list[dict[str, Any]]
    order: list[int]
    wish: dict[str, Any] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)
    works: Works = NO_WORKS
    kind: str = ""

    def choice(self, *, explained: bool = False) -> Any:
        services = tuple(service(number, **columns) for number, columns in enumerate(self.services, 1))
        content = ContentFacts(**{"id": 7, "client_id": 1, "content_id": "7", "prefix": "news", "services": services,
                                  "recording_days": 3, **self.content})  # fmt: skip
        wish = Wish(**{"service_ids": frozenset(range(1, 9)), **self.wish})
        return (explain if explained else choose)(wish, content, Around(self.works))


PVR: dict[str, Any] = {"type": "pvr", "recording_days": 3}

CASES = [
    # 1. works on the channel
    Case("works on the channel forbid everything", [{}], [], works=Works((1,), frozenset({7})), kind="none",
         content={"uri": "http://direct.test/", "multicast_uri": GROUP}),
    Case("works on another channel are nothing to it", [{}], [1], works=Works((1,), frozenset({8}))),
    Case("works on a channel are not works on a film with its number", [{"type": "vod"}], [1],
         works=Works((1,), frozenset({7})), content={"kind": "video"}),
    Case("works on a channel forbid films made of its archive", [PVR], [], wish=ARCHIVE, kind="none",
         works=Works((1,), frozenset({8})), content={"kind": "video", "recorded": Recorded(8, None, None)}),  # type: ignore[arg-type]
    # 2. direct address
    Case("a direct address wins", [{}], [], content={"uri": "http://direct.test/"}, kind="direct"),
    Case("a direct address has no archive", [{}, PVR], [2], ARCHIVE, {"uri": "http://direct.test/"}),
    # 3. what leaves a service out
    Case("outside his tariffs", [{}, {}], [2], {"service_ids": frozenset({2})}),
    Case("in no tariff at all", [{}], [], {"service_ids": frozenset()}, kind="none"),
    Case("switched off", [{"enabled": False}, {}], [2]),
    Case("its checks fail", [{"available": False}, {}], [2]),
    Case("excluded by the device", [{}, {}], [2], {"excluded": frozenset({1})}),
    Case("all excluded", [{}, {}], [], {"excluded": frozenset({1, 2})}, kind="none"),
    Case("under works", [{}, {}], [2], works=Works((1,), frozenset(), frozenset({1}))),
    Case("full", [{"max_sessions": 5, "session_count": 5}, {"load": 9.0}], [2]),
    Case("more than full", [{"max_sessions": 5, "session_count": 9}], [], kind="none"),
    Case("one place left", [{"max_sessions": 5, "session_count": 4}], [1]),
    Case("no limit is never full", [{"session_count": 99_999}], [1]),
    Case("archive services do not play live", [PVR], [], kind="none"),
    Case("live services have no archive", [{}, PVR], [2], ARCHIVE),
    Case("film services play films alone", [{"type": "vod"}, {}], [1], content={"kind": "video"}),
    Case("film services play nothing live", [{"type": "vod"}, {}], [2], content={"kind": "radio"}),
    Case("cameras are live", [{"type": "vod"}, {}], [2], content={"kind": "camera"}),
    Case("a record that does not reach back", [{**PVR, "recording_days": 1}, PVR], [2], ARCHIVE),
    Case("as long as the channel says", [{**PVR, "recording_days": 0}], [1], ARCHIVE),
    Case("the smaller of both", [PVR], [], ARCHIVE, {"recording_days": 1}, kind="none"),
    Case("a multicast service needs an address", [{"type": "multicast"}], [], kind="none"),
    # 4. unicast first, whatever else speaks for multicast
    Case("unicast before multicast", [{"type": "multicast", "data_center_id": 1}, {"load": 5.0, "shift_hours": 2}],
         [2, 1], {"data_center_id": 1}, {"multicast_uri": GROUP}),
    # 5. data centre before shift, storage and load
    Case("the account's data centre", [{"data_center_id": 2}, {"data_center_id": 1, "shift_hours": 3, "load": 5.0}],
         [2, 1], {"data_center_id": 1}),
    Case("no data centre is another one", [{}, {"data_center_id": 1}], [2, 1], {"data_center_id": 1}),
    Case("of an account without one all are equal", [{"data_center_id": 2}, {"data_center_id": 1}, {}], [1, 2, 3]),
    Case("another data centre is better than none", [{"data_center_id": 2}], [1], {"data_center_id": 1}),
    # 6. shift before storage and load
    Case("the nearest shift", [{"shift_hours": 0}, {"shift_hours": 4, "load": 5.0}], [2, 1], {"shift_hours": 3}),
    Case("of two equally near the smaller", [{"shift_hours": 4}, {"shift_hours": 2}], [2, 1], {"shift_hours": 3}),
    Case("backwards too", [{"shift_hours": 0}, {"shift_hours": -4}], [2, 1], {"shift_hours": -3}),
    # 7. storage before load, and only for the archive
    Case("memory, ssd, hdd, unknown", [{**PVR, "storage_class": name} for name in ("tape", "hdd", "SSD", "memory")],
         [4, 3, 2, 1], ARCHIVE),
    Case("storage before load", [{**PVR, "storage_class": "hdd"}, {**PVR, "storage_class": "ssd", "load": 5.0}],
         [2, 1], ARCHIVE),
    Case("storage says nothing live", [{"storage_class": "hdd"}, {"storage_class": "memory"}], [1, 2]),
    # 8. load before the operator's order
    Case("the least loaded", [{"load": 0.5}, {"load": 0.4, "sort": 1}], [2, 1]),
    Case("by the part that is taken", [{"max_sessions": 100, "session_count": 60},
                                       {"max_sessions": 1000, "session_count": 500, "sort": 1}], [2, 1]),
    Case("a service without a limit has room for a thousand", [{"max_sessions": 100, "session_count": 60},
                                                               {"session_count": 500, "sort": 1}], [2, 1]),
    Case("viewers say more than the load of a service with a limit",
         [{"max_sessions": 10, "session_count": 9, "load": 0.1}, {"load": 0.5, "sort": 1}], [2, 1]),
    Case("its load counts while it does not tell its viewers", [{"max_sessions": 10, "load": 0.9}, {"load": 0.5}],
         [2, 1]),
    Case("equal load: the operator's order", [{"sort": 2}, {"sort": 1}], [2, 1]),
    Case("equal in everything: the oldest", [{}, {}, {}], [1, 2, 3]),
    # 9. multicast is the last resort
    Case("multicast when no service is left", [{"available": False}], [], {}, {"multicast_uri": GROUP},
         kind="multicast"),
    Case("not for a device that takes none", [{"type": "multicast"}], [], {"multicast": False},
         {"multicast_uri": GROUP}, kind="none"),
    Case("a direct multicast address is nothing to it either", [{}], [], {"multicast": False}, {"uri": GROUP},
         kind="none"),
    Case("but to others", [{}], [], {}, {"uri": GROUP}, kind="direct"),
    Case("not from the archive", [{}], [], ARCHIVE, {"multicast_uri": GROUP}, kind="none"),
    Case("nothing at all", [], [], kind="none"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_order_of_choice(case: Case) -> None:
    choice = case.choice()
    assert [one.id for one in choice.services] == case.order
    assert choice.kind == (case.kind or "service")
    explained = case.choice(explained=True)
    assert [one.id for one in explained.services] == case.order
    assert len(explained.verdicts) == len(case.services)


REASONS = {
    "works on the channel forbid everything": "technical works on the channel",
    "a direct address wins": "the channel has a direct address",
    "outside his tariffs": "in none of the viewer's tariffs",
    "switched off": "switched off, or its data centre is",
    "its checks fail": "not available: its checks fail",
    "excluded by the device": "excluded by the device",
    "under works": "under technical works",
    "full": "full: 5 of 5 viewers",
    "live services have no archive": "a service of type live does not play the archive",
    "film services play nothing live": "a service of type vod does not play live",
    "film services play films alone": "a service of type live does not play films",
    "a record that does not reach back": "keeps records for 1 days only",
    "a multicast service needs an address": "the channel has no multicast address",
    "not for a device that takes none": "the device takes no multicast",
    "a direct multicast address is nothing to it either": (
        "the channel has a direct address that is multicast, and the device takes none"
    ),
}


@pytest.mark.parametrize("rule", REASONS)
def test_a_service_that_is_left_out_is_told_why(rule: str) -> None:
    case = next(case for case in CASES if case.rule == rule)
    assert REASONS[rule] in [verdict.reason for verdict in case.choice(explained=True).verdicts]


def test_a_candidate_is_told_with_what_spoke_for_it() -> None:
    services: list[dict[str, Any]] = [
        {"data_center_id": 1, "load": 0.25},
        {"max_sessions": 10, "session_count": 4, "shift_hours": 2},
    ]
    verdicts = Case("", services, [], {"data_center_id": 1}).choice(explained=True).verdicts
    assert [verdict.reason for verdict in verdicts] == [
        "chosen: in the account's data centre, shift 0 h for 0 h, load 0.25, 0 viewers",
        "number 2: in another data centre, shift 2 h for 0 h, load 0.4, 4 of 10 viewers",
    ]


def test_a_report_counts_more_than_what_was_read_with_the_row() -> None:
    one = service(1, load=0.9, session_count=90, max_sessions=100)
    assert load_of(one).share == 0.9
    assert load_of(one, ServiceReport(0.2, 20)).share == 0.2
    assert load_of(one, ServiceReport(0.2, 20), 5) == load_of(one, ServiceReport(0.0, 25))
    assert load_of(one, ServiceReport(0.2, 99), 1).full
    assert not load_of(one, ServiceReport(0.2, 100), -1).full
