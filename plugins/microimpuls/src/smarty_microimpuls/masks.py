"""Masks with what the server has told: `$file`, `$file_offset` and `$playlist` besides the variables of every mask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from smarty_core.contracts.stream_mask import fill_mask, mask_problems, path_of
from smarty_core.contracts.stream_router import PlayRequest

TOLD: Final = ("file", "file_offset", "playlist")

_TOLD: Final = re.compile(r"\$(?:(\$)|(file|file_offset|playlist)\b|\{(file|file_offset|playlist)\})")


def told_variables(mask: str) -> frozenset[str]:
    """Which of the server's variables `mask` has."""
    return frozenset(found[2] or found[3] for found in _TOLD.finditer(mask) if not found[1])


def problems_of(mask: str) -> list[str]:
    """What is wrong with `mask`, in words for the operator."""
    problems = mask_problems(_filled(mask, dict.fromkeys(TOLD, "x")), live=False)
    return [problem.replace("; known: ", f"; known: {', '.join(TOLD)}, ") for problem in problems]


def fill(mask: str, told: Mapping[str, str], request: PlayRequest) -> str:
    """`mask` with what the server told and what `request` says. Names of files keep their slashes."""
    return fill_mask(_filled(mask, told), request)


def _filled(mask: str, told: Mapping[str, str]) -> str:
    return _TOLD.sub(lambda found: "$$" if found[1] else path_of(told[found[2] or found[3]]), mask)
