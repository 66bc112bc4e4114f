"""Stream addresses: may this viewer play this now, and where.

One order for channels, films, radio stations and cameras, live and from the archive: the content must be in the
viewer's tariffs; for the archive the window is found and checked; `routing.choose` names the services; plugins may
forbid it; the first service whose router makes an address wins; its token is made; everybody interested is told.

`content_url` is the entry for everything that is played from its beginning or live, `program_url` and `window_url` for
the archive of channels and cameras, `trailer_url` for what is open to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol, Required, TypedDict, Unpack

from smarty_core.contracts.events import PlaybackWish, Refusal, StreamIssued
from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import DriverError, NotFound, Refused
from smarty_core.services.archive import ArchiveWindow, find_window, given_window, recorded_window
from smarty_core.services.archive_facts import ArchiveFacts
from smarty_core.services.content import Allowed, Contents
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.listing import shown_shift
from smarty_core.services.multicast import MulticastDevices
from smarty_core.services.operators import Operator
from smarty_core.services.routing import Around, Choice, Wish, archive_depth, choose, explain
from smarty_core.services.service_load import ServiceLoads
from smarty_core.services.sessions import Viewer
from smarty_core.services.static_addresses import StaticAddresses
from smarty_core.services.stream_addresses import Played, RouterFor, StreamAddresses, told_type, who
from smarty_core.services.stream_tokens import STAND_IN, StreamTokens
from smarty_core.services.works import Works
from smarty_core.storage.cache import Cache
from smarty_core.storage.database import Database
from smarty_core.storage.repositories.streams import ContentFacts, ContentKind, Recorded, ServiceFacts

__all__ = ["ANY_TRACKS", "Asked", "Chosen", "Playback", "Played"]


class Hooks(Protocol):
    """What playback needs of the plugins."""

    def decide(self, hook: str, **question: Any) -> Any: ...

    def notify(self, hook: str, **event: Any) -> None: ...

    def is_used(self, hook: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ids of the sound, subtitles and quality that a device asks for; empty = as the server likes."""

    audio_pid: str = ""
    text_pid: str = ""
    video_pid: str = ""


ANY_TRACKS: Final = Chosen()


class Asked(TypedDict, total=False):
    """How a viewer asks for an address. `exclude`: stream services that have failed him."""

    ip: Required[str]
    device: Required[str]
    now: Required[datetime]
    exclude: Iterable[int]
    user_agent: str
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Wanted:
    """One wish of one viewer: the content he may have, how it is chosen, and what the router is told."""

    viewer: Viewer
    content: ContentFacts
    wish: Wish
    request: PlayRequest
    now: datetime
    max_sessions: int
    works: Works


