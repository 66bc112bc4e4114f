"""Typing of what clients send."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.errors import InvalidValue
from smarty_core.web.notation import parse_params
from smarty_core.web.params import read_params


def read(declared: str, **sent: Any) -> dict[str, Any]:
    return read_params(parse_params(declared), {name: v if isinstance(v, list) else [v] for name, v in sent.items()})


def test_empty_is_absent_and_the_last_repetition_counts() -> None:
    assert read("limit? N=6", limit="") == {"limit": 6}
    assert read("limit? N=6", limit=["1", "2"]) == {"limit": 2}
    assert read("limit? N=6", limit=["1", ""]) == {"limit": 1}


def test_unknown_parameters_are_ignored() -> None:
    assert read("cid N", cid="5", timezone="3") == {"cid": 5}


@pytest.mark.parametrize("spelling", ["1,2,3", "[1, 2, 3]", ["1", "2", "3"], [[1, 2, 3]], ["1,2", "3"]])
def test_every_spelling_of_a_list(spelling: Any) -> None:
    assert read("ids N[]", ids=spelling) == {"ids": [1, 2, 3]}


def test_a_php_list_name_is_understood() -> None:
    assert read_params(parse_params("ids N[]"), {"ids[]": ["1", "2"]}) == {"ids": [1, 2]}


@pytest.mark.parametrize(
    "text", ["1.5", "abc", "٣", "1e3", "0x10", "--1", "9" * 20, "9223372036854775808", True, 1.5, None]
)
def test_what_is_no_number(text: Any) -> None:
    with pytest.raises(InvalidValue, match="cid"):
        read("cid N", cid=text)


@pytest.mark.parametrize(("text", "flag"), [("0", 0), ("1", 1), ("True", 1), ("false", 0), (True, 1)])
def test_flags_as_clients_write_them(text: Any, flag: int) -> None:
    assert read("redirect? F=1", redirect=text) == {"redirect": flag}


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 5000, "\ue000authkey\ue001"])
def test_unfit_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        read("search S", search=text)


def test_a_missing_required_parameter_is_named() -> None:
    with pytest.raises(InvalidValue, match="cid: missing"):
        read("cid N")


def test_objects_are_typed_inside() -> None:
    declared = "sort O[]; sort.id N; sort.is_hidden? F"
    assert read(declared, sort='[{"id": 5, "is_hidden": true, "other": 1}]') == {"sort": [{"id": 5, "is_hidden": 1}]}
    with pytest.raises(InvalidValue, match=r"sort\.id"):
        read(declared, sort='[{"id": "x"}]')
    with pytest.raises(InvalidValue, match="not JSON"):
        read(declared, sort="[{" * 100_000)


def test_the_number_of_items_is_bounded() -> None:
    with pytest.raises(InvalidValue, match="more than"):
        read("ids N[]", ids=",".join(["1"] * 6000))


@given(st.integers())
def test_numbers_come_back_as_they_were_or_are_refused(number: int) -> None:
    if abs(number) < 2**63:
        assert read("n N", n=str(number)) == {"n": number}
    else:
        with pytest.raises(InvalidValue):
            read("n N", n=str(number))


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.lists(st.text()), st.dictionaries(st.text(), st.text())))
def test_nothing_but_invalid_value_is_ever_raised(value: Any) -> None:
    for kind in ("N", "F", "B", "S", "D", "Dec", "O", "PM", "N[]", "O[]", "S[]"):
        try:
            result = read(f"x? {kind}", x=value)["x"]
        except InvalidValue:
            continue
        assert not (isinstance(result, float) and math.isnan(result))
