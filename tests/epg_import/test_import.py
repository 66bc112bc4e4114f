"""What is stored after an import, on every kind of database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from smarty_core.errors import NotFound
from smarty_core.services.epg_import.report import GuideIncomplete
from smarty_core.storage.models import EpgChannel, EpgSource

from .world import GuideWorld, programme, xmltv

pytestmark = pytest.mark.long

DAY = [("10:00", "11:00", "News"), ("11:00", "12:30", "Film"), ("12:30", "13:00", "Weather")]
MORE = '<sub-title lang="ru">Второй</sub-title><desc lang="ru">О &quot;нём&quot;</desc><category>Film</category>'


def many(days: int, *, minutes: int = 30) -> list[tuple[str, str, str]]:
    """Programmes without a pause from noon today on."""
    found = []
    for number in range(days * 24 * 60 // minutes):
        begin, end = 720 + number * minutes, 720 + (number + 1) * minutes
        found.append((_time(begin), _time(end), f"Show {number}"))
    return found


def _time(minute: int) -> str:
    return f"{minute // 1440:+d}d {minute % 1440 // 60:02}:{minute % 60:02}"


def test_a_guide_is_imported_and_its_tag_moves(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    report = world.take(*DAY)
    assert (report.status, report.channels, report.programmes, report.added) == ("imported", 1, 3, 3)
    assert world.shows(channel) == ["10:00-11:00 News", "11:00-12:30 Film", "12:30-13:00 Weather"]
    assert world.version(f"epgchannel:{channel}") == 1


def test_all_of_a_programme_is_stored(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    inside = MORE + (
        '<title lang="en">Ours</title><desc lang="en">About it</desc><credits><actor>П. Петров</actor></credits>'
        '<date>2023</date><icon src="//img.example/1.jpg"/><country>RU</country><rating><value>16+</value></rating>'
    )
    world.write(xmltv(programme("one", "10:00", "11:00", "Наше", inside)))
    assert world.run().ok
    (stored,) = world.programmes(channel)
    assert (stored.name, stored.name_lang1, stored.short_name) == ("Наше", "Ours", "Наше")
    assert (stored.description, stored.description_lang1) == ('О "нём"', "About it")
    assert (stored.rating, stored.preview_url) == (16, "https://img.example/1.jpg")
    assert stored.category_id
    assert stored.category_ids == [stored.category_id]
    assert stored.meta == (
        '{"extra_name":"Второй","participants":{"actor":["П. Петров"]},"countries":["RU"],"year":"2023"}'
    )


def test_the_same_document_again_writes_nothing_at_all(world: GuideWorld) -> None:
    world.channel(world.source())
    world.take(*many(2))
    before = world.everything()
    world.now += timedelta(hours=1)
    report = world.run().sources[0]
    assert (report.status, report.written) == ("unchanged", 0)
    assert world.everything() == before


def test_the_same_document_on_the_next_day_is_compared_and_changes_no_programme(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(*many(2))
    before, version = world.stored(), world.version(f"epgchannel:{channel}")
    world.now += timedelta(days=1)
    report = world.run().sources[0]
    assert (report.status, report.programmes, report.written, report.deleted) == ("imported", 96, 0, 0)
    assert (world.stored(), world.version(f"epgchannel:{channel}")) == (before, version)


def test_one_changed_programme_is_one_written_row(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    shows = many(3)
    world.take(*shows)
    ids = world.ids(channel)
    shows[70] = (*shows[70][:2], "Breaking news")
    report = world.take(*shows)
    assert (report.added, report.changed, report.moved, report.deleted) == (0, 1, 0, 0)
    assert world.ids(channel)["Breaking news"] == ids["Show 70"]


def test_forcing_writes_everything_again_and_keeps_the_ids(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(*DAY)
    ids = world.ids(channel)
    report = world.run(force=True).sources[0]
    assert (report.status, report.changed, report.added) == ("imported", 3, 0)
    assert world.ids(channel) == ids


def test_an_id_stays_with_its_programme_when_it_moves_up_to_half_an_hour(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("10:00", "11:00", "News"), ("11:00", "12:00", "Film"), ("12:00", "13:00", "Match"))
    ids = world.ids(channel)
    report = world.take(("10:00", "10:30", "Flash"), ("10:30", "11:20", "News"), ("11:20", "12:31", "Film"),
                        ("12:31", "13:00", "Match"))  # fmt: skip
    assert (report.moved, report.added, report.deleted) == (2, 2, 1)
    now = world.ids(channel)
    assert (now["News"], now["Film"]) == (ids["News"], ids["Film"])
    assert now["Match"] not in ids.values(), "31 minutes are too far: it is another programme"
    assert now["Flash"] not in ids.values()


def test_two_programmes_that_change_places_keep_their_ids(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("10:00", "10:30", "News"), ("10:30", "11:00", "Weather"))
    ids = world.ids(channel)
    report = world.take(("10:00", "10:30", "Weather"), ("10:30", "11:00", "News"))
    assert (report.moved, report.written, report.deleted) == (2, 2, 0)
    assert world.ids(channel) == ids
    assert world.shows(channel) == ["10:00-10:30 Weather", "10:30-11:00 News"]


def test_an_id_survives_a_move_over_midnight_and_past_the_first_programme(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("22:00", "23:50", "Film"), ("23:50", "+1d 01:00", "Late show"), ("+1d 01:00", "+1d 02:00", "Night"))
    ids = world.ids(channel)
    report = world.take(("+1d 00:10", "+1d 01:00", "Late show"), ("+1d 01:00", "+1d 02:00", "Night"))
    assert world.ids(channel) == ids
    assert report.moved == 1
    assert world.shows(channel)[1] == "+1d 00:10-+1d 01:00 Late show"
    world.take(("22:00", "23:50", "Film"), ("23:50", "+1d 01:00", "Late show"), ("+1d 01:00", "+1d 02:00", "Night"))
    assert world.ids(channel) == ids
    assert world.shows(channel)[1] == "23:50-+1d 01:00 Late show"


def test_what_is_in_front_of_the_new_guide_stays_and_ends_where_it_begins(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("08:00", "10:00", "Morning"), ("10:00", "14:00", "Film"))
    world.take(("11:00", "12:00", "News"))
    assert world.shows(channel) == ["08:00-10:00 Morning", "10:00-11:00 Film", "11:00-12:00 News"]
    world.take(("08:00", "10:00", "Morning"), ("10:00", "14:00", "Film"))
    assert world.shows(channel) == ["08:00-10:00 Morning", "10:00-14:00 Film"]


def test_what_a_complete_document_no_longer_tells_is_removed(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(*DAY, ("+1d 10:00", "+1d 11:00", "Tomorrow"), ("+3d 10:00", "+3d 11:00", "Later"))
    report = world.take(*DAY, ("+1d 12:00", "+1d 13:00", "Other"))
    assert world.shows(channel)[3:] == ["+1d 12:00-+1d 13:00 Other"]
    assert report.deleted == 2


def test_old_guide_is_removed_and_never_more_than_the_archive_needs(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("-13d 10:00", "-13d 11:00", "Old"), ("-15d 10:00", "-15d 11:00", "Too old"), *DAY)
    assert world.shows(channel)[0] == "-13d 10:00--13d 11:00 Old"
    world.now += timedelta(days=2)
    assert world.run().removed_old == 1
    assert world.shows(channel)[0].endswith("News")
    assert world.version(f"epgchannel:{channel}") == 2
    assert world.run(actual_days=0, ignore_import=True).removed_old == 3
    assert world.shows(channel) == []
    assert world.run(actual_days=13).ok
    assert len(world.shows(channel)) == 3, "an import that wants them has them again"


@pytest.mark.parametrize("start", ["first", "second"])
def test_an_import_of_one_channel_or_source_leaves_the_others(world: GuideWorld, start: str) -> None:
    first, second = world.source("First"), world.source("Second", world.folder / "second.xml")
    one, two, three = world.channel(first, "one"), world.channel(first, "two"), world.channel(second, "three")
    world.write(xmltv(one=DAY, two=DAY))
    world.write(xmltv(three=DAY), "second.xml")
    if start == "first":
        assert world.run(channel_id=two).ok
        assert [len(world.shows(id)) for id in (one, two, three)] == [0, 3, 0]
        assert world.run(source_name="First").ok
        assert [len(world.shows(id)) for id in (one, two, three)] == [3, 3, 0]
    else:
        assert world.run(source_id=second).ok
        assert [len(world.shows(id)) for id in (one, two, three)] == [0, 0, 3]
        assert world.run().ok
        assert [len(world.shows(id)) for id in (one, two, three)] == [3, 3, 3]


def test_a_start_date_leaves_what_ends_before(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(("10:00", "11:00", "Today"), ("+1d 10:00", "+1d 11:00", "Tomorrow"))
    world.write(xmltv(one=[("10:00", "11:00", "New"), ("+1d 10:00", "+1d 11:00", "Newer")]))
    world.run(start_date=(world.now + timedelta(days=1)).date())
    assert [one.name for one in world.programmes(channel)] == ["Today", "Newer"]
    world.run()
    assert [one.name for one in world.programmes(channel)] == ["New", "Newer"], "that run did not count as complete"


def test_the_guard_keeps_a_guide_that_would_lose_most_of_its_programmes(world: GuideWorld) -> None:
    channel, other = (world.channel(source := world.source()), world.channel(source, "two"))
    shows = many(2)
    world.write(xmltv(one=shows, two=shows))
    world.run()
    before = world.shows(channel)
    world.write(xmltv(one=shows[:20], two=shows[:90]))
    report = world.run().sources[0]
    assert (report.status, report.kept_by_guard) == ("incomplete", ["One"])
    assert "--force_reimport" in report.error
    assert world.shows(channel) == before
    assert len(world.shows(other)) == 90, "the other channels are imported"
    assert world.run().sources[0].kept_by_guard == ["One"], "it is said again as long as it is so"
    assert world.run(force=True).ok
    assert len(world.shows(channel)) == 20


def test_a_channel_with_few_programmes_is_not_guarded(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    world.take(*many(1, minutes=160))
    assert world.take(*many(1, minutes=1440)).status == "imported"
    assert len(world.shows(channel)) == 1


def test_a_shift_and_a_new_channel_are_imported_although_the_document_is_the_same(world: GuideWorld) -> None:
    source = world.source()
    channel = world.channel(source)
    world.write(xmltv(one=DAY[:1], two=DAY[:1]))
    world.run()
    world.change(EpgChannel, channel, utc_shift=-2.5)
    world.run()
    assert world.shows(channel) == ["07:30-08:30 News"]
    second = world.channel(source, "two")
    world.run()
    assert world.shows(second) == ["10:00-11:00 News"]


def test_names_and_numbers_of_what_does_not_exist_are_refused(world: GuideWorld) -> None:
    source = world.source()
    channel = world.channel(source)
    stray = world.channel(None)
    other = world.source("Other")
    wrong: list[dict[str, Any]] = [
        {"source_id": source + 99}, {"source_name": "nobody"}, {"channel_id": channel + 99}, {"channel_id": stray},
        {"channel_id": channel, "source_id": other}, {"channel_id": channel, "source_name": "Other"},
    ]  # fmt: skip
    for options in wrong:
        with pytest.raises(NotFound):
            world.run(**options)


def test_one_failing_source_never_stops_the_others(world: GuideWorld) -> None:
    world.channel(world.source("Away", world.folder / "nothing.xml"), "one")
    world.channel(world.source("No such parser", parser="nobody_has_this"), "one")
    world.channel(world.source("Wrong attributes", attributes={"no_such": "1"}), "one")
    world.channel(world.source("Wrong mask", "ftp://x", parser="xmltv_common"), "one")
    world.source("Without channels")
    good = world.channel(world.source("Good", world.folder / "good.xml"), "one")
    world.channel(world.source("Off", enabled=False), "one")
    world.write(xmltv(one=DAY), "good.xml")
    report = world.run()
    assert [(one.source, one.status) for one in report.sources] == [
        ("Away", "failed"), ("No such parser", "failed"), ("Wrong attributes", "failed"), ("Wrong mask", "failed"),
        ("Without channels", "skipped"), ("Good", "imported"),
    ]  # fmt: skip
    assert len(world.shows(good)) == 3
    text = "\n".join(report.lines())
    for word in ("nothing.xml", "pip install", "no_such", "http://"):
        assert word in text
    with pytest.raises(GuideIncomplete, match=r"4 of 6 guide sources.*Away.*Wrong mask"):
        report.demand_ok()


def test_a_secret_attribute_is_decrypted_and_a_foreign_one_fails_only_its_source(world: GuideWorld) -> None:
    mine = world.source(attributes={"category_separator": world.vault.encrypt(";")})
    channel = world.channel(mine)
    world.write(xmltv(programme("one", "10:00", "11:00", "Film", "<category>a;b</category>")))
    assert world.run().ok
    assert len(world.programmes(channel)[0].category_ids or ()) == 2
    world.change(EpgSource, mine, attributes={"category_separator": "enc1:gibberish"})
    report = world.run().sources[0]
    assert report.status == "failed"
    assert "category_separator" in report.error
    assert "gibberish" not in report.error
