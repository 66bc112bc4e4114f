"""Users and operators made from the command line, as old scripts make them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select as polling
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from sqlalchemy import select

from smarty_core.config import load_settings
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client, User
from smarty_core.storage.vault import Vault
from tests.cli.processes import WAIT_SECONDS, environment, manage

pytestmark = pytest.mark.long

KEY = "0123456789abcdef0123456789abcdef"
CLIENT = ("create_client", "--name=Север ТВ", f"--api_key={KEY}", "--domain_prefix=sever", "--email=tv@example.com")


@pytest.fixture
def home(tmp_path: Path, _sqlite_template: Path) -> Path:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "smarty.sqlite").write_bytes(_sqlite_template.read_bytes())
    return tmp_path


def stored(home: Path) -> tuple[list[User], list[Client], Vault]:
    database = Database(f"sqlite:///{home / 'var' / 'smarty.sqlite'}")
    with database.read() as session:
        found = list(session.scalars(select(User))), list(session.scalars(select(Client)))
    database.close()
    settings = load_settings(environ={"SMARTY_VAR_FOLDER": str(home / "var")})
    return *found, Vault(settings.SECRET_KEY.reveal())


def test_a_superuser_is_asked_for_what_is_missing(home: Path) -> None:
    code, said, complaints = manage(home, "createsuperuser", "--username", "root", "--password", "correct horse")
    assert (code, complaints) == (0, "")
    assert "superuser root was created" in said
    (user,), _, vault = stored(home)
    assert (user.is_superuser, user.is_admin, user.client_id) == (True, True, None)
    assert user.password_hash.startswith("$argon2id$")
    assert vault.staff_matches("correct horse", user.password_hash)
    code, _, complaints = manage(home, "createsuperuser", "--noinput", "--username", "two")
    assert code == 2
    assert "SMARTY_SUPERUSER_PASSWORD" in complaints
    code, _, _ = manage(
        home, "createsuperuser", "--noinput", "--username", "two", SMARTY_SUPERUSER_PASSWORD="horse too"
    )
    assert code == 0


def typed_in(home: Path, *answers: tuple[str, str]) -> tuple[int, str]:
    """Exit code and screen of `createsuperuser` at a terminal: (question waited for, answer) ..."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "smarty_core", "createsuperuser"], cwd=home, env=environment(TERM="dumb"),
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    screen, waiting, asked = b"", list(answers), 0
    with contextlib.suppress(OSError):  # EIO: the other side is closed
        while polling.select([ours], [], [], WAIT_SECONDS)[0] and (seen := os.read(ours, 4096)):
            screen += seen
            if waiting and waiting[0][0].encode() in screen[asked:]:
                asked = len(screen)
                os.write(ours, f"{waiting.pop(0)[1]}\n".encode())
    os.close(ours)  # whoever still waits for an answer is hung up on
    return process.wait(timeout=60), screen.decode()


def test_a_superuser_types_his_password_twice_and_unseen(home: Path) -> None:
    code, screen = typed_in(
        home,
        ("Username: ", "root"),
        ("Password: ", "correct horse"), ("confirmation: ", "correct hoarse"),
        ("Password: ", "correct horse"), ("confirmation: ", "correct horse"),
    )  # fmt: skip
    assert (code, "superuser root was created (id 1)" in screen) == (0, True), screen
    assert "do not match" in screen
    assert "horse" not in screen
    (user,), _, vault = stored(home)
    assert (user.username, user.is_superuser) == ("root", True)
    assert vault.staff_matches("correct horse", user.password_hash)


def test_nothing_secret_ends_in_the_log(home: Path) -> None:
    user = ("create_user", "--username=ann", "--password=correct horse")
    for line in (user, CLIENT):
        assert [manage(home, *line)[0] for _ in range(2)] == [0, 1]
    (log,) = home.rglob("smarty_management.log")
    written = log.read_text()
    assert written.count("MANAGEMENT_COMMAND_SUCCESS") == written.count("MANAGEMENT_COMMAND_ERROR") == 2
    assert [secret for secret in ("correct horse", "argon2id", KEY, "enc1:") if secret in written] == []


def test_flags_are_written_as_old_scripts_write_them(home: Path) -> None:
    assert manage(home, *CLIENT)[0] == 0
    line = ("create_user", "--username=ann", "--password=correct horse", "--is_admin=False", "--client_id=1",
            "--is_superuser=False", "--monitoring_user=True")  # fmt: skip
    code, said, complaints = manage(home, *line)
    assert (code, complaints) == (0, ""), said
    (user,), _, vault = stored(home)
    assert (user.username, user.client_id, user.is_admin, user.is_monitoring) == ("ann", 1, False, True)

    code, _, complaints = manage(home, *line)
    assert code == 1
    assert "the username 'ann' is taken" in complaints
    code, _, _ = manage(home, "create_user", "--username=ann", "--password=another one", "--reset_password=True")
    assert code == 0
    (user,), _, _ = stored(home)
    assert vault.staff_matches("another one", user.password_hash)
    assert user.is_monitoring, "nothing but the password has changed"


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        (("--username=ann", "--password=long enough", "--client_id=7"), "there is no operator 7", 1),
        (("--username=ann", "--password=long enough", "--is_admin=maybe"), "--is_admin", 2),
        (("--username=ann",), "--password", 2),
    ],
)
def test_a_user_that_cannot_be_made_says_why(home: Path, options: tuple[str, ...], words: str, code: int) -> None:
    found, _, complaints = manage(home, "create_user", *options)
    assert (found, "Traceback" in complaints) == (code, False)
    assert words in complaints
    assert stored(home)[0] == []


def test_an_operator_has_four_keys_kept_encrypted(home: Path) -> None:
    code, said, complaints = manage(home, *CLIENT)
    assert (code, said, complaints) == (0, "operator 1 was created\n", "")
    _, (client,), vault = stored(home)
    keys = [client.api_key, client.billing_api_key, client.content_api_key, client.streaming_api_key]
    assert KEY not in keys
    assert vault.decrypt(client.api_key) == KEY
    assert len({vault.decrypt(key) for key in keys}) == 4
    code, _, complaints = manage(home, *CLIENT)
    assert code == 1
    assert "the domain prefix 'sever' is taken" in complaints


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("domain_prefix", "Not A Host", "domain_prefix: 1 to 63 lower-case letters"),
        ("api_key", "", "api_key: 1 to 255 printable"),
    ],
)
def test_an_operator_that_cannot_be_made_says_why(home: Path, name: str, value: str, words: str) -> None:
    line = [f"--{name}={value}" if part.startswith(f"--{name}=") else part for part in CLIENT]
    code, _, complaints = manage(home, *line)
    assert code == 1
    assert words in complaints
    assert stored(home)[1] == []


def test_a_short_key_is_taken_with_a_warning(home: Path) -> None:
    line = ["--api_key=short" if part.startswith("--api_key=") else part for part in CLIENT]
    code, _, complaints = manage(home, *line)
    assert code == 0
    assert "can be guessed" in complaints
