"""The cache layer: one protocol, in process or over Redis and Redis Cluster, invalidated by tag versions only."""

from smarty_core.storage.cache.layered import RedisCache
from smarty_core.storage.cache.making import CacheConfig, make_cache
from smarty_core.storage.cache.memory import MemoryCache
from smarty_core.storage.cache.protocol import Cache
from smarty_core.storage.cache.redis_store import RedisStore
from smarty_core.storage.cache.tagversions import TagVersions
from smarty_core.storage.cache.tagwatch import TagWatcher

__all__ = [
    "Cache",
    "CacheConfig",
    "MemoryCache",
    "RedisCache",
    "RedisStore",
    "TagVersions",
    "TagWatcher",
    "make_cache",
]
