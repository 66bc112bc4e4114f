"""`epg_import` as crontabs run it: options, output, exit codes, and one import at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks
from smarty_core.storage.models import EpgChannel, EpgSource, Programme
from tests.cli.processes import environment, manage

pytestmark = pytest.mark.long

MANAGE = Path(__file__).parents[2] / "manage.py"
SETTINGS = "from settings.base import *\nSECRET_KEY = 'a key that is long enough'\n"


class Home:
    """An operator's folder with the sample operator and his guide."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "settings").mkdir()
        (folder / "settings" / "prod.py").write_text(SETTINGS, encoding="utf-8")
        for command in ("migrate", "setup_initial_data"):
            code, said, complained = self.run(command)
            assert code == 0, said + complained
        (path,) = folder.rglob("smarty.sqlite")
        self.database = Database(f"sqlite:///{path}")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        return manage(self.folder, *arguments, "--settings=settings.prod")

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[int]:
        """A command in its process, whose number is given; ended at the latest with the block."""
        process = subprocess.Popen(
            [sys.executable, str(MANAGE), *arguments, "--settings=settings.prod"],
            cwd=self.folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process.pid
        finally:
            process.kill()
            process.wait()

    def programmes(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(Programme)) or 0

    def log(self) -> str:
        return "".join(path.read_text("utf-8") for path in self.folder.rglob("smarty_*.log"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("home"))
    yield made
    made.database.close()


def test_the_sample_guide_is_imported_once_and_then_unchanged(home: Home) -> None:
    code, said, complained = home.run("epg_import", "--create_content")
    assert code == 0, complained
    assert "video on demand" in complained
    count = home.programmes()
    assert count > 1000
    assert f"{count} added" in said
    assert "MANAGEMENT_COMMAND_SUCCESS command='epg_import'" in home.log()
    assert "EPG_IMPORT_FINISHED channels_processed=" in home.log()
    code, said, complained = home.run("epg_import")
    assert (code, complained) == (0, "")
    assert "unchanged" in said
    assert "\x1b" not in said, "no progress bar into a pipe"


def test_all_documented_options_are_understood(home: Home) -> None:
    with home.database.read() as session:
        source = session.scalars(select(EpgSource)).one()
    line = [
        "epg_import", f"--epg_source_id={source.id}", f"--epg_source_name={source.name}", "--epg_channel_id=1",
        "--actual_days=30", "--start_date=2020-01-31", "--force_reimport",
    ]  # fmt: skip
    code, said, complained = home.run(*line)
    assert (code, complained) == (0, ""), said
    assert "1 channels" in said
    assert home.run("epg_import", "--ignore_epg_import", "--actual_days=30")[0] == 0


@pytest.mark.parametrize(
    "option", ["--start_date=31.01.2020", "--actual_days=-1", "--epg_source_id=one", "--epg_channel_id=0", "--what"]
)
def test_a_wrong_option_is_a_usage_error(home: Home, option: str) -> None:
    assert home.run("epg_import", option)[0] == 2


def test_what_does_not_exist_is_named(home: Home) -> None:
    code, _, complained = home.run("epg_import", "--epg_source_name=nobody")
    assert code == 1
    assert "nobody" in complained
    assert "MANAGEMENT_COMMAND_ERROR command='epg_import'" in home.log()


def test_a_second_import_at_the_same_time_says_so_and_does_nothing(home: Home) -> None:
    with SqlLocks(home.database).lock("command:epg_import", 60.0):
        code, said, complained = home.run("epg_import", "--force_reimport")
    assert code == 1
    assert "epg_import is already" in complained
    assert said == ""


def test_the_import_stands_back_behind_the_server(home: Home) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with (
        home.database.write(),
        home.running("epg_import") as pid,
    ):  # it cannot take its lock, so it is there for a while
        deadline = time.monotonic() + 60
        while os.getpriority(os.PRIO_PROCESS, pid) <= usual:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_failed_source_is_exit_code_1_and_the_others_are_imported(home: Home) -> None:
    with home.database.write() as session:
        sample = session.scalars(select(EpgSource)).one()
        away = EpgSource(name="Away", parser="xmltv_from_files", url_mask=str(home.folder / "nothing.xml"))
        session.add(away)
        session.flush()
        session.add(EpgChannel(source_id=away.id, source_channel_id="x", name="X"))
    code, said, complained = home.run("epg_import", "--force_reimport")
    assert code == 1
    assert "Away: failed" in said
    assert f"{sample.name}: imported" in said
    assert "Away" in complained
