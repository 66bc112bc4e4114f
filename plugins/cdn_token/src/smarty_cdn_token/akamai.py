"""`akamai_token`: Token 2.0, fields joined by `~` with their HMAC at the end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from smarty_cdn_token.settings import AkamaiSettings
from smarty_cdn_token.signing import digest_of, encoded, key_of
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_links import LinkMasks, as_servers_write, folder_of
from smarty_core.contracts.stream_mask import fill_mask
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import ConfigError, NotSupported

if TYPE_CHECKING:
    from smarty_core.api.host import Host

CLOCK_SKEW: Final = 300
"""Seconds by which a link begins earlier than it is made: the network's clock may be behind ours."""


def token(
    key: bytes, *, start: int, end: int, acl: str, algorithm: str = "sha256", ip: str = "", user: str = ""
) -> str:
    """The value of the parameter. `acl` is a path with `*`; `ip` and `user` empty = not signed."""
    fields = [f"ip={ip}"] if ip else []
    fields += [f"st={start}", f"exp={end}", f"acl={acl}"]
    if user:
        fields.append(f"id={user}")
    text = "~".join(fields)
    return f"{text}~hmac={encoded(digest_of(text, f'hmac-{algorithm}', key), 'hex', padding=False)}"


class AkamaiToken(StreamRouter[AkamaiSettings]):
    """`akamai_token`: a link opens the folder of its content, segments included. Mistakes in masks and a secret that is
    not hexadecimal are a `ConfigError` when the instance is made."""

    Settings: ClassVar[type[DriverSettings]] = AkamaiSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive"})

    def __init__(self, name: str, settings: AkamaiSettings, host: Host) -> None:
        super().__init__(name, settings, host)
        self._masks = LinkMasks(settings.live_mask, settings.archive_mask, settings.timeshift_mask)
        problems = self._masks.problems()
        try:
            self._key = key_of(settings.secret.get_secret_value(), "hex")
        except ValueError:
            problems.append("secret: the key is hexadecimal")
        if problems:
            raise ConfigError(*(f"{name}: {problem}" for problem in problems))

    def issue(self, request: PlayRequest) -> StreamUrl:
        mask = self._masks.of(self.name, request)
        if self.settings.bind_ip and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        folder = folder_of(mask, request)
        if set(folder) & set("%~*!"):
            # In the list of paths these mean something else, or nobody says how they are compared.
            raise NotSupported(f"{self.name}: the stream's name has letters that the signature cannot hold")
        now = int((request.now or datetime.now(UTC)).timestamp())
        value = token(
            self._key,
            start=now - CLOCK_SKEW,
            end=now + self.settings.lifetime,
            acl=f"{folder}*",
            algorithm=self.settings.algorithm,
            ip=as_servers_write(request.ip) if self.settings.bind_ip else "",
            user=str(request.account_id) if self.settings.sign_account and request.account_id else "",
        )
        parts = urlsplit(fill_mask(mask, request))
        query = f"{self.settings.parameter}={value}"
        return StreamUrl(parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl())
