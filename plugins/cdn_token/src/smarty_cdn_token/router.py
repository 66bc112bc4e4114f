"""`cdn_token`: a text, a hash, an encoding and a place, each of the operator's choice."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote, unquote, urlsplit

from smarty_cdn_token.settings import CdnSettings
from smarty_cdn_token.signing import digest_of, encoded, key_of
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_links import LinkMasks, as_servers_write, folder_of, names_in
from smarty_core.contracts.stream_mask import fill_mask
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported

if TYPE_CHECKING:
    from smarty_core.api.host import Host

_SIGNED: Final = {name: name for name in ("expires", "starts", "uri", "raw_uri", "folder", "ip", "host", "secret")}
_SHOWN: Final = {name: name for name in ("hash", "expires", "starts", "ip")}
_PATHS: Final = frozenset({"uri", "raw_uri", "folder"})


class CdnToken(StreamRouter[CdnSettings]):
    """`cdn_token`: signs as the network's manual says. Mistakes in masks and templates are a `ConfigError` when the
    instance is made."""

    Settings: ClassVar[type[DriverSettings]] = CdnSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: CdnSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._masks = LinkMasks(settings.live_mask, settings.archive_mask, settings.timeshift_mask)
        in_path = settings.placement == "path"
        self._template = settings.template or ("/$hash/$expires$uri" if in_path else "md5=$hash&e=$expires")
        problems = [*self._masks.problems(), *self._expression_problems(), *self._template_problems(in_path=in_path)]
        try:
            self._key = key_of(settings.secret.get_secret_value(), settings.secret_form)
        except ValueError:
            problems.append(f"secret: it is not written as {settings.secret_form}")
        if problems:
            raise ConfigError(*(f"{name}: {problem}" for problem in problems))
        self._uses_ip = "ip" in names_in(settings.expression, _SIGNED)

    def issue(self, request: PlayRequest) -> StreamUrl:
        mask = self._masks.of(self.name, request)
        if self._uses_ip and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        parts = urlsplit(fill_mask(mask, request))
        now = int((request.now or datetime.now(UTC)).timestamp())
        facts = {
            "expires": str(now + self.settings.lifetime),
            "starts": str(now),
            "uri": unquote(parts.path),
            "raw_uri": parts.path,
            "folder": unquote(folder_of(mask, request)),
            "ip": as_servers_write(request.ip),
            "host": parts.netloc,
            "secret": self.settings.secret.get_secret_value(),
        }
        text = string.Template(self.settings.expression).substitute(facts)
        digest = digest_of(text, self.settings.algorithm, self._key)
        facts["hash"] = encoded(digest, self.settings.encoding, padding=self.settings.padding)
        shown = {name: quote(facts[name], safe="") for name in _SHOWN}
        if self.settings.placement == "path":
            return StreamUrl(parts._replace(path=_filled(self._template, shown | {"uri": parts.path})).geturl())
        query = _filled(self._template, shown)
        return StreamUrl(parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl())

    def _expression_problems(self) -> list[str]:
        try:
            used = names_in(self.settings.expression, _SIGNED)
        except ValueError as wrong:
            return [f"expression: {wrong}"]
        needed = {"expires"} if self.settings.algorithm.startswith("hmac-") else {"expires", "secret"}
        problems = [f"expression: it signs no ${name}, so anybody could make links" for name in sorted(needed - used)]
        if not used & _PATHS:
            problems.append("expression: it signs no $uri, $raw_uri or $folder, so a link opens everything")
        return problems

    def _template_problems(self, *, in_path: bool) -> list[str]:
        try:
            used = names_in(self._template, _SHOWN | {"uri": "uri"} if in_path else _SHOWN)
        except ValueError as wrong:
            return [f"template: {wrong}"]
        needed = {"hash", "expires", "uri"} if in_path else {"hash", "expires"}
        problems = [f"template: it has no ${name}" for name in sorted(needed - used)]
        if in_path and not self._template.startswith("/"):
            problems.append("template: a path begins with /")
        if set(self._template) & set(" #?\"'<>\\") or not self._template.isascii():
            problems.append("template: it holds a character that must be written as %XX")
        return problems


def _filled(template: str, values: dict[str, str]) -> str:
    return string.Template(template).substitute(values)
