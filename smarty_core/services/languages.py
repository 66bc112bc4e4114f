"""Texts that exist in several languages: the default one first, then up to five more."""

from __future__ import annotations

from collections.abc import Sequence

Texts = tuple[str, ...]
"""One text per language, the default first; what is missing at the end, or empty, falls back to the default."""


def texts(default: str, others: Sequence[str | None]) -> Texts:
    """`Texts` out of a default text and those of the five additional languages, without the empty end."""
    found = [default or "", *(other or "" for other in others)]
    while len(found) > 1 and not found[-1]:
        found.pop()
    return tuple(found)


def pick(found: Texts, lang: int) -> str:
    """The text in language `lang` (0 = default, 1..5), or the default one where it is missing."""
    if 0 < lang < len(found) and found[lang]:
        return found[lang]
    return found[0] if found else ""
