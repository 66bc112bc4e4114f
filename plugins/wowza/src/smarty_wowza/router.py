"""The driver: an address on the server, with the parameters of its archive and its signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_mask import clean_prefix
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.contracts.stream_server import server_address
from smarty_core.errors import ConfigError, NotSupported
from smarty_wowza.securetoken import sign
from smarty_wowza.settings import WowzaSettings

if TYPE_CHECKING:
    from smarty_core.api.host import Host

CLOCK_SKEW: Final = 300
"""Seconds by which a link begins earlier than it is made: the server's clock may be behind ours."""

_FILES: Final = {"hls": "playlist.m3u8", "dash": "manifest.mpd"}
_AS_WRITTEN: Final = "/-._~:"
"""Signs of a stream's name that stay as they are; `mp4:film.mp4` is a usual one."""


class Wowza(StreamRouter[WowzaSettings]):
    """`wowza`: the address of a stream, in the archive that of nDVR; signed when there is a secret.

    An address that is none is a `ConfigError` when the instance is made.
    """

    Settings: ClassVar[type[DriverSettings]] = WowzaSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: WowzaSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._base = server_address(name, mask=settings.mask)
        self._application = urlsplit(self._base).path.strip("/")
        if not self._application or quote(self._application, safe=_AS_WRITTEN) != self._application:
            raise ConfigError(f"{name}: mask: the address ends with the application: http://host:1935/live")

    def issue(self, request: PlayRequest) -> StreamUrl:
        stream = clean_prefix(request.prefix)
        if not stream:
            raise NotSupported(f"{self.name}: content {request.content_id} has no prefix, the name of its stream")
        if quote(stream, safe=_AS_WRITTEN) != stream:
            # Whether the server hashes the name before or after decoding it is not documented.
            raise NotSupported(f"{self.name}: the stream's name has letters that an address cannot hold as they are")
        now = request.now or datetime.now(UTC)
        window = _window(request)
        token = self._token(f"{self._application}/{stream}", request, window, now)
        query = "&".join(
            [*(["DVR"] if window else []), *(f"{name}={value}" for name, value in (window | token).items())]
        )
        return StreamUrl(f"{self._base}/{stream}/{_FILES[self.settings.format]}{'?' if query else ''}{query}")

    def _token(self, path: str, request: PlayRequest, window: dict[str, str], now: datetime) -> dict[str, str]:
        secret = self.settings.secret.get_secret_value()
        if not secret:
            return {}
        if self.settings.bind_ip and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        prefix, moment = self.settings.prefix, int(now.timestamp())
        times = {
            f"{prefix}starttime": str(moment - CLOCK_SKEW),
            f"{prefix}endtime": str(moment + self.settings.lifetime),
        }
        # Every parameter that begins with the prefix is signed, whatever it is for.
        public = times | {name: value for name, value in window.items() if name.startswith(prefix)}
        ip = request.ip if self.settings.bind_ip else ""
        return times | {f"{prefix}hash": sign(path, secret, public, algorithm=self.settings.hash, ip=ip)}


def _window(request: PlayRequest) -> dict[str, str]:
    """Parameters of nDVR. Without a length it plays on; so does what is still on air."""
    if request.start is None:
        return {}
    window = {"wowzadvrplayliststart": request.start.astimezone(UTC).strftime("%Y%m%d%H%M%S")}
    if request.stop is not None and not request.timeshift:
        length = max(1, int((request.stop - request.start).total_seconds()))
        window["wowzadvrplaylistduration"] = str(length * 1000)
    return window
