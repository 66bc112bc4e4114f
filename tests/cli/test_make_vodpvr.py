"""`smarty_manage make_vodpvr`, as the line of a crontab."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from smarty_core.storage.database import Database
from smarty_core.storage.models import EpgChannel, Programme, Video
from smarty_core.testing.installation import Installation
from smarty_core.values import utc_now
from tests.cli.processes import manage


def test_the_films_of_one_operator_are_made_and_counted(sqlite_database: Database, tmp_path: Path) -> None:
    installation = Installation(sqlite_database)
    world = installation.world
    operator = world.operator("one")
    guide = EpgChannel(name="news")
    world.add(guide)
    hour = timedelta(hours=1)
    world.add(
        *(
            Programme(epg_channel_id=guide.id, start=utc_now() - n * hour, stop=utc_now() - (n - 1) * hour, name=f"{n}")
            for n in range(1, 5)
        )
    )
    installation.channel(world.tariff(operator), epg_channel_id=guide.id)
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "prod.py").write_text(
        f"from settings.base import *\nSECRET_KEY = 'a key that is long enough'\nDATABASE_URL = {url!r}\n"
    )

    def run(*arguments: str) -> tuple[int, str, str]:
        return manage(tmp_path, "make_vodpvr", *arguments, "--settings=settings.prod")

    def films() -> int:
        with sqlite_database.read() as session:
            return session.scalar(select(func.count()).select_from(Video)) or 0

    said = "1 channels: 4 films made, 0 brought up to date, 0 removed"
    assert run(f"--client_id={operator.id}", "--dry-run") == (0, f"{said} (dry run, nothing was changed)\n", "")
    assert films() == 0
    assert run() == (0, f"{said}\n", "")
    assert films() == 4
    assert run("--client_id=987") == (1, "", "there is no operator 987; nothing was done\n")
