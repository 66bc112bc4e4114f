"""How fast the cache, the database and the processor of this machine are: timings of what the server does all day.

Nothing stays behind: keys in the cache are removed, tables are temporary, transactions are undone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from smarty_core.errors import StorageError
from smarty_core.storage.cache import Cache
from smarty_core.storage.cache.codec import pack, unpack
from smarty_core.storage.cache.layered import RedisCache
from smarty_core.storage.database import Database

SIZES: Final = MappingProxyType({"small": 1_000, "mid": 10_000, "big": 100_000})
"""Operations of one job."""

HEAVY: Final = 0.02
"""Share of the operations of jobs that work on a whole list of channels."""

BATCH: Final = 100
KEYS: Final = 1000
LONGEST_SECONDS: Final = 60.0
"""After that a job ends early; what it did until then is told."""

VALUE: Final = {"id": 17, "name": "Телеканал", "channels": list(range(100)), "url": "http://video/$prefix/index.m3u8"}


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of operation. `step` is called with 0, 1, 2 ...; `share` of the operations of a size are made."""

    name: str
    step: Callable[[int], object]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How a job went. `median` and `p99` are seconds of one operation."""

    job: str
    operations: int
    seconds: float
    median: float
    p99: float

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.operations / self.seconds if self.seconds else 0.0


def timed(job: Job, operations: int, *, advance: Callable[[int], object] = lambda _done: None) -> Timing:
    """Do a job. `advance` is told now and then how many operations more are done."""
    number = max(1, int(operations * job.share))
    took: list[float] = []
    told = 0
    begun = last = time.perf_counter()
    while len(took) < number and last - begun < LONGEST_SECONDS:
        job.step(len(took))
        now = time.perf_counter()
        took.append(now - last)
        last = now
        if len(took) - told >= number // 50 + 1:
            advance(len(took) - told)
            told = len(took)
    advance(number - told)
    ordered = sorted(took)
    return Timing(job.name, len(took), last - begun, ordered[len(took) // 2], ordered[int(len(took) * 0.99)])


def cache_jobs(cache: Cache) -> Iterator[Job]:
    """Jobs of the cache in use: of Redis itself when there is one, past what the process remembers.

    Raises `StorageError` when Redis does not do its work.
    """
    name = f"performance_test:{secrets.token_hex(8)}"
    if not isinstance(cache, RedisCache):
        yield Job("set", lambda number: cache.set(f"{name}:{number % KEYS}", VALUE, timeout=60.0))
        yield Job("get", lambda number: cache.get(f"{name}:{number % KEYS}"))
        yield Job("count", lambda _number: cache.incr(f"{name}:count", 60.0))
        yield Job("delete", lambda number: cache.delete(f"{name}:{number % KEYS}"))
        return
    store, packed = cache.store, pack(VALUE)

    def asked(answer: object) -> None:
        if store.breaker.in_trouble:
            raise StorageError("Redis does not do its work")

    yield Job("set", lambda number: asked(store.set(f"o0:{name}:{number % KEYS}", packed, 60.0)))
    yield Job("get", lambda number: asked(store.get(f"o0:{name}:{number % KEYS}")))
    yield Job("count", lambda _number: asked(store.count(f"o0:{name}:count", 60.0)))
    yield Job("delete", lambda number: asked(store.delete(f"o0:{name}:{number % KEYS}")))
    for number in range(KEYS):
        store.delete(f"o0:{name}:{number}")
    store.delete(f"o0:{name}:count")


def database_jobs(database: Database) -> Iterator[Job]:
    """Jobs in one transaction on the master that is undone, with a temporary table of its own.

    It is a reading transaction: on SQLite, where temporary tables are kept apart from the database, nobody who writes
    waits for it. Raises `StorageError` when the database is away.
    """
    simple = text("SELECT 1 FROM DUAL" if database.dialect == "oracle" else "SELECT 1")

    def connect(_number: int) -> None:
        with database.read_master() as session:
            session.execute(simple)

    yield Job("begin, ask, end", connect)
    if database.dialect == "oracle":
        return  # its temporary tables are made once and for all, which would be a change of the database
    with database.read_master() as session:
        table = Table(
            f"performance_test_{secrets.token_hex(4)}",
            MetaData(),
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("owner", Integer, index=True),
            Column("name", Text),
            prefixes=["TEMPORARY"],
        )
        table.create(session.connection())
        try:
            yield from _table_jobs(session, table)
        finally:
            session.rollback()
            table.drop(session.connection(), checkfirst=True)


def _table_jobs(session: Session, table: Table) -> Iterator[Job]:
    by_id = select(table).where(table.c.id == bindparam("number"))
    by_owner = select(func.count()).select_from(table).where(table.c.owner == bindparam("number"))
    rename = update(table).where(table.c.id == bindparam("number")).values(name="changed")
    rows = 0

    def insert_rows(number: int) -> None:
        nonlocal rows
        new = [{"id": number * BATCH + row, "owner": row, "name": f"Передача {row}"} for row in range(BATCH)]
        session.execute(insert(table), new)
        rows += BATCH

    yield Job(f"insert {BATCH} rows", insert_rows, 1 / BATCH)
    yield Job("read a row by its key", lambda n: session.execute(by_id, {"number": n % rows}).one())
    yield Job("count by an index", lambda n: session.execute(by_owner, {"number": n % BATCH}).one())
    yield Job("change a row", lambda n: session.connection().execute(rename, {"number": n % rows}))


def processor_jobs() -> Iterator[Job]:
    """What takes the time of a processor: hashing, rendering, compressing, reading a guide."""
    channels = {"channels": [{**VALUE, "id": number} for number in range(300)]}
    body = json.dumps(channels, ensure_ascii=False).encode()
    packed = pack(VALUE)
    guide = b"<tv>" + b'<programme channel="1" start="20260310120000"><title>News</title></programme>' * 500 + b"</tv>"
    yield Job("hash a key", lambda number: hashlib.sha256(f"key {number}".encode()).hexdigest())
    yield Job("unpack a cached value", lambda _number: unpack(packed))
    yield Job("render 300 channels", lambda _: json.dumps(channels, ensure_ascii=False).encode(), HEAVY)
    yield Job("compress 300 channels", lambda _number: gzip.compress(body, 5), HEAVY)
    yield Job("read 500 programmes", lambda _number: etree.fromstring(guide), HEAVY)
