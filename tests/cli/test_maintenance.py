"""The small commands of operators' crontabs, run as those lines run them: `manage.py ... --settings=settings.prod`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from smarty_core.storage.cache.tagversions import FLUSH_PROTECTED_TAG, FLUSH_TAG
from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks
from smarty_core.storage.models import Account, Channel, Client, Message, Session, TagVersion, Tariff
from smarty_core.storage.vault import key_hash, new_authkey
from smarty_core.values import utc_now
from tests.cli.processes import manage

pytestmark = pytest.mark.long


class Home:
    """A folder with settings and the sample operator, as an operator's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database: Database | None = None

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error of one crontab line."""
        return manage(self.folder, *arguments, "--settings=settings.prod")

    @property
    def database(self) -> Database:
        if self._database is None:
            (path,) = self.folder.rglob("smarty.sqlite")
            self._database = Database(f"sqlite:///{path}")
        return self._database

    def log(self) -> str:
        """The log of commands."""
        return "".join(path.read_text("utf-8") for path in self.folder.rglob("smarty_management.log"))

    def count(self, model: Any) -> int:
        with self.database.read() as session:
            return len(session.scalars(select(model)).all())

    def add(self, *rows: Any) -> None:
        with self.database.write() as session:
            session.add_all(rows)

    def account(self) -> Account:
        with self.database.read() as session:
            return session.scalars(select(Account)).one()

    def version(self, tag: str) -> int:
        with self.database.read() as session:
            row = session.get(TagVersion, tag)
            return row.version if row is not None else 0

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "settings").mkdir()
    settings = "from settings.base import *\nSECRET_KEY = 'a key that is long enough'\n"
    (folder / "settings" / "prod.py").write_text(settings, encoding="utf-8")
    home = Home(folder)
    for command in ("migrate", "setup_initial_data"):
        code, said, complained = home.run(command)
        assert code == 0, said + complained
    return folder


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Iterator[Home]:
    made = Home(Path(shutil.copytree(prepared, tmp_path / "home")))
    yield made
    made.close()


@pytest.mark.parametrize(
    "line",
    [
        "cache_channel_list",
        "clean_old_messages --days_count=7",
        "clean_old_messages",
        "delete_authkeys --client_id=1",
        "flushall",
        "flushall --flush-protected",
        "make_vodpvr --client_id=1",
        "npvr",
    ],
)
def test_a_crontab_line_runs_unchanged_and_is_written_down(home: Home, line: str) -> None:
    code, said, complained = home.run(*line.split())
    assert (code, complained) == (0, ""), said
    command = line.split()[0]
    assert f"MANAGEMENT_COMMAND_SUCCESS command='{command}' execution_time=" in home.log()


def test_cache_channel_list_says_what_is_in_the_lists(home: Home) -> None:
    channels = home.count(Channel)
    assert channels >= 20
    assert home.run("cache_channel_list")[1] == f"operator 1: {channels} channels\n"


def test_old_messages_go_and_young_ones_stay(home: Home) -> None:
    account = home.account()
    before = home.count(Message)
    home.add(
        *(
            Message(
                client_id=account.client_id, account_id=account.id, uuid=str(uuid4()), subject="s", text="t",
                created_at=utc_now() - timedelta(days=days),
            )
            for days in (1, 6, 8, 40)
        )
    )  # fmt: skip
    assert home.run("clean_old_messages", "--days_count=7")[1] == "2 messages were dropped\n"
    assert home.count(Message) == before + 2


def test_every_device_of_one_operator_is_logged_out(home: Home) -> None:
    account = home.account()
    other = Client(name="Other", domain_prefix="other", api_key="unused")
    home.add(other)
    home.add(
        *(Session(client_id=account.client_id, account_id=account.id, authkey_hash=key_hash(new_authkey()))
          for _ in range(3))
    )  # fmt: skip
    assert home.run("delete_authkeys", f"--client_id={other.id}")[1] == "0 devices were logged out\n"
    assert home.count(Session) == 3
    assert home.run("delete_authkeys", f"--client_id={account.client_id}")[1] == "3 devices were logged out\n"
    assert home.count(Session) == 0


def test_an_operator_must_be_named_and_exist(home: Home) -> None:
    assert home.run("delete_authkeys")[0] == 2
    code, said, complained = home.run("delete_authkeys", "--client_id=987")
    assert (code, said, complained) == (1, "", "there is no operator 987; nothing was done\n")


def test_flushall_keeps_the_protected_part_unless_asked(home: Home) -> None:
    ordinary, protected = home.version(FLUSH_TAG), home.version(FLUSH_PROTECTED_TAG)
    assert home.run("flushall")[0] == 0
    assert (home.version(FLUSH_TAG), home.version(FLUSH_PROTECTED_TAG)) == (ordinary + 1, protected)
    assert home.run("flushall", "--flush-protected")[0] == 0
    assert (home.version(FLUSH_TAG), home.version(FLUSH_PROTECTED_TAG)) == (ordinary + 2, protected + 1)


def test_a_command_another_process_is_doing_is_left_to_it(home: Home) -> None:
    with SqlLocks(home.database).lock("command:flushall", 60):
        code, _said, complained = home.run("flushall")
    assert code == 1
    assert "flushall is already running" in complained
    assert home.version(FLUSH_TAG) == 0


def test_why_explains_a_channel_of_the_sample_operator(home: Home) -> None:
    with home.database.read() as session:
        name = session.scalars(select(Channel.name).order_by(Channel.id)).first()
    account = home.account()
    code, said, complained = home.run("why", account.abonement, str(name))
    assert (code, complained) == (0, ""), said
    assert said.splitlines()[-1] == f"account {account.id} (abonement {account.abonement}) would play {name!r}"
    assert said.startswith("ok  operator  Sample TV (client 1)\n")


def test_why_exits_1_and_names_the_broken_link(home: Home) -> None:
    with home.database.write() as session:
        session.scalars(select(Tariff)).one().enabled = False
    code, said, _complained = home.run("why", home.account().abonement, "1", "--json", "--ip=192.0.2.1")
    found = json.loads(said)
    assert (code, found["plays"]) == (1, False)
    assert {step["name"]: step["status"] for step in found["steps"]}["tariffs"] == "no"
    assert "from 192.0.2.1" in json.dumps(found)


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("nobody", "1"), "there is no account"),
        (("1001", "No such channel"), "has no channel"),
        (("1001", "1", "--ip=home"), "no IP address"),
        (("1001", "1", "--client_id=987"), "there is no account of operator 987"),
        (("1001",), "Missing argument"),
    ],
)
def test_why_exits_2_for_what_is_not_known(home: Home, arguments: tuple[str, ...], wrong: str) -> None:
    code, said, complained = home.run("why", *arguments)
    assert (code, said) == (2, "")
    assert wrong in " ".join(complained.split())
