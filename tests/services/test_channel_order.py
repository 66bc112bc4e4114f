"""The order of channels: the operator's, and over it each account's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.services.channel_order import NOTHING_ARRANGED, arrangement, ordered
from smarty_core.services.line_up import in_order
from smarty_core.services.listing import Listed
from smarty_core.storage.repositories.channels import AccountChannelRow

flags = st.none() | st.booleans()
rows = st.lists(
    st.builds(
        lambda channel_id, position, favourite, hidden, locked: SimpleNamespace(
            channel_id=channel_id, position=position, is_favorited=favourite, is_hidden=hidden,
            is_parent_control=locked,
        ),
        st.integers(1, 9), st.none() | st.integers(1, 9), st.booleans(), st.booleans(), flags,
    ),
    unique_by=lambda row: row.channel_id, max_size=9,
)  # fmt: skip


def arranged(found: list[Any]) -> Any:
    placed = sorted(found, key=lambda row: (row.position is None, row.position or 0, row.channel_id))
    return arrangement(cast(list[AccountChannelRow], placed))


@given(found=rows)
def test_an_arrangement_says_what_the_rows_say(found: list[Any]) -> None:
    made = arranged(found)
    assert made.favourites == {row.channel_id for row in found if row.is_favorited}
    assert made.hidden == {row.channel_id for row in found if row.is_hidden}
    assert set(made.order) == {row.channel_id for row in found if row.position is not None}
    for row in found:
        for by_operator in (False, True):
            expected = by_operator if row.is_parent_control is None else row.is_parent_control
            assert made.is_locked(row.channel_id, by_operator=by_operator) == expected
    assert made.is_locked(99, by_operator=True)
    assert not made.is_locked(99, by_operator=False)


@given(one=rows, two=rows)
def test_equal_digests_mean_equal_arrangements(one: list[Any], two: list[Any]) -> None:
    left, right = arranged(one), arranged(two)
    assert (left.digest == right.digest) == (left == right)
    assert (left.digest == "") == (left is NOTHING_ARRANGED)


@given(ids=st.lists(st.integers(1, 9), unique=True), order=st.lists(st.integers(1, 12), unique=True))
def test_named_channels_come_first_and_the_rest_stays_as_it_was(ids: list[int], order: list[int]) -> None:
    items = [Listed(cast(Any, SimpleNamespace(id=channel_id))) for channel_id in ids]
    found = [item.channel.id for item in ordered(items, order)]
    named = [channel_id for channel_id in order if channel_id in ids]
    assert found == named + [channel_id for channel_id in ids if channel_id not in named]


CHANNELS = [
    SimpleNamespace(id=1, name="б", sort=3, epg_channel_id=10),
    SimpleNamespace(id=2, name="А", sort=1, epg_channel_id=None),
    SimpleNamespace(id=3, name="в", sort=2, epg_channel_id=20),
    SimpleNamespace(id=4, name="Б", sort=2, epg_channel_id=99),
]
GUIDE = {10: SimpleNamespace(sort=5), 20: SimpleNamespace(sort=1)}


@pytest.mark.parametrize(
    ("autosort", "expected"),
    [
        ("custom", [2, 3, 4, 1]),
        ("id", [1, 2, 3, 4]),
        ("name", [2, 1, 4, 3]),
        ("auto", [3, 1, 2, 4]),
        ("nonsense", [2, 3, 4, 1]),
    ],
)
def test_an_operators_order_is_the_one_he_chose(autosort: str, expected: list[int]) -> None:
    found = in_order(cast(Any, reversed(CHANNELS)), cast(Any, GUIDE), autosort)
    assert [channel.id for channel in found] == expected
