"""Work that costs little more for many than for one, done for all who wait at the moment.

Whoever comes first works at once; who comes meanwhile waits, and the next one to work takes everybody along who waits
by then. Nobody waits for company: a single caller is served as if he had called the work itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")

MOST = 64
"""Jobs done at once."""


@dataclass(slots=True)
class _Entry(Generic[Job, Outcome]):
    job: Job
    done: bool = False
    outcome: Outcome | None = None
    failure: BaseException | None = None


class Together(Generic[Job, Outcome]):
    """`work` gets jobs in the order they came and gives an outcome, or an exception to raise, for each of them.

    What `work` itself raises is raised to all of its callers. Safe between threads; `work` runs in one at a time.
    """

    def __init__(self, work: Callable[[Sequence[Job]], Sequence[Outcome | Exception]]) -> None:
        self._work = work
        self._waiting: deque[_Entry[Job, Outcome]] = deque()
        self._turn = threading.Lock()

    def do(self, job: Job) -> Outcome:
        """The outcome of `job`; raises what `work` gave or raised for it."""
        entry: _Entry[Job, Outcome] = _Entry(job)
        self._waiting.append(entry)
        while not entry.done:
            with self._turn:
                if not entry.done:
                    self._work_off()
        if entry.failure is not None:
            raise entry.failure
        return entry.outcome  # type: ignore[return-value]  # done without a failure

    @property
    def waiting(self) -> int:
        """Jobs nobody works on yet."""
        return len(self._waiting)

    def _work_off(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            outcomes = self._work([entry.job for entry in taken])
        except BaseException as failure:  # noqa: BLE001 - raised to every caller, this one among them
            for entry in taken:
                entry.failure, entry.done = failure, True
            return
        for entry, outcome in zip(taken, outcomes, strict=True):
            if isinstance(outcome, Exception):
                entry.failure = outcome
            else:
                entry.outcome = outcome
            entry.done = True
