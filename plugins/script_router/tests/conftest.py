"""One operator's process for the tests of a file, and drivers that are closed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from smarty_script_router.router import ScriptRouter
from smarty_script_router.variables import VARIABLES
from smarty_script_router.workers import Worker

PATIENT = 5.0
"""Seconds for scripts that end by themselves, however busy the machine is."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


Run = Callable[..., str]


@pytest.fixture
def run(worker: Worker) -> Run:
    """What a script leaves in `uri`; variables that are not given are None."""

    def ran(source: str, seconds: float = PATIENT, **given: Any) -> str:
        return worker.run(source, {**dict.fromkeys(VARIABLES), **given}, seconds)

    return ran


@pytest.fixture
def router(host: Any) -> Iterator[Callable[..., ScriptRouter]]:
    made: list[ScriptRouter] = []

    def make(script: str, name: str = "main", **settings: Any) -> ScriptRouter:
        settings = {"deadline_ms": 2000, "client_id": 1, "service_id": 3, **settings}
        model = ScriptRouter.Settings.model_validate({"script": script, **settings})
        made.append(ScriptRouter(name, model, host))
        return made[-1]

    yield make
    for one in made:
        one.close()
