"""What `/openapi.json` says is what the methods do, whatever they are asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from smarty_core.storage.database import Database
from smarty_core.testing.subscribers import API_KEY
from smarty_core.web.openapi import openapi
from smarty_core.web.surfaces import api_routes

from .world import World

EXAMPLES = 8
"""Generated questions per method, each asked in three ways; there are some fifty methods."""

MOST_QUERY_BYTES = 50_000
"""A longer one is refused by the HTTP parser of uvicorn, before it is ours."""

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Any) -> Iterator[tuple[World, str]]:
    """The application on a real port; the same for all methods, as nothing they do may hurt the others."""
    path = tmp_path_factory.mktemp("openapi") / "smarty.sqlite"
    path.write_bytes(_sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    world = World(database)
    server = uvicorn.Server(uvicorn.Config(world.app, log_config=None, access_log=False, lifespan="off", ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield world, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    world.close()
    database.close()


schema = schemathesis.openapi.from_dict(openapi(api_routes()))


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_question_gets_an_answer_that_is_not_described(case: Case[Any], served: tuple[World, str]) -> None:
    """As generated; with a real session and key; and with ids that exist as well."""
    world, url = served
    assume(len(urlencode(case.query)) < MOST_QUERY_BYTES)
    operation = case.operation.definition.raw["operationId"]
    case.call_and_validate(base_url=url, checks=CHECKS, allow_redirects=False)
    case.query.update(proof(world, afresh=operation.endswith(("Logout", "Login"))))
    case.call_and_validate(base_url=url, checks=CHECKS, allow_redirects=False)
    for name, value in real_ids(world).items():
        if name in case.query:
            case.query[name] = value
        if isinstance(case.body, dict) and name in case.body:
            case.body[name] = value
    case.call_and_validate(base_url=url, checks=CHECKS, allow_redirects=False)


_proofs: dict[int, dict[str, Any]] = {}


def proof(world: World, *, afresh: bool) -> dict[str, Any]:
    """Parameters of a session of a device of its own; Logout needs a new one each time."""
    if afresh or id(world) not in _proofs:
        _proofs[id(world)] = {**world.login(world.alpha, device_uid="generated"), "api_key": API_KEY}
    return _proofs[id(world)]


def real_ids(world: World) -> dict[str, Any]:
    house = world.alpha
    return {
        "cid": house.channels[0],
        "channel_id": house.channels[0],
        "channel_ids": house.channels,
        "pid": house.programmes[0][47],
        "content_id": house.programmes[0][47],
        "channel_sort_id": house.sort,
    }


def test_every_method_is_described_with_its_codes(served: tuple[World, str]) -> None:
    document = served[0].read(served[0].request("GET", "/openapi.json"))
    assert document["openapi"].startswith("3.1")
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len(list(api_routes())) >= 46
    for operation in operations:
        success, failure = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
        assert success["properties"]["error"] == {"const": 0}
        shared = {-1, -2, -3} if operation["operationId"].startswith("Streaming.Maintenance") else {400, 500}
        assert shared <= set(failure["properties"]["error"]["enum"])
        assert operation["description"]
