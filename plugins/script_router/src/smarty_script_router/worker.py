"""The process of one operator's scripts: reads a request from descriptor 0, answers there, one after the other.

Started by `workers.Worker`. It holds compiled scripts and nothing else; whoever takes it over by a script finds no
environment, no files and no way out, and cannot make it late: timers of the kernel end it with or without its help.
"""

from __future__ import annotations

import codecs
import gc
import os
import signal
import time
import unicodedata  # noqa: F401  the parser asks it about names in other letters
import warnings
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import Any, Final, NoReturn

from smarty_script_router.confine import confine
from smarty_script_router.policy import SCRIPT
from smarty_script_router.sandbox import Failed, NotCompiled, compile_script, run_script
from smarty_script_router.wire import COMPILE_SECONDS, MAX_ANSWER, MAX_REQUEST, Garbled, pack, receive

SPARE_SECONDS: Final = 0.5
"""Processor time after the end of a run at which the kernel kills a process that did not end itself."""


def main() -> NoReturn:
    """Serve until the other side closes."""
    warnings.simplefilter("ignore")
    for encoding in ("ascii", "latin-1", "cp1251", "utf-16"):
        codecs.lookup(encoding)
    time.strptime("2000", "%Y")
    # What loads a module when it is used first has done so now: later no file can be opened.
    signal.signal(signal.SIGALRM, _overrun)
    filtered = confine()
    gc.freeze()
    _send({"ready": True, "filtered": filtered})
    codes: dict[str, CodeType] = {}
    while True:
        try:
            request = receive(lambda count: os.read(0, count), MAX_REQUEST)
        except Garbled:
            os._exit(0)
        answer = _answer(codes, request)
        _timers(0)
        _send(answer)
        if answer.get("exhausted"):
            os._exit(0)


def _answer(codes: dict[str, CodeType], request: Mapping[str, Any]) -> dict[str, Any]:
    """`problems` of a script that is to be compiled; of one that is to run its `uri`, or the line and words it
    `failed` with."""
    key, source = request["key"], request.get("source")
    try:
        if source is not None:
            _timers(COMPILE_SECONDS)
            codes[key] = compile_script(source, frozenset(request["variables"]))
            return {"problems": []}
        _timers(float(request["seconds"]))
        return {"uri": run_script(codes[key], request["given"])}
    except NotCompiled as wrong:
        return {"problems": wrong.problems}
    except Failed as failure:
        return {"failed": [failure.line, failure.text], "exhausted": failure.text.startswith("MemoryError")}


def _timers(seconds: float) -> None:
    """End this process `seconds` from now; 0 = not at all. The second timer counts processor time and needs no Python
    to work: it also ends what is stuck in one long operation, and a process whose server is gone."""
    signal.setitimer(signal.ITIMER_PROF, seconds + SPARE_SECONDS if seconds else 0)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _overrun(_number: int, frame: FrameType | None) -> NoReturn:
    """Tell the line that runs and end. No script can catch this: it is not raised."""
    while frame is not None and frame.f_code.co_filename != SCRIPT:
        frame = frame.f_back
    _send({"overrun": frame.f_lineno if frame else 0})
    os._exit(0)


def _send(answer: dict[str, Any]) -> None:
    try:
        data = pack(answer, MAX_ANSWER)
    except Garbled:
        data = pack({"failed": [0, "uri is too long"]}, MAX_ANSWER)
    while data:
        data = data[os.write(0, data) :]


if __name__ == "__main__":
    main()
