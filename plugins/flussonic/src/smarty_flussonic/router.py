"""The two drivers: tokens of ours that the server asks about, and links the server believes by their signature."""

from __future__ import annotations

import secrets
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.stream_mask import (
    ARCHIVE_VARIABLES,
    clean_prefix,
    fill_mask,
    mask_problems,
    path_of,
    variables,
)
from smarty_core.contracts.stream_router import PlayRequest, ServiceHealth, StreamRouter, StreamUrl, TokenFacts
from smarty_core.contracts.stream_server import server_address
from smarty_core.errors import ConfigError, NotSupported, ProviderProtocolError, ProviderUnavailable
from smarty_flussonic.forms import PREVIEW, form_of
from smarty_flussonic.securetoken import CLOCK_SKEW, Link, sign
from smarty_flussonic.settings import BackendSettings, FlussonicSettings, SecuretokenSettings

if TYPE_CHECKING:
    from smarty_core.api.host import Host

FlussonicT = TypeVar("FlussonicT", bound=FlussonicSettings)

_TELEVISION: Final = ("channel", "program", "radio", "camera")


class FlussonicRouter(StreamRouter[FlussonicT]):
    """What both drivers share: the address. They differ in the query and in what `$token` of a mask means."""

    def __init__(self, name: str, settings: FlussonicT, host: Host) -> None:
        super().__init__(name, settings, host)
        self._masked = "$" in settings.mask
        self._base = (
            "" if self._masked else server_address(name, mask=settings.mask, host=settings.host, port=settings.port)
        )
        self._api = server_address(name, mask=settings.api_url, field="api_url") if settings.api_url else ""
        if self._masked and (problems := mask_problems(settings.mask, live=False)):
            raise ConfigError(*(f"{name}: mask: {problem}" for problem in problems))

    def issue(self, request: PlayRequest) -> StreamUrl:
        if request.content_type not in (*_TELEVISION, "video"):
            raise NotSupported(f"{self.name}: no address for content of type {request.content_type}")
        if not clean_prefix(request.prefix):
            raise NotSupported(f"{self.name}: content {request.content_id} has no prefix, the name of its stream")
        if self._masked:
            return self._from_mask(request)
        stream = f"{self._base}/{path_of(request.prefix)}"
        is_film = request.content_type == "video"
        kind: str = self.settings.format
        if request.start is not None:
            kind = self.settings.archive_format or kind
        elif is_film and kind == "mpegts":
            kind = "hls"  # files are played as HLS or DASH only
        rewind = 0 if is_film else self.settings.rewind
        form = form_of(request, kind, rewind=rewind, shift_on_server=self.settings.shift_on_server)
        query = urlencode(self._query(request, unquote(urlsplit(stream).path).strip("/")))
        mark = "?" if query else ""
        preview = f"{stream}/{PREVIEW}{mark}{query}" if self.settings.preview and not is_film else ""
        return StreamUrl(f"{stream}/{form}{mark}{query}", preview)

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        if not self._api:
            return None
        login = self.settings.api_login
        try:
            answer = self.host.http.request(
                "GET",
                f"{self._api}/streamer/api/v3/streams",
                params={"limit": 1},
                auth=(login, self.settings.api_password.get_secret_value()) if login else None,
                timeout=deadline,
            )
        except ProviderUnavailable as exc:
            return ServiceHealth(alive=False, detail=str(exc))
        if not isinstance(answer.json(), dict):
            raise ProviderProtocolError(f"{self.name}: the API of the server answers something else than streams")
        return ServiceHealth(alive=True)

    @abstractmethod
    def _query(self, request: PlayRequest, stream: str) -> Mapping[str, str]:
        """What the address carries besides the form. `stream` is the server's name of the stream."""

    def _from_mask(self, request: PlayRequest) -> StreamUrl:
        mask = self.settings.mask
        used = variables(mask)
        if request.start is None and used & ARCHIVE_VARIABLES:
            raise NotSupported(f"{self.name}: ${min(used & ARCHIVE_VARIABLES)} of the mask has no value while live")
        if request.start is not None and not used & ARCHIVE_VARIABLES:
            raise NotSupported(f"{self.name}: the mask is one of live addresses")
        if request.start is not None and request.stop is None:
            # `now`: the server goes on with what is still on air.
            request = replace(request, timeshift=True)
        if "token" in used:
            before = fill_mask(urlsplit(mask).path.partition("$prefix")[0], request)
            stream = f"{unquote(before).strip('/')}/{clean_prefix(request.prefix)}".strip("/")
            request = replace(request, token=self._query(request, stream).get("token", ""))
        return StreamUrl(fill_mask(mask, request))


class Flussonic(FlussonicRouter[BackendSettings]):
    """`flussonic`: the address carries a token of ours, and the server asks us about it (`auth_backend`, `on_play`)."""

    Settings: ClassVar[type[DriverSettings]] = BackendSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "token", "archive", "health"})

    def _query(self, request: PlayRequest, stream: str) -> Mapping[str, str]:
        return {"token": request.token} if request.token else {}

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        headers = {"X-AuthDuration": str(facts.auth_duration), "X-UserId": str(facts.account_id)}
        if limit := facts.max_sessions or self.settings.max_sessions:
            headers["X-Max-Sessions"] = str(limit)
        if facts.unique or self.settings.unique:
            headers["X-Unique"] = "true"
        return headers


class FlussonicSecuretoken(FlussonicRouter[SecuretokenSettings]):
    """`flussonic_securetoken`: the address is signed for one stream, one viewer's address and a time; nobody is asked.

    `$token` of a mask stands for the signed token.
    """

    Settings: ClassVar[type[DriverSettings]] = SecuretokenSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline", "archive", "health"})

    def _query(self, request: PlayRequest, stream: str) -> Mapping[str, str]:
        if self.settings.bind_ip and not request.ip:
            raise NotSupported(f"{self.name}: a link for the viewer's address needs that address")
        now = int((request.now or datetime.now(UTC)).timestamp())
        link = Link(
            stream=stream,
            ip=request.ip if self.settings.bind_ip else "",
            start=now - CLOCK_SKEW,
            end=now + self.settings.lifetime,
            user_id=str(request.account_id) if self.settings.sign_user else "",
        )
        token = sign(link, self.settings.secret.get_secret_value(), secrets.token_hex(8))
        return {"token": token, "user_id": link.user_id} if link.user_id else {"token": token}
