"""Where documents come from: a web server with ETag, folders, one document per day or channel."""

from __future__ import annotations

from datetime import timedelta

from .server import GuideServer
from .world import GuideWorld, xmltv

NEWS = ("10:00", "11:00", "News")
FILM = ("11:00", "12:00", "Film")


def test_a_served_guide_is_imported_and_a_304_changes_nothing(world: GuideWorld, server: GuideServer) -> None:
    channel = world.channel(world.source(mask=server.put(xmltv(one=[NEWS]))))
    assert world.run().ok
    assert world.shows(channel) == ["10:00-11:00 News"]
    before = world.everything()
    report = world.run().sources[0]
    assert (report.status, server.served) == ("unchanged", [200, 304])
    assert server.asked[0][1] == ""
    assert world.everything() == before
    server.put(xmltv(one=[NEWS, FILM]))
    assert world.run().sources[0].added == 1
    assert server.served == [200, 304, 200]


def test_forcing_asks_for_the_whole_document(guide: GuideWorld, server: GuideServer) -> None:
    guide.channel(guide.source(mask=server.put(xmltv(one=[NEWS]))))
    guide.run()
    assert guide.run(force=True).sources[0].changed == 1
    assert [etag for _, etag in server.asked] == ["", ""]


def test_a_new_day_asks_for_the_whole_document(guide: GuideWorld, server: GuideServer) -> None:
    guide.channel(guide.source(mask=server.put(xmltv(one=[NEWS]))))
    guide.run()
    guide.now += timedelta(days=1)
    assert guide.run().sources[0].written == 0
    assert server.served == [200, 200]


def test_a_packed_document_behind_a_plain_name_is_unpacked(guide: GuideWorld, server: GuideServer) -> None:
    channel = guide.channel(guide.source(mask=server.put(xmltv(one=[NEWS]), packed=True)))
    assert guide.run().ok
    assert guide.shows(channel) == ["10:00-11:00 News"]


def test_a_server_that_refuses_fails_the_source_without_telling_its_password(
    guide: GuideWorld, server: GuideServer
) -> None:
    address = server.put("", "/gone.xml").replace("http://", "http://user:hidden@") + "?key=hidden"
    server.answers["/gone.xml?key=hidden"] = 403
    guide.channel(guide.source(mask=address))
    report = guide.run()
    assert report.sources[0].status == "failed"
    assert "403" in report.sources[0].error
    assert "hidden" not in "\n".join(report.lines())


def test_a_document_over_the_size_limit_is_not_read(guide: GuideWorld, server: GuideServer) -> None:
    guide.configure(EPG_DOCUMENT_BYTES=1000)
    channel = guide.channel(guide.source(mask=server.put(xmltv(" " * 2000, one=[NEWS]))))
    assert guide.run().failed_sources == ("Source",)
    assert guide.shows(channel) == []


def test_one_document_per_day_is_asked_for_by_day_and_a_missing_day_removes_nothing(
    guide: GuideWorld, server: GuideServer
) -> None:
    guide.configure(EPG_DAYS_AHEAD=2)
    for day, show in (("10", NEWS), ("11", ("+1d 10:00", "+1d 11:00", "B")), ("12", ("+2d 10:00", "+2d 11:00", "C"))):
        server.put(xmltv(one=[show]), f"/2026{day}03.xml")
    mask = server.put("", "/x").replace("/x", "/{date:%Y%d%m}.xml")
    channel = guide.channel(guide.source(mask=mask))
    assert guide.run().ok
    assert [path for path, _ in server.asked] == ["/20261003.xml", "/20261103.xml", "/20261203.xml"]
    assert len(guide.shows(channel)) == 3
    del server.documents["/20261103.xml"]
    server.put(xmltv(one=[("10:00", "11:00", "Changed")]), "/20261003.xml")
    report = guide.run().sources[0]
    assert report.status == "imported"
    assert report.counts["missing_document"] == 1
    assert [one.name for one in guide.programmes(channel)] == ["Changed", "B", "C"]


def test_one_failing_document_per_channel_leaves_the_other_channels(guide: GuideWorld, server: GuideServer) -> None:
    for channel in ("one", "two"):
        server.put(xmltv(**{channel: [NEWS]}), f"/{channel}.xml")
    source = guide.source(mask=server.put("", "/x").replace("/x", "/{channel}.xml"))
    one, two = guide.channel(source), guide.channel(source, "two")
    server.answers["/one.xml"] = 500
    report = guide.run().sources[0]
    assert (report.status, report.counts["failed_document"]) == ("incomplete", 1)
    assert (guide.shows(one), guide.shows(two)) == ([], ["10:00-11:00 News"])


def test_a_folder_is_one_source_and_the_same_files_again_are_unchanged(guide: GuideWorld) -> None:
    source = guide.source(mask=guide.folder)
    one, two = guide.channel(source), guide.channel(source, "two")
    guide.write(xmltv(one=[NEWS]), "a.xml")
    guide.write(xmltv(two=[FILM]), "b.xml")
    guide.write("not a guide", "notes.txt")
    assert guide.run().ok
    assert (guide.shows(one), guide.shows(two)) == (["10:00-11:00 News"], ["11:00-12:00 Film"])
    assert guide.run().sources[0].status == "unchanged"
    guide.write(xmltv(one=[NEWS, FILM]), "a.xml")
    assert guide.run().sources[0].added == 1


def test_the_made_up_guide_needs_no_document(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source(mask="dummy://?channels=1", parser="dummy_source"))
    report = guide.run().sources[0]
    assert report.status == "imported"
    assert len(guide.shows(channel)) > 100
    assert guide.run().sources[0].status == "unchanged"


def test_names_that_old_configurations_use_find_the_parser(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source(parser="xmltv_from_file"))
    guide.take(NEWS)
    assert guide.shows(channel) == ["10:00-11:00 News"]


def test_channels_nobody_shows_are_left_out_when_the_setting_says_so(guide: GuideWorld) -> None:
    guide.configure(TVMW_EPG_DO_NOT_IMPORT_UNUSED=True)
    channel = guide.channel(guide.source())
    assert guide.take(NEWS).status == "skipped"
    assert guide.shows(channel) == []
