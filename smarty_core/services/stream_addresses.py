"""Makes the address of chosen content: the first service whose router makes one wins, its token is issued with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from smarty_core.contracts.stream_router import PlayRequest, StreamUrl
from smarty_core.errors import DriverError, NotFound, ProviderError
from smarty_core.plugins.isolation import GuardedDriver, call
from smarty_core.services.routing import Choice
from smarty_core.services.service_load import SentViewers
from smarty_core.services.stream_tokens import STAND_IN, CheckedToken, StreamTokens, TokenFor
from smarty_core.services.viewer import Viewer
from smarty_core.storage.repositories.streams import ContentFacts, ServiceFacts

log = logging.getLogger("smarty_main")


class RouterFor(Protocol):
    """Finds the driver of a stream service; raises `DriverError` when none works."""

    def __call__(self, service: ServiceFacts) -> GuardedDriver: ...

    def computes(self, service: ServiceFacts) -> bool:
        """Whether the service's router merely computes. Makes no driver: that of one that does more may take long."""


@dataclass(frozen=True, slots=True)
class Played:
    """An address that was given. `stream_service_id` is 0 for a direct or multicast address."""

    uri: str
    stream_service_id: int = 0
    preview_mask: str = ""
    drm_available: bool = False
    lock_banner: str = ""
    tracks: Mapping[str, Any] | None = None
    """What the stream holds, as the operator describes it."""
    ext_id: str = ""


class StreamAddresses:
    """Addresses of direct, multicast and service content. Safe to share between threads."""

    def __init__(self, *, router_for: RouterFor, stream_tokens: StreamTokens, sent: SentViewers) -> None:
        self._router_for = router_for
        self._tokens = stream_tokens
        self._sent = sent

    def make(
        self,
        viewer: Viewer,
        content: ContentFacts,
        choice: Choice,
        request: PlayRequest,
        now: datetime,
        max_sessions: int = 0,
    ) -> Played:
        """The address of the best of `choice` that makes one. `request` has `STAND_IN` for its token.

        `max_sessions`: what the video server is told of the account's limit, 0 = none. Raises `NotFound` when none
        does.
        """
        if choice.kind == "direct":
            return _played(content, content.uri)
        for service in choice.services:
            try:
                url = self._of_service(viewer, content, service, request, now, max_sessions)
            except (DriverError, ProviderError) as exc:
                # One broken service must not keep viewers from the next one.
                log.warning("stream service %s (%s) made no address: %s", service.id, service.name, exc)
                continue
            self._sent.note(who(viewer, request.ip), service.id)
            return _played(content, url.uri, service.id, url.preview_mask)
        if choice.multicast:
            return _played(content, content.multicast_uri)
        raise NotFound("no stream service can play this now")

    def needs_no_waiting(self, choice: Choice) -> bool:
        """Whether the routers of all these services merely compute. Raises `DriverError` when one is not there."""
        return all(self._router_for.computes(service) for service in choice.services)

    def static(self, content: ContentFacts, service: ServiceFacts, data_center_id: int | None, now: datetime) -> str:
        """The address of a service with static routing, the same for everybody; empty when its router makes none."""
        request = PlayRequest(
            content_type=content.kind,
            content_id=content.content_id,
            prefix=content.prefix,
            data_center_id=data_center_id,
            shift_hours=service.shift_hours,
            multicast_uri=content.multicast_uri,
            now=now,
        )
        try:
            url: StreamUrl = call(self._router_for(service), "issue", request)
        except (DriverError, ProviderError) as exc:
            log.warning("stream service %s (%s) made no static address: %s", service.id, service.name, exc)
            return ""
        return url.uri

    def uses_token(self, service: ServiceFacts) -> bool:
        """Whether an address of `service` carries a token. Raises `DriverError` when its router does not work."""
        return wants_token(service, self._router_for(service))

    def check_headers(self, checked: CheckedToken) -> dict[str, str]:
        """Headers of the answer to a good token check: what the service's router says, else how long it holds.

        Those of a router that only computes (`inline`) are kept with the token.
        """
        facts = checked.facts
        headers = {"X-AuthDuration": str(facts.auth_duration), "X-UserId": str(facts.account_id)}
        try:
            router = self._router_for(checked.service)
            headers.update(call(router, "check_headers", facts))
            if router.inline:
                checked.headers = headers
        except (DriverError, ProviderError) as exc:
            log.warning("no headers from the router of stream service %s: %s", checked.service.name, exc)
        return headers

    def _of_service(
        self,
        viewer: Viewer,
        content: ContentFacts,
        service: ServiceFacts,
        request: PlayRequest,
        now: datetime,
        max_sessions: int,
    ) -> StreamUrl:
        router = self._router_for(service)
        if service.shift_hours or request.stop is not None:
            request = _as_broadcast(request, service.shift_hours, now)
        if not wants_token(service, router):
            url: StreamUrl = call(router, "issue", replace(request, token=""))
            return url
        url = call(router, "issue", request)
        wanted = TokenFor(
            client_id=viewer.client_id,
            account_id=viewer.account_id or None,
            session_id=viewer.session_id or None,
            service=service,
            content_type=told_type(content, request),
            content_id=content.id,
            prefix=content.prefix,
            mask_id=content.content_id,
            ip=request.ip,
            max_sessions=max_sessions,
        )
        token = self._tokens.issue(wanted, now=now, address=url.uri)
        if STAND_IN not in url.uri:  # the router made something else of it
            url = call(router, "issue", replace(request, token=token))
            return url
        return StreamUrl(url.uri.replace(STAND_IN, token), url.preview_mask.replace(STAND_IN, token))


def _played(content: ContentFacts, uri: str, service_id: int = 0, preview_mask: str = "") -> Played:
    return Played(
        uri, service_id, preview_mask, content.drm_available, content.lock_banner, content.tracks, content.ext_id
    )


def _as_broadcast(request: PlayRequest, shift_hours: int, now: datetime) -> PlayRequest:
    """The request to a service that broadcasts so much later: what it has recorded is as much later, too. What it
    broadcasts still has no end yet."""
    shift = timedelta(hours=shift_hours)
    start = None if request.start is None else request.start + shift
    stop = None if request.stop is None else request.stop + shift
    return replace(
        request, shift_hours=shift_hours, start=start, stop=None if stop is not None and stop > now else stop
    )


def who(viewer: Viewer, ip: str) -> int | str:
    """What a viewer is counted by; somebody who is not logged in by his address."""
    return viewer.session_id or ip


def told_type(content: ContentFacts, request: PlayRequest) -> str:
    """The type of content that others are told of: a film stays a film where its record is played."""
    return request.content_type if content.kind == "channel" else content.kind


def wants_token(service: ServiceFacts, router: GuardedDriver) -> bool:
    """Whether a token has to be made for an address of `service`: a mask or script that does not use one needs none."""
    if "token" not in router.supports:
        return False
    if "script" in router.driver.Settings.model_fields:  # a program: a dollar sign in it is no variable
        return "token" in service.mask
    return "$" not in service.mask or "$token" in service.mask or "${token}" in service.mask
