"""Bytes in Redis or Redis Cluster. Every operation is bounded; a failure is an empty answer and opens the breaker.

Keys: `<prefix>:<schema>:<part><flush number>:<key>`. Flushing a part moves its number, so that everything in it is out
of sight at once; what it occupied is removed in the background, found with SCAN, never with KEYS or FLUSHDB.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from smarty_core.errors import ConfigError
from smarty_core.storage.cache.protocol import SCHEMA
from smarty_core.storage.cache.trouble import Breaker

OPERATION_SECONDS: Final = 0.05
PATIENT_SECONDS: Final = 5.0
"""Time-out of what runs in the background: listening, removing, locks."""

TELLING_SECONDS: Final = 0.5
"""Time-out of telling the others about a change: somebody waits for the answer to his own."""

CONNECTIONS: Final = 64
LONGEST_KEY: Final = 200

REDIS_TROUBLE: Final = (RedisError, RedisClusterException, OSError)
"""What a Redis raises that does not do its work. Errors of a cluster as a whole do not derive from `RedisError`."""

Client = Any
"""`redis.Redis` or `RedisCluster`: both have the commands used here, their type stubs do not agree."""


def connect(*, url: str = "", nodes: Sequence[tuple[str, int]] = (), timeout: float = OPERATION_SECONDS) -> Client:
    """A client that neither waits longer than `timeout` seconds nor repeats by itself. Connects at its first use.

    A cluster is named by some of its `nodes`; `url` then only gives the user, the password and TLS.
    """
    options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    if not nodes:
        try:
            return redis.Redis.from_url(
                url, retry=Retry(NoBackoff(), 0), max_connections=CONNECTIONS, health_check_interval=0, **options
            )
        except ValueError as exc:
            raise ConfigError(f"CACHES: not the address of a Redis: {exc}") from exc
    if url:
        parts = urlsplit(url)
        options |= {"username": parts.username, "password": parts.password, "ssl": parts.scheme == "rediss"}
    startup = [ClusterNode(host, port) for host, port in nodes]  # type: ignore[no-untyped-call]
    return RedisCluster(startup_nodes=startup, retry=Retry(NoBackoff(), 1), **options)


class RedisStore:
    """One installation's corner of a Redis. Safe to share between threads."""

    def __init__(self, *, prefix: str, url: str = "", nodes: Sequence[tuple[str, int]] = ()) -> None:
        self.prefix: Final = f"{prefix}:{SCHEMA}"
        self.breaker: Final = Breaker("Redis Cluster" if nodes else "Redis")
        self._where: Final[dict[str, Any]] = {"url": url, "nodes": tuple(nodes)}
        self._lock = threading.Lock()
        # A client of one Redis connects later, so only a wrong address is found here; a cluster's connects at once.
        self._client: Client = None if nodes else connect(**self._where)
        self._sweeper: threading.Thread | None = None

    def get(self, key: str) -> bytes | None:
        answer = self._ask("get", self._name(key))
        return answer if isinstance(answer, bytes) else None

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The same for several keys, in one round trip (one for each node of a cluster that has some of them)."""
        answers = self._ask("mget_nonatomic" if self._where["nodes"] else "mget", [self._name(key) for key in keys])
        if not isinstance(answers, list) or len(answers) != len(keys):
            return [None] * len(keys)
        return [answer if isinstance(answer, bytes) else None for answer in answers]

    def set(self, key: str, value: bytes, timeout: float) -> bool:
        return bool(self._ask("set", self._name(key), value, px=max(1, int(timeout * 1000))))

    def delete(self, key: str) -> bool:
        return self._ask("unlink", self._name(key)) is not None

    def count(self, key: str, timeout: float) -> int | None:
        """Count up; None when Redis cannot."""
        name = self._name(key)
        life = max(1, int(timeout * 1000))
        # A single SET NX before INCR: the life of the count begins with its first step, without a script to load.
        begun = self._ask("set", name, 0, px=life, nx=True)
        if begun is None and self.breaker.in_trouble:
            return None
        answer = self._ask("incr", name)
        if not isinstance(answer, int):
            return None
        if answer == 1 and not begun:
            self._ask("pexpire", name, life)  # the old count ended between the two; the new one must end as well
        return answer

    def sweep(self, kept: Iterable[str]) -> None:
        """Remove in the background what is in parts (`o3`, `p1`) of this installation other than `kept`."""
        wanted = tuple(f"{self.prefix}:{part}:".encode() for part in kept)
        self._sweeper = threading.Thread(target=self._sweep, args=(wanted,), name="smarty-cache-sweep", daemon=True)
        self._sweeper.start()

    def wait_swept(self, timeout: float = 30.0) -> None:
        if self._sweeper is not None:
            self._sweeper.join(timeout)

    def patient_client(self) -> Client:
        """A further client for background work, to be closed by whoever asked."""
        return connect(**self._where, timeout=PATIENT_SECONDS)

    def telling_client(self) -> Client:
        """A further client for telling others what has changed, to be closed by whoever asked."""
        return connect(**self._where, timeout=TELLING_SECONDS)

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _sweep(self, wanted: tuple[bytes, ...]) -> None:
        try:
            client = self.patient_client()
            try:
                batch: list[bytes] = []
                for name in client.scan_iter(match=f"{_literal(self.prefix)}:[op]*", count=1000):
                    if not name.startswith(wanted):
                        batch.append(name)
                    if len(batch) >= 500:
                        client.unlink(*batch)
                        batch.clear()
                if batch:
                    client.unlink(*batch)
            finally:
                client.close()
        except REDIS_TROUBLE as exc:
            # Nothing is lost: the keys are out of sight already and end by their own time-outs.
            self.breaker.failed(exc)

    def _ask(self, command: str, *arguments: Any, **options: Any) -> Any:
        if not self.breaker.may_ask():
            return None
        try:
            client = self._connected()
            if client is None:
                return None
            answer = getattr(client, command)(*arguments, **options)
        except REDIS_TROUBLE as exc:
            self.breaker.failed(exc)
            return None
        self.breaker.worked()
        return answer

    def _connected(self) -> Client:
        client = self._client
        if client is None:
            failures = self.breaker.failures
            with self._lock:
                # A cluster is asked for its nodes here; whoever waited for somebody's failure need not fail as well.
                if self._client is None and self.breaker.failures == failures:
                    self._client = connect(**self._where)
                client = self._client
        return client

    def _name(self, key: str) -> bytes:
        # Half a surrogate pair is no UTF-8, but JSON from outside may hold one.
        name = key.encode("utf-8", "surrogatepass")
        if len(name) > LONGEST_KEY:
            part, _, rest = name.partition(b":")
            name = part + b":#" + hashlib.blake2b(rest, digest_size=24).hexdigest().encode("ascii")
        return f"{self.prefix}:".encode() + name


def _literal(text: str) -> str:
    """`text` for a MATCH pattern, with nothing special left in it."""
    return "".join(f"\\{char}" if char in "*?[]^\\" else char for char in text)
