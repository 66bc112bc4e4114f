"""`smarty_manage`, but each server process counts what it renders: `python -m benchmarks.devices.counting serve ...`.

The counts of a process are in the file `<pid>.json` of the folder that `COUNTS_FOLDER` names, renewed all the time.
Worker processes import the main module of their parent, so they are counted too.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smarty_core.cli.main import main
from smarty_core.web.rendered import RenderedBodies

COUNTS_FOLDER = "SMARTY_BENCH_COUNTS"
EVERY_SECONDS = 0.25

_made: Counter[str] = Counter()
_guard = threading.Lock()
_get = RenderedBodies.get


def _counting_get(self: RenderedBodies, key: Any, **asked: Any) -> Any:
    """As `RenderedBodies.get`; a body is the same as long as its key, its tags' versions and its end are."""
    build: Callable[[], bytes] = asked["build"]
    name = repr((key, self._versions(asked["tags"]), asked["valid_until"]))

    def counted() -> bytes:
        with _guard:
            _made[name] += 1
        return build()

    return _get(self, key, **{**asked, "build": counted})


def _tell() -> None:
    path = Path(os.environ[COUNTS_FOLDER], f"{os.getpid()}.json")
    while True:
        with _guard:
            counts = {"bodies": len(_made), "rendered": sum(_made.values()), "most": max(_made.values(), default=0)}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(counts))
        fresh.replace(path)
        time.sleep(EVERY_SECONDS)


if __name__ in ("__main__", "__mp_main__"):
    RenderedBodies.get = _counting_get  # type: ignore[method-assign]
    threading.Thread(target=_tell, name="counts", daemon=True).start()

if __name__ == "__main__":
    main()
