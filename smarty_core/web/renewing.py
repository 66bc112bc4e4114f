"""Makes shared bodies ready shortly before the present ones are over.

At the full hour the programme changes on most channels: without this the first device of each package would wait for
its list, and many lists would be made at the same moment.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Final

from smarty_core.errors import SmartyError
from smarty_core.web.rendered import RenderedBodies, RenderedBody

AHEAD: Final = timedelta(seconds=10)
EVERY_SECONDS: Final = 1.0

_log = logging.getLogger("smarty_main")


class Renewer:
    """One thread per process. What it cannot make is made when it is asked for."""

    def __init__(self, bodies: RenderedBodies, clock: Callable[[], datetime]) -> None:
        self._bodies = bodies
        self._clock = clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="body-renewer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def renew(self) -> int:
        """Make ready everything that is due; how many bodies."""
        made = 0
        for key, body in self._bodies.due(self._clock() + AHEAD):
            if self._stop.is_set():
                break
            made += self._renew_one(key, body)
        return made

    def _renew_one(self, key: Hashable, body: RenderedBody) -> bool:
        try:
            following = body.renew(body.valid_until) if body.renew is not None else None
            if following is None:
                body.renew = None
                return False
            self._bodies.follow(key, body, following)
        except SmartyError as exc:  # the database is away, say
            _log.debug("an answer was not made ready beforehand: %s", exc)
            return False
        return True

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            try:
                self.renew()
            except Exception:  # noqa: BLE001 - a thread that ends renews nothing any more
                _log.exception("making answers ready beforehand failed")
