"""A guide that comes again: what is looked at, and that nothing is overlooked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from smarty_epg_xmltv import elements
from sqlalchemy import delete, select, update

from smarty_core.services.epg_import.normalise import Normaliser
from smarty_core.storage.models import EpgDay, EpgSource, Programme

from .test_import import many
from .world import GuideWorld, programme, xmltv


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every row that is made, and every programme that is read whole, by name."""
    seen: list[str] = []
    row, read = Normaliser.row, elements.programme

    def counted_row(self: Normaliser, *given: Any) -> Any:
        found = row(self, *given)
        seen.append(f"row {found.name}")
        return found

    def counted_read(*given: Any) -> Any:
        found = read(*given)
        seen.append(f"read {next(iter(found.titles.values()))}")
        return found

    monkeypatch.setattr(Normaliser, "row", counted_row)
    monkeypatch.setattr(elements, "programme", counted_read)
    return seen


def test_of_a_changed_day_only_what_changed_is_made(world: GuideWorld, made: list[str]) -> None:
    channel = world.channel(world.source())
    shows = many(3)
    world.take(*shows)
    ids = world.ids(channel)
    made.clear()
    shows[70] = (*shows[70][:2], "Breaking news")
    report = world.take(*shows)
    assert (report.changed, report.added, report.deleted) == (1, 0, 0)
    assert [one for one in made if one.startswith("row")] == ["row Breaking news"]
    assert len(made) <= 5, "its neighbours are read for their names at most"
    assert world.ids(channel) == {**{name: id for name, id in ids.items() if name != "Show 70"},
                                  "Breaking news": ids["Show 70"]}  # fmt: skip


def test_a_programme_somebody_deleted_comes_back_when_its_day_changes(world: GuideWorld) -> None:
    channel = world.channel(world.source())
    shows = many(1)
    world.take(*shows)
    with world.database.write() as session:
        session.execute(delete(Programme).where(Programme.name == "Show 3"))
        session.execute(update(Programme).where(Programme.name == "Show 4").values(stop=world.now + timedelta(days=9)))
    shows[2] = (*shows[2][:2], "Breaking news")
    report = world.take(*shows)
    assert (report.changed, report.added) == (2, 1)
    assert [one.name for one in world.programmes(channel)][2:5] == ["Breaking news", "Show 3", "Show 4"]
    assert world.shows(channel)[4] == "14:00-14:30 Show 4"


def test_a_neighbour_that_is_cut_short_keeps_its_content(world: GuideWorld, made: list[str]) -> None:
    channel = world.channel(world.source())
    shows = many(1)
    world.write(xmltv(programme("one", "10:00", "11:00", "Film", "<desc>About it</desc>"), one=shows))
    world.run()
    (first, *_) = world.programmes(channel)
    made.clear()
    world.write(xmltv(programme("one", "10:00", "11:00", "Film", "<desc>About it</desc>"),
                      one=[("10:40", "11:30", "News"), *shows]))  # fmt: skip
    report = world.run().sources[0]
    assert (report.changed, report.added, report.counts["overlap"]) == (1, 1, 1)
    assert world.shows(channel)[:2] == ["10:00-10:40 Film", "10:40-11:30 News"]
    assert (world.programmes(channel)[0].id, world.programmes(channel)[0].description) == (first.id, "About it")
    assert [one for one in made if one.startswith("row")] == ["row Film", "row News"]


@pytest.mark.parametrize("what", ["languages", "separator", "older release", "other marks"])
def test_what_is_read_another_way_is_read_again(world: GuideWorld, what: str) -> None:
    source = world.source()
    channel = world.channel(source)
    inside = '<title lang="kk">Жаңалық</title><category>a;b</category>'
    world.write(xmltv(programme("one", "10:00", "11:00", "News", inside), one=many(1)))
    world.run()
    (stored, *_) = world.programmes(channel)
    assert (stored.name_lang1, len(stored.category_ids or ())) == (None, 1)
    if what == "languages":
        world.configure(SMARTY_ADDITIONAL_LANGUAGES=["kk"])
        world.run()
        assert world.programmes(channel)[0].name_lang1 == "Жаңалық"
    elif what == "separator":
        world.change(EpgSource, source, attributes={"category_separator": ";"})
        world.run()
        assert len(world.programmes(channel)[0].category_ids or ()) == 2
    else:
        with world.database.write() as session:
            session.execute(update(EpgDay).values(marks=None if what == "older release" else b"12345678" * 5))
        world.write(xmltv(programme("one", "10:00", "11:00", "News", inside + "<desc>New</desc>"), one=many(1)))
        report = world.run().sources[0]
        assert (report.changed, report.added, report.deleted) == (1, 0, 0)
        with world.database.read() as session:
            stored_marks = session.scalars(select(EpgDay.marks)).all()
        assert any(marks and len(marks) == 8 + 16 * 25 for marks in stored_marks), "those of the changed day"
    assert world.programmes(channel)[0].id == stored.id


def test_a_day_with_thousands_of_programmes_has_a_digest_only_and_changes_nonetheless(guide: GuideWorld) -> None:
    channel = guide.channel(guide.source())
    shows = [(_second(number), _second(number + 15), f"Show {number}") for number in range(0, 15 * 4200, 15)]
    guide.take(*shows)
    with guide.database.read() as session:
        assert list(session.scalars(select(EpgDay.marks))) == [None]
    shows[7] = (*shows[7][:2], "Breaking news")
    report = guide.take(*shows)
    assert (report.changed, report.added, report.deleted) == (1, 0, 0)
    assert guide.programmes(channel)[7].name == "Breaking news"


def _second(second: int) -> str:
    return f"20260310{second // 3600:02}{second // 60 % 60:02}{second % 60:02} +0000"
