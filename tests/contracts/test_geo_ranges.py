"""Ranges of addresses, against looking through all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.contracts.geo_ranges import RangeTable
from smarty_core.errors import InvalidValue

LAST = (1 << 128) - 1
numbers = st.integers(0, LAST) | st.integers(0, 300) | st.integers(-5, 300).map(lambda step: (1 << 64) + step)


@given(edges=st.lists(numbers, max_size=40, unique=True), more=st.lists(numbers, max_size=20))
def test_a_number_is_in_the_range_that_holds_it(edges: list[int], more: list[int]) -> None:
    edges.sort()
    ranges = list(zip(edges[::2], edges[1::2], strict=False))
    table = RangeTable()
    for item, (first, last) in enumerate(ranges):
        table.add(first, last, item)
    assert len(table) == len(ranges)
    for number in {*edges, *more, *(edge + 1 for edge in edges), *(edge - 1 for edge in edges), 0, LAST}:
        if 0 <= number <= LAST:
            expected = [item for item, (first, last) in enumerate(ranges) if first <= number <= last]
            assert table.find(number) == (expected[0] if expected else -1)


@pytest.mark.parametrize("bad", [(5, 4), (-1, 4), (0, 1 << 128), (20, 30), (15, 15), (0, 9)])
def test_what_does_not_belong_behind_the_others_is_refused(bad: tuple[int, int]) -> None:
    table = RangeTable()
    table.add(10, 20, 0)
    with pytest.raises(InvalidValue, match="range"):
        table.add(*bad, 1)
    assert len(table) == 1
