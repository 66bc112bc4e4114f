"""Stretches of time: half-open, in seconds since 1970, UTC, in order and apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

FOREVER: Final = 4_102_444_800
"""The year 2100: no guide reaches further."""

Span = tuple[int, int]


class Spans:
    """Some stretches; those that touch are joined."""

    def __init__(self, told: Iterable[Span]) -> None:
        """`told` is ordered by begin."""
        found: list[Span] = []
        for begin, end in told:
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((begin, end))
        self.all: Final[Sequence[Span]] = found
        self._begins = [begin for begin, _ in found]

    def __contains__(self, moment: int) -> bool:
        place = bisect_right(self._begins, moment) - 1
        return place >= 0 and moment < self.all[place][1]

    def common(self, other: Spans) -> Spans:
        """Where both are."""
        left, right = self.all, other.all
        found: list[Span] = []
        i = j = 0
        while i < len(left) and j < len(right):
            begin, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
            if begin < end:
                found.append((begin, end))
            if left[i][1] < right[j][1]:
                i += 1
            else:
                j += 1
        return Spans(found)

    def widened(self, seconds: int) -> Spans:
        """With so many seconds more at both ends of each."""
        return Spans((max(0, begin - seconds), min(FOREVER, end + seconds)) for begin, end in self.all)
