"""Stream router `mask`: an address made from a mask with variables, for any video server without a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting
from smarty_core.contracts.stream_mask import fill_mask, mask_problems
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported

if TYPE_CHECKING:
    from smarty_core.api.host import Host


class MaskSettings(DriverSettings):
    """The masks. Without an archive mask the service has no archive; without a timeshift mask that of the archive.

    One of the two is needed: the mask of a stream service is the live mask, that of a PVR service the archive mask.
    """

    live_mask: str = setting("", en="Mask of live addresses", ru="Маска адреса прямого эфира")
    archive_mask: str = setting("", en="Mask of archive addresses", ru="Маска адреса архива")
    timeshift_mask: str = setting("", en="Mask of paused live", ru="Маска адреса тайм-шифта")
    preview_mask: str = setting("", en="Mask of archive pictures", ru="Маска картинок архива")


class MaskRouter(StreamRouter[MaskSettings]):
    """Fills variables into a mask: `http://video.example/$prefix/index.m3u8?token=$token`.

    The variables are those of `smarty_core.contracts.stream_mask`. One that nobody knows is a `ConfigError` when the
    instance is made. An archive mask is needed to play past programmes. A token is issued for masks that use `$token`.
    """

    Settings: ClassVar[type[DriverSettings]] = MaskSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "token", "archive"})

    def __init__(self, name: str, settings: MaskSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        problems = [
            f"{name}: {field}: {problem}"
            for field, mask in settings
            if mask
            for problem in mask_problems(mask, live=field == "live_mask")
        ]
        if not settings.live_mask and not settings.archive_mask:
            problems = [f"{name}: live_mask: missing; the service has no mask"]
        if problems:
            raise ConfigError(*problems)

    def issue(self, request: PlayRequest) -> StreamUrl:
        if request.content_type not in ("channel", "program", "video", "radio", "camera"):
            raise NotSupported(f"{self.name}: no address for content of type {request.content_type}")
        mask = self.settings.live_mask
        if request.start is not None:
            mask = self.settings.archive_mask
            if request.timeshift:
                mask = self.settings.timeshift_mask or mask
        if not mask:
            wish = "live" if request.start is None else "archive"
            raise NotSupported(f"{self.name}: this service has no {wish} mask")
        return StreamUrl(fill_mask(mask, request), fill_mask(self.settings.preview_mask, request))
