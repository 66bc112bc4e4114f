"""The text of a stream token: what was written is read, and nothing else is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from smarty_core.services.token_form import CONTENT_TYPES, LONGEST, TokenForm, joined
from smarty_core.storage.repositories.tokens import Grant

FORM = TokenForm(b"k" * 32)
START = datetime(2026, 3, 10, 12, tzinfo=UTC)
ids = st.integers(0, 2**63 - 1)
grants = st.builds(
    Grant,
    client_id=ids,
    account_id=ids,
    session_id=ids,
    stream_service_id=ids,
    content_type=st.sampled_from(CONTENT_TYPES),
    content_id=ids,
    names=st.lists(
        st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1, max_size=90), max_size=4
    ).map(tuple),
    ip=st.one_of(
        st.just(""),
        st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number))),
        st.integers(0, 2**128 - 1).map(lambda number: str(IPv6Address(number))),
    ),
    check_ip=st.booleans(),
    max_sessions=st.integers(0, 65535),
    issued_at=st.integers(0, 2_000_000_000).map(
        lambda seconds: datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    ),
)


def carried(names: tuple[str, ...]) -> tuple[str, ...]:
    """What a token has room for, whole names only, in order."""
    kept = joined(names).decode()
    return tuple(kept.split("\n")) if kept else ()


@given(grants)
def test_what_was_written_is_read(grant: Grant) -> None:
    token = FORM.write(grant)
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,600}", token)
    assert len(token) <= LONGEST
    read = FORM.read(token)
    assert read == replace(grant, names=carried(grant.names))
    assert grant.names[: len(read.names)] == read.names


@given(grants)
def test_two_tokens_of_one_grant_differ(grant: Grant) -> None:
    assert FORM.write(grant) != FORM.write(grant)


@given(grants, st.data())
def test_nothing_can_be_changed_added_or_left_out(grant: Grant, data: st.DataObject) -> None:
    token = FORM.write(grant)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABab01-_=+/ \n.é"))
    for changed in (token[:at] + other + token[at + 1 :], token[:at] + other + token[at:], token[:at], token[at + 1 :]):
        assert changed == token or FORM.read(changed) is None


@given(st.text(max_size=700))
def test_any_text_is_no_token(text: str) -> None:
    assert FORM.read(text) is None


@given(grants)
def test_another_key_reads_nothing(grant: Grant) -> None:
    assert TokenForm(b"x" * 32).read(FORM.write(grant)) is None


def test_a_usual_token_is_short() -> None:
    usual = Grant(
        client_id=1, account_id=9465, session_id=1_000_000, stream_service_id=12, content_type="channel", content_id=8,
        names=("news1", "188", "live/news1"), ip="203.0.113.7", check_ip=True, max_sessions=2, issued_at=START,
    )  # fmt: skip
    assert len(FORM.write(usual)) <= 100
