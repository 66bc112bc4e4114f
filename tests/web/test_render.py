"""Answers as bytes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from smarty_core.web.render import render

ANSWER: dict[str, Any] = {
    "error": 0,
    "error_message": "",
    "channels": [{"hbb": [{"name": "inner"}], "sort": 1, "name": "Один & два", "id": 5, "icon": None}],
    "flags": [],
    "drm_available": True,
}


def test_json_is_compact_utf8_with_exact_types() -> None:
    text = render({"error": 0, "name": "Один", "price": Decimal("10.50"), "whole": Decimal("10.00")}, "json")
    assert text == '{"error":0,"name":"Один","price":10.5,"whole":10}'.encode()


def test_xml_has_items_no_white_space_and_looked_up_fields_first() -> None:
    text = render(ANSWER, "xml").decode()
    assert text == (
        '<?xml version="1.0" encoding="utf-8"?><rss><error>0</error><error_message></error_message>'
        "<drm_available>true</drm_available><channels><item><id>5</id><name>Один &amp; два</name><icon></icon>"
        "<sort>1</sort><hbb><item><name>inner</name></item></hbb></item></channels><flags></flags></rss>"
    )


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values))
def test_any_answer_is_readable(body: dict[str, Any]) -> None:
    assert json.loads(render(body, "json")).keys() == body.keys()
    etree.fromstring(render(body, "xml"))
