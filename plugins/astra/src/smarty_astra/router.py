"""The two drivers: tokens of ours that the server asks about, and links the server believes by their signature."""

from __future__ import annotations

import secrets
import time
from abc import abstractmethod
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar
from urllib.parse import unquote, urlsplit

from smarty_astra.control import Control
from smarty_astra.securetoken import CLOCK_SKEW, Link, sign
from smarty_astra.settings import AstraSettings, SecuretokenSettings
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_mask import clean_prefix, fill_mask, mask_problems
from smarty_core.contracts.stream_router import PlayRequest, ServiceHealth, StreamRouter, StreamUrl, TokenFacts
from smarty_core.contracts.stream_server import server_address
from smarty_core.errors import ConfigError, NotSupported, ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    from smarty_core.api.host import Host

AstraT = TypeVar("AstraT", bound=AstraSettings)

_PLAYED: Final = ("channel", "radio", "camera")
_FORMS: Final = {"hls": "$prefix/index.m3u8", "mpegts": "$prefix", "play": "play/$prefix/index.m3u8"}


class AstraRouter(StreamRouter[AstraT]):
    """What both drivers share: the address, and how the server is. They differ in the token. No archive."""

    def __init__(self, name: str, settings: AstraT, host: Host) -> None:
        super().__init__(name, settings, host)
        self._mask = settings.mask
        if "$" not in settings.mask:
            base = server_address(name, mask=settings.mask, host=settings.host, port=settings.port)
            self._mask = f"{base}/{_FORMS[settings.format]}?token=$token"
        if problems := mask_problems(self._mask, live=True):
            raise ConfigError(*(f"{name}: mask: {problem}" for problem in problems))
        self.control = _control(name, settings, host)

    def issue(self, request: PlayRequest) -> StreamUrl:
        if request.content_type not in _PLAYED or request.start is not None:
            wish = "live" if request.start is None else "the archive"
            raise NotSupported(f"{self.name}: Astra has no address for {wish} of a {request.content_type}")
        if not clean_prefix(request.prefix):
            raise NotSupported(f"{self.name}: content {request.content_id} has no prefix, the path of its stream")
        return StreamUrl(fill_mask(self._mask, self._with_token(request)).removesuffix("?token="))

    @abstractmethod
    def _with_token(self, request: PlayRequest) -> PlayRequest:
        """`request` with the token that the server is going to see."""

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        if self.control is None:
            return None
        end = time.monotonic() + deadline
        try:
            self.control.system_status(deadline)
        except ProviderUnavailable as exc:
            return ServiceHealth(alive=False, detail=str(exc))
        try:
            count = len(self.control.sessions(max(0.1, end - time.monotonic())))
        except ProviderError:  # some versions have no such command
            return ServiceHealth(alive=True)
        return ServiceHealth(alive=True, session_count=count)


class Astra(AstraRouter[AstraSettings]):
    """`astra`: the address carries a token of ours, and the server asks us about it (HTTP Auth, for Astra and Alta)."""

    Settings: ClassVar[type[DriverSettings]] = AstraSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "token", "health"})

    def _with_token(self, request: PlayRequest) -> PlayRequest:
        return request

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        return {"X-Session-Name": str(facts.account_id)}


class AstraSecuretoken(AstraRouter[SecuretokenSettings]):
    """`astra_securetoken`: the address is signed for one channel, one viewer's address and a time; nobody is asked.

    `$token` of a mask stands for the signed token.
    """

    Settings: ClassVar[type[DriverSettings]] = SecuretokenSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "health"})

    def _with_token(self, request: PlayRequest) -> PlayRequest:
        if not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        now = int((request.now or datetime.now(UTC)).timestamp())
        link = Link(
            id=self._signed(request),
            ip=request.ip,
            start=now - CLOCK_SKEW,
            end=now + self.settings.lifetime,
        )
        return replace(request, token=sign(link, self.settings.secret.get_secret_value(), secrets.token_hex(8)))

    def _signed(self, request: PlayRequest) -> str:
        if self.settings.signed == "path":
            return unquote(urlsplit(fill_mask(self._mask, request)).path)
        return request.content_id if self.settings.channel_id == "cid" else clean_prefix(request.prefix)


def _control(name: str, settings: AstraSettings, host: Host) -> Control | None:
    if not settings.control_url:
        return None
    url = server_address(name, mask=settings.control_url, field="control_url")
    return Control(host.http, url, settings.control_login, settings.control_password.get_secret_value())
