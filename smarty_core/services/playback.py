"""Stream addresses: may this viewer play this now, and where.

One order for channels, films, radio stations and cameras, live and from the archive: the content must be in the
viewer's tariffs; for the archive the window is found and checked; `routing.choose` names the services; plugins may
forbid it; the first service whose router makes an address wins; its token is made; everybody interested is told.

`content_url` is the entry for everything that is played from its beginning or live, `program_url` and `window_url` for
the archive of channels and cameras, `trailer_url` for what is open to everybody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from smarty_core.contracts.events import PlaybackWish, Refusal, StreamIssued
from smarty_core.contracts.stream_router import PlayRequest, StreamUrl
from smarty_core.errors import DriverError, NotFound, ProviderError, Refused
from smarty_core.plugins.isolation import GuardedDriver, call
from smarty_core.services.archive import ArchiveWindow, find_window, given_window, recorded_window
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.services.content import Allowed, Contents, all_services
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.listing import live_shift
from smarty_core.services.operators import Operator
from smarty_core.services.routing import Choice, Wish, archive_depth, choose, explain
from smarty_core.services.sessions import Viewer
from smarty_core.services.stream_tokens import STAND_IN, CheckedToken, StreamTokens, TokenFor
from smarty_core.storage.cache import Cache
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.streams import ContentFacts, ContentKind, ServiceFacts

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
    lock_banner: str = ""
    tracks: Mapping[str, Any] | None = None
    """What the stream holds, as the operator describes it."""
    ext_id: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ids of the sound, subtitles and quality that a device asks for; empty = as the server likes."""

    audio_pid: str = ""
    text_pid: str = ""
    video_pid: str = ""


