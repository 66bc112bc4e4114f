"""`check_streams` as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

from smarty_core.storage.database import Database
from smarty_core.storage.models import MonitoredStream, StreamMonitor, StreamTrigger
from smarty_core.testing.subscribers import SubscriberWorld
from tests.cli.processes import manage
from tests.stream_monitoring.simulators import WELL, analyser

ADDRESS = "udp://239.0.0.1:1234"


def test_analysers_are_asked_and_accidents_listed(sqlite_database: Database, tmp_path: Path) -> None:
    world = SubscriberWorld(sqlite_database)
    operator = world.operator("one")
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "settings.py").write_text(
        f"SECRET_KEY = 'a key that is long enough'\nDATABASE_URL = {url!r}\nMONITORING_STREAM_TEST_DURATION = 1\n"
    )

    def run(*arguments: str) -> tuple[int, list[str], str]:
        code, said, complained = manage(tmp_path, "check_streams", *arguments, "--settings=settings.py")
        return code, said.splitlines(), complained

    with analyser() as server:
        server.streams[ADDRESS] = {**WELL, "video_loss": True}
        monitor = StreamMonitor(client_id=operator.id, name="hall", host="127.0.0.1", port=server.port)
        world.add(monitor)
        world.add(
            MonitoredStream(client_id=operator.id, monitor_id=monitor.id, name="News", address=ADDRESS),
            StreamTrigger(client_id=operator.id, name="no video", type="multicast", key="video_loss"),
        )
        code, (said,), complained = run()
        assert (code, complained) == (0, "")
        assert said.startswith("1 analysers in ")
        assert "0 with trouble: 2 samples; 1 accidents began, 0 ended; 0 mails sent" in said
        assert server.mistakes == []
        asked = len(server.questions)
        code, said_of_all, _ = run("--list")
        assert len(server.questions) == asked
    assert code == 0
    assert said_of_all[0].endswith("GOING ON  News on hall: video_loss yes: no video")
    assert said_of_all[1].startswith("1 accidents go on, 0 ended")
    (row,) = json.loads("\n".join(run("--list", "--json", f"--client_id={operator.id}")[1]))
    assert (row["stream"], row["key"], row["ended_at"]) == ("News", "video_loss", None)
    assert run("--client_id=987") == (1, [], "there is no operator 987; nothing was done\n")
    assert run("--json")[0] == 2
