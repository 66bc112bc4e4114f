"""The driver: an address from a mask, signed."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_mask import clean_prefix, fill_mask, mask_problems, variables
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported
from smarty_nginx_secure_link.settings import NginxSettings
from smarty_nginx_secure_link.signature import PATH_EXPRESSION, QUERY_EXPRESSION, Signed, names_in, sign

if TYPE_CHECKING:
    from smarty_core.api.host import Host

_MASKS = ("live_mask", "archive_mask", "timeshift_mask")


class NginxSecureLink(StreamRouter[NginxSettings]):
    """`nginx_secure_link`: the server believes the signature and the time in the address; nobody is asked.

    Mistakes in masks and in the signed expression are a `ConfigError` when the instance is made.
    """

    Settings: ClassVar[type[DriverSettings]] = NginxSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: NginxSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        problems = [
            f"{name}: {field}: {problem}"
            for field in _MASKS
            for problem in _mask_problems(field, getattr(settings, field))
        ]
        if not settings.live_mask and not settings.archive_mask:
            problems.append(f"{name}: live_mask: missing; the service has no mask")
        self._expression = settings.expression or (QUERY_EXPRESSION if settings.form == "query" else PATH_EXPRESSION)
        try:
            self._signed = names_in(self._expression)
        except ValueError as wrong:
            problems.append(f"{name}: expression: {wrong}")
        else:
            if missing := {"secret", "expires"} - self._signed:
                problems.append(f"{name}: expression: it signs no ${min(missing)}, so anybody could make links")
            if not self._signed & {"uri", "folder"}:
                problems.append(f"{name}: expression: it signs no $uri and no $folder, so a link opens everything")
        if problems:
            raise ConfigError(*problems)

    def issue(self, request: PlayRequest) -> StreamUrl:
        mask = self.settings.live_mask
        if request.start is not None:
            mask = (self.settings.timeshift_mask if request.timeshift else "") or self.settings.archive_mask
        if not mask:
            wish = "live" if request.start is None else "archive"
            raise NotSupported(f"{self.name}: this service has no {wish} mask")
        if "prefix" in variables(mask) and not clean_prefix(request.prefix):
            raise NotSupported(f"{self.name}: content {request.content_id} has no prefix, the name of its stream")
        if "ip" in self._signed and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        now = request.now or datetime.now(UTC)
        return StreamUrl(self._link(fill_mask(mask, request), _folder(mask, request), request.ip, now))

    def _link(self, address: str, folder: str, ip: str, now: datetime) -> str:
        parts = urlsplit(address)
        signed = Signed(
            expires=int(now.timestamp()) + self.settings.lifetime,
            uri=unquote(parts.path),
            folder=unquote(folder),
            ip=_as_nginx_writes(ip),
            secret=self.settings.secret.get_secret_value(),
        )
        md5 = sign(self._expression, signed)
        if self.settings.form == "path":
            return parts._replace(path=f"/{self.settings.path_prefix}/{md5}/{signed.expires}{parts.path}").geturl()
        arguments = f"{self.settings.md5_argument}={md5}&{self.settings.expires_argument}={signed.expires}"
        return parts._replace(query=f"{parts.query}&{arguments}" if parts.query else arguments).geturl()


def _mask_problems(field: str, mask: str) -> list[str]:
    if not mask:
        return []
    problems = mask_problems(mask, live=field == "live_mask")
    if not problems and "token" in variables(mask):
        problems.append("$token has no value here: the signature takes its place")
    try:
        parts = urlsplit(mask)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path.startswith("/")
    except ValueError:
        sound = False
    if not sound or parts.fragment or "$" in parts.netloc:
        problems.append("the address begins with http://host/ or https://host/")
    return problems


def _folder(mask: str, request: PlayRequest) -> str:
    """The path up to the content's own folder with its slash; where `$prefix` is none, up to the file's folder."""
    path = urlsplit(mask).path
    own = re.match(r".*?\$(?:prefix|\{prefix\})/", path)
    return fill_mask(own[0] if own else f"{path.rpartition('/')[0]}/", request)


def _as_nginx_writes(ip: str) -> str:
    """`$remote_addr` of this address: IPv6 in its shortest form."""
    try:
        return ipaddress.ip_address(ip).compressed
    except ValueError:
        return ip
