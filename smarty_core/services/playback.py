"""Stream addresses: may this viewer play this now, and where.

One order for live and archive: the channel must be in the viewer's tariffs; for the archive the window is found and
checked; `routing.choose` names the services; plugins may forbid it; the first service whose router makes an address
wins; its token is stored; everybody interested is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from smarty_core.contracts.events import PlaybackWish, Refusal, StreamIssued
from smarty_core.contracts.stream_router import PlayRequest, StreamUrl
from smarty_core.errors import DriverError, NotFound, ProviderError, Refused
from smarty_core.plugins.isolation import GuardedDriver, call
from smarty_core.services.archive import ArchiveWindow, find_window, given_window
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.services.entitlements import Entitlement, Entitlements
from smarty_core.services.operators import Operator
from smarty_core.services.remembered import Remembered
from smarty_core.services.routing import Choice, Wish, archive_depth, choose, explain
from smarty_core.services.sessions import Viewer
from smarty_core.services.stream_tokens import STAND_IN, CheckedToken, StreamTokens, TokenFor
from smarty_core.storage.cache import Cache
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import streams
from smarty_core.storage.repositories.streams import ChannelFacts, ServiceFacts

log = logging.getLogger("smarty_main")

RouterFor = Callable[[ServiceFacts], GuardedDriver]
"""Finds the driver of a stream service; raises `DriverError` when none works."""


class Hooks(Protocol):
    """What playback needs of the plugins."""

    def decide(self, hook: str, **question: Any) -> Any: ...

    def notify(self, hook: str, **event: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Played:
    """An address that was given. `stream_service_id` is 0 for a direct or multicast address."""

    uri: str
    stream_service_id: int = 0
    preview_mask: str = ""
    drm_available: bool = False


class Playback:
    """Gives stream addresses and answers video servers. Safe to share between threads."""

    def __init__(
        self,
        *,
        database: Database,
        cache: Cache,
        entitlements: Entitlements,
        stream_tokens: StreamTokens,
        router_for: RouterFor,
        hooks: Hooks,
    ) -> None:
        self._database = database
        self._entitlements = entitlements
        self._tokens = stream_tokens
        self._router_for = router_for
        self._hooks = hooks
        self._archive = ArchiveFacts(database=database, cache=cache)
        self._channels: Remembered[ChannelFacts | None] = Remembered(cache.tag_versions.vector, limit=20_000)

    def channel_url(
        self,
        viewer: Viewer,
        operator: Operator,
        cid: int,
        *,
        ip: str,
        device: str,
        now: datetime,
        exclude: Iterable[int] = (),
        user_agent: str = "",
    ) -> Played:
        """The live address. Raises `NotFound` (no such channel for this viewer, or nothing can play it), `Refused`."""
        channel, entitlement = self._entitled(viewer, operator, cid, now)
        choice = choose(self._wish(viewer, entitlement, exclude), channel)
        request = self._request(viewer, channel, ip=ip, device=device, now=now, user_agent=user_agent)
        return self._play(viewer, channel, choice, request, now)

    def program_url(
        self,
        viewer: Viewer,
        operator: Operator,
        cid: int,
        *,
        ip: str,
        device: str,
        now: datetime,
        pid: int | None = None,
        time: int | None = None,
        tv_pause: bool = False,
        exclude: Iterable[int] = (),
        user_agent: str = "",
    ) -> Played:
        """The address of a programme: `pid` wins over `time` (Unix); with `tv_pause` it plays on after the programme.

        Raises `InvalidValue` without either, `NotFound` (unknown, blocked, not begun, older than every record),
        `Refused`.
        """
        channel, entitlement = self._entitled(viewer, operator, cid, now)
        window = find_window(self._archive, channel, pid=pid, time=time, tv_pause=tv_pause, now=now)
        wish = self._wish(viewer, entitlement, exclude)
        request = self._request(viewer, channel, ip=ip, device=device, now=now, user_agent=user_agent)
        return self._play_window(viewer, channel, window, wish, request, now)

    def window_url(
        self,
        viewer: Viewer,
        operator: Operator,
        cid: int,
        *,
        begin: datetime,
        end: datetime | None,
        ip: str,
        device: str,
        now: datetime,
    ) -> Played:
        """The address of a past window, whatever programmes are in it; `end` None = up to now.

        Raises `InvalidValue` (see `given_window`), `NotFound` (blocked, older than every record), `Refused`.
        """
        channel, entitlement = self._entitled(viewer, operator, cid, now)
        window = given_window(self._archive, channel, begin=begin, end=end, now=now)
        request = self._request(viewer, channel, ip=ip, device=device, now=now, user_agent="")
        return self._play_window(viewer, channel, window, self._wish(viewer, entitlement, ()), request, now)

    def explain(self, viewer: Viewer, operator: Operator, cid: int, *, now: datetime) -> Choice:
        """How the live service would be chosen, with reasons. Raises `NotFound` as `channel_url` does."""
        channel, entitlement = self._entitled(viewer, operator, cid, now)
        return explain(self._wish(viewer, entitlement, ()), channel)

    def refusal(
        self, viewer: Viewer, cid: int, *, device: str, ip: str, content_type: str = "channel", archive: bool = False
    ) -> Refusal | None:
        """The first plugin's veto against this viewer watching this, None when none objects.

        Raises `Refused` with reason `plugin_failed` when one cannot be asked: then nobody may watch.
        """
        wish = PlaybackWish(
            client_id=viewer.client_id,
            account_id=viewer.account_id,
            content_type=content_type,
            content_id=cid,
            device=device,
            device_uid=viewer.device_uid,
            ip=ip,
            archive=archive,
        )
        refusal = self._hooks.decide("authorize_playback", wish=wish)
        return refusal if isinstance(refusal, Refusal) else None

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

    def _entitled(
        self, viewer: Viewer, operator: Operator, cid: int, now: datetime
    ) -> tuple[ChannelFacts, Entitlement]:
        channel = self._channel(operator.id, cid)
        entitlement = self._entitlements.for_viewer(viewer, lang=0, device_format="json", now=now)
        if channel is None or cid not in entitlement.channel_ids:
            raise NotFound("channel not found")
        return channel, entitlement

    def _channel(self, client_id: int, cid: int) -> ChannelFacts | None:
        def build() -> ChannelFacts | None:
            with self._database.read() as session:
                return streams.channel_facts(session, client_id, cid)

        tags = (f"client:{client_id}:channels", f"client:{client_id}:tariffs")
        return self._channels.get((client_id, cid), tags=tags, build=build)

    def _wish(self, viewer: Viewer, entitlement: Entitlement, exclude: Iterable[int]) -> Wish:
        return Wish(
            service_ids=entitlement.service_ids,
            excluded=frozenset(exclude),
            data_center_id=viewer.data_center_id,
            shift_hours=viewer.timeshift_offset if viewer.use_timeshift else 0,
        )

    def _age(self, channel: ChannelFacts, window: ArchiveWindow, now: datetime) -> float:
        """How many days back a record must reach; a pause within the channel's limit needs none to speak of."""
        behind = (now - window.start).total_seconds()
        if window.going_on and behind <= channel.pause_live_tv_shift:
            return 0.0
        days = window.age_days(now)
        if days > max((archive_depth(channel, service) for service in channel.services), default=0):
            raise NotFound("this programme is older than the records")
        return days

    def _request(
        self, viewer: Viewer, channel: ChannelFacts, *, ip: str, device: str, now: datetime, user_agent: str
    ) -> PlayRequest:
        return PlayRequest(
            content_type="channel",
            content_id=channel.content_id,
            prefix=channel.prefix,
            account_id=viewer.account_id,
            abonement=viewer.abonement,
            device=device or viewer.device,
            device_uid=viewer.device_uid,
            ip=ip,
            data_center_id=viewer.data_center_id,
            multicast_uri=channel.multicast_uri,
            now=now,
            user_agent=user_agent,
        )

    def _play_window(
        self,
        viewer: Viewer,
        channel: ChannelFacts,
        window: ArchiveWindow,
        wish: Wish,
        request: PlayRequest,
        now: datetime,
    ) -> Played:
        wish = replace(wish, archive=True, archive_days=self._age(channel, window, now))
        request = replace(
            request, content_type="program", start=window.start, stop=window.stop, timeshift=window.going_on
        )
        return self._play(viewer, channel, choose(wish, channel), request, now)

    def _play(
        self, viewer: Viewer, channel: ChannelFacts, choice: Choice, request: PlayRequest, now: datetime
    ) -> Played:
        if choice.kind == "none":
            raise NotFound("no stream service can play this now")
        self._authorize(viewer, channel, request)
        if choice.kind == "direct":
            played = Played(channel.uri, drm_available=channel.drm_available)
        elif choice.kind == "multicast":
            played = Played(channel.multicast_uri, drm_available=channel.drm_available)
        else:
            played = self._from_services(viewer, channel, choice, request, now)
        self._hooks.notify(
            "stream_issued",
            event=StreamIssued(
                client_id=viewer.client_id,
                account_id=viewer.account_id,
                content_type=request.content_type,
                content_id=channel.id,
                stream_service_id=played.stream_service_id or None,
                device_uid=viewer.device_uid,
                ip=request.ip,
            ),
        )
        return played

    def _from_services(
        self, viewer: Viewer, channel: ChannelFacts, choice: Choice, request: PlayRequest, now: datetime
    ) -> Played:
        for service in choice.services:
            try:
                url = self._address(viewer, channel, service, request, now)
            except (DriverError, ProviderError) as exc:
                # One broken service must not keep viewers from the next one.
                log.warning("stream service %s (%s) made no address: %s", service.id, service.name, exc)
                continue
            return Played(url.uri, service.id, url.preview_mask, channel.drm_available)
        if channel.multicast_uri and request.start is None:
            return Played(channel.multicast_uri, drm_available=channel.drm_available)
        raise NotFound("no stream service can play this now")

    def _address(
        self, viewer: Viewer, channel: ChannelFacts, service: ServiceFacts, request: PlayRequest, now: datetime
    ) -> StreamUrl:
        router = self._router_for(service)
        request = replace(request, shift_hours=service.shift_hours)
        if not wants_token(service, router):
            url: StreamUrl = call(router, "issue", request)
            return url
        url = call(router, "issue", replace(request, token=STAND_IN))
        wanted = TokenFor(
            client_id=viewer.client_id,
            account_id=viewer.account_id,
            session_id=viewer.session_id,
            service=service,
            content_type=request.content_type,
            content_id=channel.id,
            prefix=channel.prefix,
            mask_id=channel.content_id,
            ip=request.ip,
        )
        token = self._tokens.issue(wanted, now=now, address=url.uri)
        if STAND_IN not in url.uri:  # the router made something else of it
            url = call(router, "issue", replace(request, token=token))
            return url
        return StreamUrl(url.uri.replace(STAND_IN, token), url.preview_mask.replace(STAND_IN, token))

    def _authorize(self, viewer: Viewer, channel: ChannelFacts, request: PlayRequest) -> None:
        refusal = self.refusal(
            viewer,
            channel.id,
            device=request.device,
            ip=request.ip,
            content_type=request.content_type,
            archive=request.start is not None,
        )
        if refusal is not None:
            raise Refused(refusal.reason, refusal.message)


def wants_token(service: ServiceFacts, router: GuardedDriver) -> bool:
    """Whether a token has to be stored for an address of `service`: a mask that does not use one needs none."""
    if "token" not in router.supports:
        return False
    return "$" not in service.mask or "$token" in service.mask or "${token}" in service.mask
