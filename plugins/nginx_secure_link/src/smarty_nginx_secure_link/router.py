"""The driver: an address from a mask, signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_links import LinkMasks, as_servers_write, folder_of, names_in
from smarty_core.contracts.stream_mask import fill_mask
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported
from smarty_nginx_secure_link.settings import NginxSettings
from smarty_nginx_secure_link.signature import NAMES, PATH_EXPRESSION, QUERY_EXPRESSION, Signed, sign

if TYPE_CHECKING:
    from smarty_core.api.host import Host


class NginxSecureLink(StreamRouter[NginxSettings]):
    """`nginx_secure_link`: the server believes the signature and the time in the address; nobody is asked.

    Mistakes in masks and in the signed expression are a `ConfigError` when the instance is made.
    """

    Settings: ClassVar[type[DriverSettings]] = NginxSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: NginxSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._masks = LinkMasks(settings.live_mask, settings.archive_mask, settings.timeshift_mask)
        problems = [f"{name}: {problem}" for problem in self._masks.problems()]
        self._expression = settings.expression or (QUERY_EXPRESSION if settings.form == "query" else PATH_EXPRESSION)
        try:
            self._signed = names_in(self._expression, NAMES)
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
        mask = self._masks.of(self.name, request)
        if "ip" in self._signed and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        now = request.now or datetime.now(UTC)
        return StreamUrl(self._link(fill_mask(mask, request), folder_of(mask, request), request.ip, now))

    def _link(self, address: str, folder: str, ip: str, now: datetime) -> str:
        parts = urlsplit(address)
        signed = Signed(
            expires=int(now.timestamp()) + self.settings.lifetime,
            uri=unquote(parts.path),
            folder=unquote(folder),
            ip=as_servers_write(ip),
            secret=self.settings.secret.get_secret_value(),
        )
        md5 = sign(self._expression, signed)
        if self.settings.form == "path":
            return parts._replace(path=f"/{self.settings.path_prefix}/{md5}/{signed.expires}{parts.path}").geturl()
        arguments = f"{self.settings.md5_argument}={md5}&{self.settings.expires_argument}={signed.expires}"
        return parts._replace(query=f"{parts.query}&{arguments}" if parts.query else arguments).geturl()
