"""Hands an answer that went the whole way over to the prepared ones, when it may be repeated."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from smarty_core.web.callers import Address, Caller, operator_tags, session_mark, share_of, whence, without_key
from smarty_core.web.contents import NOT_STORED, Body, Repeated, Text
from smarty_core.web.packed import KEY_BYTES
from smarty_core.web.prepared import LONGEST, Prepared, PreparedAnswers
from smarty_core.web.render import CONTENT_TYPES

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.web.contents import Headers
    from smarty_core.web.method import Again, Call, Shared, Steady
    from smarty_core.web.rendered import RenderedBodies, RenderedBody
    from smarty_core.web.request import Request


class Keeper:
    """Decides what is kept, under which address and for whom. Runs in worker threads."""

    def __init__(
        self, system: System, prepared: PreparedAnswers, bodies: RenderedBodies, *, behind_proxies: bool
    ) -> None:
        self._system = system
        self._prepared = prepared
        self._bodies = bodies
        self._behind_proxies = behind_proxies

    def keep_steady(self, call: Call, request: Request, answer: Steady, rendered: bytes, moves: int) -> None:
        """Keep an answer of one session, or of everybody who sends the same."""
        address = _address(call, request)
        if address is None:
            return
        headers = [NOT_STORED, (b"content-type", CONTENT_TYPES[call.answer_format].encode("ascii"))]
        prepared = Prepared(
            Text(rendered, headers, call.answer_format),
            until=min(answer.valid_until, call.now + LONGEST),
            tags=(*answer.tags, *_everybody_s_tags(call)),
        )
        if call.viewer is None:
            self._prepared.keep(address, prepared, None, moves)
        elif (caller := self._caller(call, request)) is not None:
            self._prepared.keep(address, prepared, caller, moves, own=True)

    def keep_shared(
        self,
        call: Call,
        request: Request,
        answer: Shared,
        key: Hashable,
        body: RenderedBody,
        headers: Mapping[str, str],
        moves: int,
    ) -> None:
        """Keep a shared answer for all viewers of this entitlement."""
        address = _address(call, request) if answer.steady_until is not None else None
        if address is None or answer.steady_until is None:
            return
        lines: Headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        if answer.countdown:
            lines = [line for line in lines if line[0] != b"cache-control"]
        content = Body(
            self._bodies, key, body, lines, content_type=CONTENT_TYPES[call.answer_format], countdown=answer.countdown
        )
        prepared = Prepared(
            content,
            until=min(answer.steady_until, call.now + LONGEST),
            tags=(*answer.tags, *_everybody_s_tags(call)),
            positions=answer.own_positions,
        )
        caller = None
        if call.viewer is not None:
            caller = self._caller(call, request)
            if caller is None:
                return
        self._prepared.keep(address, prepared, caller, moves)

    def keep_again(self, call: Call, request: Request, again: Again, moves: int) -> None:
        """Keep how this address is answered again, for all viewers of this entitlement."""
        address, caller = _address(call, request), self._caller(call, request)
        if address is None or caller is None:
            return
        prepared = Prepared(
            Repeated(again, call.answer_format), until=min(again.until, call.now + LONGEST), tags=tuple(again.tags)
        )
        self._prepared.keep(address, prepared, caller, moves)

    def _caller(self, call: Call, request: Request) -> Caller | None:
        """The session behind a request, as it is kept already or made now; None when it may not be kept."""
        viewer, key = call.viewer, call.authkey.encode("ascii", "replace")
        if viewer is None or viewer.known is None or len(key) != KEY_BYTES:
            return None
        origin = whence(request.peer, request.headers, behind_proxies=self._behind_proxies)
        caller = self._prepared.caller(key)
        if caller is not None and caller.viewer is viewer and caller.whence == origin:
            return caller
        share, until = share_of(self._system, viewer, call.now)
        return Caller(
            viewer=viewer,
            key=key,
            mark=session_mark(call.authkey),
            whence=origin,
            ip=call.ip,
            share=share,
            until=min(until, call.now + LONGEST),
            tags=(*viewer.known.tags, *operator_tags(viewer.client_id)),
        )


def _address(call: Call, request: Request) -> Address | None:
    """What the answer is kept under. None: it came of more than the address."""
    if request.verb != "GET" or request.body:
        return None
    parts = without_key(request.query_string.encode("latin-1"))
    if parts is None or parts[1].decode("latin-1") != (call.authkey if call.viewer is not None else ""):
        return None
    return request.path, parts[0]


def _everybody_s_tags(call: Call) -> tuple[str, ...]:
    """Tags of an answer nobody's session is behind: those of a session stand with its caller."""
    if call.viewer is not None:
        return ()
    return operator_tags(call.operator.id) if call.operator is not None else ("playdevices",)
