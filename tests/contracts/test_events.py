from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.contracts import events
from smarty_core.contracts.events import Event, PaymentSettled
from smarty_core.errors import InvalidValue
from smarty_core.values import Money

EVENTS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]

VALUES = {
    int: st.integers(-(2**63), 2**63 - 1),
    str: st.text(max_size=20),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=3))])),
    Money: st.builds(Money, st.decimals(-(10**6), 10**6, places=4), st.sampled_from(["RUB", "EUR"])),
    tuple[str, ...]: st.lists(st.text(max_size=5)).map(tuple),
    tuple[int, ...]: st.lists(st.integers(1, 9)).map(tuple),
    int | None: st.none() | st.integers(1, 9),
}


def objects(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = typing.get_type_hints(kind)
    facts = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        facts[field.name] = st.sampled_from(typing.get_args(hint)) if hint not in VALUES else VALUES[hint]
    return st.builds(kind, **facts)


@given(st.one_of([objects(kind) for kind in EVENTS]))
def test_every_event_survives_json(event: Event) -> None:
    payload = json.loads(json.dumps(event.to_payload()))
    assert type(event).from_payload(payload) == event


def test_an_older_and_a_newer_release_understand_each_other() -> None:
    payload = {"client_id": 1, "account_id": 2, "field_of_the_next_release": {"x": 1}}
    assert events.AccountChanged.from_payload(payload) == events.AccountChanged(1, 2, ())


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"client_id": 1},
        {"client_id": "1", "account_id": 2},
        {"client_id": True, "account_id": 2},
        {"client_id": 1, "account_id": 2, "changed": "name"},
        {"client_id": 1, "account_id": 2, "changed": [1]},
        [],
        None,
    ],
)
def test_a_payload_that_does_not_fit_is_invalid(payload: Any) -> None:
    with pytest.raises(InvalidValue):
        events.AccountChanged.from_payload(payload)


@pytest.mark.parametrize("change", [{"settled_at": "yesterday"}, {"settled_at": "2023-11-14T22:13:20"},
                                    {"amount": {"amount": "NaN", "currency": "RUB"}},
                                    {"amount": {"amount": "x", "currency": "RUB"}},
                                    {"amount": {"amount": "1", "currency": "rubles"}}, {"amount": 5}])  # fmt: skip
def test_times_and_money_are_checked(change: dict[str, Any]) -> None:
    good = PaymentSettled(1, 2, 3, Money(Decimal(5), "RUB"), "null", datetime(2023, 11, 14, tzinfo=UTC)).to_payload()
    assert PaymentSettled.from_payload(good).amount == Money(Decimal(5), "RUB")
    with pytest.raises(InvalidValue):
        PaymentSettled.from_payload({**good, **change})


def test_a_naive_time_is_not_written() -> None:
    with pytest.raises(InvalidValue):
        PaymentSettled(1, 2, 3, Money(Decimal(5), "RUB"), "null", datetime(2023, 11, 14)).to_payload()  # noqa: DTZ001


def test_events_hold_no_secret() -> None:
    for kind in EVENTS:
        names = {field.name for field in dataclasses.fields(kind)}
        assert not names & {"password", "authkey", "token", "pin", "parent_code", "api_key"}
