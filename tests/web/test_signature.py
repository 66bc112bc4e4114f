"""The signature of calls: the published examples, what clients get wrong and must be forgiven, and what must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.web.signature import is_signed, sign

Pairs = list[tuple[str, str]]

PUBLISHED: list[tuple[Pairs, str, str]] = [
    (
        [("client_id", "1"), ("customer_id", "1"), ("allowed_device_groups", "3"), ("allowed_device_groups", "1")],
        "secretkey",
        "7e4210d744341f4e3bbdf1d779bd4142",
    ),
    (
        [("name", "test"), ("client_id", "1"), *(("additional_categories", n) for n in ("1", "2", "12"))],
        "secretkey",
        "22fe9a9ddef4964113ac34021933dac7",
    ),
    ([("client_id", "1")], "secretkey", "995415aca385383e40fd8b4d3600698f"),
    (
        [("tariff_id", "3"), ("client_id", "1"), ("customer_id", "7")],
        "secretkey",
        "2636a20a8d822a732bcdd017838802d3",
    ),
    (
        [("client_id", "1"), ("firstname", "Иван"), ("comment", "Иван")],
        "secretkey",
        "6a8ded4c5061d43868b9339f6c3e3a3f",
    ),
    (
        [("client_id", "1"), ("tariffs", "224"), ("tariffs", "223")],
        "contentkey",
        "dd2573723b271461e7575e89ea49c4f1",
    ),
]


@pytest.mark.parametrize(("pairs", "key", "signature"), PUBLISHED)
def test_published_signatures_are_ours(pairs: Pairs, key: str, signature: str) -> None:
    assert sign(pairs, key) == signature
    assert is_signed(pairs, signature, key)
    assert is_signed(pairs, signature.upper(), key)


def test_a_list_may_be_sorted_as_texts_or_as_numbers() -> None:
    pairs = [("client_id", "1"), ("tariffs", "9"), ("tariffs", "10")]
    assert is_signed(pairs, "1d40a5f0eb1a64dcd92900e5e514ffee", "contentkey")
    assert is_signed(pairs, "17c019e2effc2ac1053db8108eb137f8", "contentkey")


def test_zeros_lost_in_front_are_put_back() -> None:
    pairs = [("client_id", "1"), ("id", "41")]
    assert sign(pairs, "contentkey") == "0aad9ab37829963f830de8cad48b4528"
    assert is_signed(pairs, "aad9ab37829963f830de8cad48b4528", "contentkey")
    assert not is_signed(pairs, "aad9ab37829963f830de8cad48b452", "contentkey")


texts = st.text(max_size=8)


@given(pairs=st.lists(st.tuples(texts, texts), max_size=6), key=st.text(min_size=1, max_size=8), data=st.data())
def test_any_order_has_one_signature_and_nothing_else_has_it(pairs: Pairs, key: str, data: st.DataObject) -> None:
    signature = sign(pairs, key)
    assert sign(data.draw(st.permutations(pairs)), key) == signature
    assert is_signed(pairs, signature, key)
    assert not is_signed([*pairs, ("more", "1")], signature, key)
    assert not is_signed(pairs, signature, key + "x")


@pytest.mark.parametrize("signature", ["", " ", "0", "x" * 32, "0" * 33, "é" * 32, "７" * 32, "-1"])
def test_what_is_no_signature_fits_nothing(signature: str) -> None:
    assert not is_signed([("client_id", "1")], signature, "secretkey")


def test_an_operator_without_a_key_has_signed_nothing() -> None:
    pairs = [("client_id", "1")]
    assert not is_signed(pairs, sign(pairs, ""), "")
