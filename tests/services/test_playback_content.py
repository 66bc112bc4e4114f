"""Films, radio stations and cameras: opened by tariffs as channels are, played by the services that can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from smarty_core.errors import NotFound
from smarty_core.services.playback import Played
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import (
    Camera,
    EpgChannel,
    ProgramBlocking,
    Programme,
    Radio,
    StreamService,
    Tariff,
    Video,
    VideoFile,
    account_camera,
)
from smarty_core.storage.repositories.streams import ContentKind
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP, PASSWORD

HOUR = timedelta(hours=1)

MODELS: dict[ContentKind, Any] = {"video": Video, "radio": Radio, "camera": Camera}
KINDS = list(MODELS)


class Cinema:
    """One viewer with a tariff that has a service of each type; content is added to it."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(database)
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        self.tariff = self.world.tariff(self.operator)
        guide = EpgChannel(name="news")
        self.world.add(guide)
        self.guide_id = guide.id
        self.channel = self.installation.channel(self.tariff, epg_channel_id=guide.id)
        self.world.subscriber(self.operator, tariffs=[self.tariff])
        self.viewer = self.world.viewer(self.operator)
        self.services = {
            kind: StreamService(client_id=self.operator.id, name=kind, type=kind, mask=f"http://{kind}.test/$prefix",
                                recording_days=3)
            for kind in ("live", "vod", "pvr")
        }  # fmt: skip
        with self.world.database.write() as session:
            tariff = session.get_one(Tariff, self.tariff.id)
            tariff.services.extend(self.services.values())

    def add(self, kind: ContentKind, *, sold: bool = True, **columns: Any) -> int:
        """Content of the operator, in the viewer's tariff when `sold`, with all services unless others are named."""
        columns = {"client_id": self.operator.id, "name": kind, "url_prefix": f"{kind}s/1", **columns}
        columns.setdefault("services", list(self.services.values()))
        with self.world.database.write() as session:
            columns["services"] = [session.merge(service) for service in columns["services"]]
            if sold:
                columns["tariffs"] = [session.get_one(Tariff, self.tariff.id)]
            row = MODELS[kind](**columns)
            session.add(row)
            session.flush()
            found: int = row.id
            return found

    def change(self, write: Callable[[Any], Any], tag: str) -> None:
        with self.installation.system.database.write() as session:
            write(session)
            bump(session, f"client:{self.operator.id}:{tag}")

    def play(self, kind: ContentKind, content_id: int | None, **wish: Any) -> Played:
        asked = {"ip": HOME_IP, "device": "mag", "now": self.world.now, **wish}
        viewer = asked.pop("viewer", self.viewer)
        return self.installation.system.playback.content_url(viewer, self.operator, kind, content_id, **asked)


@pytest.fixture
def cinema(database: Database) -> Iterator[Cinema]:
    made = Cinema(database)
    yield made
    made.installation.close()


def test_content_is_played_by_the_service_whose_type_can(cinema: Cinema) -> None:
    for kind in KINDS:
        service = "vod" if kind == "video" else "live"
        played = cinema.play(kind, cinema.add(kind))
        assert played == Played(f"http://{service}.test/{kind}s/1", cinema.services[service].id)


def test_content_that_is_in_none_of_his_tariffs_is_not_found(cinema: Cinema) -> None:
    for kind in KINDS:
        with pytest.raises(NotFound, match=f"{kind} not found"):
            cinema.play(kind, cinema.add(kind, sold=False))


def test_content_of_another_operator_is_not_found(cinema: Cinema) -> None:
    other, tariff, _ = cinema.installation.house("two")
    cinema.world.subscriber(other, "2002", tariffs=[tariff])
    stranger = cinema.world.viewer(other, abonement="2002", password=PASSWORD)
    for kind in KINDS:
        mine = cinema.add(kind)
        with pytest.raises(NotFound):
            cinema.play(kind, mine, viewer=stranger)
        for unknown in (0, -1, 10**15, None):
            with pytest.raises(NotFound):
                cinema.play(kind, unknown)


def test_content_that_is_switched_off_is_not_found(cinema: Cinema) -> None:
    for kind in KINDS:
        with pytest.raises(NotFound):
            cinema.play(kind, cinema.add(kind, enabled=False))


def test_a_direct_address_wins_over_services(cinema: Cinema) -> None:
    for kind in KINDS:
        assert cinema.play(kind, cinema.add(kind, uri="http://direct.test/x")) == Played("http://direct.test/x")


def test_a_service_outside_his_tariffs_plays_nothing(cinema: Cinema) -> None:
    for kind in KINDS:
        service = StreamService(
            client_id=cinema.operator.id, name="other", type="vod" if kind == "video" else "live", mask="http://o.test/"
        )
        cinema.world.add(service)
        with pytest.raises(NotFound, match="no stream service"):
            cinema.play(kind, cinema.add(kind, services=[service]))


def test_a_tariff_that_is_not_used_for_its_kind_opens_nothing(cinema: Cinema) -> None:
    flags: dict[ContentKind, str] = {"video": "used_for_video_list", "radio": "used_for_radio_list"}

    def switch_off(session: Any) -> None:
        for flag in flags.values():
            setattr(session.get_one(Tariff, cinema.tariff.id), flag, False)

    content = {kind: cinema.add(kind) for kind in flags}
    assert all(cinema.play(kind, content[kind]) for kind in flags)
    cinema.change(switch_off, "tariffs")
    for kind in flags:
        with pytest.raises(NotFound):
            cinema.play(kind, content[kind])


