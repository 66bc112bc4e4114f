"""The rule by which a misspelt name finds the one that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

SLIP: Final = 0.88
"""Likeness from which a name is taken for a slip of the finger rather than for another name."""


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """The known name most like `name`, empty when none is as near as `likeness` (0..1)."""
    candidates = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), list(candidates), n=1, cutoff=likeness)
    return candidates[close[0]] if close else ""
