"""Sessions as the event loop knows them: found by the key in an address, without asking anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from smarty_core.web.packed import KEY_BYTES

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.services.viewer import Viewer
    from smarty_core.web.prepared import Prepared

_NAME: Final = b"authkey="
_AND: Final = ord("&")

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)

Whence = tuple[str, bytes]
Address = tuple[str, bytes]
"""Path and query, the query without the key."""


@dataclass(slots=True)
class Caller:
    """A session that has been proven. `share`: what shared answers depend on; equal for viewers of one entitlement.

    `whence`: where its last proven request came from; from elsewhere it is proven again. `mark`: what it adds to ETags.
    """

    viewer: Viewer
    key: bytes
    mark: str
    whence: Whence
    ip: str
    share: tuple[Hashable, ...]
    until: datetime
    tags: tuple[str, ...]
    versions: tuple[int, ...] = ()
    moves: int = -1
    sign_due: datetime = BEGINNING
    """From then on the next request is noted as a sign of life."""
    own: dict[Address, Prepared] = field(default_factory=dict)


def without_key(query: bytes) -> tuple[bytes, bytes] | None:
    """A query without its authkey, and the key (empty when there is none). None: there is more than one, or none that
    could be ours."""
    at = query.find(_NAME)
    if at < 0:
        return query, b""
    begin = at + len(_NAME)
    end = begin + KEY_BYTES
    if at and query[at - 1] != _AND:
        return None
    if len(query) < end or (len(query) > end and query[end] != _AND) or query.find(_NAME, end) >= 0:
        return None
    return query[:begin] + query[end:], query[begin:end]


def whence(peer: str, headers: Mapping[str, str], *, behind_proxies: bool) -> Whence:
    """Where a request comes from, in the form that requests in the event loop are compared by."""
    names = ("x-forwarded-for", "x-real-ip") if behind_proxies else ()
    return peer, b"".join(b"\n" + headers[name].encode("latin-1") for name in headers if name in names)


def session_mark(authkey: str) -> str:
    """What a session adds to the ETag of a body that holds its key."""
    return hashlib.sha256(authkey.encode()).hexdigest()[:16]


def operator_tags(client_id: int) -> tuple[str, ...]:
    """What decides, besides the viewer himself, which answer an address leads to."""
    client = f"client:{client_id}"
    return "playdevices", "places", client, f"{client}:tariffs", f"{client}:channels"


def share_of(system: System, viewer: Viewer, now: datetime) -> tuple[tuple[Hashable, ...], datetime]:
    """What shared answers to this viewer depend on besides the address, and until when that holds."""
    entitlement = system.entitlements.for_viewer(viewer, lang=0, device_format="", now=now)
    arrangement = system.catalogue.arrangements.of(viewer)
    positions: Any = viewer.account_id if system.positions.has_any(viewer) else 0
    at_once = system.entitlements.streams_at_once(entitlement)  # counts tariffs without effect here, too
    return (*entitlement.key, at_once, arrangement.digest, positions), entitlement.valid_until