def test_a_film_is_played_within_its_time_only(cinema: Cinema) -> None:
    now = cinema.world.now
    film = cinema.add("video", available_from=now, available_until=now + HOUR)
    assert cinema.play("video", film)
    for moment in (now - timedelta(seconds=1), now + HOUR):
        with pytest.raises(NotFound):
            cinema.play("video", film, now=moment)


def test_a_file_of_a_film_is_named_by_itself_or_the_first_is_taken(cinema: Cinema) -> None:
    owner = {"client_id": cinema.operator.id}
    film = cinema.add(
        "video",
        files=[
            VideoFile(**owner, name="trailer", file="trailer.mp4", is_trailer=True, sort=0),
            VideoFile(**owner, name="second", file="second.mp4", sort=2),
            VideoFile(**owner, name="first", file="first.mp4", sort=1),
        ],
    )
    other = cinema.add("video")
    with cinema.world.database.read() as session:
        files = {file.name: file.id for file in session.get_one(Video, film).files}
    assert cinema.play("video", film).uri == "http://vod.test/first.mp4"
    assert cinema.play("video", film, file_id=files["second"]).uri == "http://vod.test/second.mp4"
    assert cinema.play("video", None, file_id=files["second"]).uri == "http://vod.test/second.mp4"
    with pytest.raises(NotFound):
        cinema.play("video", other, file_id=files["second"])


def test_a_trailer_is_open_to_everybody_and_nothing_else_is(cinema: Cinema) -> None:
    owner = {"client_id": cinema.operator.id}
    files = [
        VideoFile(**owner, name="film", file="film.mp4"),
        VideoFile(**owner, name="trailer", file="trailer.mp4", is_trailer=True),
    ]
    film = cinema.add("video", sold=False, files=files)
    with cinema.world.database.read() as session:
        ids = {file.name: file.id for file in session.get_one(Video, film).files}
    trailer_url = cinema.installation.system.playback.trailer_url
    asked: dict[str, Any] = {"ip": HOME_IP, "device": "", "now": cinema.world.now}
    assert trailer_url(cinema.operator, None, ids["trailer"], **asked).uri == "http://vod.test/trailer.mp4"
    assert trailer_url(cinema.operator, film, ids["trailer"], **asked).uri == "http://vod.test/trailer.mp4"
    with pytest.raises(NotFound):
        trailer_url(cinema.operator, film, ids["film"], **asked)
    other, _, _ = cinema.installation.house("two")
    with pytest.raises(NotFound):
        trailer_url(other, film, ids["trailer"], **asked)


def test_a_film_made_of_the_archive_is_played_from_there(cinema: Cinema) -> None:
    begin = cinema.world.now - 5 * HOUR
    record = {"channel_id": cinema.channel.id, "recorded_from": begin, "recorded_until": begin + HOUR}
    film = cinema.add("video", sold=False, services=[], **record)  # whoever may watch the channel may watch it
    played = cinema.play("video", film)
    assert played.uri.startswith(f"http://video.test/news/archive-{int(begin.timestamp())}-3600.m3u8?token=")
    with pytest.raises(NotFound, match="older than the records"):
        cinema.play("video", film, now=begin + timedelta(days=3, seconds=1))


def test_a_blocked_programme_is_blocked_as_a_film_too(cinema: Cinema) -> None:
    begin = cinema.world.now - 5 * HOUR
    record = {"channel_id": cinema.channel.id, "recorded_from": begin, "recorded_until": begin + HOUR}
    programme = Programme(epg_channel_id=cinema.guide_id, start=begin, stop=begin + HOUR, name="news")
    cinema.world.add(programme)
    film = cinema.add("video", sold=False, services=[], **record)
    assert cinema.play("video", film)
    blocking = ProgramBlocking(client_id=cinema.operator.id, programme_id=programme.id, days=0)
    cinema.change(lambda session: session.add(blocking), "blockings")
    with pytest.raises(NotFound, match="blocked"):
        cinema.play("video", film)


def test_a_camera_is_open_to_accounts_it_was_given_to(cinema: Cinema) -> None:
    camera = cinema.add("camera", sold=False)
    with pytest.raises(NotFound):
        cinema.play("camera", camera)
    given = {"account_id": cinema.viewer.account_id, "camera_id": camera}
    cinema.change(lambda session: session.execute(insert(account_camera).values(given)), "cameras")
    assert cinema.play("camera", camera).uri == "http://live.test/cameras/1"
    with pytest.raises(NotFound):
        cinema.play("camera", camera, viewer=replace(cinema.viewer, account_id=cinema.viewer.account_id + 1))


def test_the_archive_of_a_camera_is_asked_for_by_time(cinema: Cinema) -> None:
    camera = cinema.add("camera", recording_days=2)
    cinema.change(
        lambda session: setattr(
            session.get_one(StreamService, cinema.services["pvr"].id), "mask", "http://r.test/$prefix/$flpbt-$flpdur"
        ),
        "channels",
    )
    start = cinema.world.now - HOUR
    asked: dict[str, Any] = {"ip": HOME_IP, "device": "mag", "now": cinema.world.now, "kind": "camera"}
    program_url = cinema.installation.system.playback.program_url
    played = program_url(cinema.viewer, cinema.operator, camera, time=int(start.timestamp()), **asked)
    assert played.uri == f"http://r.test/cameras/1/{int(start.timestamp())}-3600"
    with pytest.raises(NotFound):
        program_url(cinema.viewer, cinema.operator, camera, pid=1, **asked)
    with pytest.raises(NotFound, match="older"):
        program_url(cinema.viewer, cinema.operator, camera, time=int(start.timestamp()) - 2 * 86_400, **asked)
