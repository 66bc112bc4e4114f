"""Real feeds: overlaps, pauses, doubles, missing ends, odd times and damaged documents."""

from __future__ import annotations

import gzip
import lzma
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from smarty_core.services.epg_import import writing
from smarty_core.services.epg_import.options import ImportOptions

from .world import GuideWorld, programme, xmltv


def one(*rows: str) -> str:
    return xmltv("".join(rows))


def test_an_overlapped_programme_ends_where_the_next_begins(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "11:30", "News"), ("11:00", "12:00", "Film"))
    assert guide.shows(channel) == ["10:00-11:00 News", "11:00-12:00 Film"]
    assert report.counts["overlap"] == 1


def test_a_pause_of_a_minute_is_closed_and_a_longer_one_stays(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(
        ("20260310100000", "20260310105900", "News"), ("11:00", "12:00", "Film"), ("14:00", "15:00", "Match")
    )
    assert guide.shows(channel) == ["10:00-11:00 News", "11:00-12:00 Film", "14:00-15:00 Match"]
    assert report.counts["hole"] == 2


def test_the_same_programme_listed_twice_is_stored_once(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "11:00", "News"), ("10:00", "11:00", "News"), ("11:00", "12:00", "Film"))
    assert guide.shows(channel) == ["10:00-11:00 News", "11:00-12:00 Film"]
    assert report.counts["double"] == 1


def test_of_two_programmes_at_one_time_the_later_told_wins(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "11:00", "News"), ("10:00", "11:00", "Special edition"))
    assert guide.shows(channel) == ["10:00-11:00 Special edition"]
    assert report.examples["same_start"] == ["News"]


def test_a_missing_end_is_the_next_beginning(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", None, "News"), ("10:40", None, "Film"))
    assert guide.shows(channel) == ["10:00-10:40 News", "10:40-11:40 Film"]
    assert report.counts["missing_stop"] == 2


def test_an_end_before_the_beginning_counts_as_missing_and_no_length_as_nothing(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "09:00", "News"), ("10:30", "10:30", "Nothing"), ("11:00", "12:00", "Film"))
    assert guide.shows(channel) == ["10:00-11:00 News", "11:00-12:00 Film"]
    assert (report.counts["stop_before_start"], report.examples["zero_length"]) == (1, ["Nothing"])


