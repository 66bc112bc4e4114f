"""`smarty_manage migrate`, as an operator runs it on each kind of database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.migrations.history import FOLDER, History
from smarty_core.storage.models import JobRun
from tests.cli.processes import environment, manage

pytestmark = pytest.mark.long

CORE = History("core", FOLDER / "versions")


class Installation:
    """A folder with settings that name a database without tables."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.database = Database(url)
        (folder / "settings").mkdir()
        (folder / "settings" / "prod.py").write_text(
            "from settings.base import *\nSECRET_KEY = 'a key that is long enough'\n"
            f"DATABASE_URL = {url!r}\nSMARTY_LOG_FOLDER = 'log'\n",
            encoding="utf-8",
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "smarty_core", *arguments, "--settings=settings.prod"],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        return manage(self.folder, *arguments, "--settings=settings.prod")

    def log(self) -> str:
        """The log of commands."""
        return "".join(path.read_text("utf-8") for path in self.folder.rglob("smarty_management.log"))

    def execute(self, statement: str) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def installation(empty_database_url: str, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, empty_database_url)
    yield made
    made.database.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Installation]:
    """The same on SQLite."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path / 'smarty.sqlite'}")
    yield made
    made.database.close()


def test_tables_are_made_once_and_the_run_is_noted(installation: Installation) -> None:
    steps = "".join(f"core: took step {name}\n" for name in CORE.revisions)
    assert installation.run("migrate") == (0, steps, "")
    assert set(Base.metadata.tables) <= set(inspect(installation.database.engine).get_table_names())
    assert installation.log().count("MANAGEMENT_COMMAND_SUCCESS") == 1
    with installation.database.read() as session:
        first = session.scalar(select(JobRun.status).where(JobRun.name == "migrate"))
    assert first == "ok"

    code, said, complained = installation.run("migrate")
    assert (code, complained) == (0, "")
    assert "took step" not in said
    assert installation.log().count("MANAGEMENT_COMMAND_SUCCESS") == 2


def test_two_hosts_at_once_both_succeed_and_one_does_the_work(installation: Installation) -> None:
    hosts = [installation.start("migrate") for _ in range(2)]
    told = [host.communicate(timeout=120) for host in hosts]
    assert [host.returncode for host in hosts] == [0, 0], told
    assert sorted("took step 0001" in said for said, _ in told) == [False, True]


def test_fake_believes_the_operator(small: Installation) -> None:
    Base.metadata.create_all(small.database.engine)
    small.execute("ALTER TABLE country ADD own_column INTEGER")
    small.execute("INSERT INTO country (code, name, phone_code) VALUES ('RU', 'Россия', '7')")

    code, _, complained = small.run("migrate")
    assert code == 1
    assert "smarty_manage migrate --fake" in complained
    assert "Nothing was changed" in complained
    assert "Traceback" not in complained
    assert "MANAGEMENT_COMMAND_ERROR" in small.log()

    assert small.run("migrate", "--fake") == (0, f"core: noted as being at {CORE.head}; no table was touched\n", "")
    with small.database.engine.connect() as connection:
        assert connection.execute(text("SELECT code, own_column FROM country")).all() == [("RU", None)]
    assert small.run("migrate")[0] == 0


def test_a_broken_history_is_explained_and_mended(small: Installation) -> None:
    assert small.run("migrate")[0] == 0
    small.execute("UPDATE alembic_version_core SET version_num = 'lost'")

    code, said, complained = small.run("migrate")

    assert (code, complained) == (0, "")
    found = f"the version table named lost, which no step is called; the tables are those of {CORE.head}"
    assert said.startswith(f"core: {found}")


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    away = Installation(tmp_path, "postgresql://smarty:geheim@127.0.0.1:1/smarty")

    code, _, complained = away.run("migrate")

    assert code == 1
    assert "the database failed while migrating" in complained
    assert "Traceback" not in complained
    assert "geheim" not in complained + away.log()


def test_commands_on_an_empty_database_name_the_command_to_run(small: Installation) -> None:
    for command in (["serve", "--port=1"], ["flushall"], ["jobs"]):
        code, _, complained = small.run(*command)
        assert code == 1, command
        assert "run: smarty_manage migrate" in complained, command
        assert "Traceback" not in complained, command
