"""A server killed at any moment under a load of writes: whatever it has said is done is done."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from smarty_core.config import Settings
from smarty_core.services.messages import Messages
from smarty_core.services.stream_tokens import StreamTokens
from smarty_core.storage.cache import MemoryCache, TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, ContentPosition, Session
from smarty_core.storage.vault import Vault, key_hash
from smarty_core.testing.servers import free_port
from smarty_core.testing.subscribers import RecordedHooks
from smarty_core.values import utc_now
from tests.faults import killed
from tests.faults.load import Answered, Connection, Request
from tests.faults.served import soaking
from tests.faults.town import LOGIN_FROM, SECRET_KEY, Town, pairs, settle

pytestmark = pytest.mark.long

WRITERS = 6
DEVICES_EACH = 4
MESSAGES = 2
"""For each device, in all."""


def kills() -> int:
    return 200 if soaking() else 5


@dataclass
class Word:
    """What a device was told about one thing: the last number that was said to be stored, the last one sent at all."""

    stored: int = 0
    sent: int = 0


@dataclass
class Writer:
    """Asks as several devices, one request after the other, and remembers what it was promised."""

    town: Town
    devices: range
    codes: dict[int, Word] = field(default_factory=dict)
    positions: dict[int, Word] = field(default_factory=dict)
    logins: dict[int, str] = field(default_factory=dict)
    """The authkey of each account; empty when the last login of it was not answered."""
    tokens: list[str] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    count: int = 0
    promises: int = 0
    complaints: list[str] = field(default_factory=list)

    def work(self, port: int) -> None:
        """Until the server does not answer any more."""
        connection = Connection(port)
        acts: list[Callable[[Connection, int], Answered]] = [
            self._code, self._position, self._log_in, self._watch, self._poll, self._poll,
        ]  # fmt: skip
        while True:
            self.count += 1
            device = self.devices[self.count % len(self.devices)]
            answer = acts[self.count // len(self.devices) % len(acts)](connection, device)
            if not answer.status:
                break
            self.promises += answer.is_good
            if not answer.is_good:
                self.complaints.append(str(answer))
        connection.close()

    def _tell(self, connection: Connection, known: dict[int, Word], request: Request) -> Answered:
        word = known.setdefault(request.about[0], Word())
        word.sent = request.about[1]
        answer = connection.ask(request)
        if answer.is_good:
            word.stored = word.sent
        return answer

    def _code(self, connection: Connection, device: int) -> Answered:
        return self._tell(connection, self.codes, self.town.code(device, self.count))

    def _position(self, connection: Connection, device: int) -> Answered:
        return self._tell(connection, self.positions, self.town.position(device, self.count))

    def _log_in(self, connection: Connection, device: int) -> Answered:
        self.logins[device] = ""
        answer = connection.ask(self.town.login(device))
        if answer.is_good:
            self.logins[device] = json.loads(answer.body)["authkey"]
        return answer

    def _watch(self, connection: Connection, device: int) -> Answered:
        answer = connection.ask(self.town.channel_url(device, self.town.channels[0]))
        if answer.is_good:
            self.tokens.append(json.loads(answer.body)["uri"].partition("token=")[2])
        return answer

    def _poll(self, connection: Connection, device: int) -> Answered:
        answer = connection.ask(self.town.status(device))
        if answer.is_good and (message := json.loads(answer.body)["message"]):
            self.messages.add(message["text"])
        return answer


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_whatever_was_said_to_be_done_is_done(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "smarty.sqlite"
    path.write_bytes(request.getfixturevalue("_sqlite_template").read_bytes())
    url = f"sqlite:///{path}"
    town = settle(url, devices=WRITERS * DEVICES_EACH, logins=WRITERS * DEVICES_EACH + 1)
    given = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "VAR_FOLDER": str(tmp_path), "LOG_FOLDER": str(tmp_path)}
    writers = [
        Writer(town, range(1 + number * DEVICES_EACH, 1 + (number + 1) * DEVICES_EACH)) for number in range(WRITERS)
    ]
    left = _leave_messages(url, town)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([killed.__name__])
    chance = random.Random(20261125)
    for _ in range(kills()):
        _run_and_kill(context, given, writers, chance.randrange(150))
        _compare(url, writers)

    # Every message is told in the end, whoever was killed while telling it.
    for _ in range(MESSAGES if soaking() else 2):
        _run_and_kill(context, given, writers, 200)
    assert set().union(*(writer.messages for writer in writers)) == left


def _run_and_kill(context: multiprocessing.context.ForkServerContext, given: dict[str, str], writers: list[Writer],
                  promises: int) -> None:  # fmt: skip
    """Kill it in the middle of whatever it does once it has given that many answers."""
    kept = sum(writer.promises for writer in writers) + promises
    port = free_port()
    ours, theirs = context.Pipe()
    process = context.Process(target=killed.serve, args=(given, port, theirs))
    process.start()
    assert ours.poll(60), "the server did not start"
    threads = [threading.Thread(target=writer.work, args=(port,)) for writer in writers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while sum(writer.promises for writer in writers) < kept:
        assert time.monotonic() < deadline, "it is too slow"
        time.sleep(0.001)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    for thread in threads:
        thread.join()


def _compare(url: str, writers: list[Writer]) -> None:
    vault, database = Vault(SECRET_KEY), Database(url)
    with database.read() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        codes = pairs(session, Account.id, Account.parent_code)
        positions = pairs(session, ContentPosition.account_id, ContentPosition.position)
        sessions = pairs(session, Session.account_id, Session.authkey_hash)
    settings = Settings.of({"SECRET_KEY": SECRET_KEY})
    tokens = StreamTokens(database=database, tag_versions=TagVersions(), settings=settings, key=vault.token_key)
    for writer in writers:
        assert not writer.complaints, writer.complaints[:3]
        for device, word in writer.codes.items():
            assert word.stored <= int(vault.decrypt(codes[device]) or 0) <= word.sent, "a code"
        for device, word in writer.positions.items():
            assert word.stored <= positions.get(device, 0) <= word.sent, "a position"
        for device, authkey in writer.logins.items():
            assert not authkey or sessions[LOGIN_FROM + device] == key_hash(authkey), "a login"
        for token in writer.tokens:
            assert tokens.check(token, "", "", utc_now()).facts.account_id, "a token"


def _leave_messages(url: str, town: Town) -> set[str]:
    """Urgent messages for all devices; their texts."""
    database = Database(url)
    messages = Messages(database=database, cache=MemoryCache(), hooks=RecordedHooks(), clock=utc_now)  # type: ignore[arg-type]
    texts = {f"message {number} for {device}": device for device in range(1, len(town.authkeys) + 1)
             for number in range(MESSAGES)}  # fmt: skip
    for words, device in texts.items():
        messages.create(town.client_id, device, "subject", words)
    database.close()
    return set(texts)
