"""Events, hooks and failures of single channels: what is told, when, and that the rest goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen, remove

from smarty_core.contracts.events import EpgChannelImported, EpgChannelImportError, EpgImportFinished, EpgRemoved
from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.services.epg_import.options import ImportOptions
from smarty_core.services.epg_import.report import NAMED
from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, Programme

from .world import GuideWorld, Heard, xmltv

NEWS = ("10:00", "11:00", "News")


def test_every_event_has_its_documented_keys_and_nothing_else(guide: GuideWorld, heard: Heard) -> None:
    channel = guide.channel(guide.source(), name="Первый")
    night, old = ("-1d 22:00", "10:00", "Night"), ("-14d 10:00", "-14d 11:00", "Old")
    guide.take(NEWS, ("10:30", "12:00", "Film"), ("13:00", "14:00", "Film"), night, old)
    both = {"epg_channel": "Первый", "source": "Source"}
    assert [name for name, _ in heard.events] == [
        "EPG_TIME_HOLE", "EPG_TIME_OVERLAP", "EPG_TIME_HOLE", "EPG_NAME_DOUBLE", "EPG_CHANNEL_IMPORTED",
        "EPG_IMPORT_FINISHED",
    ]  # fmt: skip
    assert heard.of("EPG_TIME_OVERLAP") == [both | {
        "program_name": "Film", "previous_program_name": "News",
        "program_time_begin": "2026-03-10 10:30:00+0000", "previous_time_end": "2026-03-10 11:00:00+0000",
    }]  # fmt: skip
    assert heard.of("EPG_TIME_HOLE")[1] == both | {
        "program_name": "Film", "previous_program_name": "Film",
        "program_time_begin": "2026-03-10 13:00:00+0000", "previous_time_end": "2026-03-10 12:00:00+0000",
    }  # fmt: skip
    assert heard.of("EPG_NAME_DOUBLE") == [both | {"program_name": "Film"}]
    assert heard.of("EPG_CHANNEL_IMPORTED") == [both | {"programs_imported": 5}]
    assert heard.of("EPG_IMPORT_FINISHED") == [{"channels_processed": 1, "programms_imported": 5}]
    guide.now += timedelta(days=1)
    heard.events.clear()
    guide.run()
    assert heard.events == [
        ("EPG_REMOVED", both | {"removed_objects": 1}),
        ("EPG_IMPORT_FINISHED", {"channels_processed": 1, "programms_imported": 0}),
    ], "what has not changed is not told of again"
    assert [event for _, event in guide.hooks.told] == [
        EpgChannelImported(0, channel, "Первый", "Source", 5),
        EpgImportFinished(0, 1, 5, ()),
        EpgRemoved(0, channel, "Первый", "Source", 1),
        EpgImportFinished(0, 1, 0, ()),
    ]


def test_a_source_that_is_broken_throughout_does_not_flood_the_log(guide: GuideWorld, heard: Heard) -> None:
    guide.channel(guide.source())
    shows = [(f"{hour:02}:{minute:02}", "23:59", "Same") for hour in range(10) for minute in range(0, 60, 2)]
    report = guide.take(*shows)
    assert report.counts["overlap"] == len(shows) - 1
    assert len(heard.of("EPG_TIME_OVERLAP")) == NAMED
    assert any(f"{len(shows) - 1 - NAMED} more times EPG_TIME_OVERLAP" in line for line in heard.lines)


def test_a_channel_that_fails_is_told_of_and_the_others_are_imported(
    guide: GuideWorld, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (guide.channel(source := guide.source(), "bad"), guide.channel(source, "good"))
    guide.write(xmltv(bad=[("10:00", "11:00", "Poison")], good=[NEWS]))
    row = Normaliser.row

    def poisoned(self: Normaliser, channel: int, *rest: Any) -> Any:
        if channel == bad:
            raise RuntimeError("cannot be made")
        return row(self, channel, *rest)

    monkeypatch.setattr(Normaliser, "row", poisoned)
    report = guide.run().sources[0]
    assert (report.status, report.failed_channels) == ("incomplete", ["Bad"])
    assert (guide.shows(bad), guide.shows(good)) == ([], ["10:00-11:00 News"])
    (failed,) = heard.of("EPG_CHANNEL_IMPORT_ERROR")
    assert set(failed) == {"epg_channel", "source", "stacktrace"}
    assert "RuntimeError: cannot be made" in failed["stacktrace"]
    (told,) = guide.hooks.of("epg_channel_import_error")
    assert told == EpgChannelImportError(0, bad, "Bad", "Source", "RuntimeError: cannot be made")
    monkeypatch.undo()
    assert guide.run().ok
    assert guide.shows(bad) == ["10:00-11:00 Poison"]


def test_a_channel_the_database_refuses_does_not_take_the_others_with_it(world: GuideWorld, heard: Heard) -> None:
    first, bad, last = (
        world.channel(source := world.source(), "first"), world.channel(source, "bad"), world.channel(source, "last"),
    )  # fmt: skip
    world.write(xmltv(first=[NEWS], bad=[NEWS], last=[NEWS]))

    def delete(_source: str, step: str, done: int, _total: int) -> None:
        """Somebody deletes the channel after its plan was made: its programmes have nowhere to belong to."""
        if step == "write" and done == 2:
            with world.database.write() as session:
                session.delete(session.get_one(EpgChannel, bad))

    report = world.importing.run(ImportOptions(), delete).sources[0]
    assert (report.status, report.failed_channels) == ("incomplete", ["Bad"])
    assert [len(world.shows(id)) for id in (first, bad, last)] == [1, 0, 1]
    assert len(heard.of("EPG_CHANNEL_IMPORT_ERROR")) == 1
    assert sorted(context["epg_channel"] for context in heard.of("EPG_CHANNEL_IMPORTED")) == ["First", "Last"]


def test_readers_see_a_channel_before_or_after_never_between(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(*[(f"{hour:02}:00", f"{hour + 1:02}:00", f"Old {hour}") for hour in range(20)])
    other = Database(world.database.urls)
    seen: list[tuple[int, set[str]]] = []
    busy = False

    def look(*_: Any) -> None:
        nonlocal busy
        if not busy:
            busy = True
            with other.read() as session:
                names = session.scalars(select(Programme.name).where(Programme.epg_channel_id == channel)).all()
            seen.append((len(names), {name.split()[0] for name in names}))
            busy = False

    listen(world.database.engine, "before_cursor_execute", look)
    try:
        report = world.take(
            ("00:00", "01:00", "New 0"), *[(f"{hour:02}:20", f"{hour + 1:02}:20", f"New {hour}") for hour in range(15)]
        )
    finally:
        remove(world.database.engine, "before_cursor_execute", look)
        other.close()
    assert (report.deleted, report.added) != (0, 0)
    assert len(seen) > 10
    assert [one for n, one in enumerate(seen) if n == 0 or seen[n - 1] != one] == [(20, {"Old"}), (16, {"New"})]