ANY_TRACKS: Final = Chosen()


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
        self.contents = Contents(database=database, cache=cache, entitlements=entitlements)
        self._tokens = stream_tokens
        self._router_for = router_for
        self._hooks = hooks
        self._archive = ArchiveFacts(database=database, cache=cache)

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
        chosen: Chosen = ANY_TRACKS,
    ) -> Played:
        """The live address. Raises `NotFound` (no such channel for this viewer, or nothing can play it), `Refused`."""
        return self.content_url(
            viewer, operator, "channel", cid, ip=ip, device=device, now=now, exclude=exclude, user_agent=user_agent,
            chosen=chosen,
        )  # fmt: skip

    def content_url(
        self,
        viewer: Viewer,
        operator: Operator,
        kind: ContentKind,
        content_id: int | None,
        *,
        ip: str,
        device: str,
        now: datetime,
        file_id: int | None = None,
        exclude: Iterable[int] = (),
        user_agent: str = "",
        chosen: Chosen = ANY_TRACKS,
    ) -> Played:
        """The address of a live channel, station or camera, or of a film (`file_id`: one of its files).

        A film made of a channel's archive is played from there, unless it has an address of its own. Raises `NotFound`
        (no such content for this viewer, or nothing can play it), `Refused`.
        """
        allowed = self.contents.allowed(viewer, kind, content_id, now, file_id=file_id)
        content = allowed.content
        wish = self._wish(viewer, allowed, exclude)
        request = self._request(viewer, content, ip=ip, device=device, now=now, user_agent=user_agent, chosen=chosen)
        if content.recorded is not None and not content.uri:
            window = recorded_window(self._archive, content, content.recorded, now)
            return self._play_window(viewer, content, window, wish, request, now)
        return self._play(viewer, content, choose(wish, content), request, now)

    def trailer_url(
        self,
        operator: Operator,
        video_id: int | None,
        file_id: int,
        *,
        ip: str,
        device: str,
        now: datetime,
        exclude: Iterable[int] = (),
        user_agent: str = "",
    ) -> Played:
        """The address of a film's trailer, for somebody who is not logged in. Raises `NotFound`, `Refused`."""
        content = self.contents.trailer(operator.id, video_id, file_id)
        viewer = Viewer(session_id=0, client_id=operator.id, account_id=0, customer_id=0, abonement="")
        wish = self._wish(viewer, Allowed(content, all_services(content)), exclude)
        request = self._request(viewer, content, ip=ip, device=device, now=now, user_agent=user_agent)
        return self._play(viewer, content, choose(wish, content), request, now)

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
        kind: ContentKind = "channel",
        exclude: Iterable[int] = (),
        user_agent: str = "",
        chosen: Chosen = ANY_TRACKS,
    ) -> Played:
        """The address of a programme: `pid` wins over `time` (Unix); with `tv_pause` it plays on after the programme.

        `kind` "camera": of a camera's archive, by `time`. Raises `InvalidValue` without either, `NotFound` (unknown,
        blocked, not begun, older than every record), `Refused`.
        """
        allowed = self.contents.allowed(viewer, kind, cid, now)
        content = allowed.content
        wish = self._wish(viewer, allowed, exclude)
        window = find_window(
            self._archive,
            content,
            pid=pid,
            time=time,
            tv_pause=tv_pause,
            now=now,
            shift_hours=picture_shift(content, wish),
        )
        request = self._request(viewer, content, ip=ip, device=device, now=now, user_agent=user_agent, chosen=chosen)
        return self._play_window(viewer, content, window, wish, request, now)

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
        allowed = self.contents.allowed(viewer, "channel", cid, now)
        content = allowed.content
        wish = self._wish(viewer, allowed, ())
        shift = picture_shift(content, wish)
        window = given_window(self._archive, content, begin=begin, end=end, now=now, shift_hours=shift)
        request = self._request(viewer, content, ip=ip, device=device, now=now, user_agent="")
        return self._play_window(viewer, content, window, wish, request, now)

    def explain(self, viewer: Viewer, operator: Operator, cid: int, *, now: datetime) -> Choice:
        """How the live service would be chosen, with reasons. Raises `NotFound` as `channel_url` does."""
        allowed = self.contents.allowed(viewer, "channel", cid, now)
        return explain(self._wish(viewer, allowed, ()), allowed.content)

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

    def _wish(self, viewer: Viewer, allowed: Allowed, exclude: Iterable[int]) -> Wish:
        return Wish(
            service_ids=allowed.service_ids,
            excluded=frozenset(exclude),
            data_center_id=viewer.data_center_id,
            shift_hours=viewer.timeshift_offset if viewer.use_timeshift else 0,
        )

    def _age(self, content: ContentFacts, window: ArchiveWindow, wish: Wish, now: datetime) -> float:
        """How many days back a record must reach; a pause within the channel's limit needs none to speak of."""
        if window.going_on and window.behind(now, picture_shift(content, wish)) <= content.pause_live_tv_shift:
            return 0.0
        days = window.age_days(now)
        depths = (archive_depth(content, service) + service.shift_hours / 24 for service in content.services)
        if days > max(depths, default=0):
            raise NotFound("this programme is older than the records")
        return days

    def _request(
        self,
        viewer: Viewer,
        content: ContentFacts,
        *,
        ip: str,
        device: str,
        now: datetime,
        user_agent: str,
        chosen: Chosen = ANY_TRACKS,
    ) -> PlayRequest:
        return PlayRequest(
            content_type=content.kind,
            content_id=content.content_id,
            prefix=content.prefix,
            account_id=viewer.account_id,
            abonement=viewer.abonement,
            device=device or viewer.device,
            device_uid=viewer.device_uid,
            ip=ip,
            data_center_id=viewer.data_center_id,
            multicast_uri=content.multicast_uri,
            now=now,
            user_agent=user_agent,
            audio_pid=chosen.audio_pid,
            text_pid=chosen.text_pid,
            video_pid=chosen.video_pid,
        )

    def _play_window(
        self,
        viewer: Viewer,
        content: ContentFacts,
        window: ArchiveWindow,
        wish: Wish,
        request: PlayRequest,
        now: datetime,
    ) -> Played:
        wish = replace(wish, archive=True, archive_days=self._age(content, window, wish, now))
        request = replace(
            request, content_type="program", start=window.start, stop=window.stop, timeshift=window.going_on
        )
        return self._play(viewer, content, choose(wish, content), request, now)

    def _play(
        self, viewer: Viewer, content: ContentFacts, choice: Choice, request: PlayRequest, now: datetime
    ) -> Played:
        if choice.kind == "none":
            raise NotFound("no stream service can play this now")
        self._authorize(viewer, content, request)
        if choice.kind == "direct":
            played = _played(content, content.uri)
        elif choice.kind == "multicast":
            played = _played(content, content.multicast_uri)
        else:
            played = self._from_services(viewer, content, choice, request, now)
        self._hooks.notify(
            "stream_issued",
            event=StreamIssued(
                client_id=viewer.client_id,
                account_id=viewer.account_id,
                content_type=_what(content, request),
                content_id=content.id,
                stream_service_id=played.stream_service_id or None,
                device_uid=viewer.device_uid,
                ip=request.ip,
            ),
        )
        return played

    def _from_services(
        self, viewer: Viewer, content: ContentFacts, choice: Choice, request: PlayRequest, now: datetime
    ) -> Played:
        for service in choice.services:
            try:
                url = self._address(viewer, content, service, request, now)
            except (DriverError, ProviderError) as exc:
                # One broken service must not keep viewers from the next one.
                log.warning("stream service %s (%s) made no address: %s", service.id, service.name, exc)
                continue
            return _played(content, url.uri, service.id, url.preview_mask)
        if content.multicast_uri and request.start is None:
            return _played(content, content.multicast_uri)
        raise NotFound("no stream service can play this now")

    def _address(
        self, viewer: Viewer, content: ContentFacts, service: ServiceFacts, request: PlayRequest, now: datetime
    ) -> StreamUrl:
        router = self._router_for(service)
        request = _as_broadcast(request, service.shift_hours, now)
        if not wants_token(service, router):
            url: StreamUrl = call(router, "issue", request)
            return url
        url = call(router, "issue", replace(request, token=STAND_IN))
        wanted = TokenFor(
            client_id=viewer.client_id,
            account_id=viewer.account_id or None,
            session_id=viewer.session_id or None,
            service=service,
            content_type=_what(content, request),
            content_id=content.id,
            prefix=content.prefix,
            mask_id=content.content_id,
            ip=request.ip,
        )
        token = self._tokens.issue(wanted, now=now, address=url.uri)
        if STAND_IN not in url.uri:  # the router made something else of it
            url = call(router, "issue", replace(request, token=token))
            return url
        return StreamUrl(url.uri.replace(STAND_IN, token), url.preview_mask.replace(STAND_IN, token))

    def _authorize(self, viewer: Viewer, content: ContentFacts, request: PlayRequest) -> None:
        refusal = self.refusal(
            viewer,
            content.id,
            device=request.device,
            ip=request.ip,
            content_type=_what(content, request),
            archive=request.start is not None,
        )
        if refusal is not None:
            raise Refused(refusal.reason, refusal.message)


