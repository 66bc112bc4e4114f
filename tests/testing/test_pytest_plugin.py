from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(text, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", str(folder)], cwd=folder, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_no_test_reaches_past_this_machine(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
import socket, pytest

@pytest.mark.parametrize("address", [("203.0.113.7", 80), ("example.org", 80), ("2001:db8::1", 80)])
def test_far(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(1)
        with pytest.raises(RuntimeError, match="loopback"):
            s.connect(address)
        with pytest.raises(RuntimeError, match="loopback"):
            s.connect_ex(address)

def test_near():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 2).close()
        socket.create_connection(("localhost", server.getsockname()[1]), 2).close()

def test_unix(tmp_path):
    with socket.socket(socket.AF_UNIX) as s, pytest.raises(FileNotFoundError):
        s.connect(str(tmp_path / "none"))
""",
    )
    assert "5 passed" in done.stdout, done.stdout


def test_undeclared_abilities_are_skipped_with_a_reason(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
import pytest
from smarty_core.builtin.console_sms import ConsoleSms

@pytest.fixture
def driver(host):
    return ConsoleSms("main", ConsoleSms.Settings(), host)

@pytest.mark.requires_capability("balance")
def test_it(driver):
    raise AssertionError
""",
    )
    assert "1 skipped" in done.stdout
    assert "ConsoleSms does not declare 'balance'" in done.stdout


def test_the_plugin_itself_imports_nothing_of_the_core(tmp_path: Path) -> None:
    code = "import sys, smarty_core.testing.pytest_plugin as p; print([m for m in sys.modules if 'smarty_core.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['smarty_core.testing', 'smarty_core.testing.pytest_plugin']"


def test_the_host_keeps_what_a_plugin_does(host: Any) -> None:
    from sqlalchemy import Column, Integer, Table, insert, select

    table = Table(host.sql.table_name("seen"), host.sql.metadata, Column("id", Integer, primary_key=True))
    with host.sql.session(write=True) as session:
        session.execute(insert(table).values(id=7))
    with host.sql.session() as session:
        assert session.execute(select(table.c.id)).scalar_one() == 7
    assert table.name == "test_seen"

    host.cache.set("a", 1, timeout=5, deps=["client:7"])
    assert host.cache.get("a") == 1
    host.clock.move(seconds=6)
    assert host.cache.get("a") is None
    assert host.cache.get_or_build("b", lambda: 2, timeout=5, deps=["client:7"]) == 2
    host.cache.bump("client:7")
    assert host.cache.get("b") is None


def test_the_outbox_of_the_host_keeps_order_per_key(host: Any) -> None:
    done: list[int] = []

    def handle(payload: Any) -> None:
        if payload["n"] == 1 and not done:
            done.append(0)
            raise RuntimeError("not yet")
        done.append(payload["n"])

    host.outbox.handle("count", handle)
    for number in (1, 2):
        host.outbox.put("count", {"n": number}, key="a")
    host.outbox.put("count", {"n": 3}, key="b")
    assert len(host.outbox.deliver()) == 1
    assert done == [0, 3]
    assert host.outbox.deliver() == []
    assert done == [0, 3, 1, 2]


@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_the_hosts_accounts_log_in(host: Any, password: str) -> None:
    from smarty_core.api.accounts import Account
    from smarty_core.contracts.subscriber import Subscriber
    from smarty_core.errors import Refused

    host.accounts.add(Account(Subscriber(1, 1001, abonement="1001"), active=True), password="secret")
    if password == "wrong":
        with pytest.raises(Refused):
            host.accounts.login(1, abonement="1001", password=password)
        return
    authkey = host.accounts.login(1, abonement="1001", password=password)
    assert host.accounts.session(authkey, 1).account_id == 1001
    assert host.accounts.session(authkey, 2) is None
    host.accounts.logout(authkey, 1)
    assert host.accounts.session(authkey, 1) is None