@dataclass(frozen=True, slots=True)
class Recorders:
    """The services that could record `content` for a viewer, best first. `shift_hours`: how much later than the guide
    says he is shown it."""

    content: ContentFacts
    shift_hours: int
    services: tuple[ServiceFacts, ...]


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
        multicast: MulticastDevices,
    ) -> None:
        self.contents = Contents(database=database, cache=cache, entitlements=entitlements)
        self._loads = ServiceLoads(database=database, cache=cache, seconds=stream_tokens.lifetime.ttl)
        self._hooks = hooks
        self._multicast = multicast
        self.addresses = StreamAddresses(router_for=router_for, stream_tokens=stream_tokens, sent=self._loads.sent)
        self.static = StaticAddresses(contents=self.contents, entitlements=entitlements, addresses=self.addresses)
        self.uses_token = self.addresses.uses_token
        self.check_headers = self.addresses.check_headers
        self._archive = ArchiveFacts(database=database, cache=cache)

    def channel_url(self, viewer: Viewer, operator: Operator, cid: int, **asked: Unpack[Asked]) -> Played:
        """The live address. Raises `NotFound` (no such channel for this viewer, or nothing can play it), `Refused`."""
        return self.content_url(viewer, operator, "channel", cid, **asked)

    def channel_at_once(self, viewer: Viewer, allowed: Allowed, **asked: Unpack[Asked]) -> Played | None:
        """The same without waiting for anybody, for a channel of which it is known that the viewer may have it.

        None when somebody has to be asked (the database, a plugin that does more than compute), or nothing plays it.
        """
        load = self._loads.known_to(viewer.client_id, who(viewer, asked["ip"]))
        if load is None or self.asks_plugins:
            return None
        wanted = self._wanted(viewer, allowed, asked)
        choice = choose(wanted.wish, wanted.content, Around(wanted.works, load))
        try:
            return self._give(wanted, choice) if self.addresses.needs_no_waiting(choice) else None
        except (DriverError, NotFound, Refused):
            return None

    @property
    def asks_plugins(self) -> bool:
        """Whether a plugin may forbid to watch."""
        return self._hooks.is_used("authorize_playback")

    def content_url(
        self,
        viewer: Viewer,
        operator: Operator,
        kind: ContentKind,
        content_id: int | None,
        *,
        file_id: int | None = None,
        **asked: Unpack[Asked],
    ) -> Played:
        """The address of a live channel, station or camera, or of a film (`file_id`: one of its files).

        A film made of a channel's archive is played from there, unless it has an address of its own. Raises `NotFound`
        (no such content for this viewer, or nothing can play it), `Refused`.
        """
        now = asked["now"]
        wanted = self._wanted(viewer, self.contents.allowed(viewer, kind, content_id, now, file_id=file_id), asked)
        content = wanted.content
        if content.recorded is not None and not content.uri:
            return self._play_window(wanted, recorded_window(self._archive, content, content.recorded, now))
        return self._play(wanted)

    def trailer_url(self, operator: Operator, video_id: int | None, file_id: int, **asked: Unpack[Asked]) -> Played:
        """The address of a film's trailer, for somebody who is not logged in. Raises `NotFound`, `Refused`."""
        allowed = self.contents.trailer(operator.id, video_id, file_id, asked["now"])
        nobody = Viewer(session_id=0, client_id=operator.id, account_id=0, customer_id=0, abonement="")
        return self._play(self._wanted(nobody, allowed, asked))

    def program_url(
        self,
        viewer: Viewer,
        operator: Operator,
        cid: int,
        *,
        pid: int | None = None,
        time: int | None = None,
        tv_pause: bool = False,
        kind: ContentKind = "channel",
        **asked: Unpack[Asked],
    ) -> Played:
        """The address of a programme: `pid` wins over `time` (Unix); with `tv_pause` it plays on after the programme.

        `kind` "camera": of a camera's archive, by `time`. Raises `InvalidValue` without either, `NotFound` (unknown,
        blocked, not begun, older than every record), `Refused`.
        """
        now = asked["now"]
        wanted = self._wanted(viewer, self.contents.allowed(viewer, kind, cid, now), asked)
        window = find_window(
            self._archive, wanted.content, pid=pid, time=time, tv_pause=tv_pause, now=now,
            shift_hours=picture_shift(wanted),
        )  # fmt: skip
        return self._play_window(wanted, window)

    def window_url(
        self,
        viewer: Viewer,
        operator: Operator,
        cid: int,
        *,
        begin: datetime,
        end: datetime | None,
        **asked: Unpack[Asked],
    ) -> Played:
        """The address of a past window, whatever programmes are in it; `end` None = up to now.

        Raises `InvalidValue` (see `given_window`), `NotFound` (blocked, older than every record), `Refused`.
        """
        now = asked["now"]
        wanted = self._wanted(viewer, self.contents.allowed(viewer, "channel", cid, now), asked)
        shift = picture_shift(wanted)
        window = given_window(self._archive, wanted.content, begin=begin, end=end, now=now, shift_hours=shift)
        return self._play_window(wanted, window)

    def record_url(
        self, viewer: Viewer, recorded: Recorded, service_id: int, *, kept_apart: bool, **asked: Unpack[Asked]
    ) -> Played:
        """The address of what one service has recorded of a channel. `kept_apart`: it lives as long as it was asked
        to, whatever the archive of the service holds. Raises `NotFound` (also when it is blocked), `Refused`."""
        now = asked["now"]
        wanted = self._wanted(viewer, self.contents.allowed(viewer, "channel", recorded.channel_id, now), asked)
        wish = replace(wanted.wish, service_ids=wanted.wish.service_ids & {service_id})
        window = recorded_window(self._archive, wanted.content, recorded, now)
        return self._play_window(replace(wanted, wish=wish), window, needs_record=not kept_apart)

    def demand_open(self, content: ContentFacts, recorded: Recorded, now: datetime) -> None:
        """Raises `NotFound` when the programme is one that the operator has blocked."""
        recorded_window(self._archive, content, recorded, now)

    def recorders(self, viewer: Viewer, cid: int, now: datetime) -> Recorders:
        """Who could record a channel for a viewer. Raises `NotFound` when there is no such channel for him."""
        asked = Asked(ip=viewer.ip, device=viewer.device, now=now)
        wanted = self._wanted(viewer, self.contents.allowed(viewer, "channel", cid, now), asked)
        choice = choose(replace(wanted.wish, archive=True), wanted.content, self._around(wanted))
        return Recorders(wanted.content, picture_shift(wanted), choice.services)

    def explain(self, viewer: Viewer, operator: Operator, cid: int, *, now: datetime) -> Choice:
        """How the live service would be chosen, with reasons. Raises `NotFound` as `channel_url` does."""
        allowed = self.contents.allowed(viewer, "channel", cid, now)
        wanted = self._wanted(viewer, allowed, Asked(ip=viewer.ip, device=viewer.device, now=now))
        return explain(wanted.wish, wanted.content, self._around(wanted))

    def explain_archive(self, viewer: Viewer, cid: int, *, now: datetime) -> tuple[ContentFacts, Choice]:
        """The channel, and how a service for its archive would be chosen, however old the programme. Raises `NotFound`
        as `channel_url` does."""
        asked = Asked(ip=viewer.ip, device=viewer.device, now=now)
        wanted = self._wanted(viewer, self.contents.allowed(viewer, "channel", cid, now), asked)
        choice = explain(replace(wanted.wish, archive=True), wanted.content, self._around(wanted))
        return wanted.content, choice

    def refusal(
        self, viewer: Viewer, cid: int, *, device: str, ip: str, content_type: str = "channel", archive: bool = False
    ) -> Refusal | None:
        """The first plugin's veto against this viewer watching this, None when none objects.

        Raises `Refused` with reason `plugin_failed` when one cannot be asked: then nobody may watch.
        """
        if not self.asks_plugins:
            return None
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

    def _play_window(self, wanted: Wanted, window: ArchiveWindow, *, needs_record: bool = True) -> Played:
        wish = replace(wanted.wish, archive=True, archive_days=_age(wanted, window) if needs_record else None)
        request = replace(
            wanted.request, content_type="program", start=window.start, stop=window.stop, timeshift=window.going_on
        )
        return self._play(replace(wanted, wish=wish, request=request))

    def _play(self, wanted: Wanted) -> Played:
        return self._give(wanted, choose(wanted.wish, wanted.content, self._around(wanted)))

    def _give(self, wanted: Wanted, choice: Choice) -> Played:
        viewer, content, request = wanted.viewer, wanted.content, wanted.request
        if choice.kind == "none":
            raise NotFound("technical works are going on" if choice.works else "no stream service can play this now")
        self._authorize(wanted)
        played = self.addresses.make(viewer, content, choice, request, wanted.now, wanted.max_sessions)
        if not self._hooks.is_used("stream_issued"):
            return played
        self._hooks.notify(
            "stream_issued",
            event=StreamIssued(
                client_id=viewer.client_id,
                account_id=viewer.account_id,
                content_type=told_type(content, request),
                content_id=content.id,
                stream_service_id=played.stream_service_id or None,
                device_uid=viewer.device_uid,
                ip=request.ip,
            ),
        )
        return played

    def _wanted(self, viewer: Viewer, allowed: Allowed, asked: Asked) -> Wanted:
        return _wanted(viewer, allowed, asked, multicast=self._multicast.take(asked["device"]))

    def _around(self, wanted: Wanted) -> Around:
        viewer = wanted.viewer
        return Around(wanted.works, self._loads.seen_by(viewer.client_id, who(viewer, wanted.request.ip)))

    def _authorize(self, wanted: Wanted) -> None:
        request = wanted.request
        refusal = self.refusal(
            wanted.viewer,
            wanted.content.id,
            device=request.device,
            ip=request.ip,
            content_type=told_type(wanted.content, request),
            archive=request.start is not None,
        )
        if refusal is not None:
            raise Refused(refusal.reason, refusal.message)


