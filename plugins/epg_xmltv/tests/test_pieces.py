"""A document is read in pieces, and nobody can tell."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from smarty_epg_xmltv import pieces
from smarty_epg_xmltv.parser import XmltvCommon
from smarty_epg_xmltv.settings import XmltvSettings

from smarty_core.contracts.epg_parser import EpgDocument, RawChannel, RawProgramme, UnreadProgramme
from smarty_core.errors import ProviderProtocolError

Items = list[RawChannel | RawProgramme]


def programme(number: int, inside: str = "") -> str:
    return f'<programme start="2023111422{number:04}" channel="c"><title>Show {number}</title>{inside}</programme>\n'


def read(host: Any, text: str) -> tuple[list[str], list[str], str]:
    """Titles, kinds of complaints, and the failure at the end."""
    parser, complaints, titles = XmltvCommon("main", XmltvSettings(), host), [], []  # type: ignore[var-annotated]
    try:
        for item in parser.parse(io.BytesIO(text.encode()), EpgDocument("x"), lambda kind, _: complaints.append(kind)):
            titles.append(item.titles[""] if isinstance(item, RawProgramme) else item.id)
    except ProviderProtocolError as failure:
        return titles, complaints, str(failure)
    return titles, complaints, ""


@pytest.fixture(params=[1, 64, 65_536])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many bytes are looked at together."""
    monkeypatch.setattr(pieces, "SIZE", request.param)
    return int(request.param)


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(
    ("between", "inside"),
    [
        ("", ""),
        ("<!-- <programme channel='c'><title>Hidden</title></programme> </programme> -->", ""),
        ("<?php </programme> ?>", ""),
        ("", "<desc><![CDATA[ </programme><programme channel='c'><title>Hidden</title></programme> ]]></desc>"),
        ("<channel id='c'><display-name>C</display-name></channel>", "<desc>a &amp; b</desc>"),
        ("<other><deep>text</deep></other> text", "<other><deep>text</deep></other>"),
    ],
)  # fmt: skip
def test_only_real_programmes_are_read_wherever_the_cuts_are(host: Any, between: str, inside: str) -> None:
    rows = "".join(between + programme(number, inside) for number in range(12))
    titles, complaints, failure = read(host, f'<tv a="1 > 0">{rows}{between}</tv>')
    assert [one for one in titles if one != "c"] == [f"Show {number}" for number in range(12)]
    assert (complaints, failure) == ([], "")


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(
    "damage", ["<desc>open", "<desc><b>x</desc></b>", "</title>", "<a b=c>", "< >", "]]>", "<![CDATA["]
)
def test_damage_reaches_no_further_than_its_programme(host: Any, damage: str) -> None:
    rows = [programme(number) for number in range(300)]
    rows[150] = programme(150, damage) if damage != "<![CDATA[" else programme(150, "<desc><![CDATA[x]]></desc>")
    titles, _, failure = read(host, f"<tv>{''.join(rows)}</tv>")
    lost = {f"Show {number}" for number in range(300)} - set(titles)
    assert lost <= {"Show 150"}
    assert (titles[0], titles[-1], failure) == ("Show 0", "Show 299", "")


@pytest.mark.usefixtures("size")
def test_a_document_that_ends_behind_a_programme_is_cut_too(host: Any) -> None:
    titles, _, failure = read(host, "<tv>" + programme(1) + programme(2))
    assert titles == ["Show 1", "Show 2"]
    assert "ends in the middle" in failure


def test_a_document_without_an_end_to_anything_does_not_take_ages(host: Any) -> None:
    titles, _, failure = read(host, "<tv>" + programme(1) + "<!-- " + "x </programme>" * 200_000)
    assert titles == ["Show 1"]
    assert "ends in the middle" in failure


@pytest.mark.parametrize("change", ["none", "neighbour", "text", "settings"])
def test_a_mark_changes_with_its_programme_only(host: Any, change: str) -> None:
    def marks(text: str, **settings: Any) -> dict[str, bytes]:
        parser = XmltvCommon("main", XmltvSettings(**settings), host)
        items = parser.parse_new(io.BytesIO(text.encode()), EpgDocument("x"), _quiet, lambda _channel, _mark: False)
        return {one.titles[""]: one.mark for one in items if isinstance(one, RawProgramme)}

    text = "<tv>" + "".join(programme(number, "<desc>text</desc>") for number in range(5)) + "</tv>"
    before = marks(text)
    if change == "text":
        after = marks(text.replace("Show 2</title><desc>text", "Show 2</title><desc>texts"))
        assert [name for name in before if before[name] != after[name]] == ["Show 2"]
    elif change == "neighbour":
        assert marks(text.replace("Show 2", "Show two"))["Show 3"] == before["Show 3"]
        assert marks(text.replace(programme(2, "<desc>text</desc>"), "<!-- -->"))["Show 3"] == before["Show 3"]
    elif change == "settings":
        assert not set(before.values()) & set(marks(text, category_separator=";").values())
    else:
        assert marks(text) == before


def _quiet(_kind: str, _detail: str) -> None:
    """Nobody listens."""


def test_known_programmes_are_not_read(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from smarty_epg_xmltv import elements

    text = "<tv>" + "".join(programme(number) for number in range(5)) + "</tv>"
    parser = XmltvCommon("main", XmltvSettings(), host)
    made: list[str] = []
    real: Callable[..., RawProgramme] = elements.programme

    def counted(*given: Any) -> RawProgramme:
        found = real(*given)
        made.append(found.titles[""])
        return found

    monkeypatch.setattr(elements, "programme", counted)
    first = list(parser.parse_new(io.BytesIO(text.encode()), EpgDocument("x"), _quiet, lambda _channel, _mark: False))
    assert len(made) == 5
    known = {one.mark for one in first if isinstance(one, RawProgramme)}
    changed = text.replace("Show 3", "Show three").encode()
    second = list(parser.parse_new(io.BytesIO(changed), EpgDocument("x"), _quiet, lambda _channel, mark: mark in known))
    assert made[5:] == ["Show three"]
    assert sum(isinstance(one, UnreadProgramme) for one in second) == 4
