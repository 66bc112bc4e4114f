"""Tag versions: counted in the transaction that changes the data, on every database."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from smarty_core.storage.database import Database, after_commit, bump
from smarty_core.storage.models import JobRun, TagVersion
from smarty_core.storage.tags import all_versions, bump_in_transaction, count_tags, versions_changed_within
from smarty_core.values import utc_now


def versions(database: Database) -> dict[str, int]:
    with database.read() as session:
        return all_versions(session)


def test_the_first_bump_is_one_and_each_adds_one(database: Database) -> None:
    for number in (1, 2, 3):
        with database.write() as session:
            assert bump_in_transaction(session, ["a", "b", "a"]) == {"a": number, "b": number}
    assert versions(database) == {"a": 3, "b": 3}
    with database.read() as session:
        assert count_tags(session) == 2


def test_nobody_sees_a_bump_before_its_commit(database: Database) -> None:
    """Readers see data and version change together: neither the new version with old data nor the reverse."""
    with database.write() as session:
        bump(session, "a")
    seen: list[tuple[int, int]] = []

    def look() -> None:
        with database.read() as session:
            rows = len(list(session.scalars(select(JobRun))))
            seen.append((rows, all_versions(session)["a"]))

    with database.write() as session:
        session.add(JobRun(name="x", started_at=utc_now()))
        bump_in_transaction(session, ["a"])
        session.flush()
        look()
    look()
    assert seen == [(0, 1), (1, 2)]


def test_a_rollback_bumps_nothing_and_the_next_bump_counts_on(database: Database) -> None:
    told: list[dict[str, int]] = []
    database.on_bump(lambda versions: told.append(dict(versions)))
    with database.write() as session:
        bump(session, "a")
    with contextlib.suppress(ZeroDivisionError), database.write() as session:
        bump(session, "a", "b")
        session.flush()
        bump_in_transaction(session, ["a", "b"])
        1 / 0  # noqa: B018
    assert versions(database) == {"a": 1}
    with database.write() as session:
        bump(session, "a", "b")
    assert versions(database) == {"a": 2, "b": 1}
    assert told == [{"a": 1}, {"a": 2, "b": 1}]


def test_bumps_at_once_are_all_counted_and_never_deadlock(database: Database) -> None:
    """Each names the tags in another order; some exist already, some are made by two at once."""
    threads, rounds = 6, 10
    told: list[int] = []
    lock = threading.Lock()

    def listener(changed: object) -> None:
        with lock:
            told.append(dict(changed)["shared"])  # type: ignore[call-overload]

    database.on_bump(listener)

    def work(thread: int) -> None:
        tags = ["shared", "x", "y", "z", f"own:{thread}"]
        for number in range(rounds):
            with database.write() as session:
                bump(session, *(tags if (thread + number) % 2 else reversed(tags)))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    found = versions(database)
    assert found["shared"] == found["x"] == found["y"] == found["z"] == threads * rounds
    assert all(found[f"own:{thread}"] == rounds for thread in range(threads))
    assert sorted(told) == list(range(1, threads * rounds + 1))  # each heard its own number, none twice


def test_two_objects_of_one_database_count_together(database: Database) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))

    def work(number: int) -> None:
        with (database if number % 2 else other).write() as session:
            bump(session, "shared")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(40)))
    other.close()
    assert versions(database) == {"shared": 40}


def test_tags_that_differ_in_case_only_are_two(database: Database) -> None:
    with database.write() as session:
        bump(session, "client:a", "client:A", "клиент:Я", "клиент:я")
    assert versions(database) == {"client:a": 1, "client:A": 1, "клиент:Я": 1, "клиент:я": 1}


def test_a_look_back_finds_what_changed_since(database: Database) -> None:
    with database.write() as session:
        bump(session, "new", "old")
    with database.write() as session:
        row = session.get(TagVersion, "old")
        assert row is not None
        row.changed_at = row.changed_at.replace(year=2001)
    with database.read() as session:
        assert versions_changed_within(session, 3600) == {"new": 1}
        assert versions_changed_within(session, 1e9) == {"new": 1, "old": 1}


def test_what_follows_a_commit_sees_it_and_may_write_itself(database: Database) -> None:
    seen: list[dict[str, int]] = []

    def follow() -> None:
        seen.append(versions(database))
        with database.write() as session:
            bump(session, "second")

    with database.write() as session:
        bump(session, "first")
        after_commit(session, follow)
    assert seen == [{"first": 1}]
    assert versions(database) == {"first": 1, "second": 1}
