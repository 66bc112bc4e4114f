"""When a stream service that was chosen is not chosen any more, and the other way round.

One bad check may be a lost packet, and a service that flaps is worse for its viewers than one that is away. So it
takes some checks in a row that say something else than what is held to be true.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Checks in a row: `failures` until a service is down, `successes` until it is up again; at least 1 each."""

    failures: int
    successes: int


@dataclass(frozen=True, slots=True)
class State:
    """`streak`: how many checks in a row have said something else than `available`."""

    available: bool
    streak: int = 0


def after(state: State, passed: bool | None, patience: Patience) -> State:
    """The state after one more check. None, a check that could not be made, changes nothing."""
    if passed is None:
        return state
    if passed == state.available:
        return State(state.available)
    streak = state.streak + 1
    wanted = patience.failures if state.available else patience.successes
    return State(passed) if streak >= wanted else State(state.available, streak)
