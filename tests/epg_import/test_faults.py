"""Everything that is wrong in real feeds at once, and trouble while an import runs."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks.guide_documents import (
    FAULTS,
    MINUTES,
    SAME_TIMES,
    WITHIN,
    fault_of,
    first_start,
    write_document,
)
from smarty_core.services.epg_import.report import SourceReport
from smarty_core.storage.database import Database

from .server import GuideServer
from .test_import import many
from .world import GuideWorld, xmltv

CHANNELS, SLOTS = 6, 60


@pytest.mark.parametrize("by_time", [False, True])
def test_a_guide_with_every_fault_there_is_loses_no_programme(guide: GuideWorld, by_time: bool) -> None:
    guide.now = first_start() + timedelta(days=1)
    source = guide.source()
    channels = [guide.channel(source, f"ch{number}") for number in range(CHANNELS)]
    path = guide.folder / "guide.xml"
    make = {"programmes": CHANNELS * SLOTS, "channels": CHANNELS, "by_time": by_time}
    write_document(path, **make, faults=True)
    report = guide.run().sources[0]
    assert (report.status, report.error) == ("imported", "")
    _all_there(guide, channels)
    _all_counted(report)
    ids = [one.id for channel in channels for one in guide.programmes(channel)]
    write_document(path, **make, faults=True, changed_percent=2)
    again = guide.run().sources[0]
    assert (again.changed, again.written, again.deleted) == (CHANNELS * SLOTS // 50 + 1, again.changed, 0)
    _all_there(guide, channels)
    assert [one.id for channel in channels for one in guide.programmes(channel)] == ids


def _all_there(guide: GuideWorld, channels: list[int]) -> None:
    seen = set()
    for number, channel in enumerate(channels):
        stored = {one.start: one for one in guide.programmes(channel)}
        assert len(stored) == SLOTS
        for slot in range(SLOTS):
            fault = fault_of(number * SLOTS + slot)
            seen.add(fault)
            start = first_start() + timedelta(minutes=MINUTES * slot)
            one = stored[start]
            assert (one.name_lang1 or "").startswith(f"Show {number}-{slot}"), fault
            assert "Подробное описание" in one.description, fault
            assert len(one.name) <= 1000, fault
            if fault in SAME_TIMES or fault in ("overlap", "stop before start"):
                assert one.stop == start + timedelta(minutes=MINUTES), fault
            if fault == "html entities":
                assert one.description.endswith("\xa0Café & Bar © &nosuchthing; AT&T & R&D."), fault
            if fault in WITHIN:
                assert "lollol" not in one.description, fault
    assert seen == {*FAULTS, ""}


def _all_counted(report: SourceReport) -> None:
    kinds = {"overlap", "hole", "double", "missing_stop", "stop_before_start", "unknown_channel", "bad_time",
             "without_name", "programme_without_channel", "invalid_bytes", "entities_refused", "text_cut"}  # fmt: skip
    assert kinds <= set(report.counts)
    assert report.unknown_channels.keys() == {"nobody"}


@pytest.mark.parametrize("trouble", ["cut", "stall", "error"])
def test_a_download_that_breaks_off_keeps_the_guide_and_other_sources_go_on(
    guide: GuideWorld, server: GuideServer, trouble: str
) -> None:
    guide.configure(EPG_DOWNLOAD_SECONDS=1.0)
    channel = guide.channel(guide.source("Bad", server.put(xmltv(one=many(2)))))
    other = guide.channel(guide.source("Good", guide.folder / "good.xml"), "two")
    guide.write(xmltv(two=many(1)), "good.xml")
    assert guide.run().ok
    before = guide.stored()
    server.put(xmltv(one=[("10:00", "11:00", "New"), *many(1)]))
    server.breaks["/guide.xml"] = trouble
    guide.write(xmltv(two=[*many(1)[:-1], ("+1d 11:30", "+1d 12:00", "Last")]), "good.xml")
    report = guide.run()
    assert [(one.source, one.status) for one in report.sources] == [("Bad", "failed"), ("Good", "imported")]
    assert report.sources[0].error
    assert [row for row in guide.stored() if row[0] == channel] == [row for row in before if row[0] == channel]
    assert guide.programmes(other)[-1].name == "Last"
    server.breaks.clear()
    assert guide.run().ok
    assert guide.shows(channel)[0] == "10:00-11:00 New"


def test_two_imports_at_once_leave_the_guide_that_one_would(
    world: GuideWorld, make_world: Callable[..., GuideWorld]
) -> None:
    source = world.source()
    channels = [world.channel(source, f"c{number}") for number in range(8)]
    names = {f"c{number}": many(1) for number in range(8)}
    other = make_world(Database(world.database.urls))
    try:
        for edition in ("first", "second"):
            shows = {name: [(begin, end, f"{edition} {show}") for begin, end, show in many(1)] for name in names}
            world.write(xmltv(**shows))
            together = threading.Barrier(2)
            failures: list[BaseException] = []

            def run(one: GuideWorld, barrier: threading.Barrier = together, failed: Any = failures) -> None:
                try:
                    barrier.wait(30)
                    one.run()
                except BaseException as failure:
                    failed.append(failure)

            threads = [threading.Thread(target=run, args=(one,)) for one in (world, other)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
            assert not failures
            world.run()
            for channel in channels:
                assert [one.name for one in world.programmes(channel)] == [f"{edition} Show {n}" for n in range(48)]
    finally:
        other.database.close()


def import_with_little_space(url: str, folder: str, longest: int, told: Connection) -> None:
    """In a process of its own: no file may become longer than `longest` bytes, as on a full disk."""
    world = GuideWorld(Database(url), Path(folder))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    report = world.run().sources[0]
    told.send((report.status, report.error))


@pytest.mark.parametrize("full", ["temporary files", "database"])
def test_a_full_disk_is_said_tears_nothing_and_the_next_run_completes(
    guide: GuideWorld, full: str, tmp_path: Path
) -> None:
    source = guide.source()
    channels = [guide.channel(source, f"c{number}") for number in range(30)]
    old = {f"c{number}": many(2) for number in range(30)}
    guide.write(xmltv(**old))
    guide.run()
    before = guide.stored()
    words = "<desc>" + "many words " * 60 + "</desc>"
    guide.write(xmltv(**old).replace("</title>", f"</title>{words}"))
    guide.database.close()  # SQLite's log goes back into the file
    size = Path(str(guide.database.engine.url.database)).stat().st_size
    longest = 100_000 if full == "temporary files" else size + 300_000
    if full == "database":
        assert longest < 30 * 96 * len(words) < 4 * longest, "the spool fits, what is written does not"
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=import_with_little_space,
        args=(f"sqlite:///{guide.database.engine.url.database}", str(guide.folder), longest, theirs),
    )
    process.start()
    assert ours.poll(120), "the import never came to its end"
    status, error = ours.recv()
    process.join(30)
    assert status in ("failed", "incomplete")
    assert "temporary file" in error or "database" in error
    with guide.database.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    for number, channel in enumerate(channels):
        kinds = {bool(one.description) for one in guide.programmes(channel)}
        assert len(kinds) == 1, f"channel {number} is half of each"
        assert len(guide.programmes(channel)) == 96
    if full == "temporary files":
        assert guide.stored() == before
    assert guide.run().ok
    assert all(one.description for channel in channels for one in guide.programmes(channel))
