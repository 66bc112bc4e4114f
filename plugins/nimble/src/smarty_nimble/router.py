"""The driver: an address on the server, with the playlist of its wish and its signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_mask import clean_prefix
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.contracts.stream_server import server_address
from smarty_core.errors import ConfigError, NotSupported
from smarty_nimble.settings import NimbleSettings
from smarty_nimble.wmsauth import Link, sign

if TYPE_CHECKING:
    from smarty_core.api.host import Host

_AS_WRITTEN: Final = "/-._~:"


class Nimble(StreamRouter[NimbleSettings]):
    """`nimble`: the address of a stream, in the archive of its DVR playlist; signed when there is a password.

    An address that is none is a `ConfigError` when the instance is made.
    """

    Settings: ClassVar[type[DriverSettings]] = NimbleSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: NimbleSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._base = server_address(name, mask=settings.mask)
        self._application = urlsplit(self._base).path.strip("/")
        if not self._application or quote(self._application, safe=_AS_WRITTEN) != self._application:
            raise ConfigError(f"{name}: mask: the address ends with the application: http://host:8081/live")
        if settings.pay_per_view and not settings.secret.get_secret_value():
            raise ConfigError(f"{name}: pay_per_view: needs a secret")

    def issue(self, request: PlayRequest) -> StreamUrl:
        stream = clean_prefix(request.prefix)
        if not stream:
            raise NotSupported(f"{self.name}: content {request.content_id} has no prefix, the name of its stream")
        if quote(stream, safe=_AS_WRITTEN) != stream:
            # Whether the server compares the name before or after decoding it is not documented.
            raise NotSupported(f"{self.name}: the stream's name has letters that an address cannot hold as they are")
        now = request.now or datetime.now(UTC)
        uri = f"{self._base}/{stream}/{self._playlist(request, now)}"
        if password := self.settings.secret.get_secret_value():
            uri += f"?wmsAuthSign={sign(self._link(stream, request, now), password)}"
        return StreamUrl(uri)

    def _playlist(self, request: PlayRequest, now: datetime) -> str:
        if request.start is None:
            if self.settings.format == "dash":
                return "manifest.mpd"
            return "playlist_dvr.m3u8" if self.settings.live_dvr and _is_live(request) else "playlist.m3u8"
        if self.settings.format == "dash":
            raise NotSupported(f"{self.name}: Nimble plays its archive as HLS only")
        start = int(request.start.timestamp())
        if request.stop is None or request.timeshift:
            # A delayed picture that goes on: what is still on air has no end that a range could name.
            return f"playlist_dvr_timeshift-{max(1, int(now.timestamp()) - start)}.m3u8"
        return f"playlist_dvr_range-{start}-{max(1, int(request.stop.timestamp()) - start)}.m3u8"

    def _link(self, stream: str, request: PlayRequest, now: datetime) -> Link:
        settings = self.settings
        if settings.bind_ip and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        if settings.pay_per_view and not request.account_id:
            raise NotSupported(f"{self.name}: pay-per-view needs an account")
        signed = {"stream": f"{self._application}/{stream}", "application": f"{self._application}/", "nothing": ""}
        return Link(
            moment=now,
            minutes=settings.valid_minutes,
            ip=request.ip if settings.bind_ip else "",
            stream=signed[settings.signed],
            user=str(request.account_id) if settings.pay_per_view else "",
        )


def _is_live(request: PlayRequest) -> bool:
    return request.content_type != "video"
