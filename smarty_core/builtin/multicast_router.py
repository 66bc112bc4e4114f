"""Stream router `multicast`: the multicast address of the content itself, or a udpxy in front of it."""

from __future__ import annotations

import re
from typing import ClassVar, Final
from urllib.parse import urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting
from smarty_core.contracts.stream_router import PlayRequest, StreamRouter, StreamUrl
from smarty_core.errors import NotSupported

_GROUP: Final = re.compile(
    r"(?:(?P<scheme>udp|rtp|igmp)://)?@?(?P<group>[0-9.]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})/?"
)


class MulticastSettings(DriverSettings):
    """Without a proxy the device joins the group itself."""

    proxy: str = setting(
        "",
        en="Address of a udpxy",
        ru="Адрес udpxy",
        help_en="For example http://10.0.0.1:4022",
        help_ru="Например http://10.0.0.1:4022",
        pattern=r"\A(https?://[^\s?#]+)?\z",
    )


class MulticastRouter(StreamRouter[MulticastSettings]):
    """Live channels, stations and cameras only.

    The address is the content's own: `udp://@239.1.1.1:1234`, `rtp://...` or `239.1.1.1:1234`.
    """

    Settings: ClassVar[type[DriverSettings]] = MulticastSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def issue(self, request: PlayRequest) -> StreamUrl:
        if request.content_type not in ("channel", "radio", "camera") or request.start is not None:
            raise NotSupported(f"{self.name}: multicast carries what is live only")
        found = _GROUP.fullmatch(request.multicast_uri.strip())
        if found is None or not 0 < int(found["port"]) < 65_536:
            raise NotSupported(f"{self.name}: {request.content_type} {request.content_id} has no multicast address")
        scheme, place = found["scheme"] or "udp", f"{found['group']}:{found['port']}"
        if not self.settings.proxy:
            return StreamUrl(f"{scheme}://@{place}")
        path = "rtp" if scheme == "rtp" else "udp"
        return StreamUrl(f"{urlsplit(self.settings.proxy).geturl().rstrip('/')}/{path}/{place}")
