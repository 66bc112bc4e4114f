"""The notation of method declarations."""

from __future__ import annotations

import pytest

from smarty_core.web.notation import Field, Param, parse_answer, parse_params


def test_parameters_carry_type_range_default_and_values() -> None:
    cid, limit, kind, date, text = parse_params(
        'cid N; limit? N{1-12}=6; content_type S<program,video>; date? S<dd.mm.YYYY>; name? S{..16}=""'
    )
    assert cid == Param("cid", "N")
    assert (limit.required, limit.low, limit.high, limit.default) == (False, 1, 12, 6)
    assert kind.allowed == ("program", "video")
    assert (date.allowed, date.form) == ((), "dd.mm.YYYY")
    assert (text.high, text.default) == (16, "")


def test_items_of_a_list_of_objects_are_gathered_under_it() -> None:
    (sort,) = parse_params("channels_sort? O[]; channels_sort.id N; channels_sort.is_hidden? F")
    assert sort.many
    assert [(item.name, item.required) for item in sort.items] == [("id", True), ("is_hidden", False)]


def test_answers_nest() -> None:
    channels, command, errors, ratio = parse_answer(
        "channels[]{id:N, hbb[]{type:N}, note?:S}, command{type:N}, errors:S[], aspect_ratio:N<0,1,2,3>"
    )
    assert channels.many
    assert channels.items == (
        Field("id", "N"),
        Field("hbb", "O", many=True, items=(Field("type", "N"),)),
        Field("note", "S", optional=True),
    )
    assert (command.many, command.items) == (False, (Field("type", "N"),))
    assert errors == Field("errors", "S", many=True)
    assert ratio.allowed == ("0", "1", "2", "3")


@pytest.mark.parametrize("text", ["cid", "cid X", "limit? N{a}", "9id N"])
def test_a_misspelt_parameter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_params(text)


@pytest.mark.parametrize("text", ["channels[]{id:N", "id:Q", "id", "a:N}"])
def test_a_misspelt_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_answer(text)
