"""What is read out of a document, and what damage is survived."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from smarty_epg_xmltv.parser import XmltvCommon, XmltvFromFiles
from smarty_epg_xmltv.references import References
from smarty_epg_xmltv.settings import XmltvSettings

from smarty_core.contracts.epg_parser import EpgDocument, EpgRequest, RawChannel, RawProgramme
from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderUnavailable

SAMPLE = (Path(__file__).parent / "fixtures" / "sample.xml").read_bytes()
BEGIN = datetime(2023, 11, 14, tzinfo=UTC)


class Reading:
    """Everything one document gave, the failure at its end included."""

    def __init__(self, host: Any, document: bytes, *, channel: str = "", **settings: str) -> None:
        parser = XmltvCommon("main", XmltvSettings(**settings), host)  # type: ignore[arg-type]
        self.complaints: list[tuple[str, str]] = []
        self.items: list[RawChannel | RawProgramme] = []
        self.failure = ""
        try:
            for item in parser.parse(io.BytesIO(document), EpgDocument("x", channel), self._complain):
                self.items.append(item)
        except ProviderProtocolError as failure:
            self.failure = str(failure)

    def _complain(self, kind: str, detail: str) -> None:
        self.complaints.append((kind, detail))

    @property
    def programmes(self) -> list[RawProgramme]:
        return [item for item in self.items if isinstance(item, RawProgramme)]

    @property
    def titles(self) -> list[str]:
        return [next(iter(item.titles.values()), "") for item in self.programmes]


def tv(*titles: str, head: str = "") -> bytes:
    rows = "".join(
        f'<programme start="2023111422{number:02}00" channel="c"><title>{title}</title></programme>'
        for number, title in enumerate(titles)
    )
    return f"{head}<tv>{rows}</tv>".encode()


def test_everything_the_contract_knows_is_read(host: Any) -> None:
    reading = Reading(host, SAMPLE)
    assert (reading.failure, reading.complaints) == ("", [])
    channel, first, second = reading.items
    assert channel == RawChannel("news1", {"ru": "Новости 1", "en": "News 1"}, ("https://img.example/n1.png",))
    assert first == RawProgramme(
        channel="news1", start="20231114220000 +0300", stop="20231114223000 +0300",
        titles={"ru": "Вечерний выпуск", "en": "Evening edition"}, subtitles={"ru": "Итоги"},
        descriptions={"ru": "Короткое описание."}, categories=("Новости", "Политика"), age=12,
        icon="https://img.example/p1.jpg", event_id="e-17", year="2023", countries=("RU", "KZ"),
        participants={"director": ("И. Иванов",), "actor": ("П. Петров", "С. Сидоров")}, season=2, episode=5, live=True,
        ratings={"imdb": "7"},
    )  # fmt: skip
    assert isinstance(second, RawProgramme)
    assert (second.titles, second.stop) == ({"": "Ночь & тишина"}, "")


def test_the_settings_choose_language_separator_and_scheme(host: Any) -> None:
    (first, _) = Reading(host, SAMPLE, category_language="en", category_separator="", icon_scheme="http").programmes
    assert (first.categories, first.icon, first.countries) == (("News",), "http://img.example/p1.jpg", ("RU, KZ",))


@pytest.mark.parametrize(
    ("system", "text", "expected"),
    [
        ("xmltv_ns", "1.4.", (2, 5)), ("xmltv_ns", "0 . 12/13 . 0/3", (1, 13)), ("xmltv_ns", "0..", (1, 0)),
        ("xmltv_ns", ".6.", (0, 7)), ("onscreen", "S02E05", (2, 5)), ("onscreen", "E7", (0, 7)),
        ("onscreen", "12", (0, 12)), ("onscreen", "Finale", (0, 0)), ("dd_progid", "EP01234567.0012", (0, 0)),
    ],
)  # fmt: skip
def test_episode_numbers_are_one_based(host: Any, system: str, text: str, expected: tuple[int, int]) -> None:
    document = tv("x").replace(
        b"</programme>", f'<episode-num system="{system}">{text}</episode-num></programme>'.encode()
    )
    (found,) = Reading(host, document).programmes
    assert (found.season, found.episode) == expected


def test_nothing_is_lost_after_a_document_s_first_mistake(host: Any) -> None:
    titles = ("Caf&eacute;", "Q&amp;A", "1 &lt; 2 &#38; 3 &#x3e; 2", "Tom & Jerry", "AT&T;", "<![CDATA[A & B &amp;]]>")
    assert Reading(host, tv(*titles)).titles == ["Café", "Q&A", "1 < 2 & 3 > 2", "Tom & Jerry", "AT&T;", "A & B &amp;"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
def test_references_are_the_same_however_the_document_is_cut_into_pieces(size: int) -> None:
    text = b"a&b &amp; &nbsp;&laquo; &#0;&#13; <![CDATA[ & &amp; ]]> ]] &CounterClockwiseContourIntegral; &x;&"
    whole = References().plain(text, final=True)
    pieces = References()
    cut = [pieces.plain(text[place : place + size], final=False) for place in range(0, len(text), size)]
    assert b"".join([*cut, pieces.plain(b"", final=True)]) == whole
    assert re.findall(rb"&[^#]", whole.replace(b"<![CDATA[ & &amp; ]]>", b"")) == []


@pytest.mark.parametrize("place", ["channels last", "never declared", "in between"])
def test_the_order_of_elements_does_not_matter(host: Any, place: str) -> None:
    channel = '<channel id="c"><display-name>C</display-name></channel>'
    rows = ['<programme start="20231114" channel="c"><title>A</title></programme>',
            '<programme start="20231115" channel="c"><title>B</title></programme>']  # fmt: skip
    inside = {"channels last": [*rows, channel], "never declared": rows, "in between": [rows[0], channel, rows[1]]}
    assert Reading(host, f"<tv>{''.join(inside[place])}</tv>".encode()).titles == ["A", "B"]


def test_a_cut_document_gives_its_complete_programmes_and_then_fails(host: Any) -> None:
    whole = tv("First", "Second", "Third")
    reading = Reading(host, whole[: whole.index(b"Third") + 3])
    assert reading.titles == ["First", "Second"]
    assert "ends in the middle" in reading.failure


def test_a_doctype_is_neither_loaded_nor_expanded(host: Any) -> None:
    head = '<!DOCTYPE tv SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n'
    reading = Reading(host, tv("&b; and &a;", head=head))
    assert reading.titles == ["&b; and &a;"]
    assert [kind for kind, _ in reading.complaints] == ["entities_refused"]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16", "utf-8-sig"])
def test_encodings_are_read_as_declared_or_marked(host: Any, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>' if not encoding.startswith("utf") else ""
    assert Reading(host, tv("Новости", head=head).decode().encode(encoding)).titles == ["Новости"]


def test_bytes_that_are_no_text_and_control_characters_are_survived(host: Any) -> None:
    reading = Reading(host, tv("A\x01B", "C").replace(b"C<", b"\xffC<"))
    assert reading.titles == ["AB", "\ufffdC"]
    assert [kind for kind, _ in reading.complaints] == ["invalid_bytes"]


def test_a_programme_without_a_channel_is_skipped_unless_its_document_is_of_one(host: Any) -> None:
    document = tv("A").replace(b' channel="c"', b"")
    assert Reading(host, document).complaints == [("programme_without_channel", "20231114220000")]
    assert Reading(host, document, channel="one").programmes[0].channel == "one"


def test_an_address_mask_names_a_document_per_channel_and_day(host: Any) -> None:
    parser = XmltvCommon("main", XmltvSettings(), host)
    mask = "https://guide.example/{channel}/{date:%d%m%y}.xml.gz"
    found = parser.documents(EpgRequest(mask, BEGIN, BEGIN + timedelta(days=1), ("a/b", "ц")))
    assert [(one.location.rpartition("example")[2], one.channel) for one in found] == [
        ("/a%2Fb/141123.xml.gz", "a/b"), ("/a%2Fb/151123.xml.gz", "a/b"),
        ("/%D1%86/141123.xml.gz", "ц"), ("/%D1%86/151123.xml.gz", "ц"),
    ]  # fmt: skip


@pytest.mark.parametrize("mask", ["", "   ", "guide.xml", "ftp://x/y", "http://x/{chanel}", "http://x/{date:%q}"])
def test_an_address_mask_that_means_nothing_is_refused(host: Any, mask: str) -> None:
    parser = XmltvCommon("main", XmltvSettings(), host)
    with pytest.raises(ConfigError):
        list(parser.documents(EpgRequest(mask, BEGIN, BEGIN)))


def test_a_path_a_folder_and_a_pattern_name_files_by_name(host: Any, tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml.gz", "notes.txt", "c.xmltv"):
        (tmp_path / name).write_bytes(SAMPLE)
    parser = XmltvFromFiles("main", XmltvSettings(), host)

    def files(mask: str) -> list[str]:
        return [Path(one.location).name for one in parser.documents(EpgRequest(mask, BEGIN, BEGIN))]

    assert files(str(tmp_path / "b.xml")) == ["b.xml"]
    assert files(f"file://{tmp_path}/b.xml") == ["b.xml"]
    assert files(str(tmp_path)) == ["a.xml.gz", "b.xml", "c.xmltv"]
    assert files(str(tmp_path / "*.xml*")) == ["a.xml.gz", "b.xml", "c.xmltv"]
    with pytest.raises(ProviderUnavailable, match="no XMLTV file"):
        files(str(tmp_path / "*.zip"))
