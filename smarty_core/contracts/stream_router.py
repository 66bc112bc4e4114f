"""Contract `smarty.stream_router`: turns the wish to watch something into an address on a video server."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from smarty_core.contracts.driver import Driver, SettingsT

ContentType = Literal["channel", "program", "video", "radio", "camera"]


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """Everything a router may use. Times are aware UTC; `stop` is None while a programme is still on air.

    `prefix` is the name of the content on the video server; `content_id` our id (or the channel's override).
    `token` is what the address has to carry when the router declares `token` in `supports`, else empty. A router may be
    asked twice: first with a stand-in, which is replaced in the address it makes.
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
    unique: bool = False


class StreamRouter(Driver[SettingsT]):
    """Makes stream addresses. One object serves one stream service.

    Abilities: `token` (wants a token of ours in the request), `archive` (serves past programmes), `inline`.
    """

    capability: ClassVar[str] = "stream_router"
    abilities: ClassVar[Mapping[str, tuple[str, ...]]] = {"token": (), "archive": ()}

    @abstractmethod
    def issue(self, request: PlayRequest) -> StreamUrl:
        """The address for `request`. Every value put into it is URL-quoted by the router.

        Raises `NotSupported` for a content type or an archive wish the server cannot serve, `ProviderUnavailable`
        when the server has to be asked and does not answer. Has no side effect of its own: may be called twice.
        """

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        """Headers the video server expects in the answer to a good token check; none by default."""
        return {}
