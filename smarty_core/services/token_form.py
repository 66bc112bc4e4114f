"""The text of a stream token: all that must be known of it, signed, so that any process can read it without asking.

    version, flags, client, account, session, service, content, issued (Unix seconds), sessions allowed, four random
    bytes, the viewer's address (4 or 16 bytes, or none), what the video server may call the content; 16 bytes of MAC

in the letters of base64url (RFC 4648 section 5) without padding. The MAC is BLAKE2b (RFC 7693) with a key derived from
SECRET_KEY. Nothing in it is secret from the viewer; nobody without the key can make or change one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import random
import struct
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address
from typing import Final

from smarty_core.storage.repositories.tokens import Grant

CONTENT_TYPES: Final = ("channel", "program", "video", "radio", "camera")

LONGEST: Final = 600
"""Characters. A longer text is no token and is not decoded."""

NAMES_BYTES: Final = 200
"""So much of the names is carried; the most usual name comes first."""

MAC_BYTES: Final = 16

_HEAD: Final = (struct.Struct(">BBIIIIIIH4s"), struct.Struct(">BBQQQQQIH4s"))
"""By version, which is the first byte: ids below 2 ** 32, and all others."""

_NARROW: Final = 1 << 32
_CHECK_IP: Final = 0x80
_FOUR, _SIXTEEN = 0x20, 0x40
_TYPE: Final = 0x0F


class TokenForm:
    """Writes and reads tokens. `key`: 32 bytes that only the installation knows."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._random = random.Random()  # noqa: S311 - only keeps tokens apart; nobody can guess the MAC

    def write(self, grant: Grant) -> str:
        """A new token. Two of the same grant differ."""
        ids = (grant.client_id, grant.account_id, grant.session_id, grant.stream_service_id, grant.content_id)
        version = 0 if max(ids) < _NARROW else 1
        kind, address = _packed(grant.ip)
        flags = (CONTENT_TYPES.index(grant.content_type) & _TYPE) | kind | (_CHECK_IP if grant.check_ip else 0)
        head = _HEAD[version].pack(
            version, flags, *ids, int(grant.issued_at.timestamp()), min(grant.max_sessions, 0xFFFF),
            self._random.getrandbits(32).to_bytes(4),
        )  # fmt: skip
        content = head + address + joined(grant.names)
        return base64.urlsafe_b64encode(content + self._mac(content)).rstrip(b"=").decode("ascii")

    def read(self, text: str) -> Grant | None:
        """What a token says; None for what was not written with this key."""
        if len(text) > LONGEST or not text.isascii():
            return None
        try:
            given = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if base64.urlsafe_b64encode(given).rstrip(b"=").decode("ascii") != text:
            return None  # another spelling of a token that was written
        content, mac = given[:-MAC_BYTES], given[-MAC_BYTES:]
        if not content or not hmac.compare_digest(self._mac(content), mac):
            return None
        head = _HEAD[content[0]]  # what has our MAC was written above
        _, flags, client, account, session, service, item, issued, sessions, _ = head.unpack_from(content)
        end = head.size + (4 if flags & _FOUR else 16 if flags & _SIXTEEN else 0)
        return Grant(
            client_id=client,
            account_id=account,
            session_id=session,
            stream_service_id=service,
            content_type=CONTENT_TYPES[flags & _TYPE],
            content_id=item,
            names=tuple(content[end:].decode().split("\n")) if len(content) > end else (),
            ip=str(ip_address(content[head.size : end])) if end > head.size else "",
            check_ip=bool(flags & _CHECK_IP),
            max_sessions=sessions,
            issued_at=datetime.fromtimestamp(issued, UTC),
        )

    def _mac(self, content: bytes) -> bytes:
        return blake2b(content, key=self._key, digest_size=MAC_BYTES, person=b"stream token").digest()


@lru_cache(maxsize=20_000)
def joined(names: tuple[str, ...]) -> bytes:
    """As many names as a token carries, one a line."""
    kept = b""
    for name in names:
        longer = kept + b"\n" + name.encode() if kept else name.encode()
        if len(longer) > NAMES_BYTES:
            break
        kept = longer
    return kept


@lru_cache(maxsize=50_000)
def _packed(ip: str) -> tuple[int, bytes]:
    if not ip:
        return 0, b""
    try:
        address = ip_address(ip).packed
    except ValueError:
        return 0, b""
    return (_FOUR if len(address) == 4 else _SIXTEEN), address
