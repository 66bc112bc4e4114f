"""`check_stream_services` as an operator runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks
from smarty_core.storage.models import StreamService
from smarty_core.testing.subscribers import SubscriberWorld
from tests.availability.servers import shut_port
from tests.cli.processes import manage


@pytest.fixture
def home(sqlite_database: Database, tmp_path: Path) -> Path:
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.py").write_text(
        f"from settings.base import *\nSECRET_KEY = 'a key that is long enough'\nDATABASE_URL = {url!r}\n"
        "STREAM_SERVICE_CHECK_FAILURES = 1\n"
    )
    return tmp_path


def test_services_that_fail_are_named_and_taken_out(sqlite_database: Database, home: Path) -> None:
    world = SubscriberWorld(sqlite_database)
    operator, port = world.operator("one"), shut_port()
    edge = StreamService(client_id=operator.id, name="edge", host="127.0.0.1", port=port, check_tcp=True)
    lost = StreamService(client_id=operator.id, name="lost", check_http=True)
    world.add(edge, lost)

    def run(*arguments: str) -> tuple[int, list[str], str]:
        code, said, complained = manage(home, "check_stream_services", *arguments, "--settings=settings.prod")
        return code, said.splitlines(), complained

    def available() -> bool:
        with sqlite_database.read() as session:
            return session.get_one(StreamService, edge.id).available

    where = f"(service {edge.id} of operator {operator.id}): tcp: Connection refused"
    unknown = (
        f"up    lost (service {lost.id} of operator {operator.id}): http: neither its host nor its mask says where"
    )
    code, said, complained = run("--dry-run")
    assert (code, complained) == (0, "")
    assert said[0] == f"DOWN  edge {where}"
    assert said[1] == f"{unknown} it is"
    assert "2 stream services in" in said[2]
    assert said[2].endswith("s: 0 pass, 1 fail, 1 could not be checked; 1 went down, 0 came up")
    assert said[3] == "(dry run, nothing was changed)"
    assert available() is True
    code, said, complained = run(f"--client_id={operator.id}")
    assert (code, said[0], complained) == (0, f"DOWN  edge {where}", "")
    assert available() is False
    assert run()[1][0] == f"down  edge {where}"
    assert run("--client_id=987") == (1, [], "there is no operator 987; nothing was done\n")
    with SqlLocks(sqlite_database).lock("command:check_stream_services", 60):
        code, said, complained = run()
    assert (code, said) == (1, [])
    assert "check_stream_services is already running" in complained
