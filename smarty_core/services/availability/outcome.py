"""What one check of a stream service said."""

from __future__ import annotations

import errno
import os
import traceback
from dataclasses import dataclass
from typing import Final

OWN_TROUBLE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
"""Errors that speak of the machine that checks, not of the one that is checked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`passed` None: the check could not be made, for a reason that is not the service's; it counts for nothing.

    `detail` is for people; empty when the check passed. `stack` is what the log shows of a failure.
    """

    passed: bool | None
    detail: str = ""
    stack: str = ""


PASSED: Final = Outcome(True)


def failed(exc: BaseException, detail: str = "") -> Outcome:
    """A check that ended with an error."""
    own = isinstance(exc, OSError) and exc.errno in OWN_TROUBLE
    said = detail or _said(exc)
    if isinstance(exc, OSError):  # expected, and always by the same way
        return Outcome(None if own else False, said, f"{type(exc).__name__}: {said}")
    return Outcome(False, said, "".join(traceback.format_exception(exc)).rstrip())


def not_made(detail: str) -> Outcome:
    return Outcome(None, detail)


def _said(exc: BaseException) -> str:
    if isinstance(exc, OSError) and exc.errno:
        return os.strerror(exc.errno) if exc.errno > 0 else str(exc.strerror)  # below 0: the resolver's own numbers
    return str(exc).strip()[:200] or type(exc).__name__
