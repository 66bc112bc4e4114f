"""An address without its key: what thousands of sessions have in common."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.web.callers import without_key

KEY = b"a1" * 64
OTHER = b"b2" * 64


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        (b"authkey=" + KEY, b"authkey="),
        (b"authkey=" + KEY + b"&lang=ru", b"authkey=&lang=ru"),
        (b"client_id=1&authkey=" + KEY + b"&lang=ru", b"client_id=1&authkey=&lang=ru"),
        (b"client_id=1&authkey=" + KEY, b"client_id=1&authkey="),
    ],
)
def test_the_key_is_cut_out_and_its_place_stays(query: bytes, rest: bytes) -> None:
    assert without_key(query) == (rest, KEY)


def test_a_query_without_a_key_stays_as_it_is() -> None:
    assert without_key(b"client_id=1&api_key=x") == (b"client_id=1&api_key=x", b"")


@pytest.mark.parametrize(
    "query",
    [
        b"authkey=" + KEY + b"&authkey=" + OTHER,
        b"authkey=" + KEY + b"0",
        b"authkey=" + KEY[:-1],
        b"authkey=",
        b"xauthkey=" + KEY,
        b"x=authkey=" + KEY,
    ],
)
def test_a_query_with_an_unusual_key_is_left_alone(query: bytes) -> None:
    assert without_key(query) is None


names = st.sampled_from(["authkey", "AUTHKEY", "xauthkey", "lang", "authke%79", "%61uthkey"])
values = st.sampled_from([KEY.decode(), OTHER.decode(), "", "ru", "authkey=", KEY.decode()[:5]])


@given(
    st.lists(st.tuples(names, values), max_size=5), st.lists(st.sampled_from(["&", ";", "&&"]), min_size=5, max_size=5)
)
def test_two_queries_with_the_same_rest_differ_in_nothing_but_the_key(
    pairs: list[tuple[str, str]], joints: list[str]
) -> None:
    query = "".join(f"{name}={value}{joint}" for (name, value), joint in zip(pairs, joints, strict=False)).encode()
    found = without_key(query)
    if found is None or not found[1]:
        return
    rest, key = found
    exchanged = query.replace(b"authkey=" + key, b"authkey=" + b"c3" * 64, 1)
    again = without_key(exchanged)
    if again is not None and again[0] == rest:
        ours, theirs = (parse_qsl(text.decode(), keep_blank_values=True) for text in (query, exchanged))
        different = [(one, two) for one, two in zip(ours, theirs, strict=True) if one != two]
        assert all(one[0] == two[0] and one[0].endswith("authkey") for one, two in different)
        assert len(different) <= 1
