"""The processes of operators' scripts, seen from the server: one per operator, started when first needed.

A process that misses its deadline, says something that is no answer or ends is replaced. Drivers share the process of
their operator and never that of another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from smarty_core.errors import ProviderUnavailable
from smarty_script_router.wire import COMPILE_SECONDS, MAX_ANSWER, MAX_REQUEST, Garbled, Problem, pack, receive

START_SECONDS: Final = 5.0
"""Time a new process has to say that it is ready."""
GRACE_SECONDS: Final = 0.1
"""Time beyond the deadline in which a process may still tell which line it was stopped in."""
QUEUE_SECONDS: Final = 2.0
"""Time a run waits for other scripts of the same operator."""
WORKING_SECONDS: Final = 300.0
"""Time in runs after which a process is replaced, well before the kernel's limit of processor time."""

LOADED_CHARACTERS: Final = 2_000_000
"""Text of scripts a process may have compiled, old versions included, before it is replaced."""
MAX_TEXT: Final = 300
"""Characters of what a process says about a script."""

_BOOT: Final = "from smarty_script_router.worker import main; main()"


class ScriptFailed(Exception):
    """A run without an address: the line, 0 when there is none, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(line, text)
        self.line = line
        self.text = text


class Overran(ScriptFailed):
    """The script did not end in time."""


class Worker:
    """The process of one operator. Safe to share between threads; runs follow one another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: socket.socket | None = None
        self._owner = 0
        self._ready = False
        self._known: set[str] = set()
        self._worked = 0.0
        self._loaded = 0
        self.filtered = False
        """Whether the kernel filters the system calls of the process that is running."""

    def problems(self, source: str, variables: Collection[str]) -> list[Problem]:
        """What is wrong with a script; nothing when it can run. Raises `ProviderUnavailable` without a process."""
        with self._turn():
            return self._compiled(source, variables)

    def run(self, source: str, given: Mapping[str, Any], seconds: float) -> str:
        """The address a script makes of the variables `given`.

        Raises `ScriptFailed`, `Overran` after `seconds`, `ProviderUnavailable` when there is no process or other
        scripts of the operator keep it busy.
        """
        with self._turn():
            key = _key(source)
            self._demand_process()
            if key not in self._known and (problems := self._compiled(source, given)):
                raise ScriptFailed(*problems[0])
            answer = self._exchange({"key": key, "given": given, "seconds": seconds}, seconds)
            if self._worked > WORKING_SECONDS or self._loaded > LOADED_CHARACTERS:
                self._replace()
        match answer:
            case {"uri": str(uri)}:
                return uri
            case {"failed": [line, text]}:
                raise ScriptFailed(line, text)
        raise Overran(answer.get("overrun", 0), f"it did not end within {round(seconds * 1000)} ms")

    def close(self) -> None:
        """End the process. The object can be used again."""
        with self._lock:
            self._end()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=QUEUE_SECONDS):
            raise ProviderUnavailable("other scripts of this operator keep their process busy")
        try:
            yield
        finally:
            self._lock.release()

    def _compiled(self, source: str, variables: Collection[str]) -> list[Problem]:
        """Have the process compile a script; what is wrong with it."""
        key = _key(source)
        answer = self._exchange({"key": key, "source": source, "variables": sorted(variables)}, COMPILE_SECONDS)
        self._loaded += len(source)
        match answer:
            case {"problems": []}:
                self._known.add(key)
                return []
            case {"problems": [*problems]}:
                return problems
            case {"overrun": _}:
                return [(0, "the script takes too long to compile")]
        raise ProviderUnavailable("the process of the scripts ended while it compiled one")

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Ask the process and take its answer. One that gives none in time, or nothing readable, is replaced."""
        wire = self._demand_process()
        begin = time.monotonic()
        end = begin + seconds + GRACE_SECONDS
        try:
            wire.settimeout(end - begin)
            wire.sendall(pack(message, MAX_REQUEST))
            answer = _checked(self._receive(wire, end))
        except (TimeoutError, OSError, Garbled) as failure:
            # Ended without a word: it was in one long operation, or broke down.
            answer = {"overrun": 0} if isinstance(failure, TimeoutError) else {"failed": [0, "its process ended"]}
        self._worked += time.monotonic() - begin
        if "overrun" in answer or answer.get("exhausted") or answer.get("failed") == [0, "its process ended"]:
            self._replace()
        return answer

    def _receive(self, wire: socket.socket, end: float) -> dict[str, Any]:
        def read(count: int) -> bytes:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            wire.settimeout(left)
            return wire.recv(count)

        return receive(read, MAX_ANSWER)

    def _demand_process(self) -> socket.socket:
        """The connection to a process that is ready."""
        if self._process is not None and self._owner != os.getpid():  # this is a fork: the process is the parent's
            self._process.returncode = 0
            self._forget()
        if self._process is None or self._process.poll() is not None:
            self._replace()
        wire = self._wire
        if wire is None:
            raise ProviderUnavailable("the process of the scripts cannot be started")
        if not self._ready:
            try:
                hello = self._receive(wire, time.monotonic() + START_SECONDS)
                if hello.get("ready") is not True:
                    raise Garbled("not a greeting")
            except (TimeoutError, OSError, Garbled) as failure:
                self._end()
                raise ProviderUnavailable("the process of the scripts did not get ready") from failure
            self._ready, self.filtered = True, hello.get("filtered") is True
        return wire

    def _replace(self) -> None:
        """End the process and begin another; whoever asks next waits until it is ready, or hears why there is none."""
        self._end()
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and program
                [sys.executable, "-I", "-B", "-X", "utf8", "-c", _program()], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}, cwd="/",
                close_fds=True, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError):
            ours.close()
            self._process = None
        else:
            self._wire = ours
            self._owner = os.getpid()
        finally:
            theirs.close()

    def _end(self) -> None:
        process = self._process
        self._forget()
        if process is not None:
            process.kill()
            process.wait()

    def _forget(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._process, self._wire = None, None
        self._ready, self._worked, self._loaded = False, 0.0, 0
        self._known.clear()


class Workers:
    """The workers of all operators. Each driver takes one and gives it back; the last one ends the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: dict[int, Worker] = {}
        self._users: dict[int, int] = {}

    def take(self, client_id: int) -> Worker:
        """The worker of an operator."""
        with self._lock:
            self._users[client_id] = self._users.get(client_id, 0) + 1
            return self._workers.setdefault(client_id, Worker())

    def give_back(self, client_id: int) -> None:
        """To be called once for each `take`."""
        with self._lock:
            self._users[client_id] -= 1
            unused = None
            if not self._users[client_id]:
                del self._users[client_id]
                unused = self._workers.pop(client_id)
        if unused is not None:
            unused.close()


WORKERS: Final = Workers()
"""Those of this process."""


def _program() -> str:
    """What a process runs. It finds packages where the server does, also those that PYTHONPATH named."""
    return f"import sys\nsys.path += {[path for path in sys.path if os.path.isabs(path)]!r}\n{_BOOT}"


def _key(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer in one of its forms, its texts on one line. Raises `Garbled`: a process that was taken over may say
    anything."""
    match answer:
        case {"uri": str()} | {"overrun": int()}:
            return answer
        case {"failed": [int(line), str(text)]}:
            return {**answer, "failed": [line, _one_line(text)]}
        case {"problems": [*problems]}:
            return {"problems": [_problem(problem) for problem in problems]}
    raise Garbled("not an answer")


def _problem(problem: Any) -> Problem:
    match problem:
        case [int(line), str(text)]:
            return line, _one_line(text)
    raise Garbled("a problem is a line and a text")


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:MAX_TEXT])
