"""Films made from recorded programmes: which there are, what happens to them when the guide or the archive changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from smarty_core.services.vodpvr import Made, VodPvr
from smarty_core.services.vodpvr_plan import plan
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, EpgChannel, ProgramBlocking, Programme, StreamService, TagVersion, Video
from smarty_core.storage.repositories.vodpvr import FILM_COLUMNS, StoredFilm
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import START

HOUR = timedelta(hours=1)
DAYS = 3


class Studio:
    """A channel `news` with an archive of three days and an hourly guide of the last five days and the next one."""

    def __init__(self, database: Database) -> None:
        self.installation = Installation(database)
        self.world = self.installation.world
        self.operator = self.world.operator("one")
        self.tariff = self.world.tariff(self.operator)
        guide = EpgChannel(name="news")
        self.world.add(guide)
        self.guide_id = guide.id
        rows = [
            Programme(
                epg_channel_id=guide.id,
                start=START + hour * HOUR,
                stop=START + (hour + 1) * HOUR,
                name=f"передача {hour}",
                name_lang1=f"show {hour}",
                description="about",
                preview_url="previews/show.jpg",
                rating=18 if hour == -1 else 0,
                meta='{"year": "2020"}',
            )
            for hour in range(-5 * 24, 24)
        ]
        self.world.add(*rows)
        self.channel: Channel = self.installation.channel(self.tariff, epg_channel_id=guide.id)

    def make(self, **options: Any) -> Made:
        world = self.world
        made = VodPvr(database=world.database, settings=self.installation.system.settings, clock=world.clock)
        return made.make([self.operator.id], **options)

    def films(self) -> list[Video]:
        with self.world.database.read() as session:
            return list(session.scalars(select(Video).order_by(Video.recorded_from, Video.id)))

    def begins(self) -> list[datetime]:
        return [film.recorded_from for film in self.films() if film.recorded_from is not None]

    def version(self) -> int:
        with self.world.database.read() as session:
            row = session.get(TagVersion, f"client:{self.operator.id}:videos")
            return row.version if row else 0

    def write(self, *statements: Any) -> None:
        with self.world.database.write() as session:
            for statement in statements:
                session.execute(statement)


@pytest.fixture
def studio(sqlite_database: Database) -> Iterator[Studio]:
    made = Studio(sqlite_database)
    yield made
    made.installation.close()


@pytest.fixture
def studio_anywhere(database: Database) -> Iterator[Studio]:
    """The same on every kind of database."""
    made = Studio(database)
    yield made
    made.installation.close()


def test_every_recorded_programme_becomes_one_film(studio: Studio) -> None:
    assert studio.make() == Made(channels=1, added=DAYS * 24 - 1)
    films = studio.films()
    assert studio.begins() == [START + hour * HOUR for hour in range(1 - DAYS * 24, 0)]
    last = films[-1]
    assert (last.client_id, last.channel_id, last.name, last.name_lang1, last.name_lang2) == (
        studio.operator.id, studio.channel.id, "передача -1", "show -1", None,
    )  # fmt: skip
    assert (last.description, last.poster_url, last.duration, last.meta) == (
        "about", "previews/show.jpg", 3600, {"year": "2020"},
    )  # fmt: skip
    assert (last.recorded_until, last.available_from) == (START, START)
    assert [film.parental_control for film in films[-2:]] == [False, True]


def test_a_film_is_hidden_some_hours_before_its_record_goes(studio: Studio) -> None:
    studio.make()
    hidden = timedelta(hours=studio.installation.system.settings.TVMIDDLEWARE_VODPVR_TIMEOUT_OFFSET)
    for film in studio.films():
        assert film.recorded_from is not None
        assert film.available_until == film.recorded_from + timedelta(days=DAYS) - hidden


def test_made_again_nothing_changes_and_nobody_is_told(studio: Studio) -> None:
    studio.make()
    before, version = [(film.id, film.updated_at) for film in studio.films()], studio.version()
    assert version > 0
    assert studio.make() == Made(channels=1)
    assert [(film.id, film.updated_at) for film in studio.films()] == before
    assert studio.version() == version


def test_time_adds_the_new_programmes_and_takes_the_old_ones(studio: Studio) -> None:
    studio.make()
    ids = [film.id for film in studio.films()]
    studio.world.move(hours=3)
    assert studio.make() == Made(channels=1, added=3, removed=3)
    assert [film.id for film in studio.films()][:-3] == ids[3:]


def test_a_dry_run_counts_and_changes_nothing(studio: Studio) -> None:
    assert studio.make(dry_run=True).added == DAYS * 24 - 1
    assert studio.films() == []
    assert studio.version() == 0


def test_what_the_guide_corrects_the_film_follows_under_its_number(studio_anywhere: Studio) -> None:
    studio = studio_anywhere
    studio.make()
    known = {film.programme_id: film.id for film in studio.films()}
    with studio.world.database.read() as session:
        rows = list(session.scalars(select(Programme).where(Programme.start < START).order_by(Programme.start.desc())))
    first, second, third = rows[0], rows[1], rows[2]
    studio.write(
        delete(Programme).where(Programme.id == third.id),
        update(Programme).where(Programme.id == second.id).values(start=third.start, name="longer"),
        update(Programme).where(Programme.id == first.id).values(start=second.start),
    )
    assert studio.make() == Made(channels=1, changed=2, removed=1)
    films = {film.programme_id: film for film in studio.films()}
    assert third.id not in films
    assert (films[second.id].id, films[second.id].recorded_from, films[second.id].name) == (
        known[second.id], third.start, "longer",
    )  # fmt: skip
    assert (films[first.id].id, films[first.id].recorded_from, films[first.id].duration) == (
        known[first.id], second.start, 7200,
    )  # fmt: skip


def test_exact_times_are_the_films_times(studio: Studio) -> None:
    begin, end = START - HOUR + timedelta(minutes=2), START - timedelta(minutes=1)
    studio.write(update(Programme).where(Programme.start == START - HOUR).values(exact_start=begin, exact_stop=end))
    studio.make()
    last = studio.films()[-1]
    assert (last.recorded_from, last.recorded_until, last.duration) == (begin, end, 57 * 60)


def test_a_film_outlives_a_guide_that_is_kept_for_a_shorter_time(studio: Studio) -> None:
    studio.make()
    studio.write(delete(Programme).where(Programme.start < START - 24 * HOUR))
    assert studio.make() == Made(channels=1)
    studio.write(delete(Programme))
    assert studio.make() == Made(channels=1)


def test_a_blocked_programme_is_no_film(studio: Studio) -> None:
    studio.make()
    begin = START - 5 * HOUR
    studio.world.add(ProgramBlocking(client_id=studio.operator.id, channel_prefix="news", start=begin, days=0))
    assert studio.make() == Made(channels=1, removed=1)
    assert begin not in studio.begins()


@pytest.mark.parametrize("change", ["service off", "channel off", "no guide"])
def test_films_of_a_channel_that_is_recorded_no_more_go(studio: Studio, change: str) -> None:
    studio.make()
    film = Video(client_id=studio.operator.id, name="a film of its own")
    studio.world.add(film)
    studio.write(
        {
            "service off": update(StreamService).where(StreamService.type == "pvr").values(enabled=False),
            "channel off": update(Channel).values(enabled=False),
            "no guide": update(Channel).values(epg_channel_id=None),
        }[change]
    )
    assert studio.make() == Made(removed=DAYS * 24 - 1)
    assert [one.id for one in studio.films()] == [film.id]


def test_a_service_that_fails_its_checks_has_its_films_still(studio: Studio) -> None:
    studio.make()
    studio.write(update(StreamService).values(available=False))
    assert studio.make() == Made(channels=1)


def test_a_shallower_archive_has_fewer_films(studio: Studio) -> None:
    studio.make()
    studio.write(update(Channel).values(recording_days=1))
    made = studio.make()
    assert (made.added, made.removed) == (0, 48)
    assert made.changed == 23  # hidden earlier now
    assert len(studio.films()) == 23


def test_a_later_broadcast_makes_its_films_later_and_keeps_them_longer(studio: Studio) -> None:
    studio.write(update(StreamService).where(StreamService.type == "pvr").values(shift_hours=2))
    assert studio.make() == Made(channels=1, added=DAYS * 24 - 1)
    films = studio.films()
    assert (films[0].recorded_from, films[-1].recorded_from) == (START - 73 * HOUR, START - 3 * HOUR)
    assert films[-1].available_from == START
    assert films[0].available_until == START - 73 * HOUR + timedelta(days=DAYS)  # hidden two hours, shifted by two
    studio.world.move(hours=1)
    assert studio.make() == Made(channels=1, added=1, removed=1)


def test_a_service_that_keeps_nothing_makes_no_films(studio: Studio) -> None:
    studio.make()
    studio.write(update(StreamService).values(recording_days=0), update(Channel).values(recording_days=0))
    assert studio.make() == Made(removed=DAYS * 24 - 1)


def test_an_absurd_depth_is_a_deep_one(studio: Studio) -> None:
    studio.write(update(Channel).values(recording_days=2**31 - 1), update(StreamService).values(recording_days=0))
    assert studio.make() == Made(channels=1, added=5 * 24)


def test_work_that_was_cut_off_is_carried_on(studio: Studio) -> None:
    second = studio.installation.channel(studio.tariff, "films", epg_channel_id=studio.guide_id)

    def cut_off(name: str, done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        studio.make(progress=cut_off)
    assert {film.channel_id for film in studio.films()} == {studio.channel.id}
    assert studio.make() == Made(channels=2, added=DAYS * 24 - 1)
    assert {film.channel_id for film in studio.films()} == {studio.channel.id, second.id}


def test_another_operators_films_stay(studio: Studio) -> None:
    studio.make()
    _, _, other = studio.installation.house("two")
    foreign = Video(client_id=other.client_id, channel_id=other.id, name="record", recorded_from=START, duration=1)
    studio.world.add(foreign)
    studio.make()
    assert foreign.id in [film.id for film in studio.films()]


def row(programme: int, hour: int) -> dict[str, Any]:
    return {**dict.fromkeys(FILM_COLUMNS), "programme_id": programme, "recorded_from": START + hour * HOUR}


def lay_out(draw_begins: list[int]) -> list[dict[str, Any]]:
    return [row(programme, hour) for programme, hour in enumerate(draw_begins, 1) if hour is not None]


@given(
    st.lists(st.integers(0, 12), unique=True),
    st.lists(st.tuples(st.integers(1, 14), st.integers(0, 12)), unique_by=lambda pair: pair[0]),
)
def test_carried_out_in_any_order_a_plan_gives_the_wished_films(
    before: list[int], after: list[tuple[int, int]]
) -> None:
    stored = [StoredFilm(100 + number, columns) for number, columns in enumerate(lay_out(before))]
    wished = [row(programme, hour) for programme, hour in sorted(after, key=lambda pair: pair[1])]
    found = plan(stored, wished, oldest=START - HOUR, guide_begins=START)
    films = {film.id: dict(film.columns) for film in stored if film.id not in set(found.remove)}
    begins = {film["recorded_from"] for number, film in films.items() if number not in set(found.move)}
    for change in found.change:
        columns = {name: value for name, value in change.items() if name != "id"}
        if change["id"] in found.move:
            assert columns["recorded_from"] not in begins  # the database would refuse it
            begins.add(columns["recorded_from"])
        films[change["id"]] = columns
    for number, added in enumerate(found.add):
        assert added["recorded_from"] not in begins
        begins.add(added["recorded_from"])
        films[-number - 1] = dict(added)
    assert begins == {one["recorded_from"] for one in wished}
    assert len(films) == len(begins)
