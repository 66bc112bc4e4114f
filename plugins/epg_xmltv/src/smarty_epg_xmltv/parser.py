"""The two drivers: one format, two kinds of place it comes from."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
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
from smarty_epg_xmltv.pieces import CLOSE, Piece, apart, pieces_of
from smarty_epg_xmltv.prolog import PlainXml
from smarty_epg_xmltv.settings import XmltvSettings

_SUFFIXES: Final = (".xml", ".xmltv", ".gz", ".xz", ".zip")
_MARK: Final = 8
_OPEN: Final = b"<programme"

ItemT = TypeVar("ItemT")


class XmltvParser(EpgParser[XmltvSettings]):
    """Reads XMLTV as a stream; memory stays flat whatever the size."""

    Settings: ClassVar[type[XmltvSettings]] = XmltvSettings
    deadline: ClassVar[float] = 60.0

    supports: ClassVar[frozenset[str]] = frozenset({"marks"})

    def parse(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint
    ) -> Iterator[RawChannel | RawProgramme]:
        def programme(element: Any, channel: str, _told: bytes) -> RawProgramme:
            return elements.programme(element, self.settings, channel)

        return self._items(stream, document, complain, programme)

    def parse_new(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint, known: Known
    ) -> Iterator[RawChannel | RawProgramme | UnreadProgramme]:
        manner = hashlib.blake2b(repr((__version__, self.settings)).encode(), digest_size=_MARK)

        def programme(element: Any, channel: str, told: bytes) -> RawProgramme | UnreadProgramme:
            hashed = manner.copy()
            hashed.update(told)
            mark = hashed.digest()
            if known(channel, mark):
                get = element.get
                return UnreadProgramme(channel, get("start", ""), get("stop", ""), mark, told)
            made = elements.programme(element, self.settings, channel)
            made.mark = mark
            return made

        return self._items(stream, document, complain, programme)

    @cached_property
    def _reader(self) -> Any:
        return _reader()

    def read(self, told: bytes) -> RawProgramme:
        element = etree.fromstring(told, self._reader)
        return elements.programme(element, self.settings, (element.get("channel") or "").strip())

    def _items(
        self,
        stream: IO[bytes],
        document: EpgDocument,
        complain: Complaint,
        programme: Callable[[Any, str, bytes], ItemT],
    ) -> Iterator[RawChannel | ItemT]:
        source = PlainXml(stream, complain)
        found = False
        root: Any = None
        for piece, tree, children in _trees(source, complain):
            if root is None:
                root = tree.tag
            for element, told in _elements(piece, tree, children):
                value: RawChannel | ItemT | None
                if element.tag == "channel":
                    value = self._channel(element, complain)
                elif identity := (element.get("channel") or document.channel).strip():
                    value = programme(element, identity, told)
                else:
                    complain("programme_without_channel", element.get("start") or "")
                    value = None
                if value is not None:
                    found = True
                    source.quiet = 0
                    yield value
            if not piece.complete:
                raise ProviderProtocolError("the XMLTV document ends in the middle")
        if root is None:
            raise ProviderProtocolError(
                "the XMLTV document is empty" if source.empty else "the XMLTV document is damaged: there is no element"
            )
        if not found and root != "tv":
            raise ProviderProtocolError(f"not an XMLTV document: its root element is <{str(root)[:40]}>")

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


def _reader() -> Any:
    """Without huge_tree the XML library bounds the length of one text (10 MB) and the depth of the tree. DOCTYPE is cut
    out by `PlainXml`, so nothing is left to load."""
    return etree.XMLParser(
        recover=True, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, encoding="utf-8",
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _trees(source: PlainXml, complain: Complaint) -> Iterator[tuple[Piece, Any, list[Any] | None]]:
    """The pieces that have a root element, their trees, and the root's children when nothing is odd about them."""
    reader = _reader()
    for piece in pieces_of(source):
        tree = _tree(piece, reader)
        if tree is None:
            continue
        _take_half(tree, piece, complain)
        children, told = list(tree), piece.text.count(CLOSE)
        if told == sum([child.tag == "programme" for child in children]) == piece.text.count(_OPEN):
            yield piece, tree, children if b"<!" not in piece.text else None
        elif sum(1 for _ in tree.iter("programme")) < told:
            # A closing tag too many, and what follows it in a tree is lost.
            for small in apart(piece):
                tree = _tree(small, reader)
                if tree is not None:
                    _take_half(tree, small, complain)
                    yield small, tree, None
        else:
            yield piece, tree, None


def _tree(piece: Piece, reader: Any) -> Any:
    """The root element; None when the piece has none."""
    try:
        return etree.fromstring(piece.document, reader) if piece.document.strip() else None
    except etree.XMLSyntaxError:
        return None


def _take_half(tree: Any, piece: Piece, complain: Complaint) -> None:
    """Take away an element that was closed by the end of the file, not by its tag: it may be half of one."""
    if not piece.complete and len(tree):
        complain("incomplete_programme", tree[-1].get("start") or tree[-1].get("id") or "")
        del tree[-1]


def _elements(piece: Piece, tree: Any, children: list[Any] | None) -> Iterator[tuple[Any, bytes]]:
    """The channels and programmes of a piece, and what is written about each: the document's own words.

    When these cannot be told apart for certain, what the XML library has understood is written down anew.
    """
    if children is None:
        for element in tree.iter("channel", "programme"):
            yield element, etree.tostring(element, encoding="utf-8", with_tail=False)
        return
    told = iter(piece.text.split(CLOSE))
    for element in children:
        tag = element.tag
        if tag == "programme":
            words = next(told)
            yield element, words[words.find(_OPEN) :] + CLOSE
        elif tag == "channel":
            yield element, b""