def _played(content: ContentFacts, uri: str, service_id: int = 0, preview_mask: str = "") -> Played:
    return Played(
        uri, service_id, preview_mask, content.drm_available, content.lock_banner, content.tracks, content.ext_id
    )


def picture_shift(content: ContentFacts, wish: Wish) -> int:
    """How many hours later than the guide says the picture comes that this viewer is shown, as lists tell him."""
    working = replace(content, services=tuple(one for one in content.services if one.enabled and one.available))
    return live_shift(working, wish.service_ids, wanted=wish.shift_hours, multicast=True) or 0


def _as_broadcast(request: PlayRequest, shift_hours: int, now: datetime) -> PlayRequest:
    """The request to a service that broadcasts so much later: what it has recorded is as much later, too."""
    shift = timedelta(hours=shift_hours)
    start = None if request.start is None else request.start + shift
    stop = None if request.stop is None else request.stop + shift
    return replace(
        request, shift_hours=shift_hours, start=start, stop=None if stop is not None and stop > now else stop
    )


def _what(content: ContentFacts, request: PlayRequest) -> str:
    """The type of content that others are told of: a film stays a film where its record is played."""
    return request.content_type if content.kind == "channel" else content.kind


def wants_token(service: ServiceFacts, router: GuardedDriver) -> bool:
    """Whether a token has to be stored for an address of `service`: a mask that does not use one needs none."""
    if "token" not in router.supports:
        return False
    return "$" not in service.mask or "$token" in service.mask or "${token}" in service.mask