def test_an_endless_programme_is_cut(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    guide.take(("10:00", "+9d 10:00", "Test card"))
    assert guide.shows(channel) == ["10:00-+2d 10:00 Test card"]


@pytest.mark.parametrize(
    ("told", "zone", "expected"),
    [
        ("20260310130000 +0300", "UTC", "10:00"),
        ("20260310130000+0300", "UTC", "10:00"),
        ("20260310130000 +03:00", "UTC", "10:00"),
        ("20260310130000 MSK", "UTC", "10:00"),
        ("20260310130000 Europe/Moscow", "UTC", "10:00"),
        ("20260310100000Z", "Europe/Moscow", "10:00"),
        ("20260310100000 Z", "Europe/Moscow", "10:00"),
        ("20260310100000", "UTC", "10:00"),
        ("20260310130000", "Europe/Moscow", "10:00"),
        ("202603101300", "Europe/Moscow", "10:00"),
        ("2026-03-10T13:00:00+03:00", "UTC", "10:00"),
        ("20260310063000 -0330", "UTC", "10:00"),
    ],
)
def test_times_are_read_however_they_are_written(guide: GuideWorld, told: str, zone: str, expected: str) -> None:
    channel = guide.channel(guide.source(time_zone=zone))
    guide.take((told, None, "News"))
    assert guide.shows(channel) == [f"{expected}-11:00 News"]


def test_a_bad_programme_is_skipped_counted_and_named(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source(), name="Первый")
    report = guide.take(
        ("yesterday", None, "Unreadable"), ("99999999999999", None, "Never"), ("10:00", "never", "No end"),
        ("11:00", "12:00", ""), ("12:00", "13:00", "Film"), ("+40d 12:00", "+40d 13:00", "Far"),
        ("-40d 12:00", "-40d 13:00", "Gone"),
    )  # fmt: skip
    assert guide.shows(channel) == ["10:00-12:00 No end", "12:00-13:00 Film"]
    assert report.status == "imported"
    assert {kind: report.counts[kind] for kind in ("bad_time", "without_name", "too_far", "too_old")} == {
        "bad_time": 3, "without_name": 1, "too_far": 1, "too_old": 1,
    }  # fmt: skip
    assert any("Первый" in line and "yesterday" in line for line in guide_lines(report))


def guide_lines(report: Any) -> list[str]:
    return [detail for details in report.examples.values() for detail in details]


def test_unknown_channels_are_counted_by_name(guide: GuideWorld) -> None:
    guide.channel(guide.source())
    guide.write(xmltv(one=[("10:00", "11:00", "News")], two=[("10:00", "11:00", "A"), ("11:00", "12:00", "B")]))
    report = guide.run()
    assert report.sources[0].unknown_channels == {"two": 2}
    assert any("two (2)" in line for line in report.lines())


@pytest.mark.parametrize("text", ["", "   ", "<tv></tv>", "<tv/>", "<html><body>Not found</body></html>", "\0\1\2"])
def test_a_document_without_programmes_fails_and_keeps_the_guide(guide: GuideWorld, text: str) -> None:
    channel = guide.channel(guide.source())
    guide.take(("10:00", "11:00", "News"))
    guide.write(text)
    report = guide.run().sources[0]
    assert report.status == "failed"
    assert report.error
    assert guide.shows(channel) == ["10:00-11:00 News"]


def test_a_truncated_document_gives_what_it_has_and_removes_nothing(guide: GuideWorld) -> None:
    channel, two = (guide.channel(source := guide.source()), guide.channel(source, "two"))
    shows = [("10:00", "11:00", "News"), ("11:00", "12:00", "Film"), ("+1d 11:00", "+1d 12:00", "Tomorrow")]
    guide.write(xmltv(one=shows, two=shows))
    guide.run()
    text = xmltv(one=[("10:00", "11:00", "Special"), *shows[1:]], two=shows)
    guide.write(text[: text.index("Tomorrow")])
    report = guide.run().sources[0]
    assert report.status == "incomplete"
    assert "ends in the middle" in report.error
    assert guide.shows(channel) == ["10:00-11:00 Special", "11:00-12:00 Film", "+1d 11:00-+1d 12:00 Tomorrow"]
    assert len(guide.shows(two)) == 3
    assert guide.run().sources[0].status == "incomplete", "it is tried again, not taken for imported"
    guide.write(xmltv(one=shows[:2], two=shows))
    assert guide.run().ok
    assert guide.shows(channel) == ["10:00-11:00 News", "11:00-12:00 Film"]


@pytest.mark.parametrize("kind", ["gzip", "xz", "zip"])
def test_packed_documents_are_known_by_their_content(guide: GuideWorld, kind: str) -> None:
    channel = guide.channel(guide.source())
    plain = xmltv(one=[("10:00", "11:00", "News")]).encode()
    if kind == "zip":
        with zipfile.ZipFile(guide.folder / "guide.xml", "w") as archive:
            archive.writestr("readme.txt", "x" * 10_000)
            archive.writestr("guide.xml", plain)
    else:
        guide.write(gzip.compress(plain) if kind == "gzip" else lzma.compress(plain))
    assert guide.run().ok
    assert guide.shows(channel) == ["10:00-11:00 News"]


def test_a_packed_document_that_is_cut_removes_nothing(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    guide.take(("10:00", "11:00", "News"), ("+1d 10:00", "+1d 11:00", "Tomorrow"))
    guide.write(gzip.compress(xmltv(one=[("10:00", "11:00", "News")]).encode())[:-12])
    assert not guide.run().ok
    assert len(guide.shows(channel)) == 2


def test_a_gzip_bomb_is_refused(guide: GuideWorld) -> None:
    guide.configure(EPG_UNPACKED_BYTES=100_000)
    channel = guide.channel(guide.source())
    guide.write(gzip.compress(xmltv(" " * 200_000, one=[("10:00", "11:00", "News")]).encode()))
    report = guide.run().sources[0]
    assert report.status == "failed"
    assert "larger than the limit" in report.error
    assert guide.shows(channel) == []


def test_entities_of_html_are_text_and_those_of_a_doctype_are_never_expanded(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    secret = guide.write("secret text", "secret.txt")
    inside = programme("one", "10:00", "11:00", "NAME", "<desc>a&nbsp;b &l9; &file; c</desc>").replace(
        "NAME", "Caf&eacute; &amp; &laquo;Bar&raquo;"
    )
    guide.write(
        f'<!DOCTYPE tv SYSTEM "http://127.0.0.1:9/xmltv.dtd" [<!ENTITY l0 "lol">{bomb}'
        f'<!ENTITY file SYSTEM "file://{secret}">]>' + xmltv(inside).split("?>", 1)[1]
    )
    report = guide.run().sources[0]
    (stored,) = guide.programmes(channel)
    assert stored.name == "Café & «Bar»"
    assert "lollol" not in stored.description
    assert "secret" not in stored.description
    assert len(stored.description) < 100
    assert report.counts["entities_refused"] == 1


def test_another_encoding_is_read(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    text = xmltv(one=[("10:00", "11:00", "Новости")]).replace("UTF-8", "windows-1251")
    guide.write(text.encode("cp1251"))
    guide.run()
    assert guide.shows(channel) == ["10:00-11:00 Новости"]


def test_the_order_of_a_document_does_not_matter(guide: GuideWorld) -> None:
    channels = [guide.channel(source := guide.source(), "c0")]
    channels += [guide.channel(source, f"c{number}") for number in range(1, 4)]
    rows = [
        (begin, programme(f"c{number}", f"{begin:02}:00", f"{begin + 1:02}:00", f"Show {number} {begin}"))
        for number in range(4)
        for begin in range(8, 20)
    ]
    guide.write(one(*(row for _, row in rows)))
    guide.run()
    grouped = guide.stored()
    guide.write(one(*(row for _, row in sorted(rows, key=lambda row: -row[0]))))
    report = guide.run().sources[0]
    assert (report.programmes, report.written, report.deleted) == (48, 0, 0)
    assert guide.stored() == grouped
    assert len(grouped) == 48


def test_a_channel_with_too_many_programmes_is_cut_and_loses_nothing(guide: GuideWorld) -> None:
    guide.configure(EPG_PROGRAMMES_PER_CHANNEL=2)
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "11:00", "A"), ("11:00", "12:00", "B"), ("12:00", "13:00", "C"))
    assert guide.shows(channel) == ["10:00-11:00 A", "11:00-12:00 B"]
    assert report.counts["too_many_programmes"] == 1


def test_a_source_that_takes_too_long_is_given_up(guide: GuideWorld) -> None:
    guide.configure(EPG_SOURCE_SECONDS=0.000001)
    channel = guide.channel(guide.source())
    report = guide.take(("10:00", "11:00", "News"))
    assert report.status == "failed"
    assert "within" in report.error
    assert guide.shows(channel) == []


def test_an_interrupted_import_is_repeated_whole(guide: GuideWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    channel, two = (guide.channel(source := guide.source()), guide.channel(source, "two"))
    for name in ("ROWS_AT_ONCE", "ROWS_AT_ONCE_ON_SQLITE"):
        monkeypatch.setattr(writing, name, 1)
    guide.write(xmltv(one=[("10:00", "11:00", "News")], two=[("10:00", "11:00", "Film")]))

    def interrupt(_source: str, step: str, done: int, _total: int) -> None:
        if step == "write" and done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guide.importing.run(ImportOptions(), interrupt)
    assert (guide.shows(channel), guide.shows(two)) == (["10:00-11:00 News"], [])
    ids = guide.ids(channel)
    assert guide.run().sources[0].added == 1
    assert guide.ids(channel) == ids
    assert guide.shows(two) == ["10:00-11:00 Film"]


def test_the_days_told_move_on_with_the_clock(guide: GuideWorld) -> None:
    guide.configure(EPG_DAYS_AHEAD=1)
    channel = guide.channel(guide.source())
    guide.take(("10:00", "11:00", "News"), ("+2d 10:00", "+2d 11:00", "Later"))
    assert guide.shows(channel) == ["10:00-11:00 News"]
    guide.now += timedelta(days=1)
    assert guide.run().ok
    assert len(guide.shows(channel)) == 2, "the same document has a day more for us"
