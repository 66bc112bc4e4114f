"""The guide import of a server's own scheduler, in a process of its own.

An import computes for seconds or minutes. In the process that answers devices it would take the interpreter from them
again and again; beside it, at a lower priority, it takes what they leave.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from dataclasses import replace
from multiprocessing.connection import Connection

from smarty_core.app import System, build_system
from smarty_core.cli.epg_import import NICENESS
from smarty_core.cli.workers import end_with_the_first
from smarty_core.config import Settings
from smarty_core.config.logs import configure_logging
from smarty_core.errors import SmartyError
from smarty_core.services.periodic import import_guide

JOB = "epg_import"


def import_apart(system: System) -> None:
    """Have the job of this name done by a child process from now on. It ends when the system does."""
    running: list[multiprocessing.process.BaseProcess] = []
    stopping = threading.Event()

    def run() -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_import, args=(system.settings, theirs), name=JOB, daemon=True)
        running[:] = [child]
        child.start()
        theirs.close()
        failure = _last_word(ours)
        child.join()
        if stopping.is_set():
            threading.Event().wait()  # as a job that is cut off: this thread goes with the process
        if failure or child.exitcode:
            raise SmartyError(failure or f"the import ended with {child.exitcode}")

    def stop() -> None:
        stopping.set()
        for child in running:
            if child.is_alive():
                child.terminate()

    job = system.jobs.find(JOB)
    system.jobs.register(replace(job, run=run), replace=True)
    system.on_stop(stop)


def _last_word(ours: Connection) -> str:
    """What the child failed of; empty when it did not, or could not say."""
    try:
        return str(ours.recv())
    except EOFError:
        return ""


def _import(settings: Settings, theirs: Connection) -> None:
    end_with_the_first()
    os.nice(NICENESS)
    configure_logging(settings, stream=True)
    failure = ""
    try:
        system = build_system(settings, role="command")
        try:
            import_guide(system)
        finally:
            system.stop()
    except SmartyError as exc:
        failure = str(exc)
    theirs.send(failure)
