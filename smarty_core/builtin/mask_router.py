"""Stream router `mask`: an address made from a mask with variables, for any video server without a plugin."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported

if TYPE_CHECKING:
    from smarty_core.api.host import Host


def _unix(moment: datetime | None) -> str:
    return "" if moment is None else str(int(moment.timestamp()))


def _duration(request: PlayRequest) -> str:
    if request.start is None:
        return ""
    end = request.stop or request.now or datetime.now(UTC)
    return str(max(0, int((end - request.start).total_seconds())))


VARIABLES: Final[Mapping[str, Callable[[PlayRequest], str]]] = {
    "prefix": lambda request: request.prefix,
    "token": lambda request: request.token,
    "cid": lambda request: request.content_id,
    "flpbt": lambda request: _unix(request.start),
    "flpet": lambda request: _unix(request.stop),
    "flpdur": _duration,
    "utc": lambda request: _unix(request.now or datetime.now(UTC)),
    "ip": lambda request: request.ip,
    "abonement": lambda request: request.abonement,
    "account": lambda request: str(request.account_id or ""),
    "device": lambda request: request.device,
    "device_uid": lambda request: request.device_uid,
    "dc": lambda request: "" if request.data_center_id is None else str(request.data_center_id),
    "shift": lambda request: str(request.shift_hours),
}
"""Name of a variable -> its value."""

_ARCHIVE: Final = frozenset({"flpbt", "flpet", "flpdur"})
_IN_PATH: Final = "/-._~"
"""What stays as it is in `$prefix` before a query: a stream's name may be a path."""


class MaskSettings(DriverSettings):
    """The masks. Without an archive mask the service has no archive; without a timeshift mask that of the archive."""

    live_mask: str = setting(en="Mask of live addresses", ru="Маска адреса прямого эфира", min_length=1)
    archive_mask: str = setting("", en="Mask of archive addresses", ru="Маска адреса архива")
    timeshift_mask: str = setting("", en="Mask of paused live", ru="Маска адреса тайм-шифта")
    preview_mask: str = setting("", en="Mask of archive pictures", ru="Маска картинок архива")


class MaskRouter(StreamRouter[MaskSettings]):
    """Fills variables into a mask: `http://video.example/$prefix/index.m3u8?token=$token`.

    `$prefix` name of the content on the server, `$token` token of ours, `$cid` id of the content, `$flpbt` / `$flpet`
    begin and end of the window (Unix seconds), `$flpdur` its length in seconds (up to now while it is on air), `$utc`
    the present Unix time, `$ip`, `$abonement`, `$account`, `$device`, `$device_uid`, `$dc` data centre, `$shift` hours
    of time shift. `$$` is a dollar sign, `${prefix}` where a letter follows. Values are URL-quoted; in the path a
    `$prefix` may hold slashes. A variable nobody knows is a `ConfigError` when the instance is made.

    An archive mask is needed to play past programmes. A token is issued for masks that use `$token`.
    """

    Settings: ClassVar[type[DriverSettings]] = MaskSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "token", "archive"})

    def __init__(self, name: str, settings: MaskSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        problems = [
            f"{name}: {field}: {problem}" for field, mask in settings if mask for problem in _problems(mask, field)
        ]
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
                raise NotSupported(f"{self.name}: this service has no archive mask")
        return StreamUrl(_fill(mask, request), _fill(self.settings.preview_mask, request))


def variables(mask: str) -> frozenset[str]:
    """Names of the variables in `mask`."""
    return frozenset(string.Template(mask).get_identifiers())


def _problems(mask: str, field: str) -> list[str]:
    if not string.Template(mask).is_valid():
        return ["a $ that begins no variable; write $$ for a dollar sign"]
    unknown = sorted(variables(mask) - VARIABLES.keys())
    problems = [f"unknown variable ${name} in the mask {mask!r}; known: {', '.join(VARIABLES)}" for name in unknown]
    if field == "live_mask" and variables(mask) & _ARCHIVE:
        problems.append(f"${min(variables(mask) & _ARCHIVE)} has no value while live")
    return problems


def _fill(mask: str, request: PlayRequest) -> str:
    path, mark, query = mask.partition("?")
    filled = string.Template(path).substitute(_quoted(path, request, _IN_PATH))
    if mark:
        filled += mark + string.Template(query).substitute(_quoted(query, request, ""))
    return filled


def _quoted(mask: str, request: PlayRequest, safe_in_prefix: str) -> dict[str, str]:
    values = {name: quote(VARIABLES[name](request), safe="") for name in variables(mask)}
    if "prefix" in values:
        # `..` would climb out of the place the mask meant.
        steps = [step for step in request.prefix.split("/") if step not in ("", ".", "..")]
        values["prefix"] = quote("/".join(steps), safe=safe_in_prefix)
    return values
