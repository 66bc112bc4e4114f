"""`stream_service` as an operator without a panel types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import smarty_core.cli.stream_service as command
from smarty_core.cli.main import load_command
from smarty_core.storage.database import Database
from smarty_core.testing.installation import Installation


@pytest.fixture
def operator(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An operator, asked about through `run(...)`."""
    installation = Installation(sqlite_database)
    one, _, _ = installation.house("one")

    @contextmanager
    def opened(_settings: str) -> Iterator[Any]:
        yield installation.system

    monkeypatch.setattr(command, "open_system", opened)

    def run(*words: str, **environment: str) -> Any:
        asked = ["--client_id", str(one.id), *words]
        return CliRunner().invoke(load_command("stream_service"), asked, env=environment)

    yield SimpleNamespace(id=one.id, run=run)
    installation.close()


def test_a_service_is_made_listed_and_removed(operator: Any) -> None:
    made = operator.run(
        "--name=edge", "--mask=http://edge.test/$prefix", "--channels=all", "--tariffs=all", "--checks=tcp,http",
        "--host=edge.test", "--port=80", "--data_center=North", SMARTY_STREAM_SECRET="k3yForTests",
    )  # fmt: skip
    assert (made.exit_code, "(edge) is saved" in made.output) == (0, True), made.output
    listed = operator.run()
    assert "up    edge (live, mask in North): 1 channels, 1 tariffs" in listed.output
    (edge,) = [one for one in json.loads(operator.run("--json").output) if one["name"] == "edge"]
    assert (edge["checks"], edge["host"], edge["port"]) == (["tcp", "http"], "edge.test", 80)
    assert "k3yForTests" not in listed.output + made.output
    assert operator.run("--name=edge", "--disabled", "--checks=none").exit_code == 0
    assert "off   edge" in operator.run().output
    assert operator.run("--name=edge", "--delete").exit_code == 0
    assert "edge" not in operator.run().output


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--name=edge", "--mask=http://h/$nonsense"), "nonsense"),
        (("--name=edge", "--mask=http://h/x", "--channels=1,x"), "no list of ids"),
        (("--name=edge", "--mask=http://h/x", "--checks=tcp,smell"), "smell is none of"),
        (("--name=edge", "--mask=http://h/x", "--attribute=novalue"), "is not name=value"),
        (("--name=gone", "--delete"), "no stream service 'gone'"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_saved(operator: Any, words: tuple[str, ...], complaint: str) -> None:
    answer = operator.run(*words)
    told = answer.output + str(answer.exception or "")
    assert answer.exit_code != 0
    assert complaint in told
    assert "edge" not in operator.run().output
