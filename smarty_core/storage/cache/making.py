"""Puts a cache together from the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from smarty_core.errors import ConfigError
from smarty_core.storage.cache.layered import RedisCache
from smarty_core.storage.cache.memory import LOCAL_BYTES, MemoryCache
from smarty_core.storage.cache.redis_store import RedisStore
from smarty_core.storage.cache.tagversions import TagVersions
from smarty_core.storage.cache.tagwatch import TagWatcher
from smarty_core.storage.database import Database, bump

KINDS: Final = ("memory", "redis", "cluster")

NEWS_FORM: Final = 1
"""Form of what processes tell each other about tags. It is not the form of cached values: two releases that run at once
share no value, but hear of each other's changes."""


class CacheConfig(Protocol):
    """What the setting CACHES says. `nodes` are (host, port) pairs of some nodes of a cluster."""

    @property
    def kind(self) -> str:
        """`memory`, `redis` or `cluster`."""

    @property
    def url(self) -> str:
        """`redis://...`, `rediss://...` or `unix://...`; in a cluster only for user, password and TLS."""

    @property
    def nodes(self) -> Sequence[tuple[str, int]]:
        """Of a cluster."""

    @property
    def prefix(self) -> str:
        """What all keys begin with; may be empty."""


def make_cache(
    config: CacheConfig, *, instance: str, database: Database, watch: bool = True, max_bytes: int = LOCAL_BYTES
) -> MemoryCache | RedisCache:
    """The cache of the installation `instance`. Reads the tag versions once; a database that is away is asked later.

    With `watch` the changes of other processes are followed until `close`; a short command may do without. Raises
    `ConfigError` for a `config` that makes no sense; a Redis that is away is no error.
    """
    versions = TagVersions()

    def flush(tags: Sequence[str]) -> None:
        with database.write() as session:
            bump(session, *tags)

    cache: MemoryCache | RedisCache
    if config.kind == "memory":
        cache = MemoryCache(tag_versions=versions, flush=flush, max_bytes=max_bytes)
        watcher = TagWatcher(database, versions)
    elif config.kind in KINDS:
        prefix = ":".join(part for part in (config.prefix, instance) if part)
        store = RedisStore(prefix=prefix, url=config.url, nodes=tuple(config.nodes) if config.kind == "cluster" else ())
        cache = RedisCache(store, tag_versions=versions, flush=flush, max_bytes=max_bytes)
        watcher = TagWatcher(
            database,
            versions,
            connect=store.patient_client,
            connect_to_tell=store.telling_client,
            channel=f"{prefix}:{NEWS_FORM}:tags",
        )
    else:
        raise ConfigError(f"CACHES: no such kind of cache: {config.kind!r}; known are {', '.join(KINDS)}")
    watcher.start(watch=watch)
    cache.on_close(watcher.stop)
    return cache
