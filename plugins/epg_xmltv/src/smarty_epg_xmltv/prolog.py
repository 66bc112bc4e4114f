"""Makes any XMLTV byte stream safe and plain for the XML parser: UTF-8, no DOCTYPE, no forbidden characters, no
reference it does not know.

Real feeds declare windows-1251, carry bytes that are not their encoding, hold control characters, and point their
DOCTYPE to a server that is long gone. A DOCTYPE can also define entities that grow to gigabytes, so it is cut out
before the parser sees it.
"""

from __future__ import annotations

import codecs
import re
from typing import IO, Final

from smarty_core.contracts.epg_parser import Complaint
from smarty_core.errors import ProviderProtocolError
from smarty_epg_xmltv.references import References

HEAD_LIMIT: Final = 1_048_576
"""Bytes within which the root element must begin."""

QUIET_LIMIT: Final = 64 * 1_048_576
"""Bytes that may go by without a single channel or programme; more would fill the memory with something else."""

_FORBIDDEN: Final = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_DECLARED: Final = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_DECLARATION: Final = re.compile(r"^\s*<\?xml.*?\?>", re.S)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class PlainXml:
    """The stream as the parser may read it."""

    def __init__(self, stream: IO[bytes], complain: Complaint) -> None:
        self._stream = stream
        self._complain = complain
        self._damaged = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._left = b""
        self._references = References()
        self.empty = True
        """Whether there has been nothing but space so far."""
        self.quiet = 0
        """Bytes handed out since the reader last set it to 0."""
        self._pending = self._head()

    def read(self, size: int = 65_536) -> bytes:
        """The next bytes: at least one, unless the stream is at its end; possibly a few more than `size`."""
        if self.quiet > QUIET_LIMIT:
            raise ProviderProtocolError(
                f"{QUIET_LIMIT // 1_048_576} MB went by without a channel or programme; this is no XMLTV guide"
            )
        piece, self._pending = self._pending, b""
        if piece:
            piece = self._references.plain(piece, final=False)
        while not piece:
            raw = self._stream.read(size)
            piece = self._references.plain(self._plain(raw, final=not raw), final=not raw)
            if not raw:
                break
        self.quiet += len(piece)
        self.empty = self.empty and not piece.strip()
        return piece

    def _head(self) -> bytes:
        raw = self._more(b"", 4096)
        encoding = ""
        for bom, name in _BOMS:
            if raw.startswith(bom):
                raw, encoding = raw[len(bom) :], name
        if not encoding and raw[:4] in (b"<\0?\0", b"\0<\0?"):
            encoding = "utf-16-le" if raw[0] else "utf-16-be"
        if not encoding:
            declared = _DECLARED.match(raw)
            encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
            if encoding.startswith("utf-16") or encoding.startswith("ucs-2"):
                encoding = "utf-8"  # it was readable as ASCII, so the declaration is wrong
        try:
            decoder = codecs.lookup(encoding).incrementaldecoder
            if decoder is None or isinstance("".encode(encoding), str):
                raise LookupError(encoding)
        except (LookupError, TypeError):
            self._complain("unknown_encoding", encoding)
            decoder, encoding = codecs.getincrementaldecoder("utf-8"), "utf-8"
        self._decoder = decoder("replace")
        text = self._decoder.decode(raw)
        text = _DECLARATION.sub("", text, count=1)
        while True:
            rest = _without_doctype(text)
            if rest is not None:
                break
            more = self._stream.read(65_536)
            if not more or len(text) > HEAD_LIMIT:
                rest = text if len(text) <= HEAD_LIMIT else ""
                if not rest and text:
                    raise ProviderProtocolError("no root element within the first megabyte; this is no XMLTV guide")
                break
            text += self._decoder.decode(more)
        if rest is not text and "<!ENTITY" in text[: len(text) - len(rest) + 1]:
            self._complain("entities_refused", "the document defines entities; they are not expanded")
        self._note_damage(rest)
        if codecs.lookup(encoding).name == "utf-8":
            # From here on well-formed pieces pass without being decoded and encoded again.
            self._left = self._decoder.getstate()[0]
            self._decoder = None
        return rest.encode("utf-8", "replace").translate(None, _FORBIDDEN)

    def _more(self, raw: bytes, least: int) -> bytes:
        while len(raw) < least:
            piece = self._stream.read(65_536)
            if not piece:
                break
            raw += piece
        return raw

    def _plain(self, raw: bytes, *, final: bool) -> bytes:
        if self._decoder is not None:
            text = self._decoder.decode(raw, final)
            self._note_damage(text)
            return text.encode("utf-8", "replace").translate(None, _FORBIDDEN)
        if self._left:
            raw = self._left + raw
        raw, self._left = (raw, b"") if final else _whole_characters(raw)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "replace")
            self._note_damage(text)
            raw = text.encode()
        return raw.translate(None, _FORBIDDEN)

    def _note_damage(self, text: str) -> None:
        if not self._damaged and "\ufffd" in text:
            self._damaged = True
            self._complain("invalid_bytes", "bytes that do not fit the encoding were replaced")


def _whole_characters(raw: bytes) -> tuple[bytes, bytes]:
    """Split off an incomplete UTF-8 sequence at the end."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (raw, b"") if back >= length else (raw[:-back], raw[-back:])
    return raw, b""


def _without_doctype(text: str) -> str | None:
    """The text from the root element on, comments and instructions before it dropped; None = not there yet."""
    place = 0
    while True:
        place = _skip_space(text, place)
        if place + 9 > len(text):
            return text[place:] if _root_begins(text, place) else None
        if text.startswith("<!--", place):
            end = text.find("-->", place + 4)
            skip = 3
        elif text.startswith("<?", place):
            end = text.find("?>", place + 2)
            skip = 2
        elif text[place : place + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, place + 9)
            skip = 1
        elif text[place] == "<":
            return text[place:]
        else:  # rubbish in front of the document
            end = text.find("<", place)
            skip = 0
        if end < 0:
            return None
        place = end + skip


def _root_begins(text: str, place: int) -> bool:
    return len(text) > place + 1 and text[place] == "<" and text[place + 1] not in "!?" and ">" in text[place:]


def _skip_space(text: str, place: int) -> int:
    while place < len(text) and (text[place].isspace() or text[place] == "\ufeff"):
        place += 1
    return place


_DOCTYPE_TOKEN: Final = re.compile(r"\"[^\"]*\"|'[^']*'|<!--.*?-->|[\[\]>]", re.S)


def _doctype_end(text: str, place: int) -> int:
    """Index of the `>` that ends the DOCTYPE, internal subset and all; -1 = not there yet."""
    inside = False
    for token in _DOCTYPE_TOKEN.finditer(text, place):
        if token[0] == "[":
            inside = True
        elif token[0] == "]":
            inside = False
        elif token[0] == ">" and not inside:
            return token.start()
    return -1
