"""Captcha `simple`: an addition drawn with strokes, so that no digit is in the picture as text.

It stops scripts that only fill in forms. Whoever writes a program for this very picture will pass it: an operator who
is attacked installs a stronger driver.
"""

from __future__ import annotations

import secrets
from typing import ClassVar, Final

from smarty_core.contracts.captcha import Captcha, Challenge
from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

# Corners of a seven-segment digit, numbered 0..5 from the upper left, row by row.
_POINTS: Final = ((0, 0), (20, 0), (0, 20), (20, 20), (0, 40), (20, 40))
_STROKES: Final[tuple[tuple[tuple[int, int], ...], ...]] = (
    ((0, 1), (1, 3), (3, 5), (5, 4), (4, 2), (2, 0)),
    ((1, 3), (3, 5)),
    ((0, 1), (1, 3), (3, 2), (2, 4), (4, 5)),
    ((0, 1), (1, 3), (3, 2), (3, 5), (5, 4)),
    ((0, 2), (2, 3), (1, 3), (3, 5)),
    ((1, 0), (0, 2), (2, 3), (3, 5), (5, 4)),
    ((1, 0), (0, 2), (2, 4), (4, 5), (5, 3), (3, 2)),
    ((0, 1), (1, 3), (3, 5)),
    ((0, 1), (1, 3), (3, 5), (5, 4), (4, 2), (2, 0), (2, 3)),
    ((3, 2), (2, 0), (0, 1), (1, 3), (3, 5), (5, 4)),
)
"""Per digit, the strokes between corners."""


class SimpleSettings(DriverSettings):
    """How hard the addition is."""

    largest: int = setting(49, en="Largest number", ru="Наибольшее число", ge=9, le=999)


class SimpleCaptcha(Captcha[SimpleSettings]):
    """Two numbers to add. Each stroke is shaken and the order of strokes is mixed."""

    Settings: ClassVar[type[DriverSettings]] = SimpleSettings
    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def create(self) -> Challenge:
        left, right = (secrets.randbelow(self.settings.largest) + 1 for _ in range(2))
        strokes: list[str] = []
        x = 12
        for sign in f"{left}+{right}":
            strokes += _plus(x) if sign == "+" else _digit(sign, x)
            x += 32
        strokes += [_line(_some(x), _some(64), _some(x), _some(64)) for _ in range(6)]
        secrets.SystemRandom().shuffle(strokes)
        picture = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{x}" height="64" viewBox="0 0 {x} 64">'
            f'<rect width="{x}" height="64" fill="#fff"/><path fill="none" stroke="#234" stroke-width="3"'
            f' stroke-linecap="round" d="{"".join(strokes)}"/></svg>'
        )
        return Challenge(key=str(left + right), picture=picture.encode())

    def check(self, key: str, answer: str) -> bool:
        return secrets.compare_digest(answer.strip().encode(), key.encode())


def _some(limit: int) -> int:
    return secrets.randbelow(limit)


def _line(x1: int, y1: int, x2: int, y2: int) -> str:
    bend_x, bend_y = (x1 + x2) // 2 + _some(5) - 2, (y1 + y2) // 2 + _some(5) - 2
    return f"M{x1} {y1}Q{bend_x} {bend_y} {x2} {y2}"


def _digit(sign: str, x: int) -> list[str]:
    lines = []
    for begin, end in _STROKES[int(sign)]:
        (x1, y1), (x2, y2) = _POINTS[begin], _POINTS[end]
        lines.append(_line(x + x1 + _some(4), y1 + 10 + _some(4), x + x2 + _some(4), y2 + 10 + _some(4)))
    return lines


def _plus(x: int) -> list[str]:
    return [_line(x, 30, x + 20, 30 + _some(4)), _line(x + 10, 20, x + 10 + _some(4), 40)]
