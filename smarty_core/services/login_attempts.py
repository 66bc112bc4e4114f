"""Brake on guessing: who fails too often is refused for a while, whatever he sends then.

Failures are counted per abonement (or phone number) and per address in the cache, so all processes of an installation
count together. Successes are not counted: a hundred thousand boxes behind few addresses may come back at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from smarty_core.services.login_refusal import LoginRefusal, LoginRefused

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache


class LoginAttempts:
    """LOGIN_ATTEMPTS_PER_ABONEMENT and _PER_ADDRESS: failures within LOGIN_ATTEMPTS_WINDOW seconds; 0 = off."""

    def __init__(self, *, cache: Cache, settings: Settings) -> None:
        self._cache = cache
        self._settings = settings

    def check(self, client_id: int, name: str, ip: str) -> None:
        """Raises `LoginRefused` (TOO_OFTEN) when this name or address has failed too often."""
        for key, _ in self._counters(client_id, name, ip):
            if self._cache.get(f"{key}:shut"):
                raise LoginRefused(LoginRefusal.TOO_OFTEN)

    def failed(self, client_id: int, name: str, ip: str) -> None:
        """Count a wrong credential."""
        window = int(self._settings.LOGIN_ATTEMPTS_WINDOW)
        for key, limit in self._counters(client_id, name, ip):
            if self._cache.incr(key, window) >= limit:
                self._cache.set(f"{key}:shut", 1, timeout=window)

    def _counters(self, client_id: int, name: str, ip: str) -> Iterator[tuple[str, int]]:
        by_name, by_address = (
            int(self._settings.LOGIN_ATTEMPTS_PER_ABONEMENT),
            int(self._settings.LOGIN_ATTEMPTS_PER_ADDRESS),
        )
        if name and by_name > 0:
            digest = hashlib.sha256(name.encode()).hexdigest()[:32]  # a name from outside may hold anything
            yield f"login:name:{client_id}:{digest}", by_name
        if ip and by_address > 0:
            yield f"login:address:{client_id}:{ip}", by_address
