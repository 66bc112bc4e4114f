"""Contract `smarty.stream_router`: turns the wish to watch something into an address on a video server."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from smarty_core.contracts.driver import Driver, Probe, SettingsT
from smarty_core.errors import ProviderError, ProviderRefused

ContentType = Literal["channel", "program", "video", "radio", "camera"]
RecordState = Literal["planned", "recording", "done", "failed"]

PROBE_SECONDS: Final = 5.0
"""How long `probe` waits for a server."""


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """Everything a router may use. Times are aware UTC; `stop` is None while a programme is still on air.

    `prefix` is the name of the content on the video server; `content_id` our id (or the channel's override).
    `token` is what the address has to carry when the router declares `token` in `supports`, else empty. A router may be
    asked twice: first with a stand-in, which is replaced in the address it makes. `start` and `stop` are moments of
    what the service broadcasts: its `shift_hours` are counted in. `audio_pid`, `text_pid` and `video_pid` are the ids
    of the sound, subtitles and quality a device asked for, empty = as the server likes.
    """

    content_type: ContentType
    content_id: str
    prefix: str
    token: str = ""
    start: datetime | None = None
    stop: datetime | None = None
    timeshift: bool = False
    """True: play from `start` and go on (paused live, tv_pause); False: the window from `start` to `stop`."""
    account_id: int = 0
    abonement: str = ""
    device: str = ""
    device_uid: str = ""
    ip: str = ""
    data_center_id: int | None = None
    shift_hours: int = 0
    multicast_uri: str = ""
    now: datetime | None = None
    user_agent: str = ""
    audio_pid: str = ""
    text_pid: str = ""
    video_pid: str = ""


@dataclass(frozen=True, slots=True)
class StreamUrl:
    """An address to play, and a mask for archive thumbnails when the server offers them."""

    uri: str
    preview_mask: str = ""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of a token that a video server asked about and that is good."""

    account_id: int
    auth_duration: int
    """Seconds after which the server should ask again."""
    max_sessions: int = 0
    """How many sessions of the account its tariffs allow at once; 0 = no limit."""
    unique: bool = False
    """A new session ends the account's older one."""


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What a video server says of itself."""

    alive: bool
    load: float | None = None
    """How busy it is, 0 = idle; only compared with that of other services. None = it does not say."""
    session_count: int | None = None
    """Viewers it has at this moment; None = it does not say."""
    detail: str = ""
    """Why it is not alive, for the operator's log; no secrets."""


@dataclass(frozen=True, slots=True)
class RecordTask:
    """A wish to record `[start, stop)` of a channel. Times are aware UTC.

    `id` is ours, unique on the whole installation and the same each time the task is sent; it holds letters, digits
    and hyphens only. `content_id` and `prefix` name the channel as in `PlayRequest`.
    """

    id: str
    content_id: str
    prefix: str
    start: datetime
    stop: datetime
    name: str = ""
    """Title for people."""
    source: str = ""
    """Address of the picture to record when the server does not know the channel by itself: the multicast address."""
    directory: str = ""
    """Where the service keeps records; empty = where the server wants."""
    keep_seconds: int = 0
    """How long the record is kept; 0 = as long as the server's archive."""
    urgent: bool = False
    """Begin at once: the programme is on air already."""
    external_id: str = ""
    """What `record` returned for this task; empty before."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How far a video server is with a task. `external_id` is what `record` returned for it."""

    external_id: str
    state: RecordState
    detail: str = ""
    """The server's own word, or why it failed."""


class StreamRouter(Driver[SettingsT]):
    """Makes stream addresses. One object serves one stream service.

    Abilities: `token` (wants a token of ours in the request), `archive` (serves past programmes), `health` (the server
    can be asked how it is), `record` (the server takes tasks to record), `inline`.
    """

    capability: ClassVar[str] = "stream_router"
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "token": (),
        "archive": (),
        "health": ("is_alive",),
        "record": ("record", "cancel_record", "recordings"),
    }
    background: ClassVar[frozenset[str]] = frozenset({"probe", "is_alive", "record", "cancel_record", "recordings"})

    @abstractmethod
    def issue(self, request: PlayRequest) -> StreamUrl:
        """The address for `request`. Every value put into it is URL-quoted by the router.

        Raises `NotSupported` for a content type or an archive wish the server cannot serve, `ProviderUnavailable`
        when the server has to be asked and does not answer. Has no side effect of its own: may be called twice.
        """

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        """Headers the video server expects in the answer to a good token check; none by default."""
        return {}

    def probe(self) -> Probe:
        """With the ability `health` what `is_alive` says, else yes."""
        if "health" not in self.supports:
            return Probe(ok=True)
        try:
            health = self.is_alive(PROBE_SECONDS)
        except ProviderRefused as exc:
            return Probe(False, "refused_credentials", str(exc))
        except ProviderError as exc:
            return Probe(False, "other", str(exc))
        if health is None or health.alive:
            return Probe(ok=True)
        return Probe(False, "cannot_connect", health.detail)

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        """Ask the server how it is, within `deadline` seconds. Idempotent, in the background. Ability `health`.

        None when this service has no address to ask at: nothing is known then. A server that cannot be reached, says
        nothing in time or says that it is unwell is an answer: `alive` is False and `detail` says why. Raises
        `ProviderRefused` when it does not accept our credentials and `ProviderProtocolError` when nobody can read
        what it says.
        """
        return self._unsupported("health")  # type: ignore[no-any-return]

    def record(self, task: RecordTask) -> str:
        """Have the server record `task`; returns the server's name of the task, never empty, 64 signs at most.

        Idempotent: a task sent twice is recorded once and has the same name. In the background. Ability `record`.
        Raises `ProviderRefused` when the server will not take it (the end is in the past, too short, no such channel)
        and the other two `ProviderError` kinds.
        """
        return self._unsupported("record")  # type: ignore[no-any-return]

    def cancel_record(self, task: RecordTask) -> None:
        """Take the task back. Idempotent: one that is unknown or done succeeds; what was recorded may stay.

        In the background. Ability `record`. Raises the three `ProviderError` kinds.
        """
        self._unsupported("record")

    def recordings(self) -> Sequence[Recording]:
        """Where the tasks of this server stand; tasks of others may be among them, one long done may be missing.

        Idempotent, in the background. Ability `record`. Raises the three `ProviderError` kinds.
        """
        return self._unsupported("record")  # type: ignore[no-any-return]
