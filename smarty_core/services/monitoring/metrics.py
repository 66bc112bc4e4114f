"""The page of metrics: this process, the others of the same server, and the survey, in one text."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from smarty_core.services.monitoring.exposition import exposition
from smarty_core.services.monitoring.families import Labels, Value
from smarty_core.services.monitoring.process import ProcessFigures
from smarty_core.services.monitoring.shared import SharedFigures, Told
from smarty_core.services.monitoring.survey import Survey

PUBLISH_SECONDS: Final = 1.0

_log = logging.getLogger("smarty_main")


class Metrics:
    """Publishes what this process is like, and tells what all of them are."""

    def __init__(self, process: ProcessFigures, survey: Survey, shared: SharedFigures) -> None:
        self._process = process
        self._survey = survey
        self._shared = shared
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = False

    def start(self) -> None:
        """Publish every second from now on."""
        with contextlib.suppress(OSError):  # said by the first publishing
            self._shared.prepare()
        self._publish()
        self._thread = threading.Thread(target=self._work, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish the last figures. A second call does nothing more."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join(timeout=5.0)
            self._thread = None
            self._publish()
            self._shared.close()

    def page(self) -> str:
        """Everything, as Prometheus reads it. Takes a look at files, and now and then at the database."""
        own = self._publish()  # first: who asks another process next must not see less
        return exposition([*self._told(own), *self._survey.values()])

    def _told(self, own: Told) -> Iterator[Value]:
        sums: defaultdict[tuple[str, Labels, str], float] = defaultdict(float)
        gauges = []
        for pid, told in ((str(os.getpid()), own), *self._shared.others()):
            for family, labels, number, suffix in told.counters:
                sums[family, labels, suffix] += number
            gauges += [one._replace(labels=(*one.labels, ("process", pid))) for one in told.gauges]
        for (family, labels, suffix), number in sums.items():
            yield Value(family, labels, number, suffix)
        yield from gauges

    def _work(self) -> None:
        while not self._stop.wait(PUBLISH_SECONDS):
            self._publish()

    def _publish(self) -> Told:
        own = Told(tuple(self._process.counters()), tuple(self._process.gauges()))
        try:
            self._shared.publish(own)
        except OSError as failure:
            if not self._said:
                _log.warning("figures for /metrics cannot be written, other processes do not tell them: %s", failure)
            self._said = True
        else:
            self._said = False
        return own