def _wanted(viewer: Viewer, allowed: Allowed, asked: Asked, *, multicast: bool) -> Wanted:
    """What is chosen by and what the router is given, live."""
    content, chosen = allowed.content, asked.get("chosen", ANY_TRACKS)
    wish = Wish(
        service_ids=allowed.service_ids,
        excluded=frozenset(asked.get("exclude", ())),
        data_center_id=viewer.data_center_id,
        shift_hours=viewer.timeshift_offset if viewer.use_timeshift else 0,
        multicast=multicast,
    )
    request = PlayRequest(
        content_type=content.kind,
        content_id=content.content_id,
        prefix=content.prefix,
        token=STAND_IN,
        account_id=viewer.account_id,
        abonement=viewer.abonement,
        device=asked["device"] or viewer.device,
        device_uid=viewer.device_uid,
        ip=asked["ip"],
        data_center_id=viewer.data_center_id,
        multicast_uri=content.multicast_uri,
        now=asked["now"],
        user_agent=asked.get("user_agent", ""),
        audio_pid=chosen.audio_pid,
        text_pid=chosen.text_pid,
        video_pid=chosen.video_pid,
    )
    return Wanted(viewer, content, wish, request, asked["now"], allowed.max_sessions, allowed.works)


def _age(wanted: Wanted, window: ArchiveWindow) -> float | None:
    """How many days back, by the guide, a record must reach; a pause within the channel's limit needs none."""
    content, now = wanted.content, wanted.now
    if window.going_on and window.behind(now, picture_shift(wanted)) <= content.pause_live_tv_shift:
        return None
    days = window.age_days(now)
    depths = (archive_depth(content, service) + service.shift_hours / 24 for service in content.services)
    if days > max(depths, default=0):
        raise NotFound("this programme is older than the records")
    return days


def picture_shift(wanted: Wanted) -> int:
    """How many hours later than the guide says the picture comes that this viewer is shown, as lists tell him."""
    content, wish = wanted.content, wanted.wish
    working = replace(content, services=tuple(one for one in content.services if one.enabled and one.available))
    shift = shown_shift(working, wish.service_ids, wanted.works, wanted=wish.shift_hours, multicast=wish.multicast)
    return shift or 0
