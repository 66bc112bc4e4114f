"""The address of a video server out of the fields of its stream service. For every router that builds addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

from smarty_core.errors import ConfigError


def server_address(name: str, *, mask: str, host: str = "", port: int = 0, field: str = "mask") -> str:
    """`http://host[:port][/folder]` without a slash at its end: the mask, or else what `host` and `port` make.

    Raises `ConfigError` for everything that is no such address; it names `name`, the instance, and `field`, the
    setting that `mask` was.
    """
    given = mask
    if not given and host:
        bracketed = f"[{host}]" if ":" in host else host
        given = f"http://{bracketed}:{port}" if port else f"http://{bracketed}"
    try:
        parts = urlsplit(given)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username or not given.isprintable() or " " in given:
        raise ConfigError(
            f"{name}: {field}: the address of the server is http://host or https://host, not {given[:200]!r}"
        )
    return given.rstrip("/")
