"""The two drivers: one format, two kinds of place it comes from."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar, Final, TypeVar

from lxml import etree

from smarty_core.contracts.epg_parser import (
    Complaint,
    EpgDocument,
    EpgParser,
    EpgRequest,
    Known,
    RawChannel,
    RawProgramme,
    UnreadProgramme,
)
from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderUnavailable
from smarty_epg_xmltv import __version__, elements, mask
from smarty_epg_xmltv.prolog import PlainXml
from smarty_epg_xmltv.settings import XmltvSettings

_SUFFIXES: Final = (".xml", ".xmltv", ".gz", ".xz", ".zip")
_MARK: Final = 8

ItemT = TypeVar("ItemT")


class XmltvParser(EpgParser[XmltvSettings]):
    """Reads XMLTV as a stream; memory stays flat whatever the size."""

    Settings: ClassVar[type[XmltvSettings]] = XmltvSettings
    deadline: ClassVar[float] = 60.0

    supports: ClassVar[frozenset[str]] = frozenset({"marks"})

    def parse(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint
    ) -> Iterator[RawChannel | RawProgramme]:
        def programme(element: Any, channel: str) -> RawProgramme:
            return elements.programme(element, self.settings, channel)

        return self._items(stream, document, complain, programme)

    def parse_new(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint, known: Known
    ) -> Iterator[RawChannel | RawProgramme | UnreadProgramme]:
        manner = hashlib.blake2b(repr((__version__, self.settings)).encode(), digest_size=16).digest()

        def programme(element: Any, channel: str) -> RawProgramme | UnreadProgramme:
            told = etree.tostring(element, encoding="utf-8", with_tail=False)
            mark = hashlib.blake2b(told, digest_size=_MARK, person=manner).digest()
            if known(channel, mark):
                return UnreadProgramme(channel, element.get("start", ""), element.get("stop", ""), mark, told)
            made = elements.programme(element, self.settings, channel)
            made.mark = mark
            return made

        return self._items(stream, document, complain, programme)

    def read(self, told: bytes) -> RawProgramme:
        element = etree.fromstring(told, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
        return elements.programme(element, self.settings, (element.get("channel") or "").strip())

    def _items(
        self,
        stream: IO[bytes],
        document: EpgDocument,
        complain: Complaint,
        programme: Callable[[Any, str], ItemT],
    ) -> Iterator[RawChannel | ItemT]:
        source = PlainXml(stream, complain)
        # Without huge_tree the XML library bounds the length of one text (10 MB) and the depth of the tree; the size of
        # the whole document is not bounded by that. DOCTYPE is cut out by PlainXml, so nothing is left to load.
        events = etree.iterparse(
            source, events=("end",), tag=("channel", "programme"), recover=True, resolve_entities=False,
            load_dtd=False, no_network=True, huge_tree=False, encoding="utf-8", remove_comments=True, remove_pis=True,
        )  # fmt: skip
        found = False
        try:
            for _, element in events:
                if source.ended and source.cut:
                    complain("incomplete_programme", element.get("start") or element.get("id") or "")
                    break  # closed by the end of the file, not by its tag: its last text may be half a text
                source.quiet = 0
                value: RawChannel | ItemT | None
                if element.tag == "channel":
                    value = self._channel(element, complain)
                else:
                    identity = (element.get("channel") or document.channel).strip()
                    if identity:
                        value = programme(element, identity)
                    else:
                        complain("programme_without_channel", element.get("start") or "")
                        value = None
                if value is not None:
                    found = True
                    yield value
                _forget(element)
        except etree.XMLSyntaxError as exc:
            raise ProviderProtocolError(
                "the XMLTV document is empty" if source.empty else f"the XMLTV document is damaged: {_short(exc)}"
            ) from exc
        if source.ended and source.cut:
            raise ProviderProtocolError("the XMLTV document ends in the middle")
        _check_end(events, found=found)

    def _channel(self, element: Any, complain: Complaint) -> RawChannel | None:
        channel = elements.channel(element, self.settings)
        if channel is None:
            complain("channel_without_id", "")
        return channel


class XmltvCommon(XmltvParser):
    """`xmltv_common`: the mask is the address of the feed."""

    legacy_names: ClassVar[tuple[str, ...]] = ("epg_parsers.xmltv_common",)

    def documents(self, request: EpgRequest) -> Iterator[EpgDocument]:
        mask.check(request.url_mask)
        if not request.url_mask.lower().startswith(("http://", "https://")):
            raise ConfigError("the mask of an xmltv_common source must be an http:// or https:// address")
        places = mask.expand(request.url_mask, request.begin, request.end, request.channels, escape=True)
        return (EpgDocument(location, channel) for location, channel in places)


class XmltvFromFiles(XmltvParser):
    """`xmltv_from_files`: the mask is a file, a folder or a pattern such as /srv/epg/*.xml.gz."""

    legacy_names: ClassVar[tuple[str, ...]] = (
        "xmltv_from_file",
        "epg_parsers.xmltv_from_files",
        "epg_parsers.xmltv_from_file",
    )

    def documents(self, request: EpgRequest) -> Iterator[EpgDocument]:
        mask.check(request.url_mask)
        told = request.url_mask.removeprefix("file://")
        places = mask.expand(told, request.begin, request.end, request.channels, escape=False)
        return self._files(places)

    def _files(self, places: Iterator[tuple[str, str]]) -> Iterator[EpgDocument]:
        for told, channel in places:
            path = Path(told)
            if path.is_dir():
                files = sorted(str(file) for file in path.iterdir() if file.is_file() and file.suffix in _SUFFIXES)
            elif glob.has_magic(told) and not path.exists():
                files = sorted(file for file in glob.glob(told, recursive=True) if Path(file).is_file())
            else:
                files = [told]
            if not files:
                raise ProviderUnavailable(f"there is no XMLTV file at {told}")
            for file in files:
                yield EpgDocument(file, channel)


def _forget(element: Any) -> None:
    """Free what was read: the element and, in front of it, whatever nobody wanted."""
    parent = element.getparent()
    element.clear(keep_tail=False)
    if parent is not None and parent.getparent() is None:
        while element.getprevious() is not None:
            del parent[0]


def _check_end(events: Any, *, found: bool) -> None:
    root = events.root
    if root is None:
        raise ProviderProtocolError("the XMLTV document is empty")
    if not found and root.tag != "tv":
        raise ProviderProtocolError(f"not an XMLTV document: its root element is <{str(root.tag)[:40]}>")


def _short(exc: etree.XMLSyntaxError) -> str:
    return str(exc)[:200]
