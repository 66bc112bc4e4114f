"""`maintenance` and `api_key` as an operator without a panel types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import smarty_core.cli.api_key as key_command
import smarty_core.cli.maintenance as works_command
from smarty_core.cli.main import load_command
from smarty_core.storage.database import Database
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY


@pytest.fixture
def operator(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An operator with the channel News, asked about through `works(...)` and `key(...)`."""
    installation = Installation(sqlite_database, TIME_ZONE="Europe/Moscow")
    one, _, channel = installation.house("one")

    @contextmanager
    def opened(_settings: str) -> Iterator[Any]:
        yield installation.system

    for command in (works_command, key_command):
        monkeypatch.setattr(command, "open_system", opened)

    def run(command: str, *words: str, **environment: str) -> Any:
        asked = ["--client_id", str(one.id), *words]
        return CliRunner().invoke(load_command(command), asked, env=environment)

    yield SimpleNamespace(
        id=one.id,
        service=min(service.id for service in channel.services),
        works=lambda *words: run("maintenance", *words),
        key=lambda *words, **environment: run("api_key", *words, **environment),
        system=installation.system,
        move=installation.world.move,
    )
    installation.close()


def test_works_are_announced_listed_changed_and_finished(operator: Any) -> None:
    assert "announced no technical works" in operator.works().output
    made = operator.works("--channels=news", "--begin=2026-03-10T15:00", "--description=new switch", "--unavailable")
    assert (made.exit_code, made.output) == (0, "works 1 are announced\n")
    listed = operator.works().output
    assert "   1  going on  2026-03-10 12:00 until finished UTC, blocks: new switch" in listed  # Moscow is three ahead
    assert "channels news" in listed
    changed = operator.works("--id=1", f"--services={operator.service}", "--channels=none", "--announced",
                             "--begin=2026-03-10T14:00:00Z", "--end=2026-03-10T15:00:00Z")  # fmt: skip
    assert (changed.exit_code, changed.output) == (0, "works 1 are changed\n")
    assert json.loads(operator.works("--json").output) == [
        {
            "id": 1, "begin": "2026-03-10T14:00:00+00:00", "end": "2026-03-10T15:00:00+00:00",
            "description": "new switch", "unavailable": False, "finished": False, "channels": [],
            "services": [operator.service],
        }
    ]  # fmt: skip
    states = []
    for _ in range(3):
        states.append(operator.works().output.split()[1])
        operator.move(hours=2)
    assert states == ["coming", "going", "over"]
    assert operator.works("--id=1", "--finished").exit_code == 0
    assert operator.works().output.split()[1] == "finished"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--begin=soon", "--channels=news"), "begin: not a date and time"),
        (("--begin=2026-03-10T12:00Z",), "a channel or a stream service"),
        (("--begin=2026-03-10T12:00Z", "--channels=films"), "not every prefix"),
        (("--begin=2026-03-10T12:00Z", "--services=77"), "no such stream service: 77"),
        (("--begin=2026-03-10T12:00Z", "--services=x"), "services"),
        (("--begin=2026-03-10T12:00Z", "--services=,"), "services: no number"),
        (("--begin=2026-03-10T12:00Z", "--end=2026-03-10T11:00Z", "--channels=news"), "end after their begin"),
        (("--id=5", "--finished"), "no such works"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(
    operator: Any, words: tuple[str, ...], complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = operator.works(*words)
    assert found.exit_code != 0
    assert complaint in found.output + found.stderr + str(found.exception) + caplog.text
    assert "announced no technical works" in operator.works().output


def test_a_key_is_shown_and_replaced_and_the_old_one_is_good_no_longer(operator: Any) -> None:
    assert operator.key("--api=device").output.strip() == API_KEY
    assert operator.key("--api=streaming").output.strip() == ""
    made = operator.key("--api=streaming", "--new").output.strip()
    assert len(made) == 64
    assert operator.key("--api=streaming").output.strip() == made
    signing = operator.system.operators.signing_key
    assert signing(operator.id, "streaming")[1].reveal() == made
    given = operator.key("--api=streaming", "--new", SMARTY_API_KEY="a key of a partner")
    assert given.output.strip() == "a key of a partner"
    assert signing(operator.id, "streaming")[1].reveal() == "a key of a partner"
    for words in (["--api=nonsense"], ["--api=nonsense", "--new"]):
        assert operator.key(*words).exit_code != 0
    assert operator.key("--api=billing", "--new", SMARTY_API_KEY="\n").exit_code != 0
    assert operator.key("--api=billing").output.strip() == ""
