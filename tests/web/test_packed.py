"""Gzip that is made once and filled for each session."""

from __future__ import annotations

import gzip
import json
import secrets

from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.web.packed import KEY_BYTES, pack

keys = st.text(st.sampled_from("0123456789abcdef"), min_size=KEY_BYTES, max_size=KEY_BYTES).map(str.encode)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(str.encode)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, min_size=2, max_size=12), keys, keys)
def test_every_session_reads_its_own_key_everywhere(segments: list[bytes], one: bytes, other: bytes) -> None:
    rows = [b"%d%s" % (number, segment) for number, segment in enumerate(segments)]  # no two rows are ever the same
    packed = pack(rows)
    assert packed is not None
    for key in (one, other):
        filled = packed.fill(key)
        assert gzip.decompress(filled) == key.join(rows)
        assert len(filled) == packed.size


def test_a_real_list_is_about_as_small_as_when_it_is_compressed_for_one() -> None:
    rows = [
        {"id": number, "name": f"Канал {number}", "url": f"http://x/?authkey=SLOT&cid={number}"}
        for number in range(300)
    ]
    segments = json.dumps(rows, ensure_ascii=False).encode().split(b"SLOT")
    packed, key = pack(segments), secrets.token_hex(KEY_BYTES // 2).encode()
    assert packed is not None
    assert packed.size < 1.2 * len(gzip.compress(key.join(segments), 6))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"", b"0", b"000", b"abcabc"]), min_size=2, max_size=12), keys)
def test_text_that_cannot_be_kept_so_is_noticed(segments: list[bytes], key: bytes) -> None:
    """Rows that repeat exactly can end a reference of the longest kind (258 bytes) inside a slot."""
    packed = pack(segments)
    assert packed is None or gzip.decompress(packed.fill(key)) == key.join(segments)


def test_slots_too_far_from_each_other_are_left_to_ordinary_compression() -> None:
    apart = [b"a", secrets.token_hex(40_000).encode(), b"b"]
    assert pack(apart) is None


def test_a_body_without_slots_is_none_of_its_business() -> None:
    assert pack([b"all of it"]) is None
