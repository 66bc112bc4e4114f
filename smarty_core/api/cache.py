"""Cache of a plugin's own: `host.cache`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class PluginCache(Protocol):
    """Values that may vanish at any time: JSON-like, shared by all processes when Redis is used.

    Keys live in the plugin's own namespace. `timeout` is in seconds. `deps` are tags, e.g. `client:7:channels`: a
    change of one of them makes the value vanish. Never raises: a cache that fails is an empty cache.
    """

    def get(self, key: str) -> Any:
        """The value, or None."""

    def set(self, key: str, value: Any, *, timeout: float, deps: Sequence[str] = ()) -> None:
        """Keep a value."""

    def get_or_build(self, key: str, build: Callable[[], Any], *, timeout: float, deps: Sequence[str] = ()) -> Any:
        """The value; built once when it is missing, others of this process wait for it."""

    def delete(self, key: str) -> None:
        """Forget a value."""
