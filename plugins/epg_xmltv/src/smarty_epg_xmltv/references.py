"""Makes every `&` of a document one that the XML parser understands.

Feeds use the entities of HTML without declaring them, and forget to write `&amp;` at all. libxml2 survives that, but
from the first mistake of a document on it also drops `&amp;`, `&lt;` and the like without a word; numbers it keeps.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

LONGEST: Final = 34
"""Bytes of the longest reference that is looked for."""

_TOKEN: Final = re.compile(rb"<!\[CDATA\[|\]\]>|&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?")
_UNFINISHED: Final = re.compile(rb"(?:&[#A-Za-z0-9]{0,33}|<(?:!(?:\[(?:C(?:D(?:A(?:T(?:A)?)?)?)?)?)?)?|\]\]?)\Z")
_PREDEFINED: Final = {b"amp": b"&#38;", b"lt": b"&#60;", b"gt": b"&#62;", b"quot": b"&#34;", b"apos": b"&#39;"}
_BARE: Final = b"&#38;"


class References:
    """Rewrites references piece by piece; CDATA sections, where `&` is only a character, pass as they are."""

    def __init__(self) -> None:
        self._cdata = False
        self._left = b""

    def plain(self, piece: bytes, *, final: bool) -> bytes:
        """The next piece; what may go on in the piece after it is kept back unless this is the `final` one."""
        if self._left:
            piece, self._left = self._left + piece, b""
        if not final:
            unfinished = _UNFINISHED.search(piece, max(0, len(piece) - LONGEST))
            if unfinished:
                piece, self._left = piece[: unfinished.start()], piece[unfinished.start() :]
        if b"&" in piece or b"<![CDATA[" in piece or self._cdata:
            return _TOKEN.sub(self._replace, piece)
        return piece

    def _replace(self, found: re.Match[bytes]) -> bytes:
        token = found[0]
        if self._cdata:
            self._cdata = token != b"]]>"
            return token
        if token[:1] != b"&":
            self._cdata = token != b"]]>"
            return token
        name = found[1]
        if name is None:
            return _BARE
        if name[:1] == b"#":
            return token if _is_character(name[1:]) else b""
        known = _PREDEFINED.get(name)
        if known is None:
            text = html5.get(name.decode("ascii") + ";")
            # What HTML does not know a DOCTYPE has defined, and those are refused: it stays as it is written.
            known = _BARE + name + b";" if text is None else _numbers(text)
        return known


def _numbers(text: str) -> bytes:
    return "".join(f"&#{ord(character)};" for character in text).encode("ascii")


def _is_character(number: bytes) -> bool:
    """Whether XML allows the character with this number, told as `10` or `xA`."""
    code = int(number[1:], 16) if number[:1] in b"xX" else int(number)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
