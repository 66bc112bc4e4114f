"""Column types mean the same on every database: nothing is rounded, shifted, folded or lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, MetaData, Table, func, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError

from smarty_core.storage.database import make_engine
from smarty_core.storage.types import LARGEST_AMOUNT, BigId, Json, MoneyAmount, UtcDateTime, key_text
from smarty_core.values import MAX_ID

PROBE = Table(
    "probe",
    MetaData(),
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("amount", MoneyAmount),
    Column("moment", UtcDateTime),
    Column("data", Json),
    Column("key", key_text(64), unique=True),
    mysql_charset="utf8mb4",
)

every_database = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    made = make_engine(make_url(empty_database_url))
    PROBE.metadata.create_all(made)
    yield made
    made.dispose()


def round_trip(engine: Engine, column: str, values: list[Any]) -> list[Any]:
    with engine.begin() as connection:
        connection.execute(PROBE.delete())
        for value in values:
            connection.execute(insert(PROBE), {column: value})
        return list(connection.scalars(select(PROBE.c[column]).order_by(PROBE.c.id)))


amounts = st.integers(-MAX_ID, MAX_ID).map(lambda number: Decimal(number).scaleb(-4))


@every_database
@given(values=st.lists(amounts, min_size=1, max_size=20))
def test_money_comes_back_exactly_and_sums_are_exact(engine: Engine, values: list[Decimal]) -> None:
    assert round_trip(engine, "amount", values) == values
    small = [value.scaleb(-6).quantize(Decimal("0.0001")) for value in values]
    round_trip(engine, "amount", small)
    with engine.connect() as connection:
        assert connection.scalar(select(func.sum(PROBE.c.amount))) == sum(small)


def test_money_is_compared_by_its_amount(engine: Engine) -> None:
    round_trip(engine, "amount", [Decimal("9.5"), Decimal("10.00"), Decimal("-1"), Decimal(0), None])
    with engine.connect() as connection:
        query = select(PROBE.c.amount).where(PROBE.c.amount >= Decimal("9.4999")).order_by(PROBE.c.amount.desc())
        assert list(connection.scalars(query)) == [Decimal(10), Decimal("9.5")]


@pytest.mark.parametrize(
    "amount",
    [
        "0.00001", "0.12345", "1.0000000000000000000000000000000001", "NaN", "Infinity", "-Infinity", "1E+30",
        str(LARGEST_AMOUNT + Decimal("0.0001")),
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_kept_exactly_is_refused(engine: Engine, amount: str) -> None:
    with pytest.raises(StatementError, match="money"):
        round_trip(engine, "amount", [Decimal(amount)])


moments = st.datetimes(
    min_value=datetime(1000, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones()  # noqa: DTZ001
)  # fmt: skip


@every_database
@given(values=st.lists(moments, min_size=1, max_size=20))
def test_moments_come_back_to_the_microsecond_and_in_utc(engine: Engine, values: list[datetime]) -> None:
    found = round_trip(engine, "moment", values)
    assert found == [value.astimezone(UTC) for value in values]
    assert all(value.utcoffset() == timedelta(0) for value in found)
    with engine.connect() as connection:
        in_order = list(connection.scalars(select(PROBE.c.moment).order_by(PROBE.c.moment, PROBE.c.id)))
        assert in_order == sorted(found)
        early = connection.scalars(select(PROBE.c.moment).where(PROBE.c.moment < values[0]))
        assert sorted(early) == sorted(moment for moment in found if moment < values[0])


def test_a_naive_time_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive time"):
        round_trip(engine, "moment", [datetime(2026, 3, 29, 2, 30)])  # noqa: DTZ001


def test_the_hour_that_comes_twice_stays_two_moments(engine: Engine) -> None:
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    first, second = datetime(2026, 10, 25, 2, 30, tzinfo=summer), datetime(2026, 10, 25, 2, 30, tzinfo=winter)
    found = round_trip(engine, "moment", [first, second])
    assert found[1] - found[0] == timedelta(hours=1)


json_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters()),
    lambda inner: st.lists(st.none() | inner, max_size=4)
    | st.dictionaries(st.text(alphabet=st.characters()), st.none() | inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@every_database
@given(values=st.lists(json_values | st.none(), min_size=1, max_size=10))
def test_json_comes_back_as_it_was(engine: Engine, values: list[Any]) -> None:
    assert round_trip(engine, "data", values) == values


def test_json_keeps_what_is_hard_for_databases(engine: Engine) -> None:
    values: list[Any] = ["\0", "\ud800", "🛰 'quoted' \"twice\" \\ %s", {"": {}}, "x" * 300_000, 2**64, 0.1]
    assert round_trip(engine, "data", values) == values


def test_json_none_is_null(engine: Engine) -> None:
    round_trip(engine, "data", [None, 0, "", False, [], {}])
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(PROBE.c.data.is_(None))) == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_refuses_what_no_other_reader_knows(engine: Engine, number: float) -> None:
    with pytest.raises(StatementError, match="not JSON compliant"):
        round_trip(engine, "data", [[number]])


KEYS = [
    "abc",
    "Abc",
    "ABC",
    "äbc",
    "abç",
    "abc1",
    "ключ",
    "Ключ",
    "ß",
    "ss",
    "🛰",
    "🛸",
    "e\u0301",
    "\u00e9",
    "%",
    "_",
    "",
]
"""Pairs that a friendly collation takes for the same."""


def test_keys_are_compared_byte_by_byte(engine: Engine) -> None:
    assert round_trip(engine, "key", KEYS) == KEYS
    with engine.connect() as connection:
        for key in KEYS:
            assert list(connection.scalars(select(PROBE.c.key).where(PROBE.c.key == key))) == [key]


def test_a_key_is_unique_byte_by_byte(engine: Engine) -> None:
    round_trip(engine, "key", KEYS)
    for key in KEYS:
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(PROBE), {"key": key})


def test_ids_are_as_large_as_bigint(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(PROBE), {"id": MAX_ID, "key": "last"})
        assert connection.scalar(select(PROBE.c.id).where(PROBE.c.key == "last")) == MAX_ID
        connection.execute(update(PROBE).values(amount=Decimal("0.5")))
        assert connection.scalar(select(PROBE.c.amount)) == Decimal("0.5")
