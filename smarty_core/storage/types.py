"""Column types: one for times, one for money, one for ids, one for exact text, one for JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String, Text, TypeDecorator
from sqlalchemy.dialects import mysql, oracle, sqlite
from sqlalchemy.engine import Dialect

from smarty_core.values import MAX_ID, MONEY_SCALE

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Primary keys and references. SQLite only counts ids up by itself in an INTEGER column."""

MONEY_PLACES = len(str(MONEY_SCALE)) - 1
LARGEST_AMOUNT = Decimal(MAX_ID).scaleb(-MONEY_PLACES)
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""The usual context rounds to 28 digits, and money must not be rounded unseen."""

LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time with microseconds. A naive time is a bug and is refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sqlite.DATETIME())  # type: ignore[no-untyped-call]
        if dialect.name == "oracle":  # its DATE has no fractions, its driver drops the offset of a zoned time
            return dialect.type_descriptor(oracle.TIMESTAMP())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MoneyAmount(TypeDecorator[Decimal]):
    """An exact amount kept as a whole number of 1/10 000 of the unit, so that sums are exact on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        amount = Decimal(value)
        if not amount.is_finite() or abs(amount) > LARGEST_AMOUNT:
            raise ValueError("not an amount of money, or too large a one")
        scaled = amount.scaleb(MONEY_PLACES, EXACT)
        if scaled != scaled.to_integral_value():
            raise ValueError("money has at most four decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-MONEY_PLACES)


class Json(TypeDecorator[Any]):
    """Any JSON value as text, the same on every database; NULL is Python None. NaN and infinity are refused."""

    impl = LongText
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: legal in JSON, not in UTF-8
            text = json.dumps(value, allow_nan=False, separators=(",", ":"))
        return text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def key_text(length: int) -> String:
    """Text compared byte by byte on every database: keys, hashes, names from outside.

    MySQL and MariaDB do not see spaces at the end, so names are stripped where they come in.
    """
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )
