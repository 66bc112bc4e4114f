"""Compliance suite of `smarty.epg_parser`."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from smarty_core.contracts.epg_parser import (
    EpgDocument,
    EpgParser,
    EpgRequest,
    RawChannel,
    RawProgramme,
    UnreadProgramme,
)
from smarty_core.errors import ConfigError, ProviderProtocolError
from smarty_core.testing.suite.driver import DriverSuite
from smarty_core.values import utc_now


class EpgParserSuite(DriverSuite):
    """Override `driver`, `request_`, `document_bytes`; `broken_bytes` and `bad_mask` when you can."""

    @pytest.fixture
    def request_(self) -> EpgRequest:
        """A request the driver can serve; its mask is one the driver understands."""
        begin = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        return EpgRequest(url_mask="", begin=begin, end=begin + timedelta(days=2))

    @pytest.fixture
    def document_bytes(self) -> Callable[[EpgDocument], bytes]:
        """What the source answers for a document: at least one channel and one programme."""
        raise NotImplementedError("override the `document_bytes` fixture")

    @pytest.fixture
    def broken_bytes(self) -> bytes:
        """A document that is no document of the source at all."""
        return b"\x00\xff this is not a guide <<<"

    @pytest.fixture
    def bad_mask(self) -> str:
        """A mask the driver cannot understand; empty when any text will do."""
        return ""

    @pytest.fixture
    def complaints(self) -> list[tuple[str, str]]:
        return []

    @pytest.fixture
    def complain(self, complaints: list[tuple[str, str]]) -> Callable[[str, str], None]:
        def note(kind: str, detail: str) -> None:
            complaints.append((kind, detail))

        return note

    def _everything(self, driver: EpgParser[Any], request: EpgRequest, read: Any, complain: Any) -> list[Any]:
        items: list[Any] = []
        for document in driver.documents(request):
            items += driver.parse(io.BytesIO(read(document)), document, complain)
        return items

    def test_documents_are_named_without_fetching(self, driver: EpgParser[Any], request_: EpgRequest) -> None:
        documents = list(driver.documents(request_))
        assert documents
        assert all(isinstance(document, EpgDocument) and document.location for document in documents)
        assert list(driver.documents(request_)) == documents, "the same request names the same documents"

    def test_channels_and_programmes_are_read(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        items = self._everything(driver, request_, document_bytes, complain)
        assert any(isinstance(item, RawProgramme) for item in items)
        assert all(isinstance(item, (RawChannel, RawProgramme)) for item in items)

    def test_programmes_have_what_the_import_needs(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        for item in self._everything(driver, request_, document_bytes, complain):
            if isinstance(item, RawChannel):
                assert item.id
                continue
            assert item.channel
            assert item.start
            assert item.titles
            assert all(isinstance(title, str) for title in item.titles.values())
            for moment in (item.start, item.stop):
                assert not isinstance(moment, datetime) or moment.tzinfo is not None, "aware, or the source's text"
            assert isinstance(item.age, int)
            assert item.season >= 0
            assert item.episode >= 0

    def test_same_document_gives_the_same_programmes(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        first = self._everything(driver, request_, document_bytes, complain)
        assert self._everything(driver, request_, document_bytes, complain) == first

    def test_parsing_is_a_stream(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        document = next(iter(driver.documents(request_)))
        parsed = driver.parse(io.BytesIO(document_bytes(document)), document, complain)
        assert iter(parsed) is parsed, "yield, do not gather"

    def test_what_is_no_document_is_a_protocol_error(
        self, driver: EpgParser[Any], request_: EpgRequest, broken_bytes: bytes, complain: Any
    ) -> None:
        document = next(iter(driver.documents(request_)))
        with pytest.raises(ProviderProtocolError):
            list(driver.parse(io.BytesIO(broken_bytes), document, complain))

    def test_an_empty_document_is_a_protocol_error(
        self, driver: EpgParser[Any], request_: EpgRequest, complain: Any
    ) -> None:
        document = next(iter(driver.documents(request_)))
        with pytest.raises(ProviderProtocolError):
            list(driver.parse(io.BytesIO(b""), document, complain))

    def test_a_cut_document_raises_nothing_but_a_protocol_error(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        document = next(iter(driver.documents(request_)))
        whole = document_bytes(document)
        for part in (1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            try:
                list(driver.parse(io.BytesIO(whole[:part]), document, complain))
            except ProviderProtocolError:
                continue

    def test_a_mask_that_means_nothing_is_a_config_error(
        self, driver: EpgParser[Any], request_: EpgRequest, bad_mask: str
    ) -> None:
        if not bad_mask:
            return
        wrong = EpgRequest(bad_mask, request_.begin, request_.end, request_.channels)
        with pytest.raises(ConfigError):
            list(driver.documents(wrong))

    @pytest.mark.requires_capability("marks")
    def test_what_is_known_comes_unread_and_reads_as_it_would_have(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        plain = [one for one in self._everything(driver, request_, document_bytes, complain) if _is_programme(one)]
        new = self._marked(driver, request_, document_bytes, complain, lambda _channel, _mark: False)
        assert all(len(one.mark) == 8 for one in new), "every programme has a mark"
        assert [replace(one, mark=b"") for one in new] == plain
        marks = {(one.channel, one.mark) for one in new}
        unread = self._marked(driver, request_, document_bytes, complain, lambda *known: known in marks)
        assert all(isinstance(one, UnreadProgramme) for one in unread)
        assert [(one.channel, one.start, one.stop, one.mark) for one in unread] == [
            (one.channel, one.start, one.stop, one.mark) for one in new
        ]
        read = [replace(driver.read(one.told), channel=one.channel, start=one.start, stop=one.stop) for one in unread]
        assert read == plain

    @pytest.mark.requires_capability("marks")
    def test_programmes_that_differ_have_different_marks(
        self, driver: EpgParser[Any], request_: EpgRequest, document_bytes: Any, complain: Any
    ) -> None:
        new = self._marked(driver, request_, document_bytes, complain, lambda _channel, _mark: False)
        told = [(one.channel, repr(replace(one, mark=b""))) for one in new]
        assert len({(one.channel, one.mark) for one in new}) == len(set(told))

    def _marked(self, driver: EpgParser[Any], request: EpgRequest, read: Any, complain: Any, known: Any) -> list[Any]:
        items: list[Any] = []
        for document in driver.documents(request):
            items += driver.parse_new(io.BytesIO(read(document)), document, complain, known)
        return [one for one in items if not isinstance(one, RawChannel)]


def _is_programme(item: Any) -> bool:
    return isinstance(item, RawProgramme)
