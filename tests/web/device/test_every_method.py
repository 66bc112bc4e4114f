"""What holds for each method alone: declared fields, XML that says the same as JSON, spellings, bad parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element, fromstring

from smarty_core.web.notation import Field, Param
from smarty_core.web.surface import Endpoint
from smarty_core.web.surfaces import api_routes

from .walk import Walk
from .world import World

HUGE: Final = "9" * 30
WRONG: Final[Mapping[str, tuple[Any, ...]]] = {
    "N": ("x", "1.5", HUGE, "-" + HUGE, "\u0663", "0x10"),
    "F": ("2", "-1", "yes", HUGE),
    "S": ("a" * 5000, "a\x00b"),
    "O": ("x", "[7]", "[["),
    "D": ("x", "2026-13-10T12:00:00Z"),
}
"""Texts that no parameter of a kind takes."""

VOLATILE: Final = frozenset({"authkey", "url", "uri", "random_uuid4", "created_at", "uuid", "usage", "device_uid"})
"""Fields that differ from one session, call or format to the next."""


def good(walk: Walk, endpoint: Endpoint) -> dict[str, Any]:
    """What Alpha's viewer sends to be answered with something."""
    ids = walk.ids["Alpha"]
    if endpoint.method.name in ("AccountStatus", "MessageDelete", "NpvrDelete"):  # they use something up
        ids = walk.fresh(walk.world.alpha)
    spoiling = {"exclude_service_id", "exclude_tariff_id", "device_id_for_unbinding", "device_uid"}
    sent = {name: value for name, value in ids.items() if name not in spoiling}
    if endpoint.method.path == "/streamservice/token/check/":
        session = walk.world.login(walk.world.alpha)
        uri = walk.world.get("/channel/url/", **session, cid=ids["cid"], redirect=0)["uri"]
        sent |= {"token": parse_qs(urlsplit(uri).query)["token"][0], "name": "Alpha-news"}
    return sent


def unlike(fields: Sequence[Field], given: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """What in an object is not as declared."""
    declared = {field.name: field for field in fields}
    yield from (f"{where}{name}: undeclared" for name in given.keys() - declared.keys())
    yield from (
        f"{where}{name}: missing" for name, field in declared.items() if name not in given and not field.optional
    )
    for name in given.keys() & declared.keys():
        field, value = declared[name], given[name]
        if field.many and not isinstance(value, list):
            yield f"{where}{name}: no list"
            continue
        for one in value if field.many else [value]:
            if not field.items:
                if not of_kind(field, one):
                    yield f"{where}{name}: {one!r} is no {field.kind}"
            elif field.many or one:  # nothing to tell is an empty object
                yield from unlike(field.items, one, f"{where}{name}.")


def of_kind(field: Field, value: Any) -> bool:
    if field.kind == "PM":
        return isinstance(value, str) and (not value or isinstance(json.loads(value), dict))
    if field.kind in ("N", "F"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (field.kind == "N" or value in (0, 1))
    return isinstance(value, {"B": bool, "S": str, "D": str, "O": dict}[field.kind])


def test_an_answer_has_exactly_the_declared_fields_in_their_types(world: World) -> None:
    walk = Walk(world)
    lists = 0
    for endpoint in walk.endpoints:
        answer = walk.ask(endpoint, walk.proof(endpoint, world.alpha), good(walk, endpoint)).json()
        assert (answer.pop("error"), answer.pop("error_message")) == (0, ""), (endpoint.method.name, answer)
        assert list(unlike(endpoint.answer, answer)) == [], endpoint.method.name
        lists += any(isinstance(value, list) and value for value in answer.values())
    assert lists >= 25  # empty lists prove nothing


def shape(name: str, value: Any) -> Any:
    """A JSON value as XML should say it; the order of fields is another test's."""
    if name in VOLATILE:
        return name, "*"
    if isinstance(value, dict):
        return name, sorted((shape(key, one) for key, one in value.items()), key=str)
    if isinstance(value, list):
        return name, sorted((shape("item", one) for one in value), key=str)
    if isinstance(value, bool):
        return name, "true" if value else "false"
    return (name, str(value)) if value not in (None, "") else (name, [])


def read(element: Element) -> Any:
    if element.tag in VOLATILE:
        return element.tag, "*"
    return element.tag, element.text or sorted((read(child) for child in element), key=str)


def test_xml_says_the_same_as_json(world: World) -> None:
    walk = Walk(world)
    for endpoint in walk.endpoints:
        proof, sent = walk.proof(endpoint, world.alpha), good(walk, endpoint)
        in_json = walk.ask(endpoint, proof, sent).json()
        proof, sent = walk.proof(endpoint, world.alpha), good(walk, endpoint)
        response = walk.ask(endpoint, {**proof, "device": "mag_250"}, sent)
        if endpoint.method.auth == "signature":
            assert response.headers["content-type"].startswith("application/json")
            continue
        assert response.headers["content-type"] == "text/xml; charset=utf-8"
        assert read(fromstring(response.text)) == shape("rss", in_json), endpoint.method.name


def test_every_spelling_of_every_address_is_answered_without_a_redirect(world: World) -> None:
    for endpoint in api_routes():
        plain = endpoint.path.rstrip("/")
        answers = [
            world.request(verb, address, data={"device": "web_app"} if verb == "POST" else None)
            for address in (plain, plain + "/", "/api" + plain, "/api" + plain + "/")
            for verb in {"POST", endpoint.method.verb}
        ]
        statuses = {200} if not endpoint.method.error_statuses else {403}
        assert {answer.status_code for answer in answers} == statuses, endpoint.path
        assert len({answer.json()["error"] for answer in answers}) == 1, endpoint.path


def test_missing_and_malformed_parameters_have_the_methods_code_and_change_nothing(world: World) -> None:
    walk = Walk(world)
    session = world.login(world.alpha)
    key = world.key(world.alpha)
    before = [walk.stored(house) for house in (world.alpha, world.beta)]
    asked = 0
    for endpoint in walk.endpoints:
        own = endpoint.method.bad_parameter
        proof = session if endpoint.method.auth in ("session", "status") else key
        if endpoint.method.auth == "signature":
            proof = walk.proof(endpoint, world.alpha)
        sent = {name: value for name, value in walk.ids["Alpha"].items() if name != "device_id_for_unbinding"}
        for param in endpoint.params:
            if param.name in proof:
                continue  # who asks, not what is asked
            for wrong in [*wrong_values(param), *([""] if param.required else [])]:
                answer = walk.ask(endpoint, proof, {**sent, param.name: wrong}).json()
                assert answer["error"] == (400 if own is None else own), (endpoint.method.name, param.name, wrong)
                asked += 1
    assert asked > 300
    assert [walk.stored(house) for house in (world.alpha, world.beta)] == before


def wrong_values(param: Param) -> Iterator[Any]:
    yield from WRONG[param.kind]
    if param.low is not None and param.kind == "N":
        yield param.low - 1
    if param.high is not None and param.kind == "N":
        yield param.high + 1
    if param.low is not None and param.low > 1 and param.kind == "S":  # nothing at all is the same as absent
        yield "a" * (param.low - 1)
    if param.high is not None and param.kind == "S":
        yield "a" * (param.high + 1)
    if param.allowed:
        yield "something else"
