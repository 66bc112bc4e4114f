"""Reading an answer's body piece by piece, bounded before and after decompression."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import requests

from smarty_core.errors import ProviderProtocolError

_PIECE = 65_536


def pieces(response: requests.Response, max_bytes: int, *, begun: int = 0) -> Iterator[bytes]:
    """Yield the body, decompressed. Raises `ProviderProtocolError` above `max_bytes` or for damaged compression.

    `begun`: bytes that are here already, when the body is the rest of something.

    Decompression is done here in bounded steps: a few kilobytes that unpack to gigabytes are stopped at the limit.
    """
    announced = response.headers.get("Content-Length", "")
    if (
        response.request.method != "HEAD"
        and announced.isascii()
        and announced.isdigit()
        and begun + int(announced) > max_bytes
    ):
        raise _too_large(max_bytes)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    raw = response.raw.stream(_PIECE, decode_content=False)
    if encoding in ("", "identity"):
        plain = raw
    elif encoding in ("gzip", "x-gzip", "deflate"):
        plain = _inflate(raw)
    else:
        raise ProviderProtocolError(f"the answer has the unknown content encoding {encoding[:40]!r}")
    total = begun
    for piece in plain:
        total += len(piece)
        if total > max_bytes:
            raise _too_large(max_bytes)
        yield piece


def _inflate(raw: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib by its header
    started = False
    for piece in raw:
        while piece:
            if decoder.eof:
                # gzip allows several members one after another; anything else after the end is ignored.
                if piece[:2] != b"\x1f\x8b":
                    return
                decoder = zlib.decompressobj(wbits=47)
            try:
                plain = decoder.decompress(piece, _PIECE)
            except zlib.error as exc:
                if not started and decoder.unused_data == b"":
                    # Some servers send raw deflate under the name "deflate".
                    decoder = zlib.decompressobj(wbits=-15)
                    started = True
                    continue
                raise ProviderProtocolError("the answer's compression is damaged") from exc
            started = True
            if plain:
                yield plain
            piece = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    if started and not decoder.eof:
        raise ProviderProtocolError("the compressed answer ends too early")


def _too_large(max_bytes: int) -> ProviderProtocolError:
    return ProviderProtocolError(f"the answer is larger than the limit of {max_bytes} bytes")
