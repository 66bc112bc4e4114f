"""One tag for the whole guide of an operator.

Every channel of the guide has a tag of its own (`epgchannel:<id>`). A list of three hundred channels would have to
compare three hundred versions for every request; so this process keeps `guide:<operator>`, which moves whenever the
tag of one of his guide channels moves. It is never stored and never leaves the process.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smarty_core.storage.cache import TagVersions

PREFIX: Final = "epgchannel:"
CATEGORIES_TAG: Final = "epg:categories"
CHANNELS_TAG: Final = "epg:channels"
"""Moves when the names, icons, numbers or categories of guide channels change (not with their programmes)."""


def epg_tag(epg_channel_id: int) -> str:
    """The tag of one channel of the guide."""
    return f"{PREFIX}{epg_channel_id}"


class GuideTags:
    """Derives `guide:<operator>` from the tags of guide channels. Safe between threads."""

    def __init__(self, tag_versions: TagVersions) -> None:
        self._versions = tag_versions
        self._operators: defaultdict[int, set[int]] = defaultdict(set)
        self._guard = threading.Lock()
        tag_versions.on_change(self._moved)

    def tag(self, client_id: int) -> str:
        """The tag for everything made from the guide of this operator's channels."""
        return f"guide:{client_id}"

    def watch(self, client_id: int, epg_channel_ids: Iterable[int]) -> None:
        """Let the operator's tag move with these channels. Call it before reading what depends on the tag."""
        with self._guard:
            for epg_channel_id in epg_channel_ids:
                self._operators[epg_channel_id].add(client_id)

    def _moved(self, tags: frozenset[str]) -> None:
        touched: set[int] = set()
        with self._guard:
            for tag in tags:
                number = tag.removeprefix(PREFIX)
                if number != tag and number.isdigit():
                    touched |= self._operators.get(int(number), set())
        if touched:
            self._versions.learn({self.tag(client): self._versions.version(self.tag(client)) + 1 for client in touched})
