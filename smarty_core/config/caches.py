"""Which cache CACHES asks for, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

from smarty_core.config.names import nearest

Kind = Literal["memory", "redis", "cluster"]

_CLUSTER: Final = re.compile(r"(?:redis|rediss)\+cluster://")
_MEMORY: Final = ("memory", "locmem", "dummy")
_KEYS: Final = ("BACKEND", "LOCATION", "OPTIONS", "KEY_PREFIX", "TIMEOUT", "VERSION", "KEY_FUNCTION")


@dataclass(frozen=True, slots=True)
class CacheAddress:
    """`url` may hold a password, so it is not printed. `nodes` are (host, port) of some nodes of a cluster."""

    kind: Kind = "memory"
    url: str = field(default="", repr=False)
    nodes: tuple[tuple[str, int], ...] = ()
    prefix: str = ""


def cache_address(caches: Mapping[str, Any], url: str, problems: list[str]) -> CacheAddress:
    """What CACHES (or CACHE_URL, which wins) says; mistakes go to `problems`."""
    if url:
        return _by_url("CACHE_URL", url, "", problems)
    entry = caches.get("default", {} if not caches else None)
    if not isinstance(entry, Mapping):
        problems.append("CACHES: there is no entry 'default' with BACKEND and LOCATION")
        return CacheAddress()
    where = "CACHES['default']"
    for key in entry:
        if key not in _KEYS:
            close = nearest(str(key), _KEYS)
            problems.append(f"{where}[{key!r}]: unknown key" + (f"; did you mean {close!r}?" if close else ""))
    prefix, options = str(entry.get("KEY_PREFIX") or ""), entry.get("OPTIONS")
    options = options if isinstance(options, Mapping) else {}
    pool = options.get("CONNECTION_POOL_KWARGS")
    if isinstance(pool, Mapping) and "startup_nodes" in pool:
        nodes = _nodes(
            f"{where}['OPTIONS']['CONNECTION_POOL_KWARGS']['startup_nodes']", pool["startup_nodes"], problems
        )
        return CacheAddress("cluster", _cluster_login(options, pool), nodes, prefix)
    location = entry.get("LOCATION") or ""
    if isinstance(location, Sequence) and not isinstance(location, str):
        location = location[0] if location else ""
    backend = str(entry.get("BACKEND") or "").lower()
    if any(word in backend for word in _MEMORY) or not (backend or location):
        return CacheAddress(prefix=prefix)  # LocMemCache's LOCATION is a mere name
    if backend and "redis" not in backend:
        problems.append(f"{where}['BACKEND']: no such cache; use core.cache.backends.RedisCache with a LOCATION")
        return CacheAddress(prefix=prefix)
    found = _by_url(f"{where}['LOCATION']", str(location), prefix, problems)
    return _with_login(found, options)


def _by_url(where: str, text: str, prefix: str, problems: list[str]) -> CacheAddress:
    if mark := _CLUSTER.match(text):
        login, _, hosts = text[mark.end() :].rstrip("/").rpartition("@")
        nodes = _nodes(
            where, [dict(zip(("host", "port"), _halves(host), strict=True)) for host in hosts.split(",")], problems
        )
        scheme = mark.group().partition("+")[0]
        return CacheAddress(
            "cluster", f"{scheme}://{login}@{nodes[0][0]}" if login and nodes else f"{scheme}://", nodes, prefix
        )
    if text in ("memory", "memory://", "locmem://"):
        return CacheAddress(prefix=prefix)
    if re.match(r"(redis|rediss|unix)://", text):
        return CacheAddress("redis", text, prefix=prefix)
    if text.startswith(("/", "unix:/")):  # the old form unix:/path:db
        path, _, number = text.removeprefix("unix:").partition(":")
        return CacheAddress("redis", f"unix://{path}?db={number or 0}", prefix=prefix)
    if old := re.fullmatch(r"([\w.-]+):(\d+)(?::(\d+))?", text):  # the old form host:port:db
        return CacheAddress("redis", f"redis://{old[1]}:{old[2]}/{old[3] or 0}", prefix=prefix)
    problems.append(f"{where}: not an address of Redis like redis://127.0.0.1:6379/1")
    return CacheAddress(prefix=prefix)


def _halves(text: str) -> tuple[str, str]:
    host, mark, port = text.rpartition(":")
    return (host, port) if mark else (text, "6379")


def _nodes(where: str, given: Any, problems: list[str]) -> tuple[tuple[str, int], ...]:
    nodes = []
    for node in given if isinstance(given, Sequence) and not isinstance(given, str) else ():
        host, port = (node.get("host"), str(node.get("port"))) if isinstance(node, Mapping) else ("", "")
        if host and port.isascii() and port.isdigit() and 0 < int(port) <= 65535:
            nodes.append((str(host).strip("[]"), int(port)))
        else:
            problems.append(f"{where}: every node needs a host and a port")
    if not nodes:
        problems.append(f"{where}: no node is named")
    return tuple(nodes)


def _cluster_login(options: Mapping[str, Any], pool: Mapping[str, Any]) -> str:
    password = str(options.get("PASSWORD") or pool.get("password") or "")
    scheme = "rediss" if pool.get("ssl") else "redis"
    return f"{scheme}://:{quote(password, safe='')}@cluster" if password else f"{scheme}://"


def _with_login(found: CacheAddress, options: Mapping[str, Any]) -> CacheAddress:
    """OPTIONS may hold the password and the number of the database apart from the address."""
    url, password, number = found.url, str(options.get("PASSWORD") or ""), options.get("DB")
    scheme, mark, rest = url.partition("://")
    if password and mark and "@" not in rest:
        url = f"{scheme}://:{quote(password, safe='')}@{rest}"
    if isinstance(number, int) and scheme in ("redis", "rediss") and not rest.partition("/")[2]:
        url = f"{url.rstrip('/')}/{number}"
    return CacheAddress(found.kind, url, found.nodes, found.prefix)
