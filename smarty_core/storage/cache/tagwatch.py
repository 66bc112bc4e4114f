"""Keeps `TagVersions` up to date with what other processes and hosts change.

The table `tag_version` is the truth. Without Redis it is looked at every 500 ms, in a thread of its own and never
inside a request. With Redis each change is also told over pub/sub, right after its commit, and the table is looked at
seldom, against the case that a process died between its commit and its word. When the channel is lost the table is
read at once and every 500 ms again, so that nothing local has to be thrown away.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from redis.exceptions import ConnectionError as RedisConnectionError

from smarty_core.errors import InvalidValue, StorageError
from smarty_core.storage.cache.codec import pack, unpack
from smarty_core.storage.cache.protocol import note_invalidated
from smarty_core.storage.cache.redis_store import REDIS_TROUBLE, Client
from smarty_core.storage.cache.tagversions import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.tags import all_versions, versions_changed_within

POLL_SECONDS: Final = 0.5
TOLD_POLL_SECONDS: Final = 5.0
"""Between two looks while the channel works."""

OVERLAP_SECONDS: Final = 6.0
"""How far each look reaches back beyond the last one: a transaction takes its time before it waits and commits, and
hosts' clocks differ a little."""

FAR_OVERLAP_SECONDS: Final = 30.0
FAR_SECONDS: Final = 4.0
"""So far, and so often, for transactions that take longer and clocks that differ more. Not each time: when everybody
logs in at once, each look reads what thousands have changed."""

FULL_SECONDS: Final = 300.0
"""Between two readings of the whole table, against clocks that differ more than that."""

BETWEEN_TRIES_SECONDS: Final = 1.0
PING_SECONDS: Final = 0.2
SILENCE_SECONDS: Final = 0.6
"""A channel that does not answer a ping for so long is lost: a server that hangs does not say good-bye."""

TELL_SECONDS: Final = 60.0

log = logging.getLogger("smarty_main")


class TagWatcher:
    """One per process. `start` reads all versions once, in the caller's thread, then works in the background."""

    def __init__(
        self,
        database: Database,
        versions: TagVersions,
        *,
        connect: Callable[[], Client] | None = None,
        connect_to_tell: Callable[[], Client] | None = None,
        channel: str = "",
    ) -> None:
        self._database = database
        self._versions = versions
        self._connect = connect
        self._connect_to_tell = connect_to_tell or connect
        self._channel = channel
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._speaker: Client = None
        self._listening = False
        self._looked_at: float | None = None
        self._full_at = float("-inf")
        self._far_at = float("-inf")
        self._told_at = float("-inf")
        database.on_bump(self._bumped)

    @property
    def listening(self) -> bool:
        """Whether changes of others arrive over pub/sub right now."""
        return self._listening

    def start(self, *, watch: bool = True) -> None:
        """Read the versions; with `watch` follow them until `stop`. A database that is away is asked again later."""
        self.look()
        if not watch:
            return
        targets = [("smarty-tags", self._poll), ("smarty-tags-listen", self._listen)][: 2 if self._connect else 1]
        for name, target in targets:
            thread = threading.Thread(target=target, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=5.0)
        self._threads.clear()
        if self._speaker is not None:
            self._speaker.close()

    def look(self) -> bool:
        """Compare with the table now. False when it cannot be read."""
        now = time.monotonic()
        try:
            with self._database.read_master() as session:
                if self._looked_at is None or now - self._full_at >= FULL_SECONDS:
                    known = all_versions(session)
                    self._full_at = now
                else:
                    far = now - self._far_at >= FAR_SECONDS
                    overlap = FAR_OVERLAP_SECONDS if far else OVERLAP_SECONDS
                    known = versions_changed_within(session, now - self._looked_at + overlap)
                    self._far_at = now if far else self._far_at
        except StorageError as exc:
            if now - self._told_at >= TELL_SECONDS:
                self._told_at = now
                log.warning("the tag versions cannot be read, values of this process may grow old: %s", exc)
            return False
        self._looked_at = now
        self._learn(known)
        self._versions.confirm()
        return True

    def _learn(self, versions: Mapping[str, int]) -> None:
        if self._versions.learn(versions):
            self._database.prefer_master()

    def _bumped(self, versions: Mapping[str, int]) -> None:
        """A change of our own is committed: know it at once, tell the others."""
        self._versions.learn(versions)
        note_invalidated(versions)
        if self._connect_to_tell is None or (self._threads and not self._listening):
            return  # the others look at the table as well now
        try:
            if self._speaker is None:
                self._speaker = self._connect_to_tell()
            self._speaker.publish(self._channel, pack(dict(versions)))
        except REDIS_TROUBLE as exc:
            log.debug("a change was not told over Redis, the others will find it in the table: %s", exc)

    def _poll(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(TOLD_POLL_SECONDS if self._listening else POLL_SECONDS)
            self._wake.clear()
            if not self._stop.is_set():
                self.look()

    def _listen(self) -> None:
        assert self._connect is not None
        while not self._stop.is_set():
            try:
                client = self._connect()
                try:
                    self._listen_with(client)
                finally:
                    self._listening = False
                    client.close()
            except REDIS_TROUBLE as exc:
                log.debug("the channel of changes is lost: %s", exc)
            self._wake.set()  # whatever was said meanwhile is in the table
            self._stop.wait(BETWEEN_TRIES_SECONDS)

    def _listen_with(self, client: Client) -> None:
        with contextlib.closing(client.pubsub()) as channel:
            channel.subscribe(self._channel)
            heard_at = asked_at = time.monotonic()
            while not self._stop.is_set():
                message = channel.get_message(timeout=PING_SECONDS / 2)
                now = time.monotonic()
                if message is not None:
                    heard_at = now
                elif self._listening and now - heard_at > SILENCE_SECONDS:
                    raise RedisConnectionError("no answer to a ping")
                if now - asked_at > PING_SECONDS:
                    channel.ping()
                    asked_at = now
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._listening = True
                    self._wake.set()
                elif message["type"] == "message":
                    with contextlib.suppress(InvalidValue):
                        self._heard(unpack(message["data"]))

    def _heard(self, versions: object) -> None:
        if isinstance(versions, dict):
            self._learn({tag: n for tag, n in versions.items() if isinstance(tag, str) and isinstance(n, int)})
