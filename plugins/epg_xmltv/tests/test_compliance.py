"""Both parsers keep the contract of EPG parsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from smarty_epg_xmltv.parser import XmltvCommon, XmltvFromFiles
from smarty_epg_xmltv.settings import XmltvSettings

from smarty_core.contracts.epg_parser import EpgDocument, EpgRequest
from smarty_core.testing.suite.epg_parser import EpgParserSuite

BEGIN = datetime(2023, 11, 14, tzinfo=UTC)
SAMPLE = Path(__file__).parent / "fixtures" / "sample.xml"


class TestXmltvCommon(EpgParserSuite):
    @pytest.fixture
    def driver(self, host: Any) -> XmltvCommon:
        return XmltvCommon("main", XmltvSettings(), host)

    @pytest.fixture
    def request_(self) -> EpgRequest:
        return EpgRequest("http://guide.example/{channel}/{date}.xml", BEGIN, BEGIN + timedelta(days=2), ("news1",))

    @pytest.fixture
    def document_bytes(self) -> Callable[[EpgDocument], bytes]:
        return lambda _document: SAMPLE.read_bytes()

    @pytest.fixture
    def bad_mask(self) -> str:
        return "http://guide.example/{what}.xml"


class TestXmltvFromFiles(TestXmltvCommon):
    @pytest.fixture
    def driver(self, host: Any) -> XmltvFromFiles:  # type: ignore[override]
        return XmltvFromFiles("main", XmltvSettings(), host)

    @pytest.fixture
    def request_(self) -> EpgRequest:
        return EpgRequest(str(SAMPLE.parent), BEGIN, BEGIN + timedelta(days=2))
