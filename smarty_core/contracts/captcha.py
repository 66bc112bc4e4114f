"""Contract `smarty.captcha`: tells people from programs at registration."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from smarty_core.contracts.driver import Driver, SettingsT


@dataclass(frozen=True, slots=True)
class Challenge:
    """A task for a person. `key` is kept by the core for ten minutes, used once, and never shown to anybody."""

    key: str
    picture: bytes
    content_type: str = "image/svg+xml"


class Captcha(Driver[SettingsT]):
    """Makes and checks challenges. Keeps nothing itself, so any process may check. Ability: `inline`."""

    capability: ClassVar[str] = "captcha"

    @abstractmethod
    def create(self) -> Challenge:
        """A new challenge; the picture does not hold the key or the answer as text. Raises `ProviderUnavailable`."""

    @abstractmethod
    def check(self, key: str, answer: str) -> bool:
        """Whether `answer` (up to 100 characters, untrusted) solves the challenge. Idempotent.

        Capital letters and blanks around the answer do not matter. Raises `ProviderUnavailable`.
        """
