"""Cuts a document into pieces that are small documents of their own, each with some whole programmes.

Reading many small trees is quicker than listening to the events of a large one, memory stays flat, and damage reaches
no further than its piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from smarty_epg_xmltv.prolog import PlainXml

SIZE: Final = 65_536
CLOSE: Final = b"</programme>"
_CHANNEL: Final = b"</channel>"
_ROOT: Final = re.compile(rb"\s*<([^\s<>/!?\"'=]+)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_HIDDEN: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|(<!--|<!\[CDATA\[|<\?)|(</programme>|</channel>)", re.S
)


class Piece(NamedTuple):
    """A document. `text` is what it has of the original, without the root's tags put around it."""

    document: bytes
    text: bytes
    complete: bool = True
    """False when it is the last and the root element is not closed."""


def pieces_of(source: PlainXml) -> Iterator[Piece]:
    """The pieces, the last one also when there is nothing in it."""
    opening = closing = b""
    buffer = bytearray()
    looked, wanted = 0, 1
    while data := source.read(SIZE):
        buffer += data
        if len(buffer) < wanted:
            continue
        end = _boundary(buffer, looked)
        if not end:
            # Look again when there is twice as much: what has no end must not be searched over and over.
            looked, wanted = max(0, len(buffer) - len(CLOSE)), 2 * len(buffer)
            continue
        text = bytes(buffer[:end])
        del buffer[:end]
        looked, wanted = 0, 1
        yield Piece(b"".join((opening, text, closing)), text)
        if not opening and (root := _ROOT.match(text)):
            opening, closing = root[0], b"</" + root[1] + b">"
    text = bytes(buffer)
    root = _ROOT.match(opening or text)
    complete = root is not None and (b"</" + root[1] in text or root[0].endswith(b"/>"))
    yield Piece(opening + text, text, complete)


def apart(piece: Piece) -> Iterator[Piece]:
    """The piece once more, each programme alone: for one in which damage has hidden some of them."""
    root = _ROOT.match(piece.document)
    if root is None:
        return
    opening, closing = root[0], b"</" + root[1] + b">"
    begin = root.end() if piece.document.startswith(piece.text) else 0
    for token in _HIDDEN.finditer(piece.text, begin):
        if token[2]:
            text = piece.text[begin : token.end()]
            yield Piece(b"".join((opening, text, closing)), text)
            begin = token.end()
    text = piece.text[begin:]
    yield Piece(opening + text, text, piece.complete)


def _boundary(buffer: bytearray, looked: int) -> int:
    """Behind the last programme, or channel, that ends in the buffer; 0 = none does. None ends before `looked`."""
    end = buffer.rfind(CLOSE, looked)
    end = end + len(CLOSE) if end >= 0 else buffer.rfind(_CHANNEL, looked) + len(_CHANNEL)
    if end < len(_CHANNEL) or (b"<!" not in buffer and b"<?" not in buffer):
        return end if end >= len(_CHANNEL) else 0
    found = 0
    for token in _HIDDEN.finditer(buffer):
        if token[1]:  # it does not end in this buffer
            break
        if token[2]:
            found = token.end()
    return found
