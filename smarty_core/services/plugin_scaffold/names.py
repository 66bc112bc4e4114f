"""The name of a plugin and everything that is spelt after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from smarty_core.errors import InvalidValue

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MAX_NAME: Final = 24
TAKEN: Final = frozenset({"core", "manage", "main", "plugins"})
"""Words the core uses itself: `smarty_core`, `smarty_manage`, logs and caches of its own."""


@dataclass(frozen=True, slots=True)
class PluginName:
    """A good name: the entry point `payture`, the package `smarty_payture`, the distribution `smarty-payture`."""

    word: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.word) or len(self.word) > MAX_NAME:
            raise InvalidValue(
                f"{self.word[:80]!r} is no name for a plugin: lower-case letters and digits, words joined by _, "
                f"beginning with a letter, at most {MAX_NAME} characters"
            )
        if self.word in TAKEN or self.word.startswith("smarty"):
            raise InvalidValue(f"{self.word!r} is no name for a plugin: the core uses it itself")

    @property
    def package(self) -> str:
        return f"smarty_{self.word}"

    @property
    def distribution(self) -> str:
        return self.package.replace("_", "-")

    @property
    def title(self) -> str:
        """For texts: `Epg one`."""
        return self.word.replace("_", " ").capitalize()

    def with_ending(self, noun: str) -> str:
        """A class name: `sms_acme` and `Backend` are `SmsAcmeBackend`; an ending that is there is not doubled."""
        camel = "".join(part.capitalize() for part in self.word.split("_"))
        return camel if camel.endswith(noun) else camel + noun
