"""Where the checks of a stream service go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from smarty_core.errors import InvalidValue
from smarty_core.storage.repositories.streams import ServiceFacts

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "rtsp": 554, "rtmp": 1935}
_NAME: Final = re.compile(r"[^\s/?#@\[\]:$]{1,253}")


@dataclass(frozen=True, slots=True)
class Target:
    """A host (name or address, IPv6 without brackets), its port, and what the HTTP check opens there."""

    host: str
    port: int
    tls: bool = False
    path: str = "/"

    @property
    def authority(self) -> str:
        """As in an address and a Host header: with brackets, without the usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def target_of(service: ServiceFacts, path: str = "") -> Target:
    """The host and port of the service, or else those its mask begins with.

    Raises `InvalidValue` with the reason when there is nothing to check: no host, a host that is made anew for each
    viewer, a port that is none.
    """
    scheme, mask_host, mask_port = _authority(service.mask)
    host = _bare((service.host or "").strip()) or mask_host
    if not host:
        raise InvalidValue("neither its host nor its mask says where it is")
    if not _is_host(host):
        raise InvalidValue(f"{host[:100]!r} is no host")
    own = bool((service.host or "").strip())
    port = service.port or ((not own and mask_port) or DEFAULT_PORTS.get(scheme, 80))
    if not 0 < port <= 65535:
        raise InvalidValue(f"{port} is no port")
    tls = port == 443 if own else scheme == "https"
    return Target(host, port, tls, _path(path))


def _authority(mask: str) -> tuple[str, str, int]:
    """Scheme, host and port that a mask begins with; empty where a variable stands in their place."""
    try:
        parts = urlsplit(mask.strip())
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", "", 0
    return parts.scheme, ("" if "$" in parts.netloc else host), port


def _bare(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return bool(_NAME.fullmatch(host)) and host.isprintable()
    return True


def _path(path: str) -> str:
    given = path.strip() or "/"
    if not given.isascii() or not given.isprintable() or " " in given:
        raise InvalidValue("the path of its HTTP check has signs that no address has")
    return given if given.startswith("/") else f"/{given}"
