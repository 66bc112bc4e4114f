"""Bodies shared by many sessions."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from smarty_core.web.method import AUTHKEY_SLOT
from smarty_core.web.rendered import NextBody, RenderedBodies
from smarty_core.web.renewing import Renewer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TEXT = f"<a>{AUTHKEY_SLOT}</a><b>{AUTHKEY_SLOT}</b>".encode()


class Versions:
    def __init__(self) -> None:
        self.of = {"t": 1}

    def vector(self, tags: object) -> tuple[int, ...]:
        return tuple(self.of[tag] for tag in tags)  # type: ignore[attr-defined]


def bodies(max_bytes: int = 1 << 20) -> tuple[RenderedBodies, Versions]:
    versions = Versions()
    return RenderedBodies(versions.vector, max_bytes=max_bytes), versions


def test_a_body_is_rendered_once_and_filled_for_each_session() -> None:
    cache, _ = bodies()
    built = []

    def build() -> bytes:
        built.append(1)
        return TEXT

    for key in (b"one", b"two"):
        body = cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=build)
        assert body.fill(key) == b"<a>%b</a><b>%b</b>" % (key, key)
    assert built == [1]


def test_a_bumped_tag_and_a_past_end_each_cause_a_new_body() -> None:
    cache, versions = bodies()
    first = cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=lambda: b"1")
    versions.of["t"] = 2
    second = cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=lambda: b"2")
    third = cache.get("k", tags=("t",), valid_until=LATER, now=LATER, build=lambda: b"3")
    assert [body.fill(b"") for body in (first, second, third)] == [b"1", b"2", b"3"]


def test_the_byte_budget_drops_the_least_used() -> None:
    cache, _ = bodies(max_bytes=1400)
    builds: list[str] = []

    def get(key: str) -> None:
        def build() -> bytes:
            builds.append(key)
            return b"x" * 200

        cache.get(key, tags=(), valid_until=LATER, now=NOW, build=build)

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)
    assert builds == ["a", "b", "c", "b"]


def test_many_threads_build_once() -> None:
    cache, _ = bodies()
    started, release, built = threading.Event(), threading.Event(), []

    def build() -> bytes:
        built.append(1)
        started.set()
        release.wait(5)
        return b"x"

    def get() -> None:
        cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=build)

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert started.wait(5)
    release.set()
    for thread in threads:
        thread.join(5)
    assert built == [1]


def test_what_follows_takes_the_place_without_being_rendered_then() -> None:
    cache, versions = bodies()
    asked: list[datetime] = []

    def renew(moment: datetime) -> NextBody:
        asked.append(moment)
        return NextBody(("t",), moment + timedelta(hours=1), lambda: b"second")

    def late() -> bytes:
        raise AssertionError("rendered while somebody waits")

    cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=lambda: b"first", renew=renew)
    renewer = Renewer(cache, lambda: LATER - timedelta(seconds=5))
    assert renewer.renew() == 1
    assert renewer.renew() == 0
    assert asked == [LATER]
    before = cache.get("k", tags=("t",), valid_until=LATER, now=LATER - timedelta(seconds=1), build=late)
    after = cache.get("k", tags=("t",), valid_until=LATER, now=LATER, build=late)
    assert (before.fill(b""), after.fill(b"")) == (b"first", b"second")
    versions.of["t"] = 2
    changed = cache.get("k", tags=("t",), valid_until=LATER, now=LATER, build=lambda: b"third")
    assert changed.fill(b"") == b"third"


def test_what_follows_is_not_used_when_a_tag_has_moved_meanwhile() -> None:
    cache, versions = bodies()
    body = cache.get("k", tags=(), valid_until=LATER, now=NOW, build=lambda: b"first")
    cache.follow("k", body, NextBody(("t",), LATER + timedelta(hours=1), lambda: b"old"))
    versions.of["t"] = 2
    assert cache.get("k", tags=(), valid_until=LATER, now=LATER, build=lambda: b"new").fill(b"") == b"new"


def test_only_what_is_used_is_renewed() -> None:
    cache, _ = bodies()
    cache.get("k", tags=(), valid_until=LATER, now=NOW, build=lambda: b"x", renew=lambda _moment: None).used = False
    cache.get(
        "other", tags=(), valid_until=LATER + timedelta(hours=2), now=NOW, build=lambda: b"x", renew=lambda _: None
    )
    assert cache.due(LATER) == []


def test_who_would_wait_for_the_next_body_gets_the_previous_one() -> None:
    cache, _ = bodies()
    cache.get("k", tags=("t",), valid_until=LATER, now=NOW, build=lambda: b"first")
    started, release = threading.Event(), threading.Event()

    def build() -> bytes:
        started.set()
        release.wait(5)
        return b"second"

    just_over = LATER + timedelta(seconds=1)
    end = LATER + timedelta(hours=1)
    builder = threading.Thread(target=lambda: cache.get("k", tags=("t",), valid_until=end, now=just_over, build=build))
    builder.start()
    assert started.wait(5)
    meanwhile = cache.get("k", tags=("t",), valid_until=end, now=just_over, build=build)
    release.set()
    builder.join(5)
    assert meanwhile.fill(b"") == b"first"
    assert cache.get("k", tags=("t",), valid_until=end, now=just_over, build=build).fill(b"") == b"second"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(alphabet="0123456789abcdef", min_size=8, max_size=8))))
def test_no_answer_holds_the_key_of_another_session(asked: list[tuple[str, str]]) -> None:
    cache, _ = bodies()
    for key, authkey in asked:
        body = cache.get(key, tags=(), valid_until=LATER, now=NOW, build=lambda: TEXT).fill(authkey.encode())
        assert body == TEXT.replace(AUTHKEY_SLOT.encode(), authkey.encode())
