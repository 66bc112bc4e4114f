"""Small immutable values shared by every layer: money, ids, time windows, languages, secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final, NewType

from smarty_core.errors import InvalidValue

ClientId = NewType("ClientId", int)
AccountId = NewType("AccountId", int)
CustomerId = NewType("CustomerId", int)
DeviceId = NewType("DeviceId", int)
ChannelId = NewType("ChannelId", int)
EpgChannelId = NewType("EpgChannelId", int)
ProgrammeId = NewType("ProgrammeId", int)
TariffId = NewType("TariffId", int)
ServiceId = NewType("ServiceId", int)

MAX_ID: Final = 2**63 - 1
"""The largest id a BIGINT column holds."""

MONEY_SCALE: Final = 10_000
"""Money is stored as whole numbers of 1/10 000 of the currency unit."""

MAX_LANGUAGES: Final = 5
"""How many languages an operator may add to the default one (`*_lang1` ... `*_lang5`)."""

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_QUANTUM = Decimal(1) / MONEY_SCALE


def utc_now() -> datetime:
    """The present moment as an aware UTC time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount of one currency (ISO 4217 code). Amounts of different currencies never mix."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidValue(f"not an ISO 4217 currency code: {self.currency!r}")
        try:
            rounded = Decimal(self.amount).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
        except InvalidOperation as exc:
            raise InvalidValue(f"not an amount of money: {self.amount!r}") from exc
        object.__setattr__(self, "amount", rounded)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InvalidValue(f"cannot mix {self.currency} and {other.currency}")
        return other


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open span of time `[begin, end)`, both aware UTC."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.begin.tzinfo is None or self.end.tzinfo is None:
            raise InvalidValue("a time window needs aware times")
        if self.end < self.begin:
            raise InvalidValue("a time window cannot end before it begins")

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    @property
    def seconds(self) -> int:
        return int((self.end - self.begin).total_seconds())


class Secret:
    """Text that must not be printed: `repr`, `str` and logs show `***`; `reveal()` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


def is_email(text: str) -> bool:
    """Whether a text can be an e-mail address at all; only a letter to it tells whether it is one."""
    return text.isprintable() and bool(_EMAIL.fullmatch(text))


def parse_id(text: str, name: str = "id") -> int:
    """Turn an id from outside into a number. Raises `InvalidValue` unless it is 1..2^63-1 in plain ASCII digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise InvalidValue(f"{name}: not an id")
    number = int(text)
    if not 0 < number <= MAX_ID:
        raise InvalidValue(f"{name}: out of range")
    return number
